/* Collective calls that not all members make, and what else would go wrong
 * without a word: operators, slices, networks. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "coll/step.h"
#include "harness.h"
#include "sim.h"

static const ds_comm_mode modes[] = { DS_COMM_ASYNC, DS_COMM_RENDEZVOUS,
                                      DS_COMM_EAGER };
enum { NUM_MODES = sizeof(modes) / sizeof(*modes) };

/* A run of p members, which must end with this status and a text that has
 * part. */
static void expect_end(size_t p, ds_comm_fn *fn, void *arg, ds_status status,
                       const char *part)
{
    sim *s = sim_new((sim_config){ .nodes = p, .loop.exec = DS_FIBERS });

    ck_assert_int_eq(sim_run(s, fn, arg), status);
    if (strstr(ds_loop_error(s->loop), part) == NULL)
        ck_abort_msg("\"%s\" is not in \"%s\"", part, ds_loop_error(s->loop));
    sim_free(s);
}

/* ---- Calls that are left out ----------------------------------------------*/

typedef struct absence {
    void (*call)(ds_comm *c, ds_vec *mine);
    size_t who;     /* makes one call less than the others */
    bool all_first; /* after one that all make */
    const char *call_text;
    const char *rank_text;
    const char *waiting; /* where others wait for it */
} absence;

static ds_comm_mode mode_now;

static void bcast(ds_comm *c, ds_vec *mine)
{
    ds_vec_unref(ds_bcast(c, mine, 0));
}

static void scatter(ds_comm *c, ds_vec *mine)
{
    ds_vec_unref(ds_scatter(c, mine, 0));
}

static void reduce(ds_comm *c, ds_vec *mine)
{
    ds_vec_unref(ds_reduce(c, mine, &ds_sum, 0));
}

static void gather(ds_comm *c, ds_vec *mine)
{
    ds_vec_unref(ds_gather(c, mine, 0));
}

static const absence absences[] = {
    { bcast, 3, false, "ds_bcast: call 1: rank ", "and rank 3 ended without it",
      "rank 3 has not called ds_bcast (call 1)" },
    { scatter, 3, false, "ds_scatter: call 1: rank ",
      "and rank 3 ended without it",
      "rank 3 has not called ds_scatter (call 1)" },
    { reduce, 0, false, "ds_reduce: call 1: rank ",
      "and rank 0 ended without it",
      "rank 0 has not called ds_reduce (call 1)" },
    { gather, 0, true, "ds_gather: call 2: rank ",
      "and rank 0 ended without it",
      "rank 0 has not called ds_gather (call 2)" },
};
enum { NUM_ABSENCES = sizeof(absences) / sizeof(*absences) };

static void be_absent(ds_comm *c, void *arg)
{
    const absence *a = arg;
    ds_vec *mine = ds_vec_new(10);

    ds_comm_set_mode(c, mode_now);
    ds_comm_set_eager(c, 0);
    ds_sleep(ds_comm_handle(c), 3);
    if (a->all_first)
        a->call(c, mine);
    if (ds_comm_rank(c) != a->who)
        a->call(c, mine);
    ds_vec_unref(mine);
}

START_TEST(a_call_that_a_member_leaves_out_is_named)
{
    absence a = absences[_i / NUM_MODES];

    mode_now = modes[_i % NUM_MODES];
    if (mode_now == DS_COMM_ASYNC) {
        expect_end(4, be_absent, &a, DS_EMISUSE, a.call_text);
        expect_end(4, be_absent, &a, DS_EMISUSE, a.rank_text);
        return;
    }
    expect_end(4, be_absent, &a, DS_DEADLOCK, a.waiting);
}
END_TEST

static void only_the_root_goes_on(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(10);

    for (int i = 0; i < (ds_comm_rank(c) == 0 ? 2 : 1); i++)
        ds_vec_unref(ds_bcast(c, mine, 0));
    ds_vec_unref(mine);
}

START_TEST(a_call_that_only_the_root_makes_is_named)
{
    expect_end(4, only_the_root_goes_on, NULL, DS_EMISUSE,
               "ds_bcast: call 2: rank 0 has made it and ranks 1, 2 and 3 "
               "ended without it; all members make the same calls");
    expect_end(40, only_the_root_goes_on, NULL, DS_EMISUSE,
               "ranks 1, 2, 3, 4, 5, 6, 7, 8 and 31 more ended without it");
}
END_TEST

/* In messages without a word, so that only the record tells. */
static void leave_one_out(ds_comm *c, void *arg)
{
    if (ds_comm_rank(c) != 77)
        ds_barrier(c);
}

START_TEST(among_500_the_one_that_never_came_is_named)
{
    if (harness_max_threads() < 500)
        return;
    expect_end(500, leave_one_out, NULL, DS_DEADLOCK,
               "\n  rank 77 has not called ds_barrier (call 1)");
}
END_TEST

/* The one waits for good, and all others in a call for it. */
static void wait_elsewhere(ds_comm *c, void *arg)
{
    if (ds_comm_rank(c) == 2)
        ds_vec_unref(ds_comm_recv_tag(c, 0, 9));
    ds_barrier(c);
}

START_TEST(one_that_waits_elsewhere_is_named_too)
{
    expect_end(4, wait_elsewhere, NULL, DS_DEADLOCK,
               "\n  rank 2 has not called ds_barrier (call 1)");
}
END_TEST

typedef enum cut { STOP, FAIL, MISUSE } cut;

static void cut_off(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(4);

    ds_vec_unref(ds_bcast(c, mine, 0));
    if (ds_comm_rank(c) == 0) {
        ds_vec_unref(ds_bcast(c, mine, 0));
    } else if (ds_comm_rank(c) == 1) {
        switch (*(cut *)arg) {
        case STOP:
            ds_stop(ds_comm_handle(c));
            break;
        case FAIL:
            ds_fail(ds_comm_handle(c), "enough");
            break;
        case MISUSE:
            ds_comm_send(c, 99, mine);
            break;
        }
    } else {
        ds_sleep(ds_comm_handle(c), 1e9);
    }
    ds_vec_unref(mine);
}

static void idle(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
}

/* Nor does it come up when the loop is run again. */
START_TEST(nobody_is_blamed_if_the_run_was_cut_off)
{
    static const char *const parts[] = { "", "enough", "no rank 99" };

    for (cut how = STOP; how <= MISUSE; how++) {
        sim *s = sim_new((sim_config){ .nodes = 4 });
        ds_status status = sim_run(s, cut_off, &how);
        ck_assert_msg(status == DS_OK ||
                          strstr(ds_loop_error(s->loop), parts[how]) != NULL,
                      "%s", ds_loop_error(s->loop));
        ds_spawn(s->loop, idle, NULL);
        ck_assert_msg(ds_loop_run(s->loop) == DS_OK, "%s",
                      ds_loop_error(s->loop));
        sim_free(s);
    }
}
END_TEST

START_TEST(a_run_is_blamed_once)
{
    sim *s = sim_new((sim_config){ .nodes = 3 });

    ck_assert_int_eq(sim_run(s, only_the_root_goes_on, NULL), DS_EMISUSE);
    ds_spawn(s->loop, idle, NULL);
    ck_assert_msg(ds_loop_run(s->loop) == DS_OK, "%s", ds_loop_error(s->loop));
    sim_free(s);
}
END_TEST

/* ---- Operators ------------------------------------------------------------*/

static ds_vec *give_nothing(const ds_op *self, ds_handle *h,
                            ds_vec *const *vecs, size_t n)
{
    return NULL;
}

static ds_vec *give_less(const ds_op *self, ds_handle *h, ds_vec *const *vecs,
                         size_t n)
{
    return ds_vec_new(vecs[0]->len - 1);
}

static const ds_op nothing = {
    .name = "nothing",
    .reduce = give_nothing,
    .commutative = true,
};
static const ds_op less = {
    .name = "less",
    .reduce = give_less,
    .commutative = true,
};

static const ds_op *operator_now;

static void reduce_badly(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(16);

    ds_barrier(c);
    ds_vec_unref(ds_collective_run(arg, c, mine, operator_now, 0));
    ds_vec_unref(mine);
}

/* Those of the catalogue that reduce. */
START_TEST(an_operator_without_a_result_is_named)
{
    const ds_collective *how = ds_collective_catalogue(NULL)[_i];

    if ((ds_collective_kind_traits(how->kind) & DS_TRAIT_REDUCES) == 0)
        return;
    operator_now = &nothing;
    expect_end(4, reduce_badly, (void *)how, DS_EMISUSE,
               "ds_collective_run: call 2: operator nothing returned no vector "
               "on rank ");
    operator_now = &less;
    expect_end(4, reduce_badly, (void *)how, DS_EMISUSE,
               "ds_collective_run: call 2: operator less made ");
}
END_TEST

/* ---- Slices ---------------------------------------------------------------*/

static void slice_badly(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(5);
    ds_vec *part = ds_vec_slice(mine, 3, 9);

    ck_assert_ptr_null(part);
    if (*(bool *)arg)
        ds_comm_send_tag(c, 1, 0, part);
    else
        ds_vec_unref(ds_sum.reduce(&ds_sum, ds_comm_handle(c),
                                   (ds_vec *[]){ mine, part }, 2));
    ds_vec_unref(mine);
}

/* The run has not failed for want of memory. */
START_TEST(a_slice_of_what_is_not_there_is_named)
{
    sim_misuse((sim_config){ 0 }, slice_badly, &(bool){ true },
               "ds_comm_send_tag: the vector is NULL, because ds_vec_slice was "
               "asked for elements 3 to 9 of 5");
    sim_misuse((sim_config){ 0 }, slice_badly, &(bool){ false },
               "ds_sum: vector 1 is NULL, because ds_vec_slice was asked for "
               "elements 3 to 9 of 5");
}
END_TEST

static void slice_and_make(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(5);

    ck_assert_ptr_null(ds_vec_slice(mine, 3, 9));
    ds_vec_unref(ds_vec_new(1));
    ds_comm_send_tag(c, 1, 0, NULL);
    ds_vec_unref(mine);
}

START_TEST(it_is_forgotten_with_the_next_vector)
{
    expect_end(2, slice_and_make, NULL, DS_ENOMEM,
               "ds_comm_send_tag: the vector is NULL");
}
END_TEST

static ds_vec *cut_too_much(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                            const ds_op *op)
{
    return ds__step_slice(c, mine, 2, mine->len + 1);
}

static void cut_in_a_call(ds_comm *c, void *arg)
{
    const ds_allreduce own = { .name = "own", .run = cut_too_much };
    ds_vec *mine = ds_vec_new(5);

    ck_assert_ptr_null(ds_allreduce_run(&own, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

START_TEST(so_is_one_inside_an_algorithm)
{
    sim_misuse((sim_config){ 0 }, cut_in_a_call, NULL,
               "ds_allreduce_run: rank 0 slices elements 2 to 6 out of 5");
}
END_TEST

/* ---- A network that stutters ----------------------------------------------*/

/* The network itself knows a message that it is given once and lets go twice,
 * but not a copy that says that it is a message of its own. */
static double stutter;
static bool own_name;

static void stutter_send(ds_net *net, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ds_msg again = msgs[i];
        again.done = NULL;
        if (own_name)
            again.id = 0;
        ds_net_deliver(net, 1, msgs[i]);
        ds_net_deliver(net, 1 + stutter, again);
    }
}

static void stutter_free(ds_net *net)
{
    free(net);
}

static const ds_net_ops stutter_ops = {
    .name = "stutter",
    .send = stutter_send,
    .free = stutter_free,
};

static void add_up(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(16);

    ds_vec_unref(ds_allreduce_run(arg, c, mine, &ds_sum));
    ds_sleep(ds_comm_handle(c), 10);
    ds_vec_unref(ds_allreduce_run(arg, c, mine, &ds_sum));
    ds_vec_unref(mine);
}

static ds_status run_stuttering(ds_loop *loop, const ds_allreduce *how)
{
    ds_node *nodes[4];
    ds_net *net = ds_net_init(calloc(1, sizeof(*net)), loop, &stutter_ops);

    for (size_t i = 0; i < 4; i++)
        nodes[i] = ds_node_new(loop);
    ds_comm_spawn(loop, net, nodes, 4, add_up, (void *)how);
    return ds_loop_run(loop);
}

START_TEST(a_message_that_leaves_its_network_twice_is_named)
{
    ds_loop *loop = ds_loop_new(NULL);

    own_name = false;
    ck_assert_int_eq(run_stuttering(loop, &ds_allreduce_ring), DS_EMISUSE);
    ck_assert_msg(strstr(ds_loop_error(loop), "\"stutter\" twice") != NULL,
                  "%s", ds_loop_error(loop));
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_packet_that_comes_twice_is_named)
{
    const double seconds[] = { 0, 0.1, 1, 3.5, 9 };

    for (size_t i = 0; i < sizeof(seconds) / sizeof(*seconds); i++) {
        ds_loop *loop = ds_loop_new(NULL);
        stutter = seconds[i];
        own_name = true;
        ck_assert_int_eq(run_stuttering(loop, ds_allreduce_all(NULL)[_i]),
                         DS_EMISUSE);
        if (strstr(ds_loop_error(loop), "has delivered a message from rank ") ==
            NULL)
            ck_abort_msg("%s", ds_loop_error(loop));
        ds_loop_free(loop);
    }
}
END_TEST

/* ---- What the walks find --------------------------------------------------*/

static void count_a_call_of_another(ds_comm *c)
{
    c->group->members[1].calls++;
}

static void lose_the_newest(ds_comm *c)
{
    c->group->newest = c->group->oldest;
    c->group->oldest = NULL;
}

static void count_a_call(ds_comm *c)
{
    c->calls++;
}

static void forget_the_limit(ds_comm *c)
{
    c->eager = -1;
}

static void keep_what_is_to_come(ds_comm *c)
{
    c->oldest = c->calls + 2;
}

static void (*const spoils[])(ds_comm *c) = {
    count_a_call_of_another, lose_the_newest,      count_a_call,
    forget_the_limit,        keep_what_is_to_come,
};

/* Ahead of the others, who wait for it, so that there are records. */
static void spoil_it(ds_comm *c, void *arg)
{
    void (*const *spoil)(ds_comm *) = arg;

    if (ds_comm_rank(c) > 0) {
        ds_vec_unref(ds_comm_recv_tag(c, 0, 0));
        return;
    }
    for (int i = 0; i < 2; i++) {
        ds_vec *vec = ds_vec_new(3);
        ds_vec_unref(ds_bcast(c, vec, 0));
        ds_vec_unref(vec);
    }
    ds__agreements_check(c->group);
    ds__comm_check(c);
    if (spoil == NULL)
        return;
    fclose(stderr); /* what assert() says */
    (*spoil)(c);
    ds__agreements_check(c->group);
    ds__comm_check(c);
    ck_abort_msg("it was not found");
}

START_TEST(a_sound_group_passes)
{
    expect_end(3, spoil_it, NULL, DS_DEADLOCK, "");
}
END_TEST

START_TEST(what_is_spoiled_is_found)
{
    expect_end(3, spoil_it, (void *)&spoils[_i], DS_DEADLOCK, "");
}
END_TEST

static void add(TCase *tc)
{
    size_t all, allreduces;

    ds_collective_catalogue(&all);
    ds_allreduce_all(&allreduces);
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, a_call_that_a_member_leaves_out_is_named, 0,
                        NUM_ABSENCES * NUM_MODES);
    tcase_add_test(tc, a_call_that_only_the_root_makes_is_named);
    tcase_add_test(tc, among_500_the_one_that_never_came_is_named);
    tcase_add_test(tc, one_that_waits_elsewhere_is_named_too);
    tcase_add_test(tc, nobody_is_blamed_if_the_run_was_cut_off);
    tcase_add_test(tc, a_run_is_blamed_once);
    tcase_add_loop_test(tc, an_operator_without_a_result_is_named, 0, (int)all);
    tcase_add_test(tc, a_slice_of_what_is_not_there_is_named);
    tcase_add_test(tc, it_is_forgotten_with_the_next_vector);
    tcase_add_test(tc, so_is_one_inside_an_algorithm);
    tcase_add_test(tc, a_message_that_leaves_its_network_twice_is_named);
    tcase_add_loop_test(tc, a_packet_that_comes_twice_is_named, 0,
                        (int)allreduces);
    tcase_add_test(tc, a_sound_group_passes);
    tcase_add_loop_test_raise_signal(tc, what_is_spoiled_is_found, SIGABRT, 0,
                                     sizeof(spoils) / sizeof(*spoils));
}

int main(void)
{
    return harness_main("call", add);
}
