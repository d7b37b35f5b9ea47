/* Questions and answers: whose answers count, and how long one waits. */

#include "counted.h"

#include <distsys.h>

typedef struct packet {
    uint64_t number;
    uint64_t word;
} packet;

static party all;

/* Which members answer, how often, and how many seconds later. */
static struct manner {
    int times;
    double late;
} manners[4];

static void serve(ds_handle *h, void *arg)
{
    size_t me = ds_group_me(&all.group, h);
    ds_msg m;

    while (ds_recv(h, all.ports[me], &m)) {
        packet p = *(packet *)m.data;
        p.word = 100 * p.word + me;
        if (manners[me].late > 0)
            ds_sleep(h, manners[me].late);
        for (int i = 0; i < manners[me].times; i++)
            ds_answer(h, &all.group, &m, &p, sizeof(p));
        ds_msg_drop(&m);
    }
}

static void with_servers(ds_thread_fn *client, ds_status status,
                         const char *text)
{
    party_new(&all, 3, 4, 1, 1);
    for (size_t i = 0; i < 4; i++)
        ds_node_boot_daemon(all.nodes[i], serve, NULL);
    ds_node_spawn(all.nodes[4], client, NULL);
    ck_run_once(all.loop, status, text);
}

static void all_answer(void)
{
    for (int i = 0; i < 4; i++)
        manners[i] = (struct manner){ 1, 0 };
}

/* Asks all and notes who answered, or nobody. */
static void ask_all(ds_handle *h, ds_asker *a, uint64_t word, size_t wanted)
{
    ds_msg answers[5];
    packet p = { .word = word };

    if (!ds_ask_all(h, a, &p, sizeof(p), wanted, answers)) {
        note("nobody@%g ", ds_now(h));
        return;
    }
    for (size_t i = 0; i < wanted; i++) {
        ck_assert_uint_eq(((packet *)answers[i].data)->word,
                          100 * word +
                              ds_group_sender(&all.group, &answers[i]));
        ds_msg_drop(&answers[i]);
    }
    note("%zu@%g ", wanted, ds_now(h));
}

static void ask_for_all(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 5));
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 10, 0, false);
    ask_all(h, &a, 1, 4);
    ask_all(h, &a, 2, 3);
}

START_TEST(a_question_is_a_round_trip_of_two_messages_a_member)
{
    all_answer();
    with_servers(ask_for_all, DS_OK, NULL);
    ck_noted("4@7 3@9 ");
    ck_assert_uint_eq(all.wire.messages, 16);
}
END_TEST

static void ask_for_some(ds_handle *h, void *arg)
{
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 10, 0, false);

    ask_all(h, &a, 1, 3);
    ask_all(h, &a, 2, 4);
}

START_TEST(an_answer_that_comes_twice_counts_once)
{
    all_answer();
    manners[0].times = manners[1].times = 2;
    manners[3].late = 4;
    with_servers(ask_for_some, DS_OK, NULL);
    ck_noted("3@2 4@10 ");
}
END_TEST

START_TEST(a_question_fails_when_patience_is_at_its_end)
{
    all_answer();
    manners[0].times = 0;
    with_servers(ask_for_all, DS_OK, NULL);
    ck_noted("nobody@15 3@17 ");
}
END_TEST

static void ask_in_haste(ds_handle *h, void *arg)
{
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 3, 0, false);

    ask_all(h, &a, 1, 4);
    ck_assert(ds_sleep(h, 3));
    ask_all(h, &a, 2, 4);
}

/* What member 2 says to the first question comes 5 seconds late: just before
 * the second one. */
START_TEST(a_late_answer_is_none)
{
    all_answer();
    manners[2].late = 4.5;
    with_servers(ask_in_haste, DS_OK, NULL);
    ck_noted("nobody@3 nobody@9 ");
}
END_TEST

static void ask_thriftily(ds_handle *h, void *arg)
{
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 10, 0, true);

    for (uint64_t i = 0; i < 20; i++)
        ask_all(h, &a, i, 3);
}

START_TEST(the_thrifty_ask_no_more_than_they_want)
{
    all_answer();
    with_servers(ask_thriftily, DS_OK, NULL);
    ck_assert_uint_eq(all.wire.messages, 20 * 2 * 3);
    note_clear();
}
END_TEST

static void ask_thriftily_again(ds_handle *h, void *arg)
{
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 100, 5, true);

    for (uint64_t i = 0; i < 20; i++)
        ask_all(h, &a, i, 3);
}

/* One is silent, whom they may have asked. */
START_TEST(the_thrifty_ask_all_when_somebody_is_silent)
{
    all_answer();
    manners[1].times = 0;
    with_servers(ask_thriftily_again, DS_OK, NULL);
    ck_assert(strstr(noted(), "nobody") == NULL);
    ck_assert(strstr(noted(), "3@7 ") != NULL ||
              strstr(noted(), "3@9 ") != NULL);
    note_clear();
}
END_TEST

static void ask_again(ds_handle *h, void *arg)
{
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 0, 5, false);

    ask_all(h, &a, 1, 4);
}

static void wake_up(ds_handle *h, void *arg)
{
    ds_sleep(h, 11);
    manners[1].times = 1;
    ds_sleep(h, 20);
}

START_TEST(who_is_silent_is_asked_again_and_nobody_else)
{
    all_answer();
    manners[1].times = 0;
    party_new(&all, 3, 4, 1, 1);
    for (size_t i = 0; i < 4; i++)
        ds_node_boot_daemon(all.nodes[i], serve, NULL);
    ds_node_spawn(all.nodes[4], ask_again, NULL);
    ds_spawn(all.loop, wake_up, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
    ck_noted("4@17 ");
    ck_assert_uint_eq(all.wire.messages, 4 + 3 + 3 + 1);
}
END_TEST

static void ask_one(ds_handle *h, void *arg)
{
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 10, 0, false);
    packet p = { .word = 7 };
    ds_msg answer;

    ck_assert(ds_ask(h, &a, 2, &p, sizeof(p), &answer));
    ck_assert_uint_eq(((packet *)answer.data)->word, 702);
    ds_msg_drop(&answer);
    note("%g", ds_now(h));
}

START_TEST(one_member_is_asked_alone)
{
    all_answer();
    with_servers(ask_one, DS_OK, NULL);
    ck_noted("2");
    ck_assert_uint_eq(all.wire.messages, 2);
}
END_TEST

/* The machine crashes after it has asked, and asks something else in its next
 * life: the answer to the first question arrives then. */
static void live_twice(ds_handle *h, void *arg)
{
    int *lives = arg;
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 10, 0, false);
    packet p = { .word = (uint64_t)++ * lives };
    ds_msg answer;

    if (!ds_ask(h, &a, 0, &p, sizeof(p), &answer))
        return;
    note("life %d: %d@%g", *lives, (int)((packet *)answer.data)->word,
         ds_now(h));
    ds_msg_drop(&answer);
}

static void crash_it(ds_handle *h, void *arg)
{
    ds_sleep(h, 1.5);
    ds_node_crash(all.nodes[4]);
    ds_node_restart(all.nodes[4]);
}

START_TEST(an_answer_to_an_earlier_life_is_none)
{
    int lives = 0;

    all_answer();
    manners[0].late = 0.75;
    party_new(&all, 3, 4, 1, 1);
    ds_node_boot_daemon(all.nodes[0], serve, NULL);
    ds_node_boot(all.nodes[4], live_twice, &lives);
    ds_spawn(all.loop, crash_it, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
    ck_noted("life 2: 200@4.25");
}
END_TEST

static void ask_in_vain(ds_handle *h, void *arg)
{
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 0, 0, false);
    ds_msg answers[4];
    packet p = { .word = 1 };

    ck_assert(!ds_ask_all(h, &a, &p, sizeof(p), 4, answers));
}

START_TEST(a_question_ends_with_the_simulation)
{
    all_answer();
    manners[1].times = 0;
    with_servers(ask_in_vain, DS_DEADLOCK, NULL);
}
END_TEST

static void want_too_many(ds_handle *h, void *arg)
{
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 0, 0, false);

    ask_all(h, &a, 1, 5);
}

START_TEST(more_answers_than_members_are_refused)
{
    with_servers(want_too_many, DS_FAILED,
                 "ds_ask_all: 5 answers are wanted, of 4 members");
}
END_TEST

static void ask_nobody(ds_handle *h, void *arg)
{
    ds_asker a = ds_asker_of(h, &all.group, all.ports[4], 0, 0, false);
    packet p = { .word = 1 };
    ds_msg answer;

    ck_assert(!ds_ask(h, &a, 4, &p, sizeof(p), &answer));
}

START_TEST(nobody_cannot_be_asked)
{
    with_servers(ask_nobody, DS_FAILED,
                 "ds_ask: there is no member 4, but 0 to 3");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_question_is_a_round_trip_of_two_messages_a_member);
    tcase_add_test(tc, an_answer_that_comes_twice_counts_once);
    tcase_add_test(tc, a_question_fails_when_patience_is_at_its_end);
    tcase_add_test(tc, a_late_answer_is_none);
    tcase_add_test(tc, the_thrifty_ask_no_more_than_they_want);
    tcase_add_test(tc, the_thrifty_ask_all_when_somebody_is_silent);
    tcase_add_test(tc, who_is_silent_is_asked_again_and_nobody_else);
    tcase_add_test(tc, one_member_is_asked_alone);
    tcase_add_test(tc, an_answer_to_an_earlier_life_is_none);
    tcase_add_test(tc, a_question_ends_with_the_simulation);
    tcase_add_test(tc, more_answers_than_members_are_refused);
    tcase_add_test(tc, nobody_cannot_be_asked);
}

int main(void)
{
    return harness_main("ask", add);
}
