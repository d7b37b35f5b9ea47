/* Observers: each checker with a story that is right, and with one that is
 * wrong in exactly one thing. */

#include <stdlib.h>
#include <string.h>

#include <distsys/fault.h>
#include <distsys/observe.h>

#include "harness.h"
#include "random_history.h"

typedef struct telling {
    uint64_t who;
    ds_fact fact;
    int64_t a, b;
} telling;

enum { most_told = 24 };

typedef struct story {
    unsigned checks;
    const char *wrong; /* how the text begins, or NULL: all is well */
    telling told[most_told];
} story;

static char why[512];

/* ---- Running a story ------------------------------------------------------*/

typedef struct play {
    const telling *told;
    size_t n;
} play;

/* Tells one thing every half second, beginning at 1000. */
static void teller(ds_handle *h, void *arg)
{
    const play *p = arg;

    ds_sleep(h, 1000);
    for (size_t i = 0; i < p->n; i++) {
        ds_observe_as(h, p->told[i].who, p->told[i].fact, p->told[i].a,
                      p->told[i].b);
        ds_sleep(h, 0.5);
    }
}

static ds_finding judge(const telling *told, size_t n,
                        const ds_observer_config *config, ds_status *status)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_observer *observer = ds_observer_new(loop, config);
    play p = { told, n };

    ds_spawn(loop, teller, &p);
    *status = ds_loop_run(loop);
    const ds_finding finding = ds_observer_verdict(observer, why, sizeof(why));
    if (*status == DS_FAILED)
        ck_assert_ptr_nonnull(strstr(ds_loop_error(loop), why));
    ds_loop_free(loop);
    return finding;
}

static size_t length_of(const story *s)
{
    size_t n = 0;

    while (n < most_told && s->told[n].fact != 0)
        n++;
    return n;
}

/* ---- Stories --------------------------------------------------------------*/

#define V DS_FACT_VOTE
#define L DS_FACT_LEAD
#define A DS_FACT_APPEND
#define C DS_FACT_COMMIT

static const story stories[] = {
    { DS_CHECK_ELECTION,
      NULL,
      { { 1, L, 7, 0 }, { 2, L, 8, 0 }, { 1, L, 7, 0 }, { 1, L, 9, 0 } } },
    { DS_CHECK_ELECTION,
      "election safety: members 1 and 2 lead term 7, since 1000 and 1000.5",
      { { 1, L, 7, 0 }, { 2, L, 7, 0 } } },
    { DS_CHECK_VOTES,
      NULL,
      { { 1, V, 7, 2 }, { 2, V, 7, 3 }, { 1, V, 8, 3 }, { 1, V, 7, 2 } } },
    { DS_CHECK_VOTES,
      "one vote a term: member 1 votes for 3 in term 7 at 1001, and had voted "
      "for 2 at 1000",
      { { 1, V, 7, 2 }, { 2, V, 7, 3 }, { 1, V, 7, 3 } } },

    { DS_CHECK_LOG,
      NULL,
      { { 1, A, 1, 11 },
        { 1, A, 2, 22 },
        { 2, A, 1, 11 },
        { 2, A, 2, 22 },
        { 3, A, 1, 99 },
        { 3, A, 2, 33 },
        { 3, A, 1, 11 },
        { 3, A, 2, 22 },
        { 4, A, 5, 55 },
        { 4, A, 6, 66 } } },
    /* What was before a snapshot came says nothing. */
    { DS_CHECK_LOG,
      NULL,
      { { 1, A, 1, 11 },
        { 1, A, 2, 22 },
        { 1, A, 3, 33 },
        { 2, A, 1, 9 },
        { 2, A, 2, 8 },
        { 2, DS_FACT_CUT, 1, 0 },
        { 2, A, 3, 33 } } },
    { DS_CHECK_LOG,
      "log matching: entry 22 at index 2 has 99 before it in the log of member "
      "2 at 1001.5, and 11 in that of member 1 at 1000.5",
      { { 1, A, 1, 11 }, { 1, A, 2, 22 }, { 2, A, 1, 99 }, { 2, A, 2, 22 } } },

    { DS_CHECK_COMPLETENESS,
      NULL,
      { { 1, L, 1, 0 },
        { 1, A, 1, 11 },
        { 2, A, 1, 11 },
        { 1, C, 1, 11 },
        { 2, L, 2, 0 },
        { 3, A, 1, 11 },
        { 3, L, 3, 0 } } },
    /* Elected late, in a term that is over: it need not know. */
    { DS_CHECK_COMPLETENESS,
      NULL,
      { { 1, L, 6, 0 }, { 1, A, 1, 11 }, { 1, C, 1, 11 }, { 3, L, 5, 0 } } },
    { DS_CHECK_COMPLETENESS,
      "leader completeness: member 3 leads term 2 at 1002 without entry 11 at "
      "index 1, which member 1 knew committed at 1001.5",
      { { 1, L, 1, 0 },
        { 1, A, 1, 11 },
        { 2, A, 1, 11 },
        { 1, C, 1, 11 },
        { 3, L, 2, 0 } } },
    { DS_CHECK_COMPLETENESS,
      "leader completeness: member 2 leads term 2",
      { { 1, L, 1, 0 },
        { 1, A, 1, 11 },
        { 2, A, 1, 11 },
        { 1, C, 1, 11 },
        { 2, DS_FACT_CUT, 1, 0 },
        { 2, L, 2, 0 } } },
    { DS_CHECK_COMPLETENESS,
      "leader completeness: member 2 leads term 2",
      { { 1, L, 1, 0 },
        { 2, A, 1, 9 },
        { 2, A, 2, 22 },
        { 1, A, 1, 11 },
        { 1, A, 2, 22 },
        { 1, C, 2, 22 },
        { 2, A, 1, 11 },
        { 2, L, 2, 0 } } },

    /* A snapshot has what is before a log that begins late. */
    { DS_CHECK_COMPLETENESS,
      NULL,
      { { 1, L, 1, 0 },
        { 1, A, 1, 11 },
        { 1, A, 2, 22 },
        { 1, C, 1, 11 },
        { 1, C, 2, 22 },
        { 2, A, 2, 22 },
        { 2, L, 2, 0 } } },
    { DS_CHECK_COMPLETENESS,
      "leader completeness: member 2 leads term 2 at 1003 without entry 22 at "
      "index 2",
      { { 1, L, 1, 0 },
        { 1, A, 1, 11 },
        { 1, A, 2, 22 },
        { 1, C, 1, 11 },
        { 1, C, 2, 22 },
        { 2, A, 2, 33 },
        { 2, L, 2, 0 } } },
    { DS_CHECK_COMPLETENESS,
      "leader completeness: member 2 leads term 2 at 1003 without entry 11 at "
      "index 1",
      { { 1, L, 1, 0 },
        { 1, A, 1, 11 },
        { 1, C, 1, 11 },
        { 2, A, 3, 33 },
        { 2, DS_FACT_CUT, 3, 0 },
        { 2, A, 1, 9 },
        { 2, L, 2, 0 } } },

    { DS_CHECK_MACHINE,
      NULL,
      { { 1, C, 1, 11 },
        { 2, DS_FACT_APPLY, 1, 11 },
        { 1, C, 2, 22 },
        { 2, C, 2, 22 } } },
    { DS_CHECK_MACHINE,
      "state machine safety: member 2 applies entry 12 at index 1 at 1000.5, "
      "and for member 1 it was 11 at 1000",
      { { 1, C, 1, 11 }, { 2, DS_FACT_APPLY, 1, 12 } } },
    { DS_CHECK_MACHINE,
      "state machine safety: member 2 commits entry 12",
      { { 1, DS_FACT_APPLY, 1, 11 }, { 2, C, 1, 12 } } },

    { DS_CHECK_DURABILITY,
      NULL,
      { { 1, A, 1, 11 },
        { 2, A, 1, 11 },
        { 3, A, 1, 9 },
        { 1, DS_FACT_SYNC, 1, 0 },
        { 2, DS_FACT_SYNC, 1, 0 },
        { 1, DS_FACT_ACK, 1, 11 } } },
    { DS_CHECK_DURABILITY,
      "durability: member 1 acknowledges entry 11 at index 1 at 1002, when it "
      "was on the disks of 1 of 3 members; a quorum is 2",
      { { 1, A, 1, 11 },
        { 2, A, 1, 11 },
        { 3, A, 1, 9 },
        { 1, DS_FACT_SYNC, 1, 0 },
        { 1, DS_FACT_ACK, 1, 11 } } },
    { DS_CHECK_DURABILITY,
      "durability: ",
      { { 1, A, 1, 11 },
        { 2, A, 1, 12 },
        { 3, A, 1, 9 },
        { 1, DS_FACT_SYNC, 1, 0 },
        { 2, DS_FACT_SYNC, 1, 0 },
        { 1, DS_FACT_ACK, 1, 11 } } },
    /* What was replaced is not on the disk any more. */
    { DS_CHECK_DURABILITY,
      "durability: ",
      { { 1, A, 1, 11 },
        { 2, A, 1, 12 },
        { 1, DS_FACT_SYNC, 1, 0 },
        { 2, DS_FACT_SYNC, 1, 0 },
        { 2, A, 1, 11 },
        { 1, DS_FACT_ACK, 1, 11 } } },
    { DS_CHECK_DURABILITY,
      "durability: ",
      { { 1, A, 1, 11 },
        { 2, A, 1, 11 },
        { 1, DS_FACT_SYNC, 1, 0 },
        { 2, DS_FACT_SYNC, 1, 0 },
        { 2, DS_FACT_CUT, 1, 0 },
        { 1, DS_FACT_ACK, 1, 11 } } },

    { DS_CHECK_AGREEMENT,
      NULL,
      { { 1, DS_FACT_PROPOSE, 4, 5 },
        { 2, DS_FACT_PROPOSE, 4, 6 },
        { 1, DS_FACT_DECIDE, 4, 6 },
        { 2, DS_FACT_DECIDE, 4, 6 },
        { 1, DS_FACT_PROPOSE, 5, 7 },
        { 2, DS_FACT_DECIDE, 5, 7 } } },
    { DS_CHECK_AGREEMENT,
      "agreement: member 2 decides 6 in instance 4 at 1000.5, and member 1 had "
      "decided 5 at 1000",
      { { 1, DS_FACT_DECIDE, 4, 5 }, { 2, DS_FACT_DECIDE, 4, 6 } } },
    { DS_CHECK_AGREEMENT,
      "validity: member 2 decides 6 in instance 4 at 1000.5, which nobody had "
      "proposed",
      { { 1, DS_FACT_PROPOSE, 4, 5 }, { 2, DS_FACT_DECIDE, 4, 6 } } },

    { DS_CHECK_EXCLUSION,
      NULL,
      { { 1, DS_FACT_ENTER, 4, 0 },
        { 2, DS_FACT_ENTER, 5, 0 },
        { 3, DS_FACT_LEAVE, 5, 0 },
        { 1, DS_FACT_LEAVE, 4, 0 },
        { 2, DS_FACT_ENTER, 4, 0 } } },
    { DS_CHECK_EXCLUSION,
      "mutual exclusion: member 2 holds lock 4 since 1001, and so does member "
      "1 since 1000",
      { { 1, DS_FACT_ENTER, 4, 0 },
        { 3, DS_FACT_LEAVE, 4, 0 },
        { 2, DS_FACT_ENTER, 4, 0 } } },
    { DS_CHECK_FENCING,
      NULL,
      { { 1, DS_FACT_USE, 4, 33 },
        { 1, DS_FACT_USE, 4, 33 },
        { 1, DS_FACT_USE, 4, 34 },
        { 1, DS_FACT_USE, 5, 1 } } },
    { DS_CHECK_FENCING,
      "fencing: resource 4 accepts token 33 at 1000.5, and had accepted 34 at "
      "1000",
      { { 1, DS_FACT_USE, 4, 34 }, { 2, DS_FACT_USE, 4, 33 } } },

#undef V
#undef L
#undef A
#undef C
#define S   DS_FACT_SEND
#define D   DS_FACT_DELIVER
#define ALL DS_TO_ALL
    { DS_CHECK_EXACTLY_ONCE,
      NULL,
      { { 1, S, 50, ALL },
        { 1, S, 50, ALL },
        { 2, D, 50, 0 },
        { 1, D, 50, 0 },
        { 2, S, 51, 1 },
        { 1, D, 51, 0 } } },
    { DS_CHECK_AT_MOST_ONCE,
      "at most once: member 2 delivers message 50 at 1001 again, after 1000.5",
      { { 1, S, 50, ALL }, { 2, D, 50, 0 }, { 2, D, 50, 0 } } },
    { DS_CHECK_AT_MOST_ONCE,
      "at most once: member 2 delivers message 50 at 1000, which nobody had "
      "sent",
      { { 2, D, 50, 0 } } },
    { DS_CHECK_AT_LEAST_ONCE,
      NULL,
      { { 1, S, 50, ALL },
        { 2, D, 50, 0 },
        { 2, D, 50, 0 },
        { 1, D, 50, 0 } } },
    { DS_CHECK_AT_LEAST_ONCE,
      "at least once: member 1 has never delivered message 50, which member 1 "
      "sent at 1000",
      { { 1, S, 50, ALL }, { 2, D, 50, 0 } } },
    { DS_CHECK_AT_LEAST_ONCE,
      "at least once: member 3 has never delivered message 50",
      { { 1, S, 50, 3 }, { 2, D, 50, 0 } } },

    { DS_CHECK_SENDER_ORDER,
      NULL,
      { { 1, S, 50, ALL },
        { 1, S, 40, ALL },
        { 3, S, 30, ALL },
        { 2, D, 50, 0 },
        { 2, D, 30, 0 },
        { 2, D, 40, 0 },
        { 3, D, 40, 0 } } },
    { DS_CHECK_SENDER_ORDER,
      "order of a sender: member 2 delivers message 50 of member 1 at 1001.5, "
      "and had delivered a later one at 1001",
      { { 1, S, 50, ALL },
        { 1, S, 40, ALL },
        { 2, D, 40, 0 },
        { 2, D, 50, 0 } } },

    { DS_CHECK_CAUSAL_ORDER,
      NULL,
      { { 1, S, 50, ALL },
        { 2, D, 50, 0 },
        { 2, S, 51, ALL },
        { 3, D, 50, 0 },
        { 3, D, 51, 0 },
        { 1, D, 51, 0 } } },
    { DS_CHECK_CAUSAL_ORDER,
      NULL,
      { { 1, S, 50, ALL },
        { 2, S, 51, ALL },
        { 3, D, 51, 0 },
        { 3, D, 50, 0 },
        { 4, D, 50, 0 },
        { 4, D, 51, 0 } } },
    /* What was sent to somebody else need not be waited for. */
    { DS_CHECK_CAUSAL_ORDER,
      NULL,
      { { 1, S, 49, 2 },
        { 1, S, 50, ALL },
        { 3, D, 50, 0 },
        { 3, S, 51, ALL },
        { 2, D, 50, 0 },
        { 2, D, 51, 0 } } },
    { DS_CHECK_CAUSAL_ORDER,
      "causal order: member 3 delivers message 51 at 1001.5 before message 50 "
      "of member 1, which goes before it",
      { { 1, S, 50, ALL },
        { 2, D, 50, 0 },
        { 2, S, 51, ALL },
        { 3, D, 51, 0 },
        { 3, D, 50, 0 } } },
    { DS_CHECK_CAUSAL_ORDER,
      "causal order: member 3 delivers message 51",
      { { 1, S, 50, ALL }, { 1, S, 51, ALL }, { 3, D, 51, 0 } } },

    { DS_CHECK_TOTAL_ORDER,
      NULL,
      { { 1, S, 50, ALL },
        { 2, S, 51, ALL },
        { 1, D, 51, 0 },
        { 2, D, 51, 0 },
        { 2, D, 50, 0 },
        { 1, D, 50, 0 },
        { 3, D, 50, 0 } } },
    { DS_CHECK_TOTAL_ORDER,
      "total order: member 1 delivers message 51 before 50, and member 2 after "
      "it",
      { { 1, S, 50, ALL },
        { 2, S, 51, ALL },
        { 1, D, 51, 0 },
        { 2, D, 50, 0 },
        { 2, D, 51, 0 },
        { 1, D, 50, 0 } } },

    { DS_CHECK_CONVERGENCE,
      NULL,
      { { 1, DS_FACT_STATE, 4, 0 },
        { 2, DS_FACT_STATE, 5, 0 },
        { 3, DS_FACT_ENTER, 1, 0 },
        { 1, DS_FACT_STATE, 5, 0 } } },
    { DS_CHECK_CONVERGENCE,
      "convergence: in the end the state of member 1 is 4, since 1000, and "
      "that of member 2 is 5, since 1000.5",
      { { 1, DS_FACT_STATE, 4, 0 }, { 2, DS_FACT_STATE, 5, 0 } } },
};

enum { num_stories = sizeof(stories) / sizeof(*stories) };

START_TEST(what_is_wrong_is_found_and_nothing_else)
{
    const story *s = &stories[_i];
    const ds_observer_config config = { .checks = s->checks };
    ds_status status;

    const ds_finding finding = judge(s->told, length_of(s), &config, &status);
    ck_assert_int_eq(status, DS_OK);
    if (s->wrong == NULL) {
        ck_assert_str_eq(why, "");
        ck_assert_int_eq(finding, DS_SOUND);
    } else {
        ck_assert_int_eq(strncmp(why, s->wrong, strlen(s->wrong)), 0);
        ck_assert_int_eq(finding, DS_UNSOUND);
    }
}
END_TEST

START_TEST(what_is_not_to_be_checked_is_not)
{
    const story *s = &stories[_i];
    const ds_observer_config config = { .checks =
                                            ((1u << 15) - 1) & ~s->checks };
    ds_status status;

    if (s->wrong == NULL)
        return;
    judge(s->told, length_of(s), &config, &status);
    /* Others may have something to say, but not this. */
    const size_t name = strcspn(s->wrong, ":");
    ck_assert_int_ne(strncmp(why, s->wrong, name), 0);
}
END_TEST

START_TEST(what_is_wrong_can_end_the_run)
{
    static const telling told[] = { { 1, DS_FACT_LEAD, 1, 0 },
                                    { 2, DS_FACT_LEAD, 1, 0 },
                                    { 2, DS_FACT_LEAD, 2, 0 } };
    const ds_observer_config config = { .stop = true };
    ds_status status;

    ck_assert_int_eq(judge(told, 3, &config, &status), DS_UNSOUND);
    ck_assert_int_eq(status, DS_FAILED);
    ck_assert_str_eq(why, "election safety: members 1 and 2 lead term 1, since "
                          "1000 and 1000.5");
}
END_TEST

START_TEST(a_quorum_is_what_the_observer_is_told)
{
    static const telling told[] = { { 1, DS_FACT_APPEND, 1, 11 },
                                    { 1, DS_FACT_SYNC, 1, 0 },
                                    { 1, DS_FACT_ACK, 1, 11 } };
    ds_status status;

    ck_assert_int_eq(judge(told, 3, NULL, &status), DS_SOUND);
    ck_assert_int_eq(
        judge(told, 3, &(ds_observer_config){ .members = 2 }, &status),
        DS_UNSOUND);
    ck_assert_int_eq(judge(told, 3,
                           &(ds_observer_config){ .members = 5, .quorum = 1 },
                           &status),
                     DS_SOUND);
    ck_assert_int_eq(
        judge(told, 3, &(ds_observer_config){ .quorum = 2 }, &status),
        DS_UNSOUND);
}
END_TEST

/* ---- Who tells ------------------------------------------------------------*/

static void lead(ds_handle *h, void *arg)
{
    ds_observe(h, DS_FACT_LEAD, *(int64_t *)arg, 0);
}

START_TEST(who_tells_is_a_thread_if_nobody_says_otherwise)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_observer *one = ds_observer_new(loop, NULL);
    ds_observer *two = ds_observer_new(
        loop, &(ds_observer_config){ .checks = DS_CHECK_VOTES });
    int64_t term = 5;

    ds_spawn(loop, lead, &term);
    ds_spawn(loop, lead, &term);
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
    ck_assert_int_eq(ds_observer_verdict(one, why, sizeof(why)), DS_UNSOUND);
    ck_assert_str_eq(why, "election safety: members 1 and 2 lead term 5, since "
                          "0 and 0");
    ck_assert_int_eq(ds_observer_verdict(two, NULL, 0), DS_SOUND);
    ds_loop_free(loop);
}
END_TEST

static void vote(ds_handle *h, void *arg)
{
    ds_observe(h, DS_FACT_VOTE, 7, *(int64_t *)arg);
}

START_TEST(a_machine_is_one_member_whichever_thread_tells)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_observer *observer = ds_observer_new(loop, NULL);
    ds_node *nodes[] = { ds_node_new(loop), ds_node_new(loop) };
    int64_t candidates[] = { 0, 1 };

    ds_node_spawn(nodes[0], vote, &candidates[0]);
    ds_node_spawn(nodes[1], vote, &candidates[1]);
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
    ck_assert_int_eq(ds_observer_verdict(observer, NULL, 0), DS_SOUND);
    ds_node_spawn(nodes[1], vote, &candidates[0]);
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
    ck_assert_int_eq(ds_observer_verdict(observer, why, sizeof(why)),
                     DS_UNSOUND);
    ck_assert_str_eq(why, "one vote a term: member 1 votes for 0 in term 7 at "
                          "0, and had voted for 1 at 0");
    ds_loop_free(loop);
}
END_TEST

START_TEST(without_an_observer_nothing_happens)
{
    ds_loop *loop = ds_loop_new(NULL);
    int64_t term = 5;

    ds_spawn(loop, lead, &term);
    ds_spawn(loop, lead, &term);
    ck_assert_int_eq(ds_loop_run(loop), DS_OK);
    ds_loop_free(loop);
    ck_assert_ptr_null(ds_observer_new(NULL, NULL));
    ck_assert_int_eq(ds_observer_verdict(NULL, why, sizeof(why)), DS_UNKNOWN);
    ck_assert_str_eq(why, "out of memory");
}
END_TEST

static void tell_nonsense(ds_handle *h, void *arg)
{
    ds_observe(h, (ds_fact)99, 0, 0);
}

static void tell_without_a_handle(ds_handle *h, void *arg)
{
    ds_observe(NULL, DS_FACT_LEAD, 0, 0);
}

static void ck_misuse(ds_thread_fn *fn, const char *text)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_observer_new(loop, NULL);
    ds_spawn(loop, fn, NULL);
    ck_assert_int_eq(ds_loop_run(loop), DS_EMISUSE);
    ck_assert_ptr_nonnull(strstr(ds_loop_error(loop), text));
    ds_loop_free(loop);
}

START_TEST(what_makes_no_sense_is_named)
{
    ck_misuse(tell_nonsense, "ds_observe: there is no fact 99; the last one is "
                             "DS_FACT_STATE, 16");
    ck_misuse(tell_without_a_handle, "ds_observe: the handle is NULL");
}
END_TEST

/* ---- For long -------------------------------------------------------------*/

/* A broadcast in total order among five, 2,000 messages; one member then swaps
 * two of them. */
static size_t tell_broadcast(telling *told, bool swap)
{
    size_t n = 0;

    for (int64_t m = 0; m < 2000; m++)
        told[n++] = (telling){ (uint64_t)(m % 5), DS_FACT_SEND, m, DS_TO_ALL };
    for (int64_t m = 0; m < 2000; m++)
        for (uint64_t who = 0; who < 5; who++) {
            int64_t name = m;
            if (swap && who == 4 && (m == 1000 || m == 1001))
                name = 2001 - m;
            told[n++] = (telling){ who, DS_FACT_DELIVER, name, 0 };
        }
    return n;
}

START_TEST(one_swap_among_thousands_is_found)
{
    telling *told = calloc(12000, sizeof(*told));
    const ds_observer_config config = { .checks = DS_CHECK_EXACTLY_ONCE |
                                                  DS_CHECK_TOTAL_ORDER |
                                                  DS_CHECK_SENDER_ORDER };
    ds_status status;

    size_t n = tell_broadcast(told, false);
    ck_assert_int_eq(judge(told, n, &config, &status), DS_SOUND);
    n = tell_broadcast(told, true);
    ck_assert_int_eq(judge(told, n, &config, &status), DS_UNSOUND);
    ck_assert_str_eq(why, "total order: member 0 delivers message 1000 before "
                          "1001, and member 4 after it");
    free(told);
}
END_TEST

START_TEST(whatever_is_told_does_no_harm)
{
    static telling told[200];
    uint64_t random = 1;

    for (int round = 0; round < 300; round++) {
        const ds_observer_config config = {
            .checks = 1 + (unsigned)random_below(&random, (1 << 15) - 1)
        };
        ds_status status;
        for (size_t i = 0; i < 200; i++)
            told[i] = (telling){
                random_below(&random, 3),
                (ds_fact)(1 + random_below(&random, 16)),
                (int64_t)random_below(&random, 8) - 2,
                random_below(&random, 20) == 0
                    ? INT64_MIN
                    : (int64_t)random_below(&random, 4) - 1,
            };
        judge(told, 200, &config, &status);
        ck_assert_int_eq(status, DS_OK);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, what_is_wrong_is_found_and_nothing_else, 0,
                        num_stories);
    tcase_add_loop_test(tc, what_is_not_to_be_checked_is_not, 0, num_stories);
    tcase_add_test(tc, what_is_wrong_can_end_the_run);
    tcase_add_test(tc, a_quorum_is_what_the_observer_is_told);
    tcase_add_test(tc, who_tells_is_a_thread_if_nobody_says_otherwise);
    tcase_add_test(tc, a_machine_is_one_member_whichever_thread_tells);
    tcase_add_test(tc, without_an_observer_nothing_happens);
    tcase_add_test(tc, what_makes_no_sense_is_named);
    tcase_add_test(tc, one_swap_among_thousands_is_found);
    tcase_add_test(tc, whatever_is_told_does_no_harm);
}

int main(void)
{
    return harness_main("observe", add);
}
