/* A program of tests that fail if their servers crash in an order, which is
 * what tests/test_shrinking.sh makes small. */

#include <signal.h>

#include "cluster.h"

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
            ds_node_boot_daemon(nodes[i], cluster_serve, NULL);
    }
    ds_trial_expose(t, ds_random_net_new(loop, 0.02), nodes, SERVERS, NULL, 0);
}

/* ---- Rules ----------------------------------------------------------------*/

static void order(ds_handle *h, cluster *c)
{
    if (cluster_in_order(c))
        ds_fail(h, "0 is down after 2, at %g", c->down[0]);
}

static void luck(ds_handle *h, cluster *c)
{
    if (cluster_in_order(c) && ds_random(h) < 0.01)
        ds_fail(h, "bad luck");
}

static void dies(ds_handle *h, cluster *c)
{
    if (cluster_in_order(c))
        raise(SIGKILL);
}

static void needs(ds_handle *h, cluster *c)
{
    if (cluster_in_order(c) && c->done[1][3])
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
                              .build = cluster_build,
                              .arg = &rules[i],
                              .calm_after = 2.5 };
        all[i] = &tests[i];
    }
    all[TESTS] = &answers;
    return ds_test_main(argc, argv, all, TESTS + 1);
}
