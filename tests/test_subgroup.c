/* Groups of threads that are there already, and groups made of groups. */

#include "harness.h"
#include "sim.h"
#include "stage.h"

/* ---- Joining --------------------------------------------------------------*/

enum { many = 6 };

static ds_comm_group *group;

static double sum_of_ranks(ds_comm *c)
{
    ds_vec *mine = ds_vec_new(1);

    mine->data[0] = (double)ds_comm_rank(c) + 1;
    ds_vec *all = ds_allreduce_run(&ds_allreduce_ring, c, mine, &ds_sum);
    const double sum = all == NULL ? -1 : all->data[0];
    ds_vec_unref(mine);
    ds_vec_unref(all);
    return sum;
}

static void join(ds_handle *h, void *arg)
{
    const size_t rank = *(const size_t *)arg;
    ds_comm *c;

    ds_sleep(h, (double)(rank * rank % 5));
    c = ds_comm_join(group, h, rank);
    ck_assert_ptr_eq(ds_comm_handle(c), h);
    ck_assert_uint_eq(ds_comm_rank(c), rank);
    ck_assert_uint_eq(ds_comm_size(c), many);
    ck_assert(sum_of_ranks(c) == many * (many + 1) / 2);
    ck_assert(sum_of_ranks(c) == many * (many + 1) / 2);
}

static uint64_t join_all(ds_exec exec, size_t num_nodes)
{
    static size_t ranks[many];
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = exec, .seed = 9 });
    ds_node *nodes[many];

    for (size_t i = 0; i < many; i++)
        nodes[i] = i < num_nodes ? ds_node_new(loop) : nodes[i % num_nodes];
    group = ds_comm_group_new(loop, ds_random_net_new(loop, 3), nodes, many);
    ck_assert_ptr_nonnull(group);
    for (size_t i = 0; i < many; i++) {
        ranks[i] = i;
        ds_spawn(loop, join, &ranks[i]);
    }
    ck_run(loop, DS_OK, NULL);
    const uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return digest;
}

START_TEST(threads_that_join_are_members)
{
    static const size_t num_nodes[] = { many, 2, 1 };

    ck_assert_uint_eq(join_all(DS_THREADS, num_nodes[_i]),
                      join_all(DS_FIBERS, num_nodes[_i]));
}
END_TEST

static void join_wrongly(ds_handle *h, void *arg)
{
    if (*(const int *)arg == 0) {
        ds_comm_join(group, h, 1);
        ds_comm_join(group, h, 1);
    } else {
        ds_comm_join(group, h, 2);
    }
}

START_TEST(a_rank_is_joined_once_and_must_be_there)
{
    static const char *const texts[] = {
        "ds_comm_join: rank 1 of a group of 2: a thread has joined",
        "ds_comm_join: rank 2 of a group of 2: there is no such rank",
    };
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *nodes[] = { ds_node_new(loop), ds_node_new(loop) };

    group = ds_comm_group_new(loop, ds_random_net_new(loop, 1), nodes, 2);
    ds_spawn(loop, join_wrongly, &_i);
    ck_run_once(loop, DS_EMISUSE, texts[_i]);
}
END_TEST

START_TEST(a_group_needs_a_network_and_nodes)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *nodes[] = { ds_node_new(loop), NULL };

    if (_i == 0)
        ck_assert_ptr_null(ds_comm_group_new(loop, NULL, nodes, 1));
    else
        ck_assert_ptr_null(
            ds_comm_group_new(loop, ds_random_net_new(loop, 1), nodes, 2));
    ds_spawn(loop, join_wrongly, &_i);
    ck_run_once(loop, DS_ENOMEM,
                _i == 0 ? "ds_comm_group_new: the network is NULL"
                        : "ds_comm_group_new: node 1 is NULL");
}
END_TEST

/* ---- Duplicates -----------------------------------------------------------*/

static double receive(ds_comm *c)
{
    ds_vec *vec = ds_comm_recv_tag(c, 0, 1);
    const double value = vec == NULL ? -1 : vec->data[0];

    ds_vec_unref(vec);
    return value;
}

static void send(ds_comm *c, double value)
{
    ds_vec *vec = ds_vec_new(1);

    vec->data[0] = value;
    ds_comm_send_tag(c, 1, 1, vec);
    ds_vec_unref(vec);
}

static void use_both(ds_comm *c, void *arg)
{
    const double before = ds_now(ds_comm_handle(c));
    ds_comm *other = ds_comm_dup(c);

    ck_assert(ds_now(ds_comm_handle(c)) == before);
    ck_assert_ptr_ne(other, c);
    ck_assert_uint_eq(ds_comm_rank(other), ds_comm_rank(c));
    ck_assert_uint_eq(ds_comm_size(other), 2);
    if (ds_comm_rank(c) == 0) {
        send(other, 5);
        send(c, 7);
    } else {
        ck_assert(receive(c) == 7);
        ck_assert(receive(other) == 5);
    }
}

START_TEST(messages_of_a_duplicate_never_meet_those_of_the_first)
{
    sim_time((sim_config){ .nodes = 2 }, use_both, NULL);
}
END_TEST

static void dup_again(ds_comm *c, void *arg)
{
    for (int i = 0; i < 20; i++) {
        ds_comm *next = ds_comm_dup(c);
        ck_assert(sum_of_ranks(next) == 21);
        if (i % 2 == 0)
            c = next;
    }
}

START_TEST(duplicates_have_duplicates)
{
    sim_time((sim_config){ .nodes = 6 }, dup_again, NULL);
}
END_TEST

static void keep_mode(ds_comm *c, void *arg)
{
    ds_comm_set_mode(c, DS_COMM_EAGER);
    ds_comm_set_eager(c, 12);
    ds_comm *made =
        *(const int *)arg == 0 ? ds_comm_dup(c) : ds_comm_split(c, 3, 0);
    ck_assert_int_eq(ds_comm_get_mode(made), DS_COMM_EAGER);
    ck_assert(ds_comm_get_eager(made) == 12);
}

START_TEST(what_is_made_has_the_mode_of_what_it_is_made_from)
{
    sim_time((sim_config){ .nodes = 3 }, keep_mode, &_i);
}
END_TEST

/* ---- Splits ---------------------------------------------------------------*/

typedef struct part {
    int color;
    int key;
    size_t rank; /* that it must become */
    size_t size;
    double sum;
} part;

static const part parts[][7] = {
    /* evens and odds */
    { { 0, 0, 0, 4, 10 },
      { 1, 0, 0, 3, 6 },
      { 0, 0, 1, 4, 10 },
      { 1, 0, 1, 3, 6 },
      { 0, 0, 2, 4, 10 },
      { 1, 0, 2, 3, 6 },
      { 0, 0, 3, 4, 10 } },
    /* backwards */
    { { 9, 6, 6, 7, 28 },
      { 9, 5, 5, 7, 28 },
      { 9, 4, 4, 7, 28 },
      { 9, 3, 3, 7, 28 },
      { 9, 2, 2, 7, 28 },
      { 9, -1, 1, 7, 28 },
      { 9, -9, 0, 7, 28 } },
    /* some in none, one alone, keys that are equal */
    { { -1, 0, 0, 0, 0 },
      { 2147483647, 3, 1, 3, 6 },
      { 5, 1, 0, 1, 1 },
      { 2147483647, 3, 2, 3, 6 },
      { -1, 0, 0, 0, 0 },
      { 2147483647, 1, 0, 3, 6 },
      { -7, 0, 0, 0, 0 } },
};

static void be_part(ds_comm *c, void *arg)
{
    const part *mine = &parts[*(const int *)arg][ds_comm_rank(c)];
    ds_comm *made = ds_comm_split(c, mine->color, mine->key);

    ck_assert((made == NULL) == (mine->color < 0));
    if (made == NULL)
        return;
    ck_assert_uint_eq(ds_comm_rank(made), mine->rank);
    ck_assert_uint_eq(ds_comm_size(made), mine->size);
    ck_assert(sum_of_ranks(made) == mine->sum);
}

START_TEST(a_split_makes_a_comm_of_each_color_in_the_order_of_keys)
{
    sim_time((sim_config){ .nodes = 7, .latency = 0.125 }, be_part, &_i);
}
END_TEST

static void halve(ds_comm *c, void *arg)
{
    while (ds_comm_size(c) > 1) {
        const size_t half = ds_comm_size(c) / 2;
        c = ds_comm_split(c, ds_comm_rank(c) < half, 0);
        ck_assert_uint_eq(ds_comm_size(c), half);
    }
}

START_TEST(a_split_of_a_split_of_a_split)
{
    sim_time((sim_config){ .nodes = 8 }, halve, NULL);
}
END_TEST

/* Only what is between the two moments. */
static double lasted;

static void time_in_part(ds_comm *c, void *arg)
{
    if (*(const int *)arg == 0)
        c = ds_comm_split(c, ds_comm_rank(c) < 4 ? 0 : -1, 0);
    if (c == NULL)
        return;
    ds_barrier(c);
    const double before = ds_now(ds_comm_handle(c));
    sum_of_ranks(c);
    if (ds_comm_rank(c) == 0)
        lasted = ds_now(ds_comm_handle(c)) - before;
}

START_TEST(a_collective_takes_in_a_part_what_it_takes_in_a_whole)
{
    int whole = 1;
    int half = 0;

    sim_time((sim_config){ .nodes = 4, .latency = 0.125 }, time_in_part,
             &whole);
    const double wanted = lasted;
    sim_time((sim_config){ .nodes = 8, .latency = 0.125 }, time_in_part, &half);
    ck_assert(wanted > 0 && fabs(lasted - wanted) < 1e-12);
}
END_TEST

/* ---- What is wrong --------------------------------------------------------*/

static void differ(ds_comm *c, void *arg)
{
    if (ds_comm_rank(c) == 0)
        ds_comm_dup(c);
    else
        ds_comm_split(c, 0, 0);
}

START_TEST(all_members_make_the_same_calls)
{
    sim_misuse((sim_config){ .nodes = 2 }, differ, NULL,
               "the function is ds_comm_split on rank 1 and ds_comm_dup");
}
END_TEST

static void leave_out(ds_comm *c, void *arg)
{
    ds_comm *half = ds_comm_split(c, (int)(ds_comm_rank(c) % 2), 0);

    if (ds_comm_rank(c) != 3)
        ds_comm_dup(half);
}

START_TEST(a_call_that_a_member_of_a_part_leaves_out_is_told)
{
    sim_misuse((sim_config){ .nodes = 4 }, leave_out, NULL,
               "ds_comm_dup: call 1: rank 0 has made it and rank 1 ended");
}
END_TEST

static void wait_in_part(ds_comm *c, void *arg)
{
    ds_comm *back = ds_comm_split(c, 0, -(int)ds_comm_rank(c));

    ds_vec_unref(ds_comm_recv_tag(back, 1 - ds_comm_rank(back), 8));
}

START_TEST(a_deadlock_in_a_part_names_its_ranks)
{
    sim *s = sim_new((sim_config){ .nodes = 2 });

    ck_assert_int_eq(sim_run(s, wait_in_part, NULL), DS_DEADLOCK);
    ck_contains(ds_loop_error(s->loop), "in a circle");
    ck_contains(ds_loop_error(s->loop),
                "\"rank 0\" waits in ds_comm_recv_tag for a message from rank "
                "0, tag 8");
    sim_free(s);
}
END_TEST

/* ---- Another thread in its place ------------------------------------------*/

static ds_stream *finished[4];

static void finish_for(ds_handle *h, void *arg)
{
    ds_comm *c = arg;

    ds_comm_take_over(c, h);
    ck_assert_ptr_eq(ds_comm_handle(c), h);
    ck_assert(sum_of_ranks(c) == 10);
    ds_schedule(h, finished[ds_comm_rank(c)], 0, NULL, NULL);
}

static void begin_and_go_on(ds_comm *c, void *arg)
{
    ds_handle *h = ds_comm_handle(c);
    const size_t rank = ds_comm_rank(c);
    ds_comm *other = ds_comm_dup(c);
    ds_event event;

    finished[rank] = ds_stream_new(ds_handle_loop(h));
    ds_spawn(ds_handle_loop(h), finish_for, other);
    ck_assert(sum_of_ranks(c) == 10);
    ck_assert(ds_poll(h, finished[rank], &event));
    ds_comm_take_over(other, h);
    ck_assert(sum_of_ranks(other) == 10);
}

START_TEST(another_thread_can_be_the_member)
{
    sim_time((sim_config){ .nodes = 4, .latency = 0.5 }, begin_and_go_on, NULL);
}
END_TEST

static void take_too_early(ds_handle *h, void *arg)
{
    ds_comm_take_over(arg, h);
}

static void be_robbed(ds_comm *c, void *arg)
{
    if (ds_comm_rank(c) == 1)
        return;
    ds_spawn(ds_handle_loop(ds_comm_handle(c)), take_too_early, c);
    if (*(const int *)arg == 0)
        receive(c);
    else
        ds_vec_unref(ds_comm_recv(c, NULL));
}

START_TEST(who_waits_is_not_replaced)
{
    sim_misuse((sim_config){ .nodes = 2 }, be_robbed, &_i,
               _i == 0 ? "ds_comm_take_over: the thread of rank 0 is in "
                         "ds_comm_recv_tag"
                       : "ds_comm_take_over: the thread of rank 0 is in "
                         "ds_comm_recv");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, threads_that_join_are_members, 0, 3);
    tcase_add_loop_test(tc, a_rank_is_joined_once_and_must_be_there, 0, 2);
    tcase_add_loop_test(tc, a_group_needs_a_network_and_nodes, 0, 2);
    tcase_add_test(tc, messages_of_a_duplicate_never_meet_those_of_the_first);
    tcase_add_test(tc, duplicates_have_duplicates);
    tcase_add_loop_test(tc, what_is_made_has_the_mode_of_what_it_is_made_from,
                        0, 2);
    tcase_add_loop_test(
        tc, a_split_makes_a_comm_of_each_color_in_the_order_of_keys, 0, 3);
    tcase_add_test(tc, a_split_of_a_split_of_a_split);
    tcase_add_test(tc, a_collective_takes_in_a_part_what_it_takes_in_a_whole);
    tcase_add_test(tc, all_members_make_the_same_calls);
    tcase_add_test(tc, a_call_that_a_member_of_a_part_leaves_out_is_told);
    tcase_add_test(tc, a_deadlock_in_a_part_names_its_ranks);
    tcase_add_test(tc, another_thread_can_be_the_member);
    tcase_add_loop_test(tc, who_waits_is_not_replaced, 0, 2);
}

int main(void)
{
    return harness_main("subgroup", add);
}
