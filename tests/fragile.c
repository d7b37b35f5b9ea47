/* A program of tests that fail if their servers crash in an order, which is
 * what tests/test_shrinking.sh makes small. */

#include <signal.h>

#include <distsys/explore.h>

enum { SERVERS = 3, CLIENTS = 2 };

typedef struct cluster cluster;
typedef void rule_fn(ds_handle *h, cluster *c);

struct cluster {
    rule_fn *rule;
    ds_node *nodes[SERVERS + CLIENTS];
    double down[SERVERS]; /* when it was first seen so; 0: never */
    bool done[CLIENTS][10];
};

/* ---- Who is there ---------------------------------------------------------*/

static void serve(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 0.05))
        continue;
}

static void request(ds_handle *h, void *arg)
{
    cluster *c = arg;
    size_t me = ds_node_number(ds_handle_node(h)) - SERVERS;

    for (size_t i; ds_next(h, &i);)
        c->done[me][i] = true;
}

static void watch(ds_handle *h, void *arg)
{
    cluster *c = arg;

    for (int step = 0; step < 300 && ds_sleep(h, 0.01); step++) {
        for (int i = 0; i < SERVERS; i++)
            if (c->down[i] == 0 && !ds_node_is_up(c->nodes[i]))
                c->down[i] = ds_loop_now(ds_handle_loop(h));
        c->rule(h, c);
    }
}

static void build(ds_trial *t, void *arg)
{
    cluster *c = ds_trial_alloc(t, sizeof(*c));
    ds_loop *loop = ds_trial_loop(t);

    c->rule = *(rule_fn **)arg;
    for (int i = 0; i < SERVERS + CLIENTS; i++) {
        c->nodes[i] = ds_node_new(loop);
        if (i < SERVERS)
            ds_node_boot_daemon(c->nodes[i], serve, c);
        else
            ds_node_boot(c->nodes[i], request, c);
    }
    ds_spawn(loop, watch, c);
    ds_trial_expose(t, ds_random_net_new(loop, 0.02), c->nodes, SERVERS,
                    c->nodes + SERVERS, CLIENTS);
}

/* One answer in ten is bad, which is drawn long before it shows. */
static void answer(ds_handle *h, void *arg)
{
    bool bad;

    ds_sleep(h, 0.71);
    bad = ds_random(h) < 0.1;
    ds_sleep(h, 2);
    if (bad)
        ds_fail(h, "the answer was bad");
}

static void build_answer(ds_trial *t, void *arg)
{
    ds_loop *loop = ds_trial_loop(t);
    ds_node *nodes[SERVERS];

    for (int i = 0; i < SERVERS; i++) {
        nodes[i] = ds_node_new(loop);
        if (i == 2)
            ds_node_boot(nodes[i], answer, NULL);
        else
            ds_node_boot_daemon(nodes[i], serve, NULL);
    }
    ds_trial_expose(t, ds_random_net_new(loop, 0.02), nodes, SERVERS, NULL, 0);
}

/* ---- Rules ----------------------------------------------------------------*/

static bool in_order(const cluster *c)
{
    return c->down[2] > 0 && c->down[0] > c->down[2];
}

static void order(ds_handle *h, cluster *c)
{
    if (in_order(c))
        ds_fail(h, "0 is down after 2, at %g", c->down[0]);
}

static void luck(ds_handle *h, cluster *c)
{
    if (in_order(c) && ds_random(h) < 0.01)
        ds_fail(h, "bad luck");
}

static void dies(ds_handle *h, cluster *c)
{
    if (in_order(c))
        raise(SIGKILL);
}

static void needs(ds_handle *h, cluster *c)
{
    if (in_order(c) && c->done[1][3])
        ds_fail(h, "operation 3 of client 1");
}

static void nothing(ds_handle *h, cluster *c)
{
    if (ds_now(h) > 2)
        ds_fail(h, "it is late");
}

static rule_fn *rules[] = { order, luck, dies, needs, nothing };
static const char *const names[] = { "order", "luck", "dies", "needs",
                                     "nothing" };
enum { TESTS = sizeof(rules) / sizeof(*rules) };

int main(int argc, char **argv)
{
    const ds_test answers = { .name = "answer", .build = build_answer };
    ds_test tests[TESTS];
    const ds_test *all[TESTS + 1];

    for (int i = 0; i < TESTS; i++) {
        tests[i] = (ds_test){ .name = names[i],
                              .build = build,
                              .arg = &rules[i],
                              .calm_after = 2.5 };
        all[i] = &tests[i];
    }
    all[TESTS] = &answers;
    return ds_test_main(argc, argv, all, TESTS + 1);
}
