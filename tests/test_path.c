/* The critical path: what it counts adds up to the time, and to the costs that
 * are published. */

#include <math.h>

#include "harness.h"
#include "sim.h"

#define LATENCY 1e-3
#define RATE    1e6

/* One allreduce, and the path of whoever ended last. */
typedef struct job {
    const ds_allreduce *algorithm;
    ds_comm_mode mode;
    size_t len;
    bool keep;
    double end;
    ds_path path;
    size_t num_messages; /* that are kept of it */
    uint64_t last;       /* of them */
} job;

enum { MOST_MESSAGES = 4096 };

static void member(ds_comm *c, void *arg)
{
    job *j = arg;
    ds_vec *mine = ds_vec_phantom(j->len);
    uint64_t messages[MOST_MESSAGES] = { 0 };

    if (j->keep)
        ds_comm_keep_path(c);
    ds_comm_set_mode(c, j->mode);
    ds_comm_set_eager(c, 3.0 * (double)j->len);
    ds_vec_unref(ds_allreduce_run(j->algorithm, c, mine, &ds_sum));
    ds_vec_unref(mine);
    j->end = ds_now(ds_comm_handle(c));
    j->path = ds_comm_path(c);
    j->num_messages = ds_comm_path_messages(c, messages, MOST_MESSAGES);
    j->last = messages[0];
    ck_assert_uint_le(j->num_messages, MOST_MESSAGES);
    for (size_t i = 1; i < j->num_messages; i++)
        ck_assert(messages[i] > 0 && messages[i] < messages[i - 1]);
}

static job run_kept(int algorithm, ds_comm_mode mode, size_t p, size_t len,
                    bool keep)
{
    job j = {
        .keep = keep,
        .algorithm = ds_allreduce_all(NULL)[algorithm],
        .mode = mode,
        .len = len,
    };

    sim_time((sim_config){ .nodes = p,
                           .latency = LATENCY,
                           .rate = RATE,
                           .loop = { .exec = DS_FIBERS } },
             member, &j);
    return j;
}

static job run(int algorithm, ds_comm_mode mode, size_t p, size_t len)
{
    return run_kept(algorithm, mode, p, len, false);
}

static bool close_to(double a, double b)
{
    return fabs(a - b) <= 1e-9 * fabs(b);
}

static const size_t nodes[] = { 2, 3, 4, 7, 8, 12, 13, 16, 17 };
enum { NUM_NODES = sizeof(nodes) / sizeof(*nodes) };

/* Divides into blocks of every kind for every number of nodes above. */
enum { EVEN = 16 * 9 * 7 * 13 * 17 };

static bool runs(int algorithm, ds_comm_mode mode)
{
    return mode == DS_COMM_ASYNC || (ds_allreduce_all(NULL)[algorithm]->traits &
                                     DS_TRAIT_ASYNC_ONLY) == 0;
}

START_TEST(the_path_explains_every_moment)
{
    for (size_t i = 0; i < NUM_NODES; i++)
        for (int mode = 0; mode < 3; mode++) {
            if (!runs(_i, (ds_comm_mode)mode))
                continue;
            job j = run(_i, (ds_comm_mode)mode, nodes[i], 1337);
            if (!close_to(j.path.travelling + j.path.reducing, j.end))
                ck_abort_msg("%s, %zu nodes, mode %d: %g + %g of %g",
                             j.algorithm->name, nodes[i], mode,
                             j.path.travelling, j.path.reducing, j.end);
        }
}
END_TEST

START_TEST(all_messages_of_a_path_are_known_by_name)
{
    for (size_t i = 0; i < NUM_NODES; i++)
        for (int mode = 0; mode < 3; mode++) {
            if (!runs(_i, (ds_comm_mode)mode))
                continue;
            job j = run_kept(_i, (ds_comm_mode)mode, nodes[i], 1337, true);
            if ((double)j.num_messages != j.path.cost.rounds)
                ck_abort_msg("%s, %zu nodes, mode %d: %zu names of %g",
                             j.algorithm->name, nodes[i], mode, j.num_messages,
                             j.path.cost.rounds);
            ck_assert_uint_gt(j.last, 0);
        }
}
END_TEST

START_TEST(who_has_not_asked_knows_no_names)
{
    ck_assert_uint_eq(run(0, DS_COMM_ASYNC, 4, 100).num_messages, 0);
    ck_assert_uint_eq(ds_comm_path_messages(NULL, NULL, 0), 0);
    ds_comm_keep_path(NULL);
}
END_TEST

/* Rank 0 has let one go before it asks; that one leads to the next, of which
 * the name is known. */
static void ask_late(ds_comm *c, void *arg)
{
    uint64_t *names = arg;
    size_t rank = ds_comm_rank(c);
    ds_vec *vec = ds_vec_phantom(1000);

    if (rank == 0)
        ds_comm_send_tag(c, 1, 0, vec);
    if (rank == 0)
        ds_comm_keep_path(c);
    for (size_t i = 1; i < 3; i++) {
        if (rank == i)
            ds_vec_unref(ds_comm_recv_tag(c, i - 1, 0));
        if (rank == i && i < 2)
            ds_comm_send_tag(c, i + 1, 0, vec);
    }
    if (rank == 2)
        ck_assert_uint_eq(ds_comm_path_messages(c, names, 1), 2);
    ds_vec_unref(vec);
}

START_TEST(as_many_names_are_stored_as_there_is_room_for)
{
    uint64_t names[2] = { 77, 77 };

    sim_time((sim_config){ .nodes = 3, .latency = LATENCY, .rate = RATE },
             ask_late, names);
    ck_assert_uint_eq(names[0], 2);
    ck_assert_uint_eq(names[1], 77);
}
END_TEST

START_TEST(messages_take_no_less_than_on_an_idle_network)
{
    for (size_t i = 0; i < NUM_NODES; i++) {
        job j = run(_i, DS_COMM_ASYNC, nodes[i], 1337);
        double idle = j.path.cost.rounds * LATENCY + j.path.cost.volume / RATE;
        ck_assert_double_ge(j.path.travelling, idle * (1 - 1e-9));
        ck_assert_double_gt(j.path.cost.rounds, 0);
        ck_assert(
            close_to(j.path.reducing, j.path.cost.reduced * DS_FLOP_TIME));
    }
}
END_TEST

START_TEST(in_rendezvous_mode_with_one_port_it_is_the_closed_form)
{
    const ds_allreduce *algorithm = ds_allreduce_all(NULL)[_i];

    for (size_t i = 0; i < NUM_NODES; i++) {
        if ((algorithm->traits & DS_TRAIT_ONE_PORT) == 0)
            continue;
        job j = run(_i, DS_COMM_RENDEZVOUS, nodes[i], EVEN);
        ds_cost cost = algorithm->cost(algorithm, nodes[i], EVEN);
        if (!close_to(j.path.cost.rounds, cost.rounds) ||
            !close_to(j.path.cost.volume, cost.volume) ||
            !close_to(j.path.cost.reduced, cost.reduced))
            ck_abort_msg("%s, %zu nodes: %g rounds, %g bytes, %g reduced, not "
                         "%g, %g, %g",
                         algorithm->name, nodes[i], j.path.cost.rounds,
                         j.path.cost.volume, j.path.cost.reduced, cost.rounds,
                         cost.volume, cost.reduced);
    }
}
END_TEST

/* Of naive's p - 1 messages into a port one is on the path, and it has the
 * port for a (p-1)th of the time. */
START_TEST(sharing_ports_is_what_travelling_has_beyond_the_counts)
{
    job j = run(0, DS_COMM_ASYNC, 9, 1000);

    ck_assert_str_eq(j.algorithm->name, "naive");
    ck_assert_double_eq(j.path.cost.rounds, 1);
    ck_assert_double_eq(j.path.cost.volume, 8000);
    ck_assert_double_eq(j.path.cost.reduced, 9000);
    ck_assert_double_eq_tol(j.path.travelling, LATENCY + 8 * 8000 / RATE, 1e-9);
}
END_TEST

/* ---- One's own messages and pauses ----------------------------------------*/

/* Rank 0 sleeps and sends; rank 1 waits, and sends on to rank 2, who has done
 * something else for longer than that took. */
static void relay(ds_comm *c, void *arg)
{
    ds_path *paths = arg;
    size_t rank = ds_comm_rank(c);
    ds_vec *vec = ds_vec_phantom(1000);

    if (rank == 0)
        ds_sleep(ds_comm_handle(c), 5);
    if (rank == 2)
        ds_sleep(ds_comm_handle(c), 100);
    if (rank > 0)
        ds_vec_unref(ds_comm_recv_tag(c, rank - 1, 0));
    if (rank < 2)
        ds_comm_send_tag(c, rank + 1, 0, vec);
    paths[rank] = ds_comm_path(c);
    ds_vec_unref(vec);
}

START_TEST(what_was_there_in_time_is_not_on_the_path)
{
    ds_path paths[3];

    sim_time((sim_config){ .nodes = 3, .latency = LATENCY, .rate = RATE },
             relay, paths);
    ck_assert_double_eq(paths[0].cost.rounds, 0);
    ck_assert_double_eq(paths[1].cost.rounds, 1);
    ck_assert_double_eq_tol(paths[1].travelling, LATENCY + 8000 / RATE, 1e-12);
    ck_assert_double_eq(paths[2].cost.rounds, 0);
    ck_assert_double_eq(paths[2].travelling, 0);
}
END_TEST

/* Rank 1 comes late, so it is rank 1 that the transfer waited for. */
static void meet(ds_comm *c, void *arg)
{
    ds_path *paths = arg;
    size_t rank = ds_comm_rank(c);
    ds_vec *vec = ds_vec_phantom(1000);

    ds_comm_set_mode(c, DS_COMM_RENDEZVOUS);
    if (rank == 2)
        ds_comm_send_tag(c, 1, 0, vec);
    if (rank == 1)
        ds_vec_unref(ds_comm_recv_tag(c, 2, 0));
    if (rank == 1)
        ds_vec_unref(ds_comm_recv_tag(c, 0, 0));
    if (rank == 0)
        ds_comm_send_tag(c, 1, 0, vec);
    paths[rank] = ds_comm_path(c);
    ds_vec_unref(vec);
}

START_TEST(a_rendezvous_is_due_to_whoever_comes_last)
{
    ds_path paths[3];

    sim_time((sim_config){ .nodes = 3, .latency = LATENCY, .rate = RATE }, meet,
             paths);
    ck_assert_double_eq(paths[2].cost.rounds, 1);
    ck_assert_double_eq(paths[1].cost.rounds, 2);
    ck_assert_double_eq(paths[0].cost.rounds, 2);
    ck_assert_double_eq_tol(paths[0].travelling, 2 * (LATENCY + 8000 / RATE),
                            1e-12);
}
END_TEST

START_TEST(no_comm_has_no_path)
{
    ck_assert_double_eq(ds_comm_path(NULL).cost.rounds, 0);
    ck_assert_double_eq(ds_comm_path(NULL).travelling, 0);
}
END_TEST

static void add(TCase *tc)
{
    size_t n;

    ds_allreduce_all(&n);
    tcase_add_test(tc, no_comm_has_no_path);
    tcase_add_loop_test(tc, the_path_explains_every_moment, 0, (int)n);
    tcase_add_loop_test(tc, all_messages_of_a_path_are_known_by_name, 0,
                        (int)n);
    tcase_add_test(tc, who_has_not_asked_knows_no_names);
    tcase_add_test(tc, as_many_names_are_stored_as_there_is_room_for);
    tcase_add_loop_test(tc, messages_take_no_less_than_on_an_idle_network, 0,
                        (int)n);
    tcase_add_loop_test(
        tc, in_rendezvous_mode_with_one_port_it_is_the_closed_form, 0, (int)n);
    tcase_add_test(tc, sharing_ports_is_what_travelling_has_beyond_the_counts);
    tcase_add_test(tc, what_was_there_in_time_is_not_on_the_path);
    tcase_add_test(tc, a_rendezvous_is_due_to_whoever_comes_last);
}

int main(void)
{
    return harness_main("path", add);
}
