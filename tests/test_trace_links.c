/* Traces of networks that have links, or processors: what the reader works out
 * of links is what the network itself says of them, the critical path is made
 * of the latencies and rates of ways, and nothing is unaccounted for. */

#include "tracing.h"

#include <math.h>

#include <distsys.h>

#include "base/rng.h"
#include "bench/trace/loads.h"

enum { NODES = 5, LINKS = 9, SEEDS = 24, ROUNDS = 12 };
#define START 1000.0

static ds_loop *loop;
static ds_net *net;
static ds_topology *topology;
static ds_node *node[NODES];
static ds_port *port[NODES];
static ds_stream *told[NODES]; /* of each: what has become of its messages */
static uint64_t dice;

static double draw(void)
{
    return (double)(ds__mix(++dice) >> 11) * 0x1p-53;
}

/* Over decades. */
static double draw_near(double x)
{
    return x * pow(10, 2 * draw() - 1);
}

/* ---- Networks -------------------------------------------------------------*/

/* Routes are any links, some of them more than once. */
static ds_topology *any_topology(bool any_fat)
{
    ds_topology *t = ds_topology_new(NODES);
    char name[16];

    for (size_t l = 0; l < LINKS; l++) {
        snprintf(name, sizeof(name), "cable %zu", l / 2);
        ds_topology_add_link(t, (ds_link){ .name = l == 0 ? NULL : name,
                                           .rate = draw_near(1e6),
                                           .latency = draw_near(1e-3),
                                           .sharing = any_fat && l % 4 == 1
                                                          ? DS_FATPIPE
                                                          : DS_SHARED });
    }
    for (size_t from = 0; from < NODES; from++)
        for (size_t to = 0; to < NODES; to++) {
            size_t route[4];
            const size_t n = 1 + (size_t)(draw() * 4);
            for (size_t i = 0; i < n; i++)
                route[i] = (size_t)(draw() * LINKS);
            ds_topology_set_route(t, from, to, route, from == to ? 0 : n);
        }
    return t;
}

static void talk(ds_handle *h, void *arg)
{
    const size_t me = (size_t)arg;

    ds_event event;

    ds_sleep(h, START);
    for (int i = 0; i < ROUNDS; i++) {
        const size_t to = (size_t)(ds_random(h) * NODES);
        const bool waits = i % 3 == 2;
        ds_sleep(h, 0.02 * ds_random(h));
        ds_send(h, net,
                (ds_msg){ .source = port[me],
                          .dest = port[to],
                          .size = i % 5 == 4 ? 0 : 2e4 * ds_random(h),
                          .rate = i % 4 == 3 ? 2e5 : 0,
                          .done = waits ? told[me] : NULL });
        if (waits)
            ds_poll(h, told[me], &event);
    }
}

static void hear(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, port[(size_t)arg], &msg))
        ds_msg_drop(&msg);
}

/* Rates and latencies of links, and whether they are on. */
static void spoil(ds_handle *h, void *arg)
{
    const bool cuts = *(const bool *)arg;

    ds_sleep(h, START);
    for (int i = 0; i < ROUNDS; i++) {
        const size_t l = (size_t)(ds_random(h) * LINKS);
        ds_sleep(h, 0.03 * ds_random(h));
        ds_link_set_rate(net, l, 1e6 * pow(10, 2 * ds_random(h) - 1));
        ds_link_set_latency(net, (l + 1) % LINKS, 1e-3 * ds_random(h));
        if (!cuts)
            continue;
        ds_link_set_up(net, (l + 2) % LINKS, false);
        ds_sleep(h, 0.01);
        ds_link_set_up(net, (l + 2) % LINKS, true);
    }
}

static ds_loop *build(const char *trace, uint64_t seed, ds_exec exec)
{
    unsetenv("DISTSYS_TRACE");
    unsetenv("DISTSYS_EXEC");
    loop = ds_loop_new(&(ds_loop_config){
        .seed = seed, .exec = exec, .stack_size = 65536, .trace = trace });
    for (size_t i = 0; i < NODES; i++) {
        node[i] = ds_node_new(loop);
        port[i] = ds_port_new(node[i]);
        told[i] = ds_stream_new(loop);
        ds_stream_set_name(told[i], "told");
        ds_spawn(loop, talk, (void *)i);
        ds_spawn_daemon(loop, hear, (void *)i);
    }
    return loop;
}

/* By the bits of kind: a model with weights, in order, stalling, links that
 * change, and that go off. */
static void build_routed(const char *trace, unsigned kind, ds_exec exec)
{
    static bool cuts;
    const ds_flow_model *models[] = { &ds_flow_lv08, &ds_flow_cm02 };

    dice = kind * 1000003u;
    topology = any_topology(kind % 3 == 0);
    cuts = (kind & 8) != 0;
    build(trace, kind + 1, exec);
    net = ds_routed_net_new(
        loop, &(ds_routed_net_config){
                  .nodes = node,
                  .num_nodes = NODES,
                  .topology = topology,
                  .model = kind & 1 ? *models[kind / 2 % 2]
                                    : (ds_flow_model){ .latency_factor = 0 },
                  .in_order = (kind & 2) != 0,
                  .stall = (kind & 16) != 0 });
    if (kind & 4)
        ds_spawn(loop, spoil, &cuts);
}

static void build_loggops(const char *trace, ds_exec exec)
{
    build(trace, 7, exec);
    net = ds_loggops_net_new(loop, &(ds_loggops_net_config){ .nodes = node,
                                                             .num_nodes = NODES,
                                                             .L = 2e-5,
                                                             .o = 3e-6,
                                                             .g = 5e-6,
                                                             .G = 1e-9,
                                                             .O = 3e-9,
                                                             .S = 1e9 });
}

static trace_model model_of(const char *file)
{
    trace_model m;
    failure why = trace_model_read(&m, file);

    ck_assert_msg(why.status == 0, "%s", why.text);
    ck_assert_uint_eq(m.damaged, 0);
    return m;
}

static void end_run(void)
{
    ds_loop_free(loop);
    ds_topology_free(topology);
    topology = NULL;
}

/* ---- Links ----------------------------------------------------------------*/

static const trace_carrier *carrier_of(const trace_uses *u, size_t link,
                                       const trace_use **use)
{
    for (size_t i = 0; i < u->carriers.n; i++)
        if (u->carriers.all[i].number == link) {
            *use = &u->use[i];
            return &u->carriers.all[i];
        }
    return NULL;
}

static void ck_near(double got, double want, double whole)
{
    ck_assert_msg(fabs(got - want) <= 1e-9 * whole, "%.17g is not %.17g", got,
                  want);
}

/* Whatever the network says a link was used for. */
static size_t ck_uses(const trace_model *m, const ds_link_use *wanted)
{
    trace_uses u;
    size_t n = 0;

    ck_assert_msg(trace_uses_find(&u, m), "%s", u.why);
    ck_assert(u.carriers.are_links);
    for (size_t l = 0; l < LINKS; l++) {
        const trace_use *use = NULL;
        const trace_carrier *c = carrier_of(&u, l, &use);
        if (c == NULL) {
            ck_assert(wanted[l].bytes == 0);
            continue;
        }
        ck_assert(use->peak <= 1);
        ck_near(use->bytes, wanted[l].bytes, 1e5);
        ck_near(use->full, wanted[l].full, 1);
        n += use->bytes > 0;
    }
    trace_uses_free(&u);
    return n;
}

START_TEST(links_were_used_as_the_network_says)
{
    const size_t n = SEEDS / harness_slowness();
    size_t used = 0;

    for (unsigned kind = 0; kind < (n < 8 ? 8 : n); kind++) {
        const char *file = tracing_file();
        ds_link_use uses[LINKS];
        build_routed(file, kind, DS_FIBERS);
        ck_run(loop, DS_OK, NULL);
        for (size_t l = 0; l < LINKS; l++)
            uses[l] = ds_link_get_use(net, l);
        end_run();
        trace_model m = model_of(file);
        ck_assert_uint_eq(m.sent, NODES * ROUNDS);
        ck_assert_uint_eq(m.sent, m.arrived + m.lost + m.under_way);
        used += ck_uses(&m, uses);
        trace_model_free(&m);
    }
    ck_assert_uint_ge(used, 5 * 8);
}
END_TEST

/* Of one that each message may have all of, the share alone has a limit. */
static void look_at(void *arg, double from, double to, const trace_load *loads)
{
    const trace_carriers *c = arg;

    ck_assert(from < to);
    for (size_t i = 0; i < c->n; i++) {
        ck_assert(loads[i].share >= 0 && loads[i].share <= 1);
        ck_assert(c->all[i].link->fat ||
                  loads[i].bytes <= c->all[i].rate * (1 + 1e-9));
        ck_assert(loads[i].bytes >= 0);
    }
}

START_TEST(no_link_is_ever_over_its_rate)
{
    for (unsigned kind = 0; kind < 4; kind++) {
        const char *file = tracing_file();
        trace_carriers c;
        char why[TRACE_WHY];
        build_routed(file, kind, DS_FIBERS);
        ck_run(loop, DS_OK, NULL);
        end_run();
        trace_model m = model_of(file);
        ck_assert(trace_carriers_find(&c, &m, why));
        ck_assert(trace_loads_each(&m, &c, look_at, &c));
        trace_carriers_free(&c);
        trace_model_free(&m);
    }
}
END_TEST

START_TEST(links_have_their_names_and_rates)
{
    const char *file = tracing_file();
    size_t named = 0;

    build_routed(file, 0, DS_FIBERS);
    ck_run(loop, DS_OK, NULL);
    trace_model m = model_of(file);
    for (uint32_t l = 0; l < LINKS; l++) {
        const trace_link *link = trace_link_of(&m.nets[0].links, l);
        const ds_link *given = ds_topology_link(topology, l);
        if (link == NULL)
            continue;
        ck_assert(link->rate == given->rate);
        ck_assert_int_eq(link->fat, given->sharing == DS_FATPIPE);
        if (given->name != NULL)
            ck_assert_str_eq(link->name, given->name);
        named++;
    }
    ck_assert_uint_ge(named, 5);
    trace_model_free(&m);
    end_run();
}
END_TEST

/* ---- All of them ----------------------------------------------------------*/

/* Which network: -1 is LogGOPS. */
static const int nets[] = { -1, 0, 1, 6, 7, 15, 30 };

static void build_any(int which, const char *trace, ds_exec exec)
{
    if (which < 0)
        build_loggops(trace, exec);
    else
        build_routed(trace, (unsigned)which, exec);
}

static char *run_any(int which, ds_exec exec, size_t *size)
{
    const char *file = tracing_file();

    build_any(which, file, exec);
    ck_run(loop, DS_OK, NULL);
    end_run();
    return bytes_of(file, size);
}

START_TEST(bytes_are_the_same_on_threads_and_fibers)
{
    size_t a, b, c;
    char *fibers = run_any(nets[_i], DS_FIBERS, &a);
    char *again = run_any(nets[_i], DS_FIBERS, &b);
    char *threads = run_any(nets[_i], DS_THREADS, &c);

    ck_assert_uint_eq(a, b);
    ck_assert_uint_eq(a, c);
    ck_assert_mem_eq(fibers, again, a);
    ck_assert_mem_eq(fibers, threads, a);
    free(fibers);
    free(again);
    free(threads);
}
END_TEST

START_TEST(a_trace_changes_no_digest)
{
    uint64_t digests[2];

    for (int traced = 0; traced < 2; traced++) {
        build_any(nets[_i], traced ? tracing_file() : NULL, DS_FIBERS);
        ck_run(loop, DS_OK, NULL);
        digests[traced] = ds_loop_digest(loop);
        end_run();
    }
    ck_assert_uint_eq(digests[0], digests[1]);
}
END_TEST

static bool is_of_messages(const trace_model *m, uint32_t stream)
{
    const char *name = m->streams[stream].name;

    return trace_node_of(m, stream) != 0 ||
           (name != NULL && strcmp(name, "told") == 0);
}

/* Whoever waits for a message, or for what has become of one, wakes by its
 * name. */
START_TEST(each_event_names_its_message)
{
    const char *file = tracing_file();
    size_t named[2] = { 0 };

    build_any(nets[_i], file, DS_FIBERS);
    ck_run(loop, DS_OK, NULL);
    end_run();
    trace_model m = model_of(file);
    ck_assert_uint_eq(m.sent, m.arrived + m.lost + m.under_way);
    for (size_t i = 0; i < m.num_spans; i++) {
        const trace_span *s = &m.spans[i];
        if (s->doing != TRACE_WAITS || s->why != DS__WOKEN_EVENT ||
            !is_of_messages(&m, s->stream))
            continue;
        const trace_message *msg = trace_message_of(&m, s->message);
        ck_assert_ptr_nonnull(msg);
        /* The end of the run may come between what is told and arriving. */
        ck_assert(
            msg->sent <= s->to &&
            (msg->ended <= s->to || (isnan(msg->ended) && s->to == m.end)));
        named[trace_node_of(&m, s->stream) == 0]++;
    }
    ck_assert_uint_gt(named[0], NODES);
    ck_assert_uint_gt(named[1], NODES);
    trace_model_free(&m);
}
END_TEST

/* What a message takes is its latency and its bytes, and what it shares or
 * waits for beyond these, which is never less than nothing. */
START_TEST(no_message_is_faster_than_alone)
{
    const char *file = tracing_file();
    size_t alone = 0;

    build_any(nets[_i], file, DS_FIBERS);
    ck_run(loop, DS_OK, NULL);
    end_run();
    trace_model m = model_of(file);
    for (size_t i = 1; i < m.num_messages; i++) {
        const trace_message *msg = &m.messages[i];
        trace_idle idle;
        if (msg->fate != TRACE_ARRIVED || isnan(msg->begun))
            continue;
        ck_assert(trace_idle_of(&m, msg, &idle));
        const double least = idle.latency + idle.bytes;
        const double took = msg->ended - msg->sent;
        /* Links that get slower or faster later are another matter. */
        if (nets[_i] < 4)
            ck_assert_msg(took >= least - 1e-9, "%g is less than %g", took,
                          least);
        alone += fabs(took - least) <= 1e-9;
    }
    ck_assert_uint_gt(alone, 0);
    trace_model_free(&m);
}
END_TEST

/* Nothing is left over: the terms are all of the time. */
START_TEST(the_path_over_links_has_terms)
{
    const char *file = tracing_file();

    build_any(nets[_i], file, DS_FIBERS);
    ck_run(loop, DS_OK, NULL);
    end_run();
    trace_model m = model_of(file);
    const trace_path *p = &m.path;
    ck_assert(p->elsewhere == 0);
    ck_near(p->alpha + p->beta + p->sharing + p->gamma + p->computing +
                p->sleeping + p->other + p->held,
            p->to - p->from, START);
    trace_model_free(&m);
}
END_TEST

/* What has been told of links stays when the rest is forgotten. */
START_TEST(a_flight_recorder_knows_links_and_not_what_they_carried)
{
    char trace[128];
    trace_uses u;
    size_t known = 0;
    const char *file = tracing_file();

    snprintf(trace, sizeof(trace), "%s,last=64K", file);
    build_routed(trace, 7, DS_FIBERS);
    for (size_t i = 0; i < NODES; i++)
        for (int k = 0; k < 40; k++)
            ds_spawn(loop, talk, (void *)i);
    ck_run(loop, DS_OK, NULL);
    end_run();
    trace_model m = model_of(file);
    ck_assert_uint_gt(m.forgotten, 0);
    for (uint32_t l = 0; l < LINKS; l++)
        known += trace_link_of(&m.nets[0].links, l) != NULL;
    ck_assert_uint_ge(known, 5);
    ck_assert(!trace_uses_find(&u, &m));
    ck_assert_str_eq(u.why, "what was under way is not known");
    trace_model_free(&m);
}
END_TEST

static void add(TCase *tc)
{
    const int n = sizeof(nets) / sizeof(*nets);

    tcase_add_test(tc, links_were_used_as_the_network_says);
    tcase_add_test(tc, no_link_is_ever_over_its_rate);
    tcase_add_test(tc, links_have_their_names_and_rates);
    tcase_add_loop_test(tc, bytes_are_the_same_on_threads_and_fibers, 0, n);
    tcase_add_loop_test(tc, a_trace_changes_no_digest, 0, n);
    tcase_add_loop_test(tc, each_event_names_its_message, 0, n);
    tcase_add_loop_test(tc, no_message_is_faster_than_alone, 0, n);
    tcase_add_loop_test(tc, the_path_over_links_has_terms, 0, n);
    tcase_add_test(tc, a_flight_recorder_knows_links_and_not_what_they_carried);
}

int main(void)
{
    return harness_main("trace_links", add);
}
