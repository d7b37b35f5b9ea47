/* A loop, some nodes and a network between them, for tests of collectives. */

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "coll/comm.h"
#include "harness.h"
#include "net/net.h"
#include "sim.h"
#include "stage.h"

static ds_net *make_net(sim *s, const sim_config *config)
{
    if (config->kind == SIM_RANDOM)
        return ds_random_net_new(s->loop, 1);
    s->ports = ds_greedy_switch_uniform(s->num_nodes,
                                        config->rate == 0 ? 8 : config->rate);
    return ds_switched_net_new(
        s->loop, &(ds_switched_net_config){
                     .nodes = s->nodes,
                     .num_nodes = s->num_nodes,
                     .model = &s->ports.base,
                     .latency = config->latency == 0 ? 0.5 : config->latency,
                 });
}

sim *sim_new(sim_config config)
{
    sim *s = calloc(1, sizeof(*s));

    ck_assert_ptr_nonnull(s);
    s->num_nodes = config.nodes == 0 ? 2 : config.nodes;
    s->nodes = calloc(s->num_nodes, sizeof(ds_node *));
    ck_assert_ptr_nonnull(s->nodes);
    s->loop = ds_loop_new(&config.loop);
    for (size_t i = 0; i < s->num_nodes; i++)
        s->nodes[i] = ds_node_new(s->loop);
    s->net = make_net(s, &config);
    return s;
}

void sim_free(sim *s)
{
    ds_loop_free(s->loop);
    free(s->nodes);
    free(s);
}

ds_status sim_run(sim *s, ds_comm_fn *fn, void *arg)
{
    ds_comm_spawn(s->loop, s->net, s->nodes, s->num_nodes, fn, arg);
    return ds_loop_run(s->loop);
}

double sim_time(sim_config config, ds_comm_fn *fn, void *arg)
{
    sim *s = sim_new(config);
    ds_status status = sim_run(s, fn, arg);

    ck_assert_msg(status == DS_OK, "%s", ds_loop_error(s->loop));
    double end = ds_loop_now(s->loop);
    sim_free(s);
    return end;
}

void sim_misuse(sim_config config, ds_comm_fn *fn, void *arg, const char *part)
{
    sim *s = sim_new(config);

    ck_assert_int_eq(sim_run(s, fn, arg), DS_EMISUSE);
    ck_assert_msg(strstr(ds_loop_error(s->loop), part) != NULL,
                  "\"%s\" is not in \"%s\"", part, ds_loop_error(s->loop));
    sim_free(s);
}

typedef struct one {
    const ds_allreduce *algorithm;
    ds_comm_mode mode;
    size_t len;
} one;

static void allreduce_once(ds_comm *c, void *arg)
{
    const one *o = arg;
    ds_vec *mine = ds_vec_phantom(o->len);

    ds_comm_set_mode(c, o->mode);
    ds_vec *result = ds_allreduce_run(o->algorithm, c, mine, &ds_sum);
    if (result != NULL && result->len != o->len)
        ck_abort_msg("%zu elements, not %zu", result->len, o->len);
    ds_vec_unref(result);
    ds_vec_unref(mine);
}

double sim_allreduce(sim_config config, const ds_allreduce *algorithm,
                     ds_comm_mode mode, size_t len)
{
    one o = { algorithm, mode, len };

    return sim_time(config, allreduce_once, &o);
}

static ds_vec *note_and_sum(const ds_op *self, ds_handle *h,
                            ds_vec *const *vecs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        note("%s%g", i == 0 ? "" : "+", vecs[i]->data[0]);
    note(" ");
    return ds_sum.reduce(&ds_sum, h, vecs, n);
}

static const ds_op noting_sum = {
    .name = "noting sum",
    .reduce = note_and_sum,
    .commutative = true,
};

static void allreduce_power(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(1);

    mine->data[0] = (double)(1 << ds_comm_rank(c));
    ds_vec *result = ds_allreduce_run(arg, c, mine, &noting_sum);
    ck_assert_double_eq(result->data[0], (double)(1 << ds_comm_size(c)) - 1);
    ds_vec_unref(result);
    ds_vec_unref(mine);
}

void sim_order(const ds_allreduce *algorithm, size_t nodes, const char *text)
{
    for (uint64_t seed = 1; seed <= 30; seed++) {
        sim_time((sim_config){ .kind = SIM_RANDOM,
                               .nodes = nodes,
                               .loop = { .seed = seed } },
                 allreduce_power, (void *)algorithm);
        ck_noted(text);
    }
}

bool sim_sweeps(size_t p)
{
    static const size_t some[] = { 1, 2, 3, 5, 8, 13, 16, 17, 40 };

    /* ThreadSanitizer takes ten milliseconds to make a thread or a fiber. */
    if (harness_max_threads() < 1000 && p > 9)
        return false;
    for (size_t i = 0; i < sizeof(some) / sizeof(*some); i++)
        if (p == some[i])
            return harness_nodes(p) == p;
    return harness_full();
}

double sim_compose(double left, double right)
{
    unsigned l = (unsigned)left;
    unsigned r = (unsigned)right;
    unsigned a = l / 101 * (r / 101) % 101;
    unsigned b = (l / 101 * (r % 101) + l % 101) % 101;

    return 101 * a + b;
}

static ds_vec *compose_all(const ds_op *self, ds_handle *h, ds_vec *const *vecs,
                           size_t n)
{
    ds_vec *result = ds_vec_new(vecs[0]->len);

    for (size_t i = 0; i < result->len; i++) {
        result->data[i] = vecs[0]->data[i];
        for (size_t v = 1; v < n; v++)
            result->data[i] = sim_compose(result->data[i], vecs[v]->data[i]);
    }
    ds_sleep(h, 1e-9 * (double)(n * result->len));
    return result;
}

const ds_op sim_composition = { .name = "composition", .reduce = compose_all };

static void sleep_long(ds_handle *h, void *arg)
{
    ds_sleep(h, 1e9);
}

void sim_linger(sim *s)
{
    ds_spawn(s->loop, sleep_long, NULL);
}

size_t sim_leftovers(const ds_comm *c)
{
    size_t n = c->early.keys + c->parked.keys + c->expected.keys +
               c->announced.keys + c->sends.busy;

    for (size_t i = 0; i < DS__MAX_EDGES; i++)
        n += c->edges[i].busy;
    return n + c->port->stream.queue.len;
}
