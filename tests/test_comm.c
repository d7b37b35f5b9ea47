/* Comms: groups, and vectors sent between members outside collectives. */

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "harness.h"
#include "sim.h"

/* ---- Groups ---------------------------------------------------------------*/

typedef struct seen {
    size_t ranks;
    size_t size;
    ds_net *net;
} seen;

static void look(ds_comm *c, void *arg)
{
    seen *s = arg;

    ck_assert_uint_eq(ds_comm_rank(c), s->ranks++);
    s->size = ds_comm_size(c);
    s->net = ds_comm_net(c);
    ck_assert_double_eq(ds_now(ds_comm_handle(c)), 0);
}

START_TEST(every_node_has_a_member_and_they_start_in_rank_order)
{
    sim *s = sim_new((sim_config){ .nodes = 5 });
    seen all = { 0 };

    ck_assert_int_eq(sim_run(s, look, &all), DS_OK);
    ck_assert_uint_eq(all.ranks, 5);
    ck_assert_uint_eq(all.size, 5);
    ck_assert_ptr_eq(all.net, s->net);
    sim_free(s);
}
END_TEST

START_TEST(a_group_of_nobody_does_nothing)
{
    sim *s = sim_new((sim_config){ 0 });

    ds_comm_spawn(s->loop, s->net, s->nodes, 0, look, NULL);
    ck_assert_int_eq(ds_loop_run(s->loop), DS_OK);
    sim_free(s);
}
END_TEST

/* ---- Vectors between members ----------------------------------------------*/

static void send_one(ds_comm *c, void *arg)
{
    size_t *len = arg;

    if (ds_comm_rank(c) == 0) {
        ds_vec *vec = ds_vec_phantom(*len);
        ds_comm_send(c, 1, vec);
        ds_vec_unref(vec);
    } else {
        size_t from = 99;
        ds_vec *vec = ds_comm_recv(c, &from);
        ck_assert_uint_eq(from, 0);
        ck_assert_uint_eq(vec->len, *len);
        ds_vec_unref(vec);
    }
}

START_TEST(an_element_costs_eight_bytes)
{
    for (size_t len = 0; len < 4; len++)
        ck_assert_double_eq_tol(sim_time((sim_config){ 0 }, send_one, &len),
                                0.5 + (double)len, 1e-12);
}
END_TEST

static void to_all(ds_comm *c, void *arg)
{
    size_t size = ds_comm_size(c);
    bool heard[8] = { false };
    ds_vec *mine = ds_vec_new(1);

    mine->data[0] = (double)ds_comm_rank(c);
    ds_comm_bcast(c, mine);
    ds_vec_unref(mine);
    for (size_t i = 1; i < size; i++) {
        size_t from;
        ds_vec *vec = ds_comm_recv(c, &from);
        ck_assert_uint_lt(from, size);
        ck_assert_uint_ne(from, ds_comm_rank(c));
        ck_assert_double_eq(vec->data[0], (double)from);
        ck_assert(!heard[from]);
        heard[from] = true;
        ds_vec_unref(vec);
    }
}

START_TEST(a_broadcast_reaches_every_other_member_once)
{
    sim_time((sim_config){ .nodes = 8 }, to_all, NULL);
    sim_time((sim_config){ .nodes = 8, .kind = SIM_RANDOM }, to_all, NULL);
    ck_assert_double_eq(sim_time((sim_config){ .nodes = 1 }, to_all, NULL), 0);
}
END_TEST

static void to_itself(ds_comm *c, void *arg)
{
    ds_vec *vec = ds_vec_new(1);

    if (ds_comm_rank(c) == 0) {
        ds_comm_send(c, 0, vec);
        ds_vec *got = ds_comm_recv(c, NULL);
        ck_assert_ptr_eq(got, vec);
        ds_vec_unref(got);
    }
    ds_vec_unref(vec);
}

START_TEST(a_member_may_send_to_itself_over_the_network)
{
    ck_assert_double_eq_tol(sim_time((sim_config){ 0 }, to_itself, NULL), 1.5,
                            1e-12);
}
END_TEST

static void both_ports(ds_comm *c, void *arg)
{
    ds_handle *h = ds_comm_handle(c);
    static char text[] = "hello";

    if (ds_comm_rank(c) == 0) {
        ds_vec *vec = ds_vec_new(3);
        ds_comm_send(c, 1, vec);
        ds_vec_unref(vec);
        ds_send(h, ds_comm_net(c),
                (ds_msg){ .source = ds_comm_port(c, 0),
                          .dest = ds_comm_port(c, 1),
                          .data = text,
                          .size = 5 });
        return;
    }
    ds_msg msg;
    ck_assert(ds_recv(h, ds_comm_port(c, 1), &msg));
    ck_assert_str_eq(msg.data, "hello");
    ds_vec *vec = ds_comm_recv(c, NULL);
    ck_assert_uint_eq(vec->len, 3);
    ds_vec_unref(vec);
}

START_TEST(packets_of_the_program_never_meet_those_of_the_library)
{
    sim_time((sim_config){ 0 }, both_ports, NULL);
}
END_TEST

/* Rank 1 leaves while vectors are on their way to it, and some have come. */
static void leave_early(ds_comm *c, void *arg)
{
    ds_vec *vec = ds_vec_new(1);

    if (ds_comm_rank(c) == 0)
        for (int i = 0; i < 10; i++)
            ds_comm_send(c, 1, vec);
    else
        ds_sleep(ds_comm_handle(c), 5);
    ds_vec_unref(vec);
}

START_TEST(vectors_nobody_receives_are_freed_with_the_loop)
{
    sim_time((sim_config){ 0 }, leave_early, NULL);
    sim_time((sim_config){ .kind = SIM_RANDOM }, leave_early, NULL);
}
END_TEST

/* ---- Matched by source and tag --------------------------------------------*/

static ds_vec *one_element(double value)
{
    ds_vec *vec = ds_vec_new(1);

    vec->data[0] = value;
    return vec;
}

static void send_value(ds_comm *c, size_t to, unsigned tag, double value)
{
    ds_vec *vec = one_element(value);

    ds_comm_send_tag(c, to, tag, vec);
    ds_vec_unref(vec);
}

static double recv_value(ds_comm *c, size_t from, unsigned tag)
{
    ds_vec *vec = ds_comm_recv_tag(c, from, tag);
    double value = vec->data[0];

    ds_vec_unref(vec);
    return value;
}

static void tags_crossed(ds_comm *c, void *arg)
{
    if (ds_comm_rank(c) < 2) {
        double base = 100 * (double)ds_comm_rank(c);
        send_value(c, 2, 5, base + 5);
        send_value(c, 2, 6, base + 6);
        send_value(c, 2, 5, base + 7);
        return;
    }
    ck_assert_double_eq(recv_value(c, 1, 6), 106);
    ck_assert_double_eq(recv_value(c, 0, 5), 5);
    ck_assert_double_eq(recv_value(c, 1, 5), 105);
    ck_assert_double_eq(recv_value(c, 1, 5), 107);
    ck_assert_double_eq(recv_value(c, 0, 6), 6);
    ck_assert_double_eq(recv_value(c, 0, 5), 7);
}

START_TEST(source_and_tag_decide_what_is_received)
{
    sim_time((sim_config){ .nodes = 3 }, tags_crossed, NULL);
}
END_TEST

static void many_under_one_tag(ds_comm *c, void *arg)
{
    for (int i = 0; i < 50; i++)
        if (ds_comm_rank(c) == 0)
            send_value(c, 1, 3, i);
        else
            ck_assert_double_eq(recv_value(c, 0, 3), i);
}

START_TEST(of_one_source_and_tag_the_first_sent_is_the_first_received)
{
    for (uint64_t seed = 1; seed <= 20; seed++)
        sim_time((sim_config){ .kind = SIM_RANDOM, .loop = { .seed = seed } },
                 many_under_one_tag, NULL);
}
END_TEST

static void tagged_and_not(ds_comm *c, void *arg)
{
    if (ds_comm_rank(c) == 0) {
        ds_vec *vec = one_element(1);
        ds_comm_send(c, 1, vec);
        ds_vec_unref(vec);
        send_value(c, 1, 0, 2);
        return;
    }
    ck_assert_double_eq(recv_value(c, 0, 0), 2);
    ds_vec *vec = ds_comm_recv(c, NULL);
    ck_assert_double_eq(vec->data[0], 1);
    ds_vec_unref(vec);
}

START_TEST(matched_and_unmatched_vectors_never_meet)
{
    sim_time((sim_config){ 0 }, tagged_and_not, NULL);
}
END_TEST

static void shift_around(ds_comm *c, void *arg)
{
    size_t p = ds_comm_size(c);
    size_t rank = ds_comm_rank(c);
    ds_vec *mine = one_element((double)rank);

    ds_comm_set_mode(c, *(ds_comm_mode *)arg);
    ck_assert_int_eq(ds_comm_get_mode(c), *(ds_comm_mode *)arg);
    ds_vec *got =
        ds_comm_sendrecv(c, mine, (rank + 1) % p, 1, (rank + p - 1) % p, 1);
    ck_assert_double_eq(got->data[0], (double)((rank + p - 1) % p));
    ck_assert_double_eq_tol(ds_now(ds_comm_handle(c)), 1.5, 1e-12);
    ds_vec_unref(got);
    ds_vec_unref(mine);
}

START_TEST(sendrecv_does_both_at_once)
{
    for (ds_comm_mode mode = DS_COMM_ASYNC; mode <= DS_COMM_EAGER; mode++)
        sim_time((sim_config){ .nodes = 4 }, shift_around, &mode);
}
END_TEST

/* ---- Modes ----------------------------------------------------------------*/

/* One side is 3 s late; an element takes 1.5 s. */
typedef struct late {
    ds_comm_mode mode;
    double limit;
    size_t who;
    double sent;
    double received;
} late;

static void come_late(ds_comm *c, void *arg)
{
    late *l = arg;

    ds_comm_set_mode(c, l->mode);
    ds_comm_set_eager(c, l->limit);
    ck_assert_double_eq(ds_comm_get_eager(c), l->limit);
    if (ds_comm_rank(c) == l->who)
        ds_sleep(ds_comm_handle(c), 3);
    if (ds_comm_rank(c) == 0) {
        send_value(c, 1, 0, 1);
        l->sent = ds_now(ds_comm_handle(c));
    } else {
        recv_value(c, 0, 0);
        l->received = ds_now(ds_comm_handle(c));
    }
}

static const late times[] = {
    { DS_COMM_ASYNC, 0, 0, 3, 4.5 },
    { DS_COMM_ASYNC, 0, 1, 0, 3 },
    { DS_COMM_RENDEZVOUS, 0, 0, 4.5, 4.5 },
    { DS_COMM_RENDEZVOUS, 0, 1, 4.5, 4.5 },
    { DS_COMM_EAGER, 8, 0, 3, 4.5 }, /* exactly the limit */
    { DS_COMM_EAGER, 8, 1, 0, 3 },
    { DS_COMM_EAGER, 7, 0, 4.5, 4.5 },
    { DS_COMM_EAGER, 7, 1, 4.5, 4.5 },
};

START_TEST(a_rendezvous_begins_when_both_have_come_and_nothing_else_waits)
{
    late l = times[_i];

    l.sent = l.received = 0;

    sim_time((sim_config){ 0 }, come_late, &l);
    ck_assert_double_eq_tol(l.sent, times[_i].sent, 1e-12);
    ck_assert_double_eq_tol(l.received, times[_i].received, 1e-12);
}
END_TEST

static void one_sided(ds_comm *c, void *arg)
{
    ds_comm_set_mode(c, DS_COMM_RENDEZVOUS);
    if (ds_comm_rank(c) == 0)
        send_value(c, 1, 7, 1);
}

START_TEST(a_rendezvous_that_nobody_comes_to_is_a_deadlock)
{
    sim *s = sim_new((sim_config){ 0 });

    ck_assert_int_eq(sim_run(s, one_sided, NULL), DS_DEADLOCK);
    const char *error = ds_loop_error(s->loop);
    ck_assert_msg(strstr(error, "the arrival of a message to rank 1, tag 7") !=
                      NULL,
                  "%s", error);
    sim_free(s);
}
END_TEST

/* Which comes first is the one way or the other round. */
typedef struct mixture {
    ds_comm_mode sender;
    ds_comm_mode receiver;
    size_t late;
    const char *text;
} mixture;

static void mix_modes(ds_comm *c, void *arg)
{
    const mixture *m = arg;

    ds_comm_set_mode(c, ds_comm_rank(c) == 0 ? m->sender : m->receiver);
    if (ds_comm_rank(c) == m->late)
        ds_sleep(ds_comm_handle(c), 1);
    if (ds_comm_rank(c) == 0)
        send_value(c, 1, 0, 1);
    else
        ck_assert_ptr_null(ds_comm_recv_tag(c, 0, 0));
}

static const mixture mixtures[] = {
    { DS_COMM_ASYNC, DS_COMM_RENDEZVOUS, 0,
      "rank 0 sends in asynchronous mode and rank 1 receives in rendezvous" },
    { DS_COMM_ASYNC, DS_COMM_RENDEZVOUS, 1,
      "rank 0 sends in asynchronous mode and rank 1 receives in rendezvous" },
    { DS_COMM_RENDEZVOUS, DS_COMM_ASYNC, 0,
      "rank 0 sends in rendezvous mode and rank 1 receives in asynchronous" },
    { DS_COMM_RENDEZVOUS, DS_COMM_ASYNC, 1,
      "rank 0 sends in rendezvous mode and rank 1 receives in asynchronous" },
    { DS_COMM_EAGER, DS_COMM_RENDEZVOUS, 0,
      "rank 0 sends in eager mode and rank 1 receives in rendezvous mode" },
    { DS_COMM_ASYNC, DS_COMM_EAGER, 1,
      "rank 0 sends in asynchronous mode and rank 1 receives in eager mode" },
};

START_TEST(both_sides_are_in_one_mode)
{
    mixture m = mixtures[_i];

    sim_misuse((sim_config){ 0 }, mix_modes, &m, m.text);
}
END_TEST

/* Short and long vectors in turn, some of which leave at once. */
static void alternate(ds_comm *c, void *arg)
{
    const uint64_t seed = *(uint64_t *)arg;

    ds_comm_set_mode(c, DS_COMM_EAGER);
    ds_comm_set_eager(c, 80);
    for (size_t i = 0; i < 40; i++) {
        if (ds__mix(seed + 2 * i + ds_comm_rank(c)) % 3 == 0)
            ds_sleep(ds_comm_handle(c), (double)(i % 5));
        if (ds_comm_rank(c) == 0) {
            ds_vec *vec = ds_vec_new(i % 2 == 0 ? 1 + i % 9 : 20 + i);
            vec->data[0] = (double)i;
            ds_comm_send_tag(c, 1, 4, vec);
            ds_vec_unref(vec);
        } else {
            ck_assert_double_eq(recv_value(c, 0, 4), (double)i);
        }
    }
}

START_TEST(what_waits_and_what_does_not_come_in_the_order_sent)
{
    for (uint64_t seed = 1; seed <= 100; seed++)
        sim_time((sim_config){ .kind = SIM_RANDOM, .loop = { .seed = seed } },
                 alternate, &seed);
}
END_TEST

typedef struct limit_case {
    double limit[2];
    const char *text;
} limit_case;

static const limit_case limits[] = {
    { { 100, 101 },
      "ds_barrier: call 1: the eager limit is 101 on rank 1 and "
      "100 on rank 0" },
    { { -1, -1 },
      "ds_comm_set_eager: the limit is -1 bytes; it is at least 0" },
    { { NAN, NAN }, "ds_comm_set_eager: the limit is nan bytes" },
};

static void set_limit(ds_comm *c, void *arg)
{
    const limit_case *l = arg;

    ds_comm_set_mode(c, DS_COMM_EAGER);
    ds_comm_set_eager(c, l->limit[ds_comm_rank(c)]);
    ds_barrier(c);
}

START_TEST(members_agree_on_a_limit_that_can_be)
{
    limit_case l = limits[_i];

    sim_misuse((sim_config){ 0 }, set_limit, &l, l.text);
}
END_TEST

/* In another mode nobody asks for it. */
static void differ_in_silence(ds_comm *c, void *arg)
{
    ck_assert_double_eq(ds_comm_get_eager(c), 65536);
    ds_comm_set_eager(c, (double)ds_comm_rank(c));
    ck_assert(ds_barrier(c));
    ds_comm_set_mode(c, DS_COMM_RENDEZVOUS);
    ck_assert(ds_barrier(c));
}

START_TEST(a_limit_that_nobody_uses_may_differ)
{
    sim_time((sim_config){ 0 }, differ_in_silence, NULL);
}
END_TEST

static void unmatched(ds_comm *c, void *arg)
{
    ds_comm_set_mode(c, DS_COMM_RENDEZVOUS);
    ck_assert_ptr_null(ds_comm_recv(c, NULL));
}

static void no_such_mode(ds_comm *c, void *arg)
{
    ds_comm_set_mode(c, (ds_comm_mode)7);
}

START_TEST(wrong_modes_are_misuse)
{
    sim_misuse((sim_config){ 0 }, unmatched, NULL,
               "ds_comm_recv: a comm in rendezvous mode matches by source");
    sim_misuse((sim_config){ 0 }, no_such_mode, NULL,
               "ds_comm_set_mode: there is no mode 7");
}
END_TEST

/* ---- How it ends ----------------------------------------------------------*/

static void all_receive(ds_comm *c, void *arg)
{
    ck_assert_ptr_null(ds_comm_recv(c, NULL));
    ck_assert_ptr_null(ds_comm_recv(c, NULL));
}

START_TEST(a_deadlock_report_calls_members_by_rank)
{
    sim *s = sim_new((sim_config){ 0 });

    ck_assert_int_eq(sim_run(s, all_receive, NULL), DS_DEADLOCK);
    const char *error = ds_loop_error(s->loop);
    ck_assert_msg(strstr(error, "rank 0") != NULL, "%s", error);
    ck_assert_msg(strstr(error, "rank 1") != NULL, "%s", error);
    ck_assert_msg(strstr(error, "from any rank") != NULL, "%s", error);
    sim_free(s);
}
END_TEST

static void rank_1_lacks(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_phantom(1);

    if (ds_comm_rank(c) != 1)
        ds_vec_unref(ds_allreduce_run(arg, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

static const struct {
    const ds_allreduce *algorithm;
    const char *lines[2];
} reports[] = {
    { &ds_allreduce_tree,
      { "thread 1 \"rank 0\" waits in ds_allreduce_run for a message from "
        "rank 1 (tree, call 1, step 0), since ",
        "thread 3 \"rank 2\" waits in ds_allreduce_run for a message from "
        "rank 0 (tree, call 1, step 1), since " } },
    { &ds_allreduce_stream,
      { "thread 1 \"rank 0\" waits in ds_allreduce_run for a message from "
        "rank 2 or 1 (stream, call 1), since ",
        "thread 3 \"rank 2\" waits in ds_allreduce_run for a message from "
        "rank 1 or 0 (stream, call 1), since " } },
    { &ds_allreduce_double_tree,
      { "thread 1 \"rank 0\" waits in ds_allreduce_run for a message from "
        "rank 2 or 1 (double-tree, call 1), since ",
        "thread 3 \"rank 2\" waits in ds_allreduce_run for a message from "
        "rank 0 or 1 (double-tree, call 1), since " } },
};

START_TEST(a_deadlock_report_says_who_waits_for_whom)
{
    sim *s = sim_new((sim_config){ .nodes = 3 });

    ck_assert_int_eq(sim_run(s, rank_1_lacks, (void *)reports[_i].algorithm),
                     DS_DEADLOCK);
    const char *error = ds_loop_error(s->loop);
    for (int i = 0; i < 2; i++)
        ck_assert_msg(strstr(error, reports[_i].lines[i]) != NULL, "%s", error);
    sim_free(s);
}
END_TEST

/* ---- Circles --------------------------------------------------------------*/

/* Everybody sends to the next one first, and nobody is there to receive. */
static void send_round(ds_comm *c, void *arg)
{
    const size_t size = ds_comm_size(c);
    ds_vec *vec = ds_vec_phantom(1);

    ck_assert(ds_sleep(ds_comm_handle(c), 2.5));
    ds_comm_set_mode(c, DS_COMM_RENDEZVOUS);
    ds_comm_send_tag(c, (ds_comm_rank(c) + 1) % size, 3, vec);
    ck_assert_ptr_null(
        ds_comm_recv_tag(c, (ds_comm_rank(c) + size - 1) % size, 3));
    ds_vec_unref(vec);
}

static void receive_from_each_other(ds_comm *c, void *arg)
{
    if (ds_comm_rank(c) > 0)
        ck_assert_ptr_null(ds_comm_recv_tag(c, 3 - ds_comm_rank(c), 1));
    else /* in no circle, but it waits for one who is */
        ck_assert_ptr_null(ds_comm_recv_tag(c, 2, 1));
}

static void receive_backwards(ds_comm *c, void *arg)
{
    const size_t size = ds_comm_size(c);

    ck_assert_ptr_null(
        ds_comm_recv_tag(c, (ds_comm_rank(c) + size - 1) % size, 1));
}

static void wait_for_a_chain(ds_comm *c, void *arg)
{
    const size_t size = ds_comm_size(c);
    const size_t next = (ds_comm_rank(c) + *(size_t *)arg) % size;

    if (ds_comm_rank(c) != 1)
        ck_assert_ptr_null(ds_comm_recv_tag(c, next, 1));
}

static void lose_a_message(ds_comm *c, void *arg)
{
    ds_vec *vec = ds_vec_phantom(1);

    if (ds_comm_rank(c) == 0)
        ds_comm_send(c, 1, vec);
    ck_assert_ptr_null(ds_comm_recv_tag(c, 1 - ds_comm_rank(c), 1));
    ds_vec_unref(vec);
}

static void take_long_names(ds_comm *c, void *arg)
{
    char name[3000];

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    memcpy(name, "0123456789012345678901234567890123456789", 40);
    ds_set_name(ds_comm_handle(c), name);
    send_round(c, arg);
}

static const struct {
    size_t nodes;
    ds_comm_fn *fn;
    const char *line; /* the second one of the report */
} circles[] = {
    { 3, send_round,
      "rank 0 waits for rank 1, which waits for rank 2, which waits for rank "
      "0\n  thread 1 " },
    { 3, receive_from_each_other,
      "rank 1 waits for rank 2, which waits for rank 1\n" },
    { 3, receive_backwards,
      "rank 0 waits for rank 2, which waits for rank 1, which waits for rank "
      "0\n" },
    { 1, send_round, "rank 0 waits for rank 0\n" },
    { 2, lose_a_message, "rank 0 waits for rank 1, which waits for rank 0\n" },
    { 8, send_round, "which waits for rank 7, which waits for rank 0\n" },
    { 9, send_round,
      "which waits for rank 7, and so on over 1 more back to rank 0\n" },
    { 500, send_round,
      "which waits for rank 7, and so on over 492 more back to rank 0\n" },
    { 20, take_long_names,
      "0123456789012345678901234567890123456789 waits for "
      "0123456789012345678901234567890123456789, which waits for " },
};

START_TEST(a_deadlock_report_names_a_circle_before_all_else)
{
    const size_t nodes = harness_nodes(circles[_i].nodes);
    sim *s = sim_new((sim_config){ .nodes = nodes });

    ck_assert_int_eq(sim_run(s, circles[_i].fn, NULL), DS_DEADLOCK);
    const char *error = ds_loop_error(s->loop);
    const char *second = strchr(error, '\n');
    ck_assert(second != NULL && strncmp(second, "\n  in a circle: ", 16) == 0);
    if (nodes == circles[_i].nodes)
        ck_assert_msg(strstr(second, circles[_i].line) != NULL, "%s", error);
    ck_assert_uint_lt(strlen(error), 8192);
    sim_free(s);
}
END_TEST

/* Rank 1 has ended, and whoever waits for a member waits for it in the end. */
START_TEST(a_chain_is_no_circle)
{
    size_t steps[] = { 1, 10, 3, 7 };
    sim *s = sim_new((sim_config){ .nodes = 11 });

    ck_assert_int_eq(sim_run(s, wait_for_a_chain, &steps[_i]), DS_DEADLOCK);
    ck_assert_ptr_null(strstr(ds_loop_error(s->loop), "circle"));
    sim_free(s);
}
END_TEST

/* Any rank may be somebody of whom nothing is known. */
START_TEST(who_waits_for_any_rank_is_in_no_circle)
{
    sim *s = sim_new((sim_config){ 0 });

    ck_assert_int_eq(sim_run(s, all_receive, NULL), DS_DEADLOCK);
    ck_assert_ptr_null(strstr(ds_loop_error(s->loop), "circle"));
    sim_free(s);
}
END_TEST

static void wait_for_it(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_phantom(64);

    if (ds_comm_rank(c) == 1)
        ck_assert_ptr_null(ds_comm_recv_tag(c, 2 * *(size_t *)arg, 1));
    else
        ds_vec_unref(ds_allreduce_run(&ds_allreduce_stream, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

/* Ranks 0 and 2 wait for each other or rank 1, which waits for one of them. */
START_TEST(who_waits_for_any_of_several_is_in_a_circle_if_all_are)
{
    static const char *const lines[] = {
        "rank 0 waits for rank 2 or another, which waits for rank ",
        "rank 1 waits for rank 2, which waits for rank 1 or another\n",
    };
    size_t half = (size_t)_i;
    sim *s = sim_new((sim_config){ .nodes = 3 });

    ck_assert_int_eq(sim_run(s, wait_for_it, &half), DS_DEADLOCK);
    const char *error = ds_loop_error(s->loop);
    ck_assert_msg(strstr(error, "\n  in a circle: ") != NULL, "%s", error);
    ck_assert_msg(strstr(error, lines[_i]) != NULL, "%s", error);
    sim_free(s);
}
END_TEST

START_TEST(who_waits_for_one_that_has_ended_or_another_is_in_no_circle)
{
    sim *s = sim_new((sim_config){ .nodes = 3 });

    ck_assert_int_eq(sim_run(s, rank_1_lacks, (void *)&ds_allreduce_stream),
                     DS_DEADLOCK);
    ck_assert_ptr_null(strstr(ds_loop_error(s->loop), "circle"));
    sim_free(s);
}
END_TEST

/* ---- What lies unread -----------------------------------------------------*/

static void send_by_tags(ds_comm *c, ds_comm_mode mode)
{
    static const unsigned tags[] = { 9, 4, 9, 4, 4 };

    ds_comm_set_mode(c, mode);
    for (size_t i = 0; i < 5; i++) {
        ds_vec *vec = ds_vec_phantom(i + 125000000);
        ds_comm_send_tag(c, 1, tags[i], vec);
        ds_vec_unref(vec);
    }
}

/* Rank 1 waits for a tag that nobody sends by.  What rank 2 has does not
 * matter, since it has ended. */
static void mistake_tags(ds_comm *c, void *arg)
{
    const ds_comm_mode *mode = arg;
    ds_vec *vec = ds_vec_phantom(2);

    ds_comm_set_mode(c, *mode);
    ds_comm_set_eager(c, 1e10);
    if (ds_comm_rank(c) == 0) {
        ds_comm_send_tag(c, 2, 1, vec);
        ds_comm_send_tag(c, 2, 2, vec);
        send_by_tags(c, *mode);
    } else if (ds_comm_rank(c) == 1) {
        ck_assert_ptr_null(ds_comm_recv_tag(c, 0, 5));
    } else {
        ds_vec_unref(ds_comm_recv_tag(c, 0, 2));
    }
    ds_vec_unref(vec);
}

START_TEST(a_deadlock_report_lists_what_a_member_has_not_received_by_tag)
{
    ds_comm_mode mode = _i == 0 ? DS_COMM_ASYNC : DS_COMM_EAGER;
    sim *s = sim_new((sim_config){ .nodes = 3, .rate = 1e9 });

    ck_assert_int_eq(sim_run(s, mistake_tags, &mode), DS_DEADLOCK);
    const char *error = ds_loop_error(s->loop);
    const char *lines =
        strstr(error, "\n  rank 1 has 3 messages that it has not received, the "
                      "first of 1000000008 bytes from rank 0, tag 4"
                      "\n  rank 1 has 2 messages that it has not received, the "
                      "first of 1000000000 bytes from rank 0, tag 9");
    ck_assert_msg(lines != NULL, "%s", error);
    ck_assert_ptr_null(strstr(error, "rank 2"));
    sim_free(s);
}
END_TEST

/* Rank 1 waits for the program's own message and never comes to the calls. */
static void wait_in_between(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_phantom(3);

    if (ds_comm_rank(c) == 1) {
        ck_assert_ptr_null(ds_comm_recv(c, NULL));
    } else {
        ds_vec_unref(ds_allreduce_run(&ds_allreduce_naive, c, mine, &ds_sum));
    }
    ds_vec_unref(mine);
}

START_TEST(a_deadlock_report_lists_messages_of_calls_not_yet_made)
{
    sim *s = sim_new((sim_config){ .nodes = 2 });

    ck_assert_int_eq(sim_run(s, wait_in_between, NULL), DS_DEADLOCK);
    const char *error = ds_loop_error(s->loop);
    ck_assert_msg(strstr(error, "\n  rank 1 has 1 message that it has not "
                                "received, of 24 bytes from rank 0 (naive, "
                                "call 1, step 0)") != NULL,
                  "%s", error);
    sim_free(s);
}
END_TEST

/* Everybody sends by two tags to the next one, who waits for a third. */
static void mistake_everywhere(ds_comm *c, void *arg)
{
    const size_t size = ds_comm_size(c);
    const size_t rank = ds_comm_rank(c);
    ds_vec *vec = ds_vec_phantom(1);

    for (unsigned tag = 0; tag < 2; tag++)
        ds_comm_send_tag(c, (rank + 1) % size, tag, vec);
    ds_vec_unref(vec);
    ck_assert_ptr_null(ds_comm_recv_tag(c, (rank + size - 1) % size, 2));
}

START_TEST(a_deadlock_report_lists_the_first_few_that_are_not_received)
{
    sim *s = sim_new((sim_config){ .nodes = 12 });

    ck_assert_int_eq(sim_run(s, mistake_everywhere, NULL), DS_DEADLOCK);
    const char *error = ds_loop_error(s->loop);
    const char *fifth =
        strstr(error, "\n  rank 2 has 1 message that it has not "
                      "received, of 8 bytes from rank 1, tag 0");
    ck_assert_msg(fifth != NULL, "%s", error);
    ck_assert_msg(strstr(fifth, "\n  and 9 more members have messages not "
                                "received") != NULL,
                  "%s", error);
    ck_assert_ptr_null(strstr(error, "rank 3 has "));
    sim_free(s);
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

typedef enum wrong {
    SEND_NOBODY,
    PORT_NOBODY,
    TREE_LENGTHS,
    ALGORITHMS,
    OPERATORS,
    NAMESAKES,
    CALLS,
    PARAMETERS,
    NO_ALGORITHM,
    NO_OPERATOR,
} wrong;

static void do_wrong(ds_comm *c, void *arg)
{
    const wrong what = *(wrong *)arg;
    size_t rank = ds_comm_rank(c);
    ds_vec *vec = ds_vec_new(what == TREE_LENGTHS ? 5 + rank : 5);
    ds_vec *result = NULL;

    switch (what) {
    case SEND_NOBODY:
        ds_comm_send(c, 2, vec);
        break;
    case PORT_NOBODY:
        ck_assert_ptr_null(ds_comm_port(c, 7));
        break;
    case TREE_LENGTHS:
        result = ds_allreduce_run(&ds_allreduce_tree, c, vec, &ds_sum);
        break;
    case ALGORITHMS:
        result = ds_allreduce_run(rank == 0 ? &ds_allreduce_naive
                                            : &ds_allreduce_tree,
                                  c, vec, &ds_sum);
        break;
    case OPERATORS:
        result = ds_allreduce_run(&ds_allreduce_tree, c, vec,
                                  rank == 0 ? &ds_sum : &ds_max);
        break;
    case NAMESAKES: { /* of which only the last letter differs */
        ds_op mine = ds_sum;
        mine.name = rank == 0 ? "weighted sum a" : "weighted sum b";
        result = ds_allreduce_run(&ds_allreduce_tree, c, vec, &mine);
        break;
    }
    case CALLS: {
        ds_allreduce fine = ds_allreduce_stream;
        fine.granularity = 1 + (unsigned)rank;
        result = ds_allreduce_run(&fine, c, vec, &ds_sum);
        break;
    }
    case PARAMETERS: { /* whose sums are equal */
        ds_allreduce cut = ds_allreduce_segmented_ring;
        cut.chunk = 10 - rank;
        cut.granularity = (unsigned)rank;
        result = ds_allreduce_run(&cut, c, vec, &ds_sum);
        break;
    }
    case NO_ALGORITHM:
        result = ds_allreduce_run(NULL, c, vec, &ds_sum);
        break;
    case NO_OPERATOR:
        result = ds_allreduce_run(&ds_allreduce_naive, c, vec, NULL);
        break;
    }
    ck_assert_ptr_null(result);
    ds_vec_unref(vec);
}

static const struct {
    wrong what;
    const char *text;
} wrongs[] = {
    { SEND_NOBODY, "ds_comm_send: there is no rank 2 in a comm of 2 members" },
    { PORT_NOBODY, "ds_comm_port: there is no rank 7 in a comm of 2 members" },
    { TREE_LENGTHS, "ds_allreduce_run: call 1: the length of the vector is 6 "
                    "on rank 1 and 5 on rank 0" },
    { ALGORITHMS, "the algorithm is tree on rank 1 and naive on rank 0" },
    { CALLS, "the granularity is 2 on rank 1 and 1 on rank 0" },
    { PARAMETERS, "the granularity is 1 on rank 1 and 0 on rank 0" },
    { OPERATORS, "ds_allreduce_run: call 1: the operator is max on rank 1 and "
                 "sum on rank 0" },
    { NAMESAKES, "the operator is weighted sum b on rank 1 and weighted sum a "
                 "on rank 0" },
    { NO_ALGORITHM, "ds_allreduce_run: the algorithm is NULL" },
    { NO_OPERATOR, "ds_allreduce_run: the operator is NULL" },
};

START_TEST(misuse_is_named)
{
    wrong what = wrongs[_i].what;

    sim_misuse((sim_config){ 0 }, do_wrong, &what, wrongs[_i].text);
}
END_TEST

static void send_null(ds_comm *c, void *arg)
{
    switch (*(int *)arg) {
    case 0:
        ds_comm_send(c, 0, NULL);
        break;
    case 1:
        ds_comm_bcast(c, NULL);
        break;
    case 2:
        ck_assert_ptr_null(
            ds_allreduce_run(&ds_allreduce_naive, c, NULL, &ds_sum));
        break;
    }
}

START_TEST(a_null_vector_means_no_memory)
{
    sim *s = sim_new((sim_config){ 0 });

    ck_assert_int_eq(sim_run(s, send_null, &_i), DS_ENOMEM);
    sim_free(s);
}
END_TEST

static void steal(ds_comm *c, void *arg)
{
    ds_comm **first = arg;

    if (ds_comm_rank(c) == 0)
        *first = c;
    else
        ck_assert_ptr_null(ds_comm_recv(*first, NULL));
}

START_TEST(a_comm_of_another_thread_is_misuse)
{
    ds_comm *first;

    sim_misuse((sim_config){ 0 }, steal, &first, "ds_comm_recv");
}
END_TEST

static void use_no_comm(ds_comm *c, void *arg)
{
    ds_vec *vec = ds_vec_phantom(1);

    ck_assert_ptr_null(ds_comm_handle(NULL));
    ck_assert_uint_eq(ds_comm_rank(NULL), 0);
    ck_assert_uint_eq(ds_comm_size(NULL), 0);
    ck_assert_ptr_null(ds_comm_net(NULL));
    ck_assert_ptr_null(ds_comm_port(NULL, 0));
    if (ds_comm_rank(c) == 0) {
        ds_comm_send(NULL, 0, vec);
        ck_assert_ptr_null(ds_comm_recv(NULL, NULL));
        ck_assert_ptr_null(
            ds_allreduce_run(&ds_allreduce_tree, NULL, vec, &ds_sum));
    }
    ck_assert_ptr_null(ds_comm_recv(c, NULL));
    ds_vec_unref(vec);
}

START_TEST(no_comm_is_misuse)
{
    sim_misuse((sim_config){ 0 }, use_no_comm, NULL,
               "ds_comm_send: the handle is NULL");
}
END_TEST

START_TEST(bad_groups_are_refused)
{
    sim *s = sim_new((sim_config){ 0 });
    sim *other = sim_new((sim_config){ 0 });

    ds_comm_spawn(s->loop, other->net, s->nodes, 2, look, NULL);
    ck_assert_int_eq(ds_loop_run(s->loop), DS_EMISUSE);
    ds_comm_spawn(s->loop, s->net, other->nodes, 2, look, NULL);
    ck_assert_int_eq(ds_loop_run(s->loop), DS_EMISUSE);
    ds_comm_spawn(s->loop, s->net, s->nodes, 2, NULL, NULL);
    ck_assert_int_eq(ds_loop_run(s->loop), DS_EMISUSE);
    ds_comm_spawn(s->loop, NULL, s->nodes, 2, look, NULL);
    ck_assert_int_eq(ds_loop_run(s->loop), DS_ENOMEM);
    ds_comm_spawn(NULL, NULL, NULL, 2, look, NULL);
    ck_assert_int_eq(ds_loop_run(s->loop), DS_OK);
    sim_free(other);
    sim_free(s);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, every_node_has_a_member_and_they_start_in_rank_order);
    tcase_add_test(tc, a_group_of_nobody_does_nothing);
    tcase_add_test(tc, an_element_costs_eight_bytes);
    tcase_add_test(tc, a_broadcast_reaches_every_other_member_once);
    tcase_add_test(tc, a_member_may_send_to_itself_over_the_network);
    tcase_add_test(tc, packets_of_the_program_never_meet_those_of_the_library);
    tcase_add_test(tc, vectors_nobody_receives_are_freed_with_the_loop);
    tcase_add_test(tc, source_and_tag_decide_what_is_received);
    tcase_add_test(tc,
                   of_one_source_and_tag_the_first_sent_is_the_first_received);
    tcase_add_test(tc, matched_and_unmatched_vectors_never_meet);
    tcase_add_test(tc, sendrecv_does_both_at_once);
    tcase_add_loop_test(
        tc, a_rendezvous_begins_when_both_have_come_and_nothing_else_waits, 0,
        sizeof(times) / sizeof(*times));
    tcase_add_loop_test(tc, both_sides_are_in_one_mode, 0,
                        sizeof(mixtures) / sizeof(*mixtures));
    tcase_add_test(tc, what_waits_and_what_does_not_come_in_the_order_sent);
    tcase_add_loop_test(tc, members_agree_on_a_limit_that_can_be, 0,
                        sizeof(limits) / sizeof(*limits));
    tcase_add_test(tc, a_limit_that_nobody_uses_may_differ);
    tcase_add_test(tc, a_rendezvous_that_nobody_comes_to_is_a_deadlock);
    tcase_add_test(tc, wrong_modes_are_misuse);
    tcase_add_test(tc, a_deadlock_report_calls_members_by_rank);
    tcase_add_loop_test(tc, a_deadlock_report_names_a_circle_before_all_else, 0,
                        sizeof(circles) / sizeof(*circles));
    tcase_add_loop_test(
        tc, a_deadlock_report_lists_what_a_member_has_not_received_by_tag, 0,
        2);
    tcase_add_test(tc, a_deadlock_report_lists_messages_of_calls_not_yet_made);
    tcase_add_test(tc,
                   a_deadlock_report_lists_the_first_few_that_are_not_received);
    tcase_add_loop_test(tc, a_chain_is_no_circle, 0, 4);
    tcase_add_test(tc, who_waits_for_any_rank_is_in_no_circle);
    tcase_add_loop_test(
        tc, who_waits_for_any_of_several_is_in_a_circle_if_all_are, 0, 2);
    tcase_add_test(tc,
                   who_waits_for_one_that_has_ended_or_another_is_in_no_circle);
    tcase_add_loop_test(tc, a_deadlock_report_says_who_waits_for_whom, 0,
                        sizeof(reports) / sizeof(*reports));
    tcase_add_loop_test(tc, misuse_is_named, 0,
                        sizeof(wrongs) / sizeof(*wrongs));
    tcase_add_loop_test(tc, a_null_vector_means_no_memory, 0, 3);
    tcase_add_test(tc, a_comm_of_another_thread_is_misuse);
    tcase_add_test(tc, no_comm_is_misuse);
    tcase_add_test(tc, bad_groups_are_refused);
}

int main(void)
{
    return harness_main("comm", add);
}
