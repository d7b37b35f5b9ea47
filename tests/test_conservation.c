/* What goes into a routed network comes out of it: random messages over
 * networks of every kind, whose links change and fail, against plain
 * progressive filling.  Each message ends when the definition says; each link
 * carries the bytes of the messages that crossed it; and the seconds that links
 * held messages are those in which messages drained.  Some take a part of their
 * rate on the way back, some links are fat, some ways are those of one message.
 */

#include <math.h>
#include <stdlib.h>

#include <distsys.h>

#include "base/rng.h"
#include "filling.h"
#include "harness.h"

enum {
    MOST_HOSTS = 32,
    MOST_LINKS = 256,
    MOST_HOPS = 32,
    MESSAGES = 48,
    CHANGES = 12
};

static const char *const texts[] = {
    "star:6,rate=100,latency=10ms",
    "star:5,rate=100,latency=0,sharing=half",
    "tree:3,3,rate=100,inner-rate=150,latency=3ms",
    "fattree:2;3,4;1,2;1,1,rate=100,latency=2ms",
    "fattree:3;2,2,3;1,2,2;1,1,2,rate=100,inner-rate=60,latency=0",
    "fattree:2;4,4;1,2;1,2,rate=100,latency=0,routing=ecmp-pair",
    "fattree:2;4,4;1,2;1,2,rate=100,latency=1ms,routing=ecmp-message",
    "hypercube:3,rate=100,latency=0,routing=ecmp-message",
    "ring:7,rate=100,latency=5ms",
    "mesh:3x3,rate=100,latency=1ms,sharing=half",
    "torus:3x4,rate=100,latency=1ms,ties=even",
    "hypercube:3,rate=100,latency=1ms",
    "full:5,rate=100,latency=1ms",
    "dragonfly:3,1;1,1;3,1;2,rate=100,inner-rate=80,latency=1ms",
};
enum { TEXTS = sizeof(texts) / sizeof(*texts) };

/* What is unusual about some runs. */
typedef struct regime {
    const char *name;
    double start;
    double decades; /* that rates of links differ by */
    double limited; /* the part of messages that is */
    double cross;   /* what a message takes on the way back */
    double fat;     /* the part of links that is */
    bool changes;   /* links get slower or faster */
    bool failures;  /* links go off, and on again */
    bool stall;
    bool in_order;
} regime;

static const regime regimes[] = {
    { .name = "plain", .start = 1000 },
    { .name = "limits", .start = 1000, .limited = 0.4 },
    { .name = "in order", .start = 1000, .in_order = true },
    { .name = "changes", .start = 1000, .changes = true },
    { .name = "failures", .start = 1000, .failures = true },
    { .name = "stalls", .start = 1000, .failures = true, .stall = true },
    { .name = "late", .start = 1e6 },
    { .name = "twelve decades", .start = 1000, .decades = 12 },
    { .name = "twelve decades, late", .start = 1e6, .decades = 12 },
    { .name = "cross traffic", .start = 1000, .cross = 0.05 },
    { .name = "fat pipes", .start = 1000, .fat = 0.4, .limited = 0.1 },
    { .name = "cross traffic over fat pipes that fail",
      .start = 1000,
      .decades = 1,
      .cross = 0.5,
      .fat = 0.3,
      .changes = true,
      .failures = true },
    { .name = "all there is",
      .start = 1e6,
      .decades = 2,
      .limited = 0.2,
      .changes = true,
      .failures = true,
      .in_order = true },
};
enum { REGIMES = sizeof(regimes) / sizeof(*regimes) };

typedef struct world world;

/* Times count from the start.  began is when its latency has passed and it is
 * its turn. */
typedef struct message {
    world *world;
    double at;
    size_t from;
    size_t to;
    double bytes;
    double limit; /* INFINITY: none */
    ds__hop hops[MOST_HOPS];
    size_t num_hops;
    double latency;
    /* By the definition. */
    filling_flow flow;
    bool is_draining;
    bool is_over;
    bool is_lost;
    double left;
    double began;
    double ends;
    /* By the network. */
    bool was_lost;
    double ended;
} message;

typedef struct change {
    double at;
    size_t link;
    double rate; /* 0: off; below 0: on again */
} change;

struct world {
    const regime *regime;
    const char *text;
    uint64_t seed;
    uint64_t draws;
    ds_topology *topology;
    size_t num_hosts;
    size_t num_links;
    double rates[MOST_LINKS]; /* at the start */
    message messages[MESSAGES];
    size_t num_messages;
    change changes[CHANGES];
    size_t num_changes;
    ds_loop *loop;
    ds_net *net;
    ds_port *ports[MOST_HOSTS];
    ds_stream *done;
    double end;
    ds_link_use uses[MOST_LINKS];
};

/* ---- Drawing --------------------------------------------------------------*/

static double draw(world *w)
{
    return ds__rng_uniform(ds__rng_bits(w->seed, DS__RNG_NET, 9, w->draws++));
}

static size_t draw_below(world *w, size_t n)
{
    return (size_t)(draw(w) * (double)n);
}

/* Adds what a message takes of the links of a way, by their numbers. */
static void add_hops(message *m, const size_t *links, size_t n, double unit,
                     uint32_t times)
{
    for (size_t i = 0; i < n; i++) {
        const bool fat =
            ds_topology_link(m->world->topology, links[i])->sharing ==
            DS_FATPIPE;
        size_t k = 0;
        while (k < m->num_hops && m->hops[k].link != links[i])
            k++;
        ck_assert_uint_lt(k, MOST_HOPS);
        if (k == m->num_hops)
            m->hops[m->num_hops++] = (ds__hop){ .link = (uint32_t)links[i] };
        ds__hop *hop = &m->hops[k];
        hop->unit = fat ? fmax(hop->unit, unit) : hop->unit + unit;
        hop->times += times;
    }
}

/* Finds the way there of the message that is sent as this one, and the way
 * back. */
static void find_way(message *m, uint64_t number)
{
    const world *w = m->world;
    size_t links[MOST_HOPS];

    m->num_hops = 0;
    m->latency = 0;
    size_t n = ds_topology_route(w->topology, m->from, m->to, number, links,
                                 MOST_HOPS);
    ck_assert_uint_le(n, MOST_HOPS);
    add_hops(m, links, n, 1, 1);
    for (size_t i = 0; i < n; i++)
        m->latency += ds_topology_link(w->topology, links[i])->latency;
    if (w->regime->cross == 0)
        return;
    n = ds_topology_route(w->topology, m->to, m->from, number, links,
                          MOST_HOPS);
    ck_assert_uint_le(n, MOST_HOPS);
    add_hops(m, links, n, w->regime->cross, 0);
}

static void draw_message(world *w, message *m)
{
    *m = (message){
        .world = w,
        .at = draw_below(w, 4) == 0 ? 1 : 10 * draw(w),
        .from = draw_below(w, w->num_hosts),
        .bytes = 1 + 400 * draw(w) * draw(w),
        .limit = draw(w) < w->regime->limited ? 1 + 50 * draw(w) : INFINITY,
    };
    m->to = (m->from + 1 + draw_below(w, w->num_hosts - 1)) % w->num_hosts;
}

static int by_time(const void *a, const void *b)
{
    const double x = ((const message *)a)->at;
    const double y = ((const message *)b)->at;

    return (x > y) - (x < y);
}

static int change_by_time(const void *a, const void *b)
{
    const double x = ((const change *)a)->at;
    const double y = ((const change *)b)->at;

    return (x > y) - (x < y);
}

static void draw_changes(world *w)
{
    const regime *r = w->regime;

    w->num_changes = r->changes || r->failures ? CHANGES : 0;
    for (size_t i = 0; i < w->num_changes; i++) {
        change *c = &w->changes[i];
        *c = (change){ .at = 1 + 12 * draw(w),
                       .link = draw_below(w, w->num_links),
                       .rate = 30 + 200 * draw(w) };
        if (!r->failures || (r->changes && i % 3 == 0) || i + 1 == CHANGES)
            continue;
        c->rate = 0;
        w->changes[i + 1] =
            (change){ .at = c->at + draw(w), .link = c->link, .rate = -1 };
        i++;
    }
    if (!r->changes && w->num_changes % 2 == 1)
        w->num_changes--;
    qsort(w->changes, w->num_changes, sizeof(*w->changes), change_by_time);
}

/* Returns one with the same links and ways, of which some links are fat. */
static ds_topology *draw_fat(world *w, const ds_topology *thin)
{
    const size_t hosts = ds_topology_num_hosts(thin);
    ds_topology *fat = ds_topology_new(hosts);
    size_t links[MOST_HOPS];

    for (size_t l = 0; l < ds_topology_num_links(thin); l++) {
        ds_link link = *ds_topology_link(thin, l);
        link.name = NULL;
        link.sharing = draw(w) < w->regime->fat ? DS_FATPIPE : DS_SHARED;
        ds_topology_add_link(fat, link);
    }
    for (size_t i = 0; i < hosts * hosts; i++) {
        const size_t n =
            ds_topology_route(thin, i / hosts, i % hosts, 0, links, MOST_HOPS);
        if (n > 0)
            ds_topology_set_route(fat, i / hosts, i % hosts, links, n);
    }
    return fat;
}

static ds_topology *draw_topology(world *w)
{
    ds_topology *topology = ds_topology_parse(w->text);

    ck_assert_str_eq(ds_topology_error(topology), "");
    if (w->regime->fat > 0) {
        ds_topology *fat = draw_fat(w, topology);
        ds_topology_free(topology);
        topology = fat;
    }
    ck_assert_str_eq(ds_topology_error(topology), "");
    return topology;
}

static world *world_new(const regime *r, const char *text, uint64_t seed)
{
    world *w = calloc(1, sizeof(*w));

    ck_assert_ptr_nonnull(w);
    w->regime = r;
    w->text = text;
    w->seed = seed;
    w->topology = draw_topology(w);
    w->num_hosts = ds_topology_num_hosts(w->topology);
    w->num_links = ds_topology_num_links(w->topology);
    w->num_messages = MESSAGES;
    ck_assert(w->num_hosts <= MOST_HOSTS && w->num_links <= MOST_LINKS);
    for (size_t l = 0; l < w->num_links; l++)
        w->rates[l] = ds_topology_link(w->topology, l)->rate *
                      pow(10, -r->decades * draw(w));
    for (size_t i = 0; i < MESSAGES; i++)
        draw_message(w, &w->messages[i]);
    qsort(w->messages, MESSAGES, sizeof(*w->messages), by_time);
    for (size_t i = 0; i < MESSAGES; i++)
        find_way(&w->messages[i], i + 1);
    draw_changes(w);
    return w;
}

/* ---- The definition -------------------------------------------------------*/

typedef struct definition {
    world *world;
    double now;
    filling_link links[MOST_LINKS]; /* capacity 0: off and stalling */
    double rates[MOST_LINKS];
    bool off[MOST_LINKS];
} definition;

static bool is_cut(const definition *d, const message *m)
{
    for (size_t i = 0; i < m->num_hops; i++)
        if (d->off[m->hops[i].link])
            return true;
    return false;
}

/* Returns whether the messages of its pair that were sent before are over. */
static bool has_turn(const world *w, const message *m)
{
    for (const message *o = w->messages; w->regime->in_order && o < m; o++)
        if (o->from == m->from && o->to == m->to && !o->is_over)
            return false;
    return true;
}

static void end(message *m, double now, bool is_lost)
{
    m->is_draining = false;
    m->is_over = true;
    m->is_lost = is_lost;
    m->ends = now;
}

static void begin(const definition *d, message *m)
{
    double least = INFINITY;

    m->began = d->now;
    if (is_cut(d, m) && !d->world->regime->stall) {
        end(m, d->now, true);
        return;
    }
    for (size_t i = 0; i < m->num_hops; i++)
        if (m->hops[i].times > 0)
            least = fmin(least, d->rates[m->hops[i].link]);
    m->is_draining = true;
    m->left = m->bytes;
    m->flow = (filling_flow){ .hops = m->hops,
                              .num_hops = m->num_hops,
                              .weight = 1,
                              .limit = fmin(m->limit, least) };
}

/* Begins whatever may, and tells whether any did. */
static bool begin_some(definition *d)
{
    world *w = d->world;
    bool any = false;

    for (size_t i = 0; i < MESSAGES; i++) {
        message *m = &w->messages[i];
        if (m->is_over || m->is_draining || m->at + m->latency > d->now ||
            !has_turn(w, m))
            continue;
        begin(d, m);
        any = true;
    }
    return any;
}

static void change_link(definition *d, const change *c)
{
    const world *w = d->world;

    if (c->rate > 0)
        d->rates[c->link] = c->rate;
    else
        d->off[c->link] = c->rate == 0;
    d->links[c->link].capacity =
        d->off[c->link] && w->regime->stall ? 0 : d->rates[c->link];
    for (size_t i = 0; c->rate == 0 && !w->regime->stall && i < MESSAGES; i++) {
        message *m = &d->world->messages[i];
        if (m->is_draining && is_cut(d, m))
            end(m, d->now, true);
    }
}

static void find_rates(definition *d)
{
    filling_flow flows[MESSAGES];
    message *of[MESSAGES];
    size_t n = 0;

    for (size_t i = 0; i < MESSAGES; i++)
        if (d->world->messages[i].is_draining) {
            of[n] = &d->world->messages[i];
            flows[n] = of[n]->flow;
            flows[n++].decided = false;
        }
    filling_rates(d->links, d->world->num_links, flows, n);
    for (size_t i = 0; i < n; i++)
        of[i]->flow.rate = flows[i].rate;
}

/* Returns when the next thing happens: INFINITY: nothing will. */
static double next_time(const definition *d, size_t next_change)
{
    const world *w = d->world;
    double next = INFINITY;

    if (next_change < w->num_changes)
        next = w->changes[next_change].at;
    for (size_t i = 0; i < MESSAGES; i++) {
        const message *m = &w->messages[i];
        if (m->is_draining)
            next = fmin(next, d->now + m->left / m->flow.rate);
        else if (!m->is_over && m->at + m->latency > d->now)
            next = fmin(next, m->at + m->latency);
    }
    return next;
}

static void pass(definition *d, double until)
{
    const double span = until - d->now;

    d->now = until;
    for (size_t i = 0; i < MESSAGES; i++) {
        message *m = &d->world->messages[i];
        if (!m->is_draining)
            continue;
        m->left -= m->flow.rate * span;
        if (m->left <= 1e-12 * m->bytes)
            end(m, until, false);
    }
}

static void run_definition(world *w)
{
    definition d = { .world = w };
    size_t next_change = 0;

    for (size_t l = 0; l < w->num_links; l++) {
        d.links[l].capacity = d.rates[l] = w->rates[l];
        d.links[l].fat =
            ds_topology_link(w->topology, l)->sharing == DS_FATPIPE;
    }
    for (;;) {
        while (next_change < w->num_changes &&
               w->changes[next_change].at <= d.now)
            change_link(&d, &w->changes[next_change++]);
        while (begin_some(&d))
            continue;
        find_rates(&d);
        double next = next_time(&d, next_change);
        if (isinf(next))
            break;
        pass(&d, next);
    }
    for (size_t i = 0; i < MESSAGES; i++)
        ck_assert(w->messages[i].is_over);
}

/* ---- The network ----------------------------------------------------------*/

static void wait_until(ds_handle *h, const world *w, double at)
{
    double span = w->regime->start + at - ds_now(h);

    if (span > 0)
        ds_sleep(h, span);
}

static void note_end(message *m, bool was_lost)
{
    m->was_lost = was_lost;
    m->ended = ds_loop_now(m->world->loop) - m->world->regime->start;
}

static void note_loss(void *data)
{
    note_end(data, true);
}

static void send_all(ds_handle *h, void *arg)
{
    world *w = arg;

    for (size_t i = 0; i < w->num_messages; i++) {
        message *m = &w->messages[i];
        wait_until(h, w, m->at);
        ds_send(h, w->net,
                (ds_msg){ .source = w->ports[m->from],
                          .dest = w->ports[m->to],
                          .data = m,
                          .free = note_loss,
                          .size = m->bytes,
                          .rate = isinf(m->limit) ? 0 : m->limit,
                          .done = w->done });
    }
}

static void receive_all(ds_handle *h, void *arg)
{
    world *w = arg;
    ds_stream *streams[MOST_HOSTS];
    ds_event event;
    ds_msg msg;

    for (size_t i = 0; i < w->num_hosts; i++)
        streams[i] = ds_port_stream(w->ports[i]);
    while (ds_poll_any(h, streams, w->num_hosts, &event)) {
        ck_assert(ds_unpack(&event, &msg));
        note_end(msg.data, false);
    }
}

static void change_links(ds_handle *h, void *arg)
{
    const world *w = arg;

    for (size_t i = 0; i < w->num_changes; i++) {
        const change *c = &w->changes[i];
        wait_until(h, w, c->at);
        if (c->rate > 0)
            ds_link_set_rate(w->net, c->link, c->rate);
        else
            ds_link_set_up(w->net, c->link, c->rate < 0);
    }
}

/* When all have ended; then there is time to receive the last. */
static void read_uses(ds_handle *h, void *arg)
{
    world *w = arg;
    ds_event event;

    for (size_t i = 0; i < w->num_messages; i++)
        if (!ds_poll(h, w->done, &event))
            return;
    w->end = ds_now(h) - w->regime->start;
    for (size_t l = 0; l < w->num_links; l++)
        w->uses[l] = ds_link_get_use(w->net, l);
    ds_sleep(h, 1);
}

static void build(world *w)
{
    ds_node *nodes[MOST_HOSTS];

    for (size_t i = 0; i < w->num_hosts; i++) {
        nodes[i] = ds_node_new(w->loop);
        w->ports[i] = ds_port_new(nodes[i]);
    }
    w->done = ds_stream_new(w->loop);
    w->net =
        ds_routed_net_new(w->loop, &(ds_routed_net_config){
                                       .nodes = nodes,
                                       .num_nodes = w->num_hosts,
                                       .topology = w->topology,
                                       .model.cross_traffic = w->regime->cross,
                                       .in_order = w->regime->in_order,
                                       .stall = w->regime->stall,
                                   });
    for (size_t l = 0; w->regime->decades > 0 && l < w->num_links; l++)
        ds_link_set_rate(w->net, l, w->rates[l]);
}

static uint64_t run_network(world *w, ds_exec exec)
{
    w->loop = ds_loop_new(&(ds_loop_config){ .exec = exec });
    build(w);
    for (size_t i = 0; i < w->num_messages; i++)
        w->messages[i].ended = NAN;
    ds_spawn(w->loop, send_all, w);
    ds_spawn(w->loop, change_links, w);
    ds_spawn_daemon(w->loop, receive_all, w);
    ds_spawn(w->loop, read_uses, w);
    ds_status status = ds_loop_run(w->loop);
    ck_assert_msg(status == DS_OK, "%s, %s: %s", w->text, w->regime->name,
                  ds_loop_error(w->loop));
    uint64_t digest = ds_loop_digest(w->loop);
    ds_loop_free(w->loop);
    return digest;
}

/* ---- What must be so ------------------------------------------------------*/

/* Times may differ by as much as a clock shows that has come so far. */
static double blur(const world *w)
{
    return w->regime->start * 0x1p-44;
}

static void ck_near(const world *w, const char *what, size_t i, double got,
                    double want, double error)
{
    ck_assert_msg(fabs(got - want) <= 1e-9 * fabs(want) + error,
                  "%s, %s, seed %llu: %s %zu: %.17g instead of %.17g", w->text,
                  w->regime->name, (unsigned long long)w->seed, what, i, got,
                  want);
}

static void ck_ends(const world *w)
{
    for (size_t i = 0; i < MESSAGES; i++) {
        const message *m = &w->messages[i];
        ck_assert_msg(m->was_lost == m->is_lost, "%s, %s, seed %llu: %zu",
                      w->text, w->regime->name, (unsigned long long)w->seed, i);
        ck_near(w, "the end of message", i, m->ended, m->ends, blur(w));
    }
}

static double bytes_gone(const message *m)
{
    if (!m->is_lost)
        return m->bytes;
    return m->ends > m->began ? m->bytes - m->left : 0;
}

static void ck_bytes(const world *w)
{
    double bytes[MOST_LINKS] = { 0 };
    double blurs[MOST_LINKS] = { 0 };
    uint64_t count[MOST_LINKS] = { 0 };

    for (size_t i = 0; i < MESSAGES; i++) {
        const message *m = &w->messages[i];
        for (size_t k = 0; k < m->num_hops; k++) {
            const uint32_t l = m->hops[k].link;
            if (m->hops[k].times == 0)
                continue;
            bytes[l] += m->hops[k].times * bytes_gone(m);
            blurs[l] += m->is_lost ? 300 * blur(w) : 0;
            count[l] += m->ends > m->began || !m->is_lost;
        }
    }
    for (size_t l = 0; l < w->num_links; l++) {
        ck_near(w, "bytes of link", l, w->uses[l].bytes, bytes[l], blurs[l]);
        ck_assert_uint_eq(w->uses[l].messages, count[l]);
        ck_assert(w->uses[l].most <= count[l]);
        ck_assert((w->uses[l].most == 0) == (count[l] == 0));
    }
}

/* What only takes a part of a link on its way back may fill it, and does not
 * keep it busy. */
static void ck_times(const world *w)
{
    const bool fills_idle = w->regime->cross > 0;
    const double most = w->end + MESSAGES * blur(w);

    for (size_t l = 0; l < w->num_links; l++) {
        const ds_link_use *use = &w->uses[l];
        ck_assert(use->full >= 0 && use->held >= 0);
        ck_assert(use->full <= (fills_idle ? most : use->busy * (1 + 1e-9)));
        ck_assert(use->busy <= most);
    }
}

/* Whoever has a limit of his own may be held by that, and by no link. */
static void ck_held(const world *w)
{
    const bool exactly = w->regime->limited == 0 && !w->regime->changes;
    double drained = 0;
    double held = 0;

    for (size_t i = 0; i < MESSAGES; i++)
        drained += w->messages[i].ends - w->messages[i].began;
    for (size_t l = 0; l < w->num_links; l++)
        held += w->uses[l].held;
    if (exactly)
        ck_near(w, "seconds of", MESSAGES, held, drained, MESSAGES * blur(w));
    ck_assert(held <= drained * (1 + 1e-9) + MESSAGES * blur(w));
}

START_TEST(what_goes_in_comes_out)
{
    const regime *r = &regimes[_i / TEXTS];
    const uint64_t seeds = harness_full() ? 20 : 1;

    for (uint64_t seed = 1; seed <= seeds; seed++) {
        world *w = world_new(r, texts[_i % TEXTS], seed);
        run_definition(w);
        uint64_t digest = run_network(w, DS_FIBERS);
        ck_ends(w);
        ck_bytes(w);
        ck_times(w);
        ck_held(w);
        ck_assert_uint_eq(run_network(w, DS_THREADS), digest);
        ds_topology_free(w->topology);
        free(w);
    }
}
END_TEST

/* ---- Off and on -----------------------------------------------------------*/

static const regime alone = { .name = "alone", .start = 1000, .stall = true };

/* Lets one message go from the first host to the last, while a link on its way
 * is off for a while, and returns when it has come. */
static double end_of_one(const char *text, size_t link, double off, double on)
{
    world *w = world_new(&alone, text, 1);
    message *m = &w->messages[0];

    w->num_messages = 1;
    do
        draw_message(w, m);
    while (m->from != 0 || m->to != w->num_hosts - 1);
    find_way(m, 1);
    m->at = 0;
    m->bytes = 300;
    w->num_changes = 2;
    w->changes[0] =
        (change){ off, m->hops[link % m->num_hops].link, .rate = 0 };
    w->changes[1] = (change){ on, w->changes[0].link, .rate = -1 };
    run_network(w, DS_FIBERS);
    double end = m->ended;
    ds_topology_free(w->topology);
    free(w);
    return end;
}

/* It drains for three seconds and more. */
START_TEST(one_alone_ends_later_by_the_time_that_a_link_is_off)
{
    const double offs[] = { 0.5, 1, 2, 2.75 };
    const double spans[] = { 0.001, 0.25, 7, 1000 };
    const double end = end_of_one(texts[_i], 0, 5000, 5001);

    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++) {
            double off = offs[i];
            double span = spans[k];
            double got = end_of_one(texts[_i], i + k, off, off + span);
            ck_assert_msg(fabs(got - (end + span)) <= 1e-9 * got,
                          "%s, off at %g: %.17g instead of %.17g", texts[_i],
                          off, got, end + span);
        }
}
END_TEST

/* Off from the beginning: it drains for as long, once the link is on. */
START_TEST(one_alone_drains_when_its_link_is_on)
{
    const double end = end_of_one(texts[_i], 0, 5000, 5001);
    const double late = end_of_one(texts[_i], 0, 0, 20);
    const double later = end_of_one(texts[_i], 1, 0, 2000);

    ck_assert(late > 20 && late <= 20 + end);
    ck_assert(fabs(later - late - 1980) <= 1e-9 * later);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, what_goes_in_comes_out, 0, REGIMES * TEXTS);
    tcase_add_loop_test(tc, one_alone_ends_later_by_the_time_that_a_link_is_off,
                        0, TEXTS);
    tcase_add_loop_test(tc, one_alone_drains_when_its_link_is_on, 0, TEXTS);
}

int main(void)
{
    setenv("DISTSYS_CHECK", "1", 0);
    return harness_main("conservation", add);
}
