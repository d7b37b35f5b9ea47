/* Who is hurt: the faults of a seed are the same again, also as a plan, and end
 * with the calm. */

#include <stdlib.h>
#include <string.h>

#include <distsys/disk.h>

#include "explore/plan/plan.h"
#include "explore/runner/trial.h"
#include "harness.h"

enum { SERVERS = 3, NODES = 5, SEEDS = 30 };

static ds__result result;

typedef struct cluster {
    ds_net *net;
    ds_node *nodes[NODES];
    ds_port *ports[NODES];
} cluster;

/* ---- A test that can be hurt ----------------------------------------------*/

static void *clone(const void *data)
{
    char *copy = malloc(1);

    ck_assert_ptr_nonnull(copy);
    *copy = *(const char *)data;
    return copy;
}

static void post(ds_handle *h, const cluster *all, ds_port *from, ds_port *to)
{
    const ds_msg m = { .source = from,
                       .dest = to,
                       .data = clone("x"),
                       .free = free,
                       .clone = clone,
                       .size = 1 };

    ds_send(h, all->net, m);
}

static ds_port *port_of(const cluster *all, const ds_handle *h)
{
    return all->ports[ds_node_number(ds_handle_node(h))];
}

static void answers(ds_handle *h, void *arg)
{
    const cluster *all = arg;
    ds_port *port = port_of(all, h);

    for (ds_msg m; ds_recv(h, port, &m); ds_msg_drop(&m)) {
        ds_disk_append(h, "asked", "x", 1);
        ds_disk_sync(h);
        post(h, all, port, m.source);
    }
}

/* Writes down how many answers it has had. */
static void asks(ds_handle *h, void *arg)
{
    const cluster *all = arg;
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    ds_port *port = port_of(all, h);
    double now = 0;

    for (size_t i; ds_next(h, &i);) {
        size_t call = ds_history_begin(history, now, 0, 1, 0, 0, 0);
        int64_t answers_had = 0;
        ds_msg m;
        for (int to = 0; to < SERVERS; to++)
            post(h, all, port, all->ports[to]);
        while (ds_recv_timeout(h, port, 0.1, &m) && m.dest != NULL) {
            answers_had++;
            ds_msg_drop(&m);
        }
        now = ds_loop_now(ds_handle_loop(h));
        ds_history_end(history, now, call, answers_had);
    }
}

/* Whether all is well half a second after the calm has begun. */
static void looks(ds_handle *h, void *arg)
{
    const cluster *all = arg;

    ds_sleep(h, 4.5);
    for (int i = 0; i < SERVERS; i++)
        if (!ds_node_is_up(all->nodes[i]))
            ds_fail(h, "server %d is down", i);
    for (int i = 0; i < SERVERS; i++)
        post(h, all, all->ports[SERVERS], all->ports[i]);
    for (int i = 0; i < SERVERS; i++) {
        ds_msg m;
        if (!ds_recv_timeout(h, all->ports[SERVERS], 1, &m) || m.dest == NULL)
            ds_fail(h, "%d servers are silent", SERVERS - i);
        else
            ds_msg_drop(&m);
    }
}

static void build(ds_trial *t, void *arg)
{
    ds_thread_fn *const *client = arg;
    ds_loop *loop = ds_trial_loop(t);
    cluster *all = ds_trial_alloc(t, sizeof(*all));

    all->net = ds_random_net_new(loop, 0.02);
    for (int i = 0; i < NODES; i++) {
        all->nodes[i] = ds_node_new(loop);
        all->ports[i] = ds_port_new(all->nodes[i]);
        ds_node_set_disk(all->nodes[i], &(ds_disk_config){ .sync_time = 1e-3 });
        if (i < SERVERS)
            ds_node_boot_daemon(all->nodes[i], answers, all);
        else if (i == SERVERS || *client == asks)
            ds_node_boot(all->nodes[i], *client, all);
    }
    ds_trial_expose(t, all->net, all->nodes, SERVERS, all->nodes + SERVERS,
                    NODES - SERVERS);
}

static ds_thread_fn *const asking = asks;
static ds_thread_fn *const looking = looks;

static const ds_test hurt = { .name = "hurt",
                              .build = build,
                              .arg = (void *)&asking,
                              .hazards = 2 * DS_HAZARD_DISK - 1 };

/* The plan that happened, to be freed; NULL: there were no faults. */
static char *run(const ds_test *test, const ds__trial_order *order)
{
    ds_trial *t = ds__trial_new(test, order, &result);
    const ds_plan *plan = ds__trial_plan(t);
    char *text = plan == NULL ? NULL : ds_plan_print(plan);

    ds__trial_free(t);
    return text;
}

static void check_same(const ds__result *a)
{
    ck_assert_int_eq(a->fate, result.fate);
    ck_assert(a->digest == result.digest && a->history == result.history);
    ck_assert(a->messages == result.messages && a->time == result.time);
    ck_assert_mem_eq(&a->bites, &result.bites, sizeof(a->bites));
}

/* ---- Cases ----------------------------------------------------------------*/

START_TEST(the_faults_of_a_seed_are_the_same_on_threads)
{
    ds__trial_order order = { .seed = (uint64_t)_i + 1, .exec = DS_FIBERS };
    char *plan = run(&hurt, &order);
    const ds__result first = result;

    order.exec = DS_THREADS;
    char *again = run(&hurt, &order);
    ck_assert_int_eq(first.fate, DS__WELL);
    check_same(&first);
    ck_assert_str_eq(plan, again);
    free(plan);
    free(again);
}
END_TEST

START_TEST(the_plan_of_a_seed_makes_the_same_run)
{
    ds__trial_order order = { .seed = (uint64_t)_i + 1, .exec = DS_FIBERS };
    char *text = run(&hurt, &order);
    const ds__result first = result;
    ds_plan *plan = ds_plan_parse(text, result.why, sizeof(result.why));

    ck_assert_msg(plan != NULL, "%s", result.why);
    order.plan = plan;
    free(run(&hurt, &order));
    check_same(&first);
    ds_plan_free(plan);
    free(text);
}
END_TEST

START_TEST(seeds_have_different_faults)
{
    ds__trial_order order = { .exec = DS_FIBERS };
    size_t without = 0;
    char *before = NULL;

    for (order.seed = 1; order.seed <= SEEDS; order.seed++) {
        char *text = run(&hurt, &order);
        ck_assert(before == NULL || text[0] == '\0' ||
                  strcmp(before, text) != 0);
        without += text[0] == '\0';
        free(before);
        before = text;
    }
    free(before);
    ck_assert_uint_lt(without, SEEDS / 3);
}
END_TEST

START_TEST(after_the_calm_all_is_mended)
{
    const ds__trial_order order = { .seed = (uint64_t)_i + 1,
                                    .exec = DS_FIBERS };
    ds_test test = hurt;

    test.arg = (void *)&looking;
    free(run(&test, &order));
    ck_assert_msg(result.fate == DS__WELL, "%s", result.why);
}
END_TEST

START_TEST(a_plan_that_never_ends_ends_with_the_calm)
{
    char why[100];
    ds_plan *plan = ds_plan_parse("0 crash 0\n1 cut 1 - *\n2 pause 2\n"
                                  "0 faults * > * drop 1",
                                  why, sizeof(why));
    const ds__trial_order order = { .seed = 3,
                                    .exec = DS_FIBERS,
                                    .plan = plan };
    ds_test test = hurt;

    test.arg = (void *)&looking;
    free(run(&test, &order));
    ck_assert_msg(result.fate == DS__WELL, "%s", result.why);
    ds_plan_free(plan);
}
END_TEST

START_TEST(without_hazards_there_are_no_faults)
{
    const ds__trial_order order = { .seed = (uint64_t)_i + 1,
                                    .exec = DS_FIBERS };
    const ds__bites none = { 0 };
    ds_test test = hurt;

    test.hazards = 0;
    ck_assert_ptr_null(run(&test, &order));
    ck_assert_int_eq(result.fate, DS__WELL);
    ck_assert_mem_eq(&result.bites, &none, sizeof(none));
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, the_faults_of_a_seed_are_the_same_on_threads, 0,
                        SEEDS);
    tcase_add_loop_test(tc, the_plan_of_a_seed_makes_the_same_run, 0, SEEDS);
    tcase_add_test(tc, seeds_have_different_faults);
    tcase_add_loop_test(tc, after_the_calm_all_is_mended, 0, SEEDS);
    tcase_add_test(tc, a_plan_that_never_ends_ends_with_the_calm);
    tcase_add_loop_test(tc, without_hazards_there_are_no_faults, 0, 3);
}

int main(void)
{
    return harness_main("expose", add);
}
