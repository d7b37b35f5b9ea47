/* The loads of ports of a switched network; see loads.h.
 *
 * A message takes its part of both ports from its sending on, or, if latency is
 * idle, from when its bytes begin to flow; and it carries bytes from then on.
 * The messages of a pair of nodes share alike what the pair has. */

#include "bench/trace/loads_of.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"

/* What the messages from one node to another do at a moment. */
typedef struct pair {
    uint32_t from;
    uint32_t to;
    uint32_t open;     /* messages that take a part */
    uint32_t draining; /* ... and carry bytes */
    size_t place;      /* among those that have any open */
    double rate;
    bool fixed;
} pair;

typedef struct change {
    double time;
    uint32_t pair;
    int open;
    int draining;
} change;

/* A port's way out or in. */
typedef struct side {
    double capacity;
    double load;    /* greedy: shares added up; maxmin: what is left */
    uint32_t count; /* greedy: pairs; maxmin: messages not fixed */
} side;

typedef struct replay {
    const trace_model *m;
    uint32_t net;
    bool maxmin;
    bool idle;
    bool in_order;
    pair *pairs;
    size_t num_pairs;
    change *changes;
    size_t num_changes;
    size_t *active; /* pairs */
    size_t num_active;
    side *sides; /* like carriers */
    size_t num_sides;
    trace_load *loads;
} replay;

/* ---- Pairs ----------------------------------------------------------------*/

static int compare_pairs(const void *a, const void *b)
{
    const pair *x = a;
    const pair *y = b;

    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static pair pair_of(const trace_model *m, const trace_message *message)
{
    return (pair){ .from = trace_node_of(m, message->source),
                   .to = trace_node_of(m, message->dest) };
}

static void find_pairs(replay *r)
{
    const trace_model *m = r->m;
    size_t n = 0;

    r->pairs = args_alloc(m->num_messages + 1, sizeof(*r->pairs));
    for (size_t i = 1; i < m->num_messages; i++)
        if (trace_goes_by(m, r->net, &m->messages[i]))
            r->pairs[n++] = pair_of(m, &m->messages[i]);
    qsort(r->pairs, n, sizeof(*r->pairs), compare_pairs);
    for (size_t i = 0; i < n; i++)
        if (i == 0 || compare_pairs(&r->pairs[i], &r->pairs[i - 1]) != 0)
            r->pairs[r->num_pairs++] = r->pairs[i];
}

/* ---- Changes --------------------------------------------------------------*/

static int compare_changes(const void *a, const void *b)
{
    const change *x = a;
    const change *y = b;

    return (x->time > y->time) - (x->time < y->time);
}

static void put_change(replay *r, double time, size_t at, int open,
                       int draining)
{
    r->changes[r->num_changes++] = (change){
        .time = time,
        .pair = (uint32_t)at,
        .open = open,
        .draining = draining,
    };
}

/* free_at: when the pair's last message was through, which the next waits for
 * if they go in order. */
static void put_message(replay *r, const trace_message *message,
                        double *free_at)
{
    const pair key = pair_of(r->m, message);
    const pair *p =
        bsearch(&key, r->pairs, r->num_pairs, sizeof(*r->pairs), compare_pairs);
    const size_t at = (size_t)(p - r->pairs);
    const double through = trace_through(message);
    const double end = isnan(through) ? r->m->end : through;
    double open = r->idle ? message->begun : message->sent;

    if (r->in_order && !r->idle && free_at[at] > open)
        open = free_at[at];
    free_at[at] = end;
    if (isnan(open) || open >= end)
        return;
    put_change(r, open, at, 1, 0);
    if (!isnan(message->begun)) {
        put_change(r, message->begun, at, 0, 1);
        put_change(r, end, at, 0, -1);
    }
    put_change(r, end, at, -1, 0);
}

static void find_changes(replay *r)
{
    const trace_model *m = r->m;
    double *free_at = args_alloc(r->num_pairs + 1, sizeof(*free_at));

    r->changes = args_alloc(4 * m->num_messages + 1, sizeof(*r->changes));
    for (size_t i = 0; i < r->num_pairs; i++)
        free_at[i] = -1;
    for (size_t i = 1; i < m->num_messages; i++)
        if (trace_goes_by(m, r->net, &m->messages[i]))
            put_message(r, &m->messages[i], free_at);
    free(free_at);
    qsort(r->changes, r->num_changes, sizeof(*r->changes), compare_changes);
}

static void apply(replay *r, const change *c)
{
    pair *p = &r->pairs[c->pair];
    const bool was = p->open > 0;

    p->open = (uint32_t)((int)p->open + c->open);
    p->draining = (uint32_t)((int)p->draining + c->draining);
    if (!was && p->open > 0) {
        p->place = r->num_active;
        r->active[r->num_active++] = c->pair;
    } else if (was && p->open == 0) {
        const size_t last = r->active[--r->num_active];
        r->active[p->place] = last;
        r->pairs[last].place = p->place;
    }
}

/* ---- The models -----------------------------------------------------------*/

static side *out_of(const replay *r, const pair *p)
{
    return &r->sides[2 * ((size_t)p->from - 1)];
}

static side *into(const replay *r, const pair *p)
{
    return &r->sides[2 * ((size_t)p->to - 1) + 1];
}

static pair *active_at(const replay *r, size_t i)
{
    return &r->pairs[r->active[i]];
}

static void clear_sides(replay *r)
{
    for (size_t i = 0; i < r->num_active; i++) {
        const pair *p = active_at(r, i);
        *out_of(r, p) = (side){ .capacity = out_of(r, p)->capacity };
        *into(r, p) = (side){ .capacity = into(r, p)->capacity };
    }
}

/* Each sender divides its rate; each receiver that gets too much drops the same
 * share from everyone. */
static void share_greedily(replay *r)
{
    clear_sides(r);
    for (size_t i = 0; i < r->num_active; i++)
        out_of(r, active_at(r, i))->count++;
    for (size_t i = 0; i < r->num_active; i++) {
        pair *p = active_at(r, i);
        p->rate = out_of(r, p)->capacity / out_of(r, p)->count;
        into(r, p)->load += p->rate;
    }
    for (size_t i = 0; i < r->num_active; i++) {
        pair *p = active_at(r, i);
        const side *in = into(r, p);
        if (in->load > in->capacity)
            p->rate *= in->capacity / in->load;
    }
}

static double fair_share(const side *s)
{
    return s->count == 0 ? INFINITY : fmax(s->load, 0) / s->count;
}

static void fix(replay *r, pair *p, double share)
{
    side *out = out_of(r, p);
    side *in = into(r, p);

    p->fixed = true;
    p->rate = share * p->open;
    out->load -= p->rate;
    in->load -= p->rate;
    out->count -= p->open;
    in->count -= p->open;
}

/* The port that can give the least to each of its messages is full first; and
 * so on with what is left. */
static void share_fairly(replay *r)
{
    size_t left = r->num_active;

    clear_sides(r);
    for (size_t i = 0; i < r->num_active; i++) {
        pair *p = active_at(r, i);
        p->fixed = false;
        out_of(r, p)->load = out_of(r, p)->capacity;
        into(r, p)->load = into(r, p)->capacity;
        out_of(r, p)->count += p->open;
        into(r, p)->count += p->open;
    }
    while (left > 0) {
        double least = INFINITY;
        for (size_t i = 0; i < r->num_active; i++) {
            const pair *p = active_at(r, i);
            if (!p->fixed)
                least = fmin(least, fmin(fair_share(out_of(r, p)),
                                         fair_share(into(r, p))));
        }
        const size_t before = left;
        for (size_t i = 0; i < r->num_active; i++) {
            pair *p = active_at(r, i);
            const double mine = p->fixed ? INFINITY
                                         : fmin(fair_share(out_of(r, p)),
                                                fair_share(into(r, p)));
            if (mine <= least * (1 + 1e-12)) {
                fix(r, p, least);
                left--;
            }
        }
        if (left == before) /* only if a rate is no number */
            return;
    }
}

/* ---- The replay -----------------------------------------------------------*/

static void add_load(const replay *r, const side *way, double bytes)
{
    trace_load *load = &r->loads[way - r->sides];

    load->bytes += bytes;
    load->share = fmin(load->bytes / way->capacity, 1);
}

/* What each way carries: of a pair the part of the messages that drain. */
static void add_loads(replay *r)
{
    if (r->maxmin)
        share_fairly(r);
    else
        share_greedily(r);
    memset(r->loads, 0, r->num_sides * sizeof(*r->loads));
    for (size_t i = 0; i < r->num_active; i++) {
        const pair *p = active_at(r, i);
        const double carried = p->rate * p->draining / p->open;
        add_load(r, out_of(r, p), carried);
        add_load(r, into(r, p), carried);
    }
}

static bool sweep(replay *r, trace_loads_fn *fn, void *arg)
{
    double work = 0;

    for (size_t i = 0; i < r->num_changes;) {
        const double now = r->changes[i].time;
        for (; i < r->num_changes && r->changes[i].time == now; i++)
            apply(r, &r->changes[i]);
        if (i == r->num_changes || r->num_active == 0)
            continue;
        work += (double)r->num_active + (double)r->m->num_nodes;
        if (work > TRACE_MOST_WORK)
            return false;
        add_loads(r);
        fn(arg, now, r->changes[i].time, r->loads);
    }
    return true;
}

bool trace_ports_each(const trace_model *m, const trace_carriers *c,
                      trace_loads_fn *fn, void *arg)
{
    const char *model = m->nets[c->net].model;
    replay r = {
        .m = m,
        .net = c->net,
        .maxmin = strncmp(model, "maxmin", 6) == 0,
        .idle = strstr(model, ", idle latency") != NULL,
        .in_order = strstr(model, ", in order") != NULL,
        .num_sides = c->n,
    };

    find_pairs(&r);
    find_changes(&r);
    r.active = args_alloc(r.num_pairs + 1, sizeof(*r.active));
    r.sides = args_alloc(c->n + 1, sizeof(*r.sides));
    r.loads = args_alloc(c->n + 1, sizeof(*r.loads));
    for (size_t i = 0; i < c->n; i++)
        r.sides[i] = (side){ .capacity = c->all[i].rate };
    const bool done = sweep(&r, fn, arg);
    free(r.pairs);
    free(r.changes);
    free(r.active);
    free(r.sides);
    free(r.loads);
    return done;
}
