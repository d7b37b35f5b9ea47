/* Broadcasts: how many packets each takes, who delivers what when somebody
 * crashes in the middle or packets are lost, and in which order. */

#include "counted.h"

#include <distsys.h>
#include <distsys/broadcast.h>

static party all;
static ds_broadcast talk;
static size_t delivered[PARTY_MOST];
static double last;

/* Takes part from the second 1,000 on; the first sends a number of bytes. */
static void listen(ds_handle *h, void *arg)
{
    ds_msg m;

    ck_assert(ds_sleep(h, 1000));
    ds_broadcaster *me = ds_broadcast_join(h, &talk);
    ck_assert_ptr_nonnull(me);
    size_t who = ds_group_me(&talk.group, h);
    if (arg != NULL && who == talk.group.n - 1)
        ds_broadcast_send(h, me, arg, strlen(arg));
    while (ds_broadcast_recv(h, me, &m)) {
        ck_assert_ptr_eq(m.source, all.ports[talk.group.n - 1]);
        ck_assert_double_eq(m.size, (double)strlen(arg));
        ck_assert_mem_eq(m.data, arg, strlen(arg));
        delivered[who]++;
        last = ds_now(h) - 1000;
        ds_msg_drop(&m);
    }
}

static void wait_long(ds_handle *h, void *arg)
{
    ds_sleep(h, 1200);
}

static size_t listeners(void)
{
    size_t n = 0;

    for (size_t i = 0; i < talk.group.n; i++) {
        ck_assert_uint_le(delivered[i], 1);
        n += delivered[i];
    }
    return n;
}

static void with_members(size_t n, const ds_broadcast *how)
{
    party_new(&all, 5, n, 1, 1);
    talk = *how;
    talk.group = all.group;
    memset(delivered, 0, sizeof(delivered));
}

static void send_one(size_t n, const ds_broadcast *how)
{
    char text[] = "hear, hear";

    with_members(n, how);
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], listen, text);
    ds_node_spawn(all.nodes[n], wait_long, NULL);
    ck_run(all.loop, DS_OK, NULL);
    ck_assert_uint_eq(listeners(), n);
}

/* ---- What it costs --------------------------------------------------------*/

static const size_t head = 40;

/* All that is sent before the last one delivers it, so many messages, leaves
 * one port. */
static void ck_cost(double seconds, size_t before, size_t messages,
                    size_t bytes)
{
    ck_party_took(last, seconds, (double)(before * bytes));
    ck_assert_uint_eq(all.wire.messages, messages);
    ck_assert_double_eq(all.wire.bytes, (double)(messages * bytes));
    ds_loop_free(all.loop);
}

START_TEST(best_effort_is_a_packet_for_each)
{
    size_t n = (size_t)_i;

    EACH_WAY
    {
        send_one(n, &(ds_broadcast){ .instance = 2 });
        ck_cost(1, n, n, head + 10);
    }
}
END_TEST

START_TEST(reliable_is_sent_on_by_each_to_all_but_the_two_that_have_it)
{
    size_t n = (size_t)_i;

    EACH_WAY
    {
        send_one(n, &(ds_broadcast){ .reliable = true });
        ck_cost(1, n, n + (n - 1) * (n > 1 ? n - 2 : 0), head + 10);
    }
}
END_TEST

START_TEST(fifo_costs_nothing)
{
    size_t n = (size_t)_i;

    EACH_WAY
    {
        send_one(n, &(ds_broadcast){ .order = DS_BROADCAST_FIFO });
        ck_cost(1, n, n, head + 10);
    }
}
END_TEST

START_TEST(causal_order_is_a_vector_in_each_packet)
{
    size_t n = (size_t)_i;

    EACH_WAY
    {
        send_one(n, &(ds_broadcast){ .order = DS_BROADCAST_CAUSAL });
        ck_cost(1, n, n, head + 8 * n + 10);
    }
}
END_TEST

START_TEST(total_order_is_one_packet_and_one_way_more)
{
    size_t n = (size_t)_i;

    EACH_WAY
    {
        send_one(n, &(ds_broadcast){ .order = DS_BROADCAST_TOTAL });
        ck_cost(2, n + 1, n + 1, head + 10);
    }
}
END_TEST

START_TEST(to_acknowledge_doubles_it)
{
    size_t n = (size_t)_i;

    send_one(n, &(ds_broadcast){ .again = 3 });
    ck_assert_uint_eq(all.wire.messages, 2 * n);
    ck_assert_double_eq(all.wire.bytes, (double)(n * (2 * head + 10)));
    ds_loop_free(all.loop);
}
END_TEST

/* ---- Who delivers it ------------------------------------------------------*/

/* The sender, which is the last one, crashes at its second packet. */
static size_t heard_of_a_crash(bool reliable)
{
    char text[] = "farewell";

    with_members(5, &(ds_broadcast){ .reliable = reliable });
    for (size_t i = 0; i < 5; i++)
        ds_node_spawn_daemon(all.nodes[i], listen, text);
    ds_node_spawn(all.nodes[5], wait_long, NULL);
    ds_node_crash_at(all.nodes[4], DS_AT_SEND, 2);
    ck_run(all.loop, DS_OK, NULL);
    size_t n = listeners();
    ds_loop_free(all.loop);
    return n;
}

START_TEST(if_the_sender_crashes_in_the_middle_some_hear_it)
{
    ck_assert_uint_eq(heard_of_a_crash(false), 1);
}
END_TEST

START_TEST(if_it_is_reliable_the_others_hear_it)
{
    ck_assert_uint_eq(heard_of_a_crash(true), 4);
}
END_TEST

static void mend_later(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1050));
    ds_net_heal(all.wire.net);
    ck_assert(ds_sleep(h, 100));
}

/* Also from the sender to itself. */
static size_t heard_when_mended(double again)
{
    char text[] = "hello";

    with_members(3, &(ds_broadcast){ .again = again });
    for (size_t i = 0; i < 3; i++)
        ds_node_boot_daemon(all.nodes[i], listen, text);
    ds_node_spawn(all.nodes[3], mend_later, NULL);
    ds_net_cut(all.wire.net, NULL, all.nodes[0]);
    ds_net_cut(all.wire.net, NULL, all.nodes[2]);
    ck_run(all.loop, DS_OK, NULL);
    size_t n = listeners();
    ds_loop_free(all.loop);
    return n;
}

START_TEST(what_is_lost_is_sent_again_if_that_is_wanted)
{
    ck_assert_uint_eq(heard_when_mended(0), 1);
    ck_assert_uint_eq(heard_when_mended(4), 3);
}
END_TEST

/* ---- In which order -------------------------------------------------------*/

/* Member 0 says a and b, and who hears a says c; what 0 says to 2 is held until
 * all has been said.  Notes what 2 hears. */
static void converse(ds_handle *h, void *arg)
{
    ds_broadcaster *me = ds_broadcast_join(h, &talk);
    size_t who = ds_group_me(&talk.group, h);
    ds_msg m;

    if (who == 0) {
        ds_broadcast_send(h, me, "a", 1);
        ds_broadcast_send(h, me, "b", 1);
    }
    while (ds_broadcast_recv(h, me, &m)) {
        char c = *(char *)m.data;
        if (who == 2)
            note("%c", c);
        if (who == 1 && c == 'a')
            ds_broadcast_send(h, me, "c", 1);
        ds_msg_drop(&m);
    }
}

/* Lets what goes to 2 arrive in another order: b long before a. */
static double hold_a(void *arg, ds_net *net, ds_msg *m)
{
    const char *text = m->data;
    bool is_a = text[(size_t)m->size - 1] == 'a' && m->dest == all.ports[2];

    return is_a && ds_net_now(net) < 50 ? 50 - ds_net_now(net) : 0;
}

static const char *heard_by_2(ds_broadcast_order order)
{
    with_members(3, &(ds_broadcast){ .order = order });
    note_clear();
    for (size_t i = 0; i < 3; i++)
        ds_node_boot_daemon(all.nodes[i], converse, NULL);
    ds_node_spawn(all.nodes[3], wait_long, NULL);
    ds_net_set_rule(all.wire.net, hold_a, NULL);
    ck_run(all.loop, DS_OK, NULL);
    ds_loop_free(all.loop);
    return noted();
}

START_TEST(without_an_order_messages_are_delivered_as_they_come)
{
    ck_assert_str_eq(heard_by_2(DS_BROADCAST_UNORDERED), "bca");
}
END_TEST

START_TEST(fifo_is_an_order_of_each_sender)
{
    ck_assert_str_eq(heard_by_2(DS_BROADCAST_FIFO), "cab");
}
END_TEST

START_TEST(no_answer_goes_before_its_question_in_causal_order)
{
    const char *heard = heard_by_2(DS_BROADCAST_CAUSAL);

    ck_assert_msg(strcmp(heard, "abc") == 0 || strcmp(heard, "acb") == 0, "%s",
                  heard);
}
END_TEST

START_TEST(total_order_is_that_of_the_sequencer)
{
    ck_assert_str_eq(heard_by_2(DS_BROADCAST_TOTAL), "abc");
}
END_TEST

/* ---- The rest -------------------------------------------------------------*/

static void two_instances(ds_handle *h, void *arg)
{
    ds_broadcast before = talk, now = talk;
    ds_msg m;

    before.instance = 7;
    ds_broadcaster *me = ds_broadcast_join(h, &before);
    ds_broadcast_send(h, me, "old", 3);
    now.instance = 8;
    me = ds_broadcast_join(h, &now);
    ck_assert(ds_broadcast_recv_timeout(h, me, 2.5, &m));
    ck_assert_ptr_null(m.dest);
    ck_assert_double_eq(ds_now(h), 2.5);
    ds_broadcast_send(h, me, "", 0);
    ck_assert(ds_broadcast_recv(h, me, &m));
    ck_assert_double_eq(m.size, 0);
    ds_msg_drop(&m);
}

START_TEST(what_was_sent_in_another_instance_is_dropped)
{
    with_members(1, &(ds_broadcast){ .order = DS_BROADCAST_TOTAL });
    ds_node_boot(all.nodes[0], two_instances, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

static void join_from_outside(ds_handle *h, void *arg)
{
    ck_assert_ptr_null(ds_broadcast_join(h, &talk));
}

START_TEST(who_is_no_member_cannot_take_part)
{
    with_members(2, &(ds_broadcast){ .instance = 0 });
    ds_node_boot(all.nodes[2], join_from_outside, NULL);
    ck_run_once(all.loop, DS_FAILED, "ds_broadcast_join: the caller is on no");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, best_effort_is_a_packet_for_each, 1, 9);
    tcase_add_loop_test(
        tc, reliable_is_sent_on_by_each_to_all_but_the_two_that_have_it, 1, 9);
    tcase_add_loop_test(tc, fifo_costs_nothing, 1, 9);
    tcase_add_loop_test(tc, causal_order_is_a_vector_in_each_packet, 1, 9);
    tcase_add_loop_test(tc, total_order_is_one_packet_and_one_way_more, 1, 9);
    tcase_add_loop_test(tc, to_acknowledge_doubles_it, 1, 9);
    tcase_add_test(tc, if_the_sender_crashes_in_the_middle_some_hear_it);
    tcase_add_test(tc, if_it_is_reliable_the_others_hear_it);
    tcase_add_test(tc, what_is_lost_is_sent_again_if_that_is_wanted);
    tcase_add_test(tc, without_an_order_messages_are_delivered_as_they_come);
    tcase_add_test(tc, fifo_is_an_order_of_each_sender);
    tcase_add_test(tc, no_answer_goes_before_its_question_in_causal_order);
    tcase_add_test(tc, total_order_is_that_of_the_sequencer);
    tcase_add_test(tc, what_was_sent_in_another_instance_is_dropped);
    tcase_add_test(tc, who_is_no_member_cannot_take_part);
}

int main(void)
{
    return harness_main("broadcast", add);
}
