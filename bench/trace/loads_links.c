/* The loads of the links of a routed network; see loads.h.
 *
 * A message takes its part of the links of its way from when its bytes begin to
 * flow until it is through.  What each one gets is asked of the engine that the
 * network itself has, which is told when they begin and end. */

#include "bench/trace/loads_of.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "net/flow/flow.h"

/* In the order in which they happen at one moment. */
typedef enum what { LINK_CHANGES, ENDS, BEGINS, GOES_ELSEWHERE } what;

typedef struct happening {
    double time;
    size_t order;
    what what;
    uint64_t message; /* its index in the model */
    uint32_t way;
    const trace_change *change; /* of a link */
} happening;

/* A message that is under way. */
typedef struct flight {
    ds__flow flow;
    double least; /* of its links, when it began */
} flight;

typedef struct replay {
    const trace_model *m;
    const trace_links *links;
    uint32_t net;
    bool stalls;
    ds__flows *engine;
    double *rates;    /* of links, now */
    flight **flights; /* by message */
    size_t open;
    happening *all;
    size_t n;
    size_t room;
    ds__hop *hops;
    size_t max_hops;
    trace_load *loads;
} replay;

/* ---- What happens ---------------------------------------------------------*/

static void put(replay *r, happening h)
{
    if (r->n == r->room) {
        r->room = r->room == 0 ? 256 : 2 * r->room;
        r->all = args_realloc(r->all, r->room, sizeof(*r->all));
    }
    h.order = r->n;
    r->all[r->n++] = h;
}

static void put_message(replay *r, size_t i)
{
    const trace_message *msg = &r->m->messages[i];
    const double through = trace_through(msg);
    const double end = isnan(through) ? r->m->end : through;

    if (!trace_goes_by(r->m, r->net, msg) || !(msg->begun < end) ||
        trace_way_of(r->links, msg->way) == NULL)
        return;
    put(r, (happening){ .time = msg->begun,
                        .what = BEGINS,
                        .message = i,
                        .way = msg->way });
    put(r, (happening){ .time = end, .what = ENDS, .message = i });
}

static void put_change(replay *r, const trace_change *c)
{
    if (c->net != r->net || isnan(c->time))
        return;
    if (c->message == 0)
        put(r,
            (happening){ .time = c->time, .what = LINK_CHANGES, .change = c });
    else if (trace_way_of(r->links, c->way) != NULL)
        put(r, (happening){ .time = c->time,
                            .what = GOES_ELSEWHERE,
                            .message = c->message - r->m->message_base,
                            .way = c->way });
}

static int compare(const void *a, const void *b)
{
    const happening *x = a;
    const happening *y = b;

    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    if (x->what != y->what)
        return x->what < y->what ? -1 : 1;
    return (x->order > y->order) - (x->order < y->order);
}

static void find_all(replay *r)
{
    for (size_t i = 1; i < r->m->num_messages; i++)
        put_message(r, i);
    for (size_t i = 0; i < r->m->num_changes; i++)
        put_change(r, &r->m->changes[i]);
    if (r->n > 0)
        qsort(r->all, r->n, sizeof(*r->all), compare);
}

/* ---- The engine -----------------------------------------------------------*/

/* Ends the program if there is no memory. */
static void must(bool ok)
{
    static char there;

    args_need(ok ? &there : NULL);
}

static double least_of(const replay *r, const trace_way *way)
{
    double least = INFINITY;

    for (uint32_t i = 0; i < way->num_hops; i++)
        if (way->hops[i].times > 0)
            least = fmin(least, r->rates[way->hops[i].link]);
    return least;
}

static ds__path *path_of(replay *r, const trace_way *way, double least)
{
    if (way->num_hops > r->max_hops) {
        r->max_hops = way->num_hops;
        r->hops = args_realloc(r->hops, r->max_hops, sizeof(*r->hops));
    }
    for (uint32_t i = 0; i < way->num_hops; i++)
        r->hops[i] = (ds__hop){
            .link = way->hops[i].link,
            .times = way->hops[i].times,
            .unit = way->hops[i].part * way->weight,
        };
    ds__path *path =
        ds__path_use(r->engine, &(ds__course){
                                    .src = (uint32_t)(way - r->links->ways),
                                    .hops = r->hops,
                                    .num_hops = way->num_hops,
                                    .weight = way->weight,
                                    .factor = way->factor,
                                    .limit = way->limit,
                                    .least = least,
                                });
    return args_need(path);
}

/* A message never gets more than its links had when it began. */
static void open_flow(replay *r, flight *f, uint32_t number)
{
    const trace_way *way = &r->links->ways[number];
    ds__path *path = path_of(r, way, f->least);

    must(ds__flows_open(r->engine, &f->flow, path));
    if (f->least < least_of(r, way))
        must(ds__path_bind(r->engine, path));
}

static void begin(replay *r, const happening *h)
{
    flight *f = args_alloc(1, sizeof(*f));

    *f = (flight){ .least = least_of(r, &r->links->ways[h->way]) };
    r->flights[h->message] = f;
    open_flow(r, f, h->way);
    r->open++;
}

static void end(replay *r, const happening *h)
{
    flight *f = r->flights[h->message];

    if (f == NULL)
        return;
    ds__flows_close(r->engine, &f->flow);
    free(f);
    r->flights[h->message] = NULL;
    r->open--;
}

static void go_elsewhere(replay *r, const happening *h)
{
    flight *f = h->message < r->m->num_messages ? r->flights[h->message] : NULL;

    if (f == NULL)
        return;
    ds__flows_close(r->engine, &f->flow);
    open_flow(r, f, h->way);
}

/* What is off lets nothing through if messages wait for it, and else there is
 * none on it. */
static void change_link(replay *r, const trace_change *c)
{
    if (c->link >= r->links->num_links ||
        trace_link_of(r->links, c->link) == NULL ||
        !(c->rate >= 1e-30 && c->rate <= 1e30))
        return;
    r->rates[c->link] = c->rate;
    must(ds__flows_resize(r->engine, c->link,
                          c->off && r->stalls ? 0 : c->rate));
}

static void apply(replay *r, const happening *h)
{
    switch (h->what) {
    case LINK_CHANGES:
        change_link(r, h->change);
        break;
    case ENDS:
        end(r, h);
        break;
    case BEGINS:
        begin(r, h);
        break;
    case GOES_ELSEWHERE:
        go_elsewhere(r, h);
        break;
    }
}

/* ---- Loads ----------------------------------------------------------------*/

/* What the messages of a link get, and take of it.  Returns how many ways were
 * looked at. */
static size_t load_link(const replay *r, uint32_t l, trace_load *load)
{
    const ds__pipe *pipe = &r->engine->pipes[l];
    double taken = 0;

    *load = (trace_load){ .bytes = 0 };
    for (uint32_t i = 0; i < pipe->num_lanes; i++) {
        const ds__lane *lane = &pipe->lanes[i];
        const ds__path *path = lane->path;
        const ds__hop *hop = &path->hops[lane->slot];
        const double level = r->engine->levels[ds__path_holder(path)];
        const double got = level * path->weight * (double)path->base.open;
        load->bytes += hop->times * path->factor * got;
        if (pipe->fat)
            taken = fmax(taken, level * hop->unit);
        else
            taken += level * hop->unit * (double)path->base.open;
    }
    if (pipe->capacity > 0)
        load->share = fmin(taken / pipe->capacity, 1);
    return pipe->num_lanes;
}

static size_t add_loads(replay *r, const trace_carriers *c)
{
    size_t work = c->n;

    for (size_t i = 0; i < c->n; i++)
        work += load_link(r, c->all[i].number, &r->loads[i]);
    return work;
}

static bool sweep(replay *r, const trace_carriers *c, trace_loads_fn *fn,
                  void *arg)
{
    double work = 0;
    ds__why why;

    for (size_t i = 0; i < r->n;) {
        const double now = r->all[i].time;
        for (; i < r->n && r->all[i].time == now; i++)
            apply(r, &r->all[i]);
        if (i == r->n || r->open == 0)
            continue;
        if (!ds__flows_settle(r->engine, &why) ||
            (work += (double)add_loads(r, c)) > TRACE_MOST_WORK)
            return false;
        fn(arg, now, r->all[i].time, r->loads);
    }
    return true;
}

/* A link that is not told of is on no way. */
static void make_engine(replay *r)
{
    const trace_links *l = r->links;
    bool *fat = args_alloc(l->num_links + 1, sizeof(*fat));

    r->rates = args_alloc(l->num_links + 1, sizeof(*r->rates));
    for (size_t i = 0; i < l->num_links; i++) {
        const double rate = l->links[i].first_rate;
        r->rates[i] = rate >= 1e-30 && rate <= 1e30 ? rate : 1;
        fat[i] = l->links[i].fat;
    }
    r->engine = args_need(ds__flows_new(l->num_links, r->rates, fat, false));
    free(fat);
}

bool trace_links_each(const trace_model *m, const trace_carriers *c,
                      trace_loads_fn *fn, void *arg)
{
    const trace_net *net = &m->nets[c->net];
    replay r = {
        .m = m,
        .links = &net->links,
        .net = c->net,
        .stalls = strstr(net->model, ", stalling") != NULL,
    };

    find_all(&r);
    make_engine(&r);
    r.flights = args_alloc(m->num_messages + 1, sizeof(*r.flights));
    for (size_t i = 0; i <= m->num_messages; i++)
        r.flights[i] = NULL;
    r.loads = args_alloc(c->n + 1, sizeof(*r.loads));
    const bool done = sweep(&r, c, fn, arg);
    for (size_t i = 0; i <= m->num_messages; i++)
        free(r.flights[i]);
    ds__flows_free(r.engine);
    free(r.flights);
    free(r.rates);
    free(r.loads);
    free(r.hops);
    free(r.all);
    return done;
}
