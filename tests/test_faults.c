/* What can happen to messages: faults by chance, cut and held links,
 * partitions, a rule of one's own, statistics. */

#include "stage.h"

#include <distsys.h>

enum { NODES = 5 };
static ds_loop *loop;
static ds_node *node[NODES];
static ds_port *port[NODES];
static ds_net *net;

/* A second for each message, whatever happens to it. */
static void wire_send(ds_net *self, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_net_deliver(self, 1, msgs[i]);
}

static void wire_free(ds_net *self)
{
    free(self);
}

static const ds_net_ops wire = { .name = "wire",
                                 .send = wire_send,
                                 .free = wire_free };

static void begin(uint64_t seed)
{
    setenv("DISTSYS_CHECK", "1", 1);
    loop = loop_seeded(seed);
    for (int i = 0; i < NODES; i++) {
        node[i] = ds_node_new(loop);
        port[i] = ds_port_new(node[i]);
    }
    net = ds_net_init(calloc(1, sizeof(*net)), loop, &wire);
}

static void sleep_to(ds_handle *h, double time)
{
    ds_sleep(h, time - ds_now(h));
}

static void send(ds_handle *h, int from, int to, const char *text)
{
    ds_send_bytes(h, net, port[from], port[to], text, strlen(text) + 1);
}

/* Notes what arrives at a node, and who sent it. */
static void receive(ds_handle *h, void *arg)
{
    const int at = (int)(size_t)arg;
    ds_msg msg;

    while (ds_recv(h, port[at], &msg)) {
        note("%s>%d@%g%s ", (char *)msg.data, at, ds_now(h),
             msg.damaged ? "!" : "");
        ds_msg_drop(&msg);
    }
}

static void listen_at(int at)
{
    ds_spawn_daemon(loop, receive, (void *)(size_t)at);
}

/* ---- Links ----------------------------------------------------------------*/

static void cut_and_mend(ds_handle *h, void *arg)
{
    send(h, 0, 1, "a"); /* arrives before */
    sleep_to(h, 0.5);
    send(h, 0, 1, "b"); /* would arrive while it is cut */
    sleep_to(h, 1.25);
    ds_net_cut(net, node[0], node[1]);
    send(h, 0, 1, "c"); /* sent while it is cut, and would arrive after */
    send(h, 1, 0, "x"); /* the other way */
    sleep_to(h, 2);
    ds_net_mend(net, node[0], node[1]);
    send(h, 0, 1, "d");
    sleep_to(h, 5);
}

START_TEST(a_cut_link_loses_what_is_sent_and_what_would_arrive)
{
    begin(1);
    listen_at(0);
    listen_at(1);
    ds_spawn(loop, cut_and_mend, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("a>1@1 x>0@2.25 d>1@3 ");

    ds_net_stats stats = ds_net_get_stats(net);
    ck_assert_uint_eq(stats.sent, 5);
    ck_assert_uint_eq(stats.arrived, 3);
    ck_assert_uint_eq(stats.lost, 2);
    ck_assert_double_eq(stats.bytes_sent, 10);
    ck_assert_double_eq(stats.bytes_arrived, 6);
    ds_loop_free(loop);
}
END_TEST

static void hold_and_mend(ds_handle *h, void *arg)
{
    ds_net_hold(net, node[0], NULL);
    send(h, 0, 1, "a");
    send(h, 0, 2, "b");
    sleep_to(h, 1.5);
    send(h, 0, 1, "c");
    send(h, 1, 2, "x");
    sleep_to(h, 4);
    ds_net_mend(net, node[0], node[1]);
    sleep_to(h, 6);
    ds_net_heal(net);
    sleep_to(h, 7);
}

START_TEST(a_held_link_keeps_all_until_it_is_mended)
{
    begin(1);
    listen_at(1);
    listen_at(2);
    ds_spawn(loop, hold_and_mend, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("x>2@2.5 a>1@4 c>1@4 b>2@6 ");
}
END_TEST

static void hold_and_end(ds_handle *h, void *cut)
{
    ds_net_hold(net, NULL, NULL);
    send(h, 0, 1, "a");
    sleep_to(h, 3);
    if (cut != NULL)
        ds_net_cut(net, NULL, node[1]);
    sleep_to(h, 4);
    ds_net_heal(net);
    sleep_to(h, 5);
}

START_TEST(what_is_held_is_lost_when_its_link_is_cut)
{
    begin(1);
    listen_at(1);
    ds_spawn(loop, hold_and_end, "cut");
    ck_run(loop, DS_OK, NULL);
    ck_noted("");
    ck_assert_uint_eq(ds_net_get_stats(net).lost, 1);
    ds_loop_free(loop);
}
END_TEST

static void hold_for_ever(ds_handle *h, void *arg)
{
    ds_net_hold(net, NULL, NULL);
    send(h, 0, 1, "a");
    sleep_to(h, 3);
}

START_TEST(what_is_held_at_the_end_is_freed)
{
    begin(1);
    ds_spawn(loop, hold_for_ever, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void hold_crash_mend(ds_handle *h, void *arg)
{
    ds_net_hold(net, NULL, NULL);
    send(h, 0, 1, "a");
    sleep_to(h, 3);
    ds_node_crash(node[1]);
    ds_net_heal(net);
    sleep_to(h, 4);
    ds_node_restart(node[1]);
    send(h, 0, 1, "b");
    sleep_to(h, 6);
}

START_TEST(what_was_held_does_not_reach_a_machine_that_is_down)
{
    begin(1);
    listen_at(1);
    ds_spawn(loop, hold_crash_mend, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("b>1@5 ");
    ck_assert_uint_eq(ds_net_get_stats(net).lost, 1);
    ds_loop_free(loop);
}
END_TEST

/* ---- Partitions -----------------------------------------------------------*/

static void everyone_to_everyone(ds_handle *h)
{
    char text[16];

    for (int i = 0; i < NODES; i++)
        for (int j = 0; j < NODES; j++) {
            if (i == j)
                continue;
            snprintf(text, sizeof(text), "%d", i);
            send(h, i, j, text);
        }
}

/* Which pairs hear of each other: a bit for each, row by row. */
static char heard[NODES][NODES + 1];

static void hear(ds_handle *h, void *arg)
{
    const int at = (int)(size_t)arg;
    ds_msg msg;

    while (ds_recv(h, port[at], &msg)) {
        heard[*(char *)msg.data - '0'][at] = '1';
        ds_msg_drop(&msg);
    }
}

static void clear_heard(void)
{
    for (int i = 0; i < NODES; i++)
        memset(heard[i], '0', NODES);
}

static void note_heard(void)
{
    for (int i = 0; i < NODES; i++)
        note("%s ", heard[i]);
    clear_heard();
}

static void partition(ds_handle *h, void *arg)
{
    ds_net_cut(net, node[0], node[1]); /* among those that stay together */
    ds_net_partition(net, node, 2);
    everyone_to_everyone(h);
    ds_sleep(h, 2);
    note_heard();
    ds_net_heal(net);
    everyone_to_everyone(h);
    ds_sleep(h, 2);
    note_heard();
}

START_TEST(a_partition_cuts_both_ways_and_leaves_the_rest_as_it_was)
{
    begin(1);
    clear_heard();
    for (size_t i = 0; i < NODES; i++)
        ds_spawn_daemon(loop, hear, (void *)i);
    ds_spawn(loop, partition, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("00000 10000 00011 00101 00110 "
             "01111 10111 11011 11101 11110 ");
}
END_TEST

static void say_again(ds_handle *h, void *arg)
{
    ds_net_cut(net, NULL, NULL);
    ds_net_mend(net, node[0], NULL); /* what was said last counts */
    ds_net_cut(net, NULL, node[2]);
    everyone_to_everyone(h);
    ds_sleep(h, 2);
    note_heard();
}

START_TEST(of_all_that_was_said_of_a_pair_the_last_counts)
{
    begin(1);
    clear_heard();
    for (size_t i = 0; i < NODES; i++)
        ds_spawn_daemon(loop, hear, (void *)i);
    ds_spawn(loop, say_again, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("01011 00000 00000 00000 00000 ");
}
END_TEST

/* ---- Chance ---------------------------------------------------------------*/

enum { MANY = 4000 };

static void send_many(ds_handle *h, void *arg)
{
    for (int i = 0; i < MANY; i++) {
        send(h, 0, 1, "x");
        ds_sleep(h, 0.001);
    }
    ds_sleep(h, 10);
}

typedef struct tally {
    int arrived;
    int damaged;
    double latest;
    double mean;
} tally;

static tally counted;

static void count_all(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, port[1], &msg)) {
        counted.arrived++;
        counted.damaged += msg.damaged;
        ds_msg_drop(&msg);
    }
}

static ds_net_stats play_many(uint64_t seed, ds_link_faults faults)
{
    begin(seed);
    counted = (tally){ 0 };
    ds_net_set_faults(net, NULL, NULL, faults);
    ds_spawn_daemon(loop, count_all, NULL);
    ds_spawn(loop, send_many, NULL);
    ck_run(loop, DS_OK, NULL);
    ds_net_stats stats = ds_net_get_stats(net);
    ds_loop_free(loop);
    ck_assert_uint_eq(stats.sent, MANY);
    ck_assert_uint_eq(stats.arrived, counted.arrived);
    return stats;
}

/* Within five standard deviations of what is expected. */
static void ck_share(double count, double probability)
{
    const double mean = MANY * probability;

    ck_assert_double_eq_tol(count, mean,
                            5 * sqrt(mean * (1 - probability)) + 1e-9);
}

static const double probabilities[] = { 0, 0.01, 0.3, 0.99, 1 };

START_TEST(messages_are_dropped_with_their_probability)
{
    const double p = probabilities[_i];
    ds_net_stats stats = play_many(3, (ds_link_faults){ .drop = p });

    ck_share((double)stats.lost, p);
    ck_assert_uint_eq(stats.lost + stats.arrived, MANY);
}
END_TEST

START_TEST(messages_arrive_twice_with_their_probability)
{
    const double p = probabilities[_i];
    ds_net_stats stats =
        play_many(4, (ds_link_faults){ .duplicate = p, .late = 2 });

    ck_share((double)stats.duplicated, p);
    ck_assert_uint_eq(stats.arrived, MANY + stats.duplicated);
}
END_TEST

START_TEST(messages_are_damaged_with_their_probability)
{
    const double p = probabilities[_i];

    play_many(5, (ds_link_faults){ .damage = p });
    ck_share(counted.damaged, p);
}
END_TEST

static void note_times(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, port[1], &msg)) {
        const double late = ds_now(h) - 1;
        ck_assert_double_ge(late, 0);
        counted.latest = fmax(counted.latest, late);
        counted.mean += late / MANY;
        ds_msg_drop(&msg);
    }
}

static void send_at_once(ds_handle *h, void *arg)
{
    for (int i = 0; i < MANY; i++)
        send(h, 0, 1, "x");
    ds_sleep(h, 100);
}

START_TEST(jitter_is_uniform_up_to_its_most)
{
    begin(6);
    counted = (tally){ 0 };
    ds_net_set_faults(net, NULL, NULL, (ds_link_faults){ .jitter = 8 });
    ds_spawn_daemon(loop, note_times, NULL);
    ds_spawn(loop, send_at_once, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_double_lt(counted.latest, 8);
    ck_assert_double_gt(counted.latest, 7.9);
    ck_assert_double_eq_tol(counted.mean, 4, 0.2);
}
END_TEST

/* ---- Faults elsewhere -----------------------------------------------------*/

/* A digest of what happens on one link, whatever happens on the others. */
static uint64_t link_digest;

static void digest_1(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, port[1], &msg)) {
        if (ds_port_node(msg.source) == node[0]) {
            uint64_t bits;
            double now = ds_now(h);
            memcpy(&bits, &now, sizeof(bits));
            link_digest = (link_digest ^ bits ^ (uint64_t)msg.damaged) *
                          UINT64_C(0x9e3779b97f4a7c15);
        }
        ds_msg_drop(&msg);
    }
}

static void talk(ds_handle *h, void *arg)
{
    for (int i = 0; i < 300; i++) {
        everyone_to_everyone(h);
        ds_sleep(h, 0.1);
    }
    ds_sleep(h, 10);
}

static void disturb_others(void)
{
    const ds_link_faults all = { 0.5, 0.5, 3, 0.5, 2 };

    ds_net_set_faults(net, node[2], node[3], all);
    ds_net_set_faults(net, node[1], NULL, all);
    ds_net_cut(net, node[3], node[4]);
    ds_net_hold(net, node[4], node[2]);
}

static uint64_t digest_of_link(bool disturbed)
{
    const ds_link_faults some = { 0.2, 0.1, 1, 0.1, 0.5 };

    begin(11);
    link_digest = 0;
    if (disturbed)
        disturb_others();
    ds_net_set_faults(net, node[0], node[1], some);
    ds_spawn_daemon(loop, digest_1, NULL);
    ds_spawn(loop, talk, NULL);
    ck_run_once(loop, DS_OK, NULL);
    return link_digest;
}

START_TEST(faults_elsewhere_change_nothing_on_a_link)
{
    const uint64_t alone = digest_of_link(false);

    ck_assert_uint_ne(alone, 0);
    ck_assert_uint_eq(digest_of_link(true), alone);
}
END_TEST

/* ---- Rules ----------------------------------------------------------------*/

/* Sends what comes for 1 to 2 instead, delays what comes for 3 once, loses the
 * rest. */
static double divert(void *arg, ds_net *self, ds_msg *msg)
{
    int *delayed = arg;

    if (ds_port_node(msg->dest) == node[1]) {
        ds_msg other = { .source = msg->source, .dest = port[2], .size = 1 };
        ds_net_deliver(self, 0.5, other);
        msg->damaged = true;
        return 0;
    }
    if (ds_port_node(msg->dest) == node[3])
        return (*delayed)++ == 0 ? 0.25 : 0;
    return INFINITY;
}

static void note_size(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, port[2], &msg))
        note("%g>2@%g ", msg.size, ds_now(h));
}

static void send_three(ds_handle *h, void *arg)
{
    send(h, 0, 1, "a");
    ds_sleep(h, 0.125);
    send(h, 0, 3, "b");
    send(h, 0, 4, "c");
    ds_sleep(h, 5);
}

START_TEST(a_rule_changes_delays_loses_and_sends_others)
{
    int delayed = 0;

    begin(1);
    listen_at(1);
    listen_at(3);
    listen_at(4);
    ds_spawn_daemon(loop, note_size, NULL);
    ds_net_set_rule(net, divert, &delayed);
    ds_spawn(loop, send_three, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a>1@1! b>3@1.375 1>2@1.5 ");
    ck_assert_int_eq(delayed, 2); /* it was asked again */
}
END_TEST

static double nonsense(void *arg, ds_net *self, ds_msg *msg)
{
    return -3;
}

START_TEST(a_rule_that_says_nonsense_is_named)
{
    begin(1);
    ds_net_set_rule(net, nonsense, NULL);
    ds_spawn(loop, send_three, NULL);
    ck_run_once(loop, DS_EMISUSE,
                "ds_net_set_rule: the rule of network 0 says -3; it must be "
                "at least 0");
}
END_TEST

/* ---- Payloads that are copied ---------------------------------------------*/

static void send_and_spoil(ds_handle *h, void *arg)
{
    char text[] = "hello";

    ds_send_bytes(h, net, port[0], port[1], text, sizeof(text));
    memset(text, 'x', sizeof(text) - 1);
    ds_send_bytes(h, net, port[0], port[1], NULL, 0);
    ds_sleep(h, 3);
}

static void note_bytes(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, port[1], &msg)) {
        note("%g:%s ", msg.size, msg.size == 0 ? "" : (char *)msg.data);
        ds_msg_drop(&msg);
    }
}

START_TEST(sent_bytes_are_a_copy)
{
    begin(1);
    ds_net_set_faults(net, NULL, NULL, (ds_link_faults){ .duplicate = 1 });
    ds_spawn_daemon(loop, note_bytes, NULL);
    ds_spawn(loop, send_and_spoil, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_contains(noted(), "6:hello ");
    ck_assert_uint_eq(strlen(noted()), 2 * strlen("6:hello 0: "));
    note_clear();
}
END_TEST

static void send_no_bytes(ds_handle *h, void *arg)
{
    ds_send_bytes(h, net, port[0], port[1], NULL, 3);
}

START_TEST(bytes_that_are_not_there_are_misuse)
{
    begin(1);
    ds_spawn(loop, send_no_bytes, NULL);
    ck_run_once(loop, DS_EMISUSE,
                "ds_send_bytes: bytes is NULL, but size is 3");
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static const struct {
    ds_link_faults faults;
    const char *text;
} bad_faults[] = {
    { { .drop = 1.5 }, "drop is 1.5; it must be between 0 and 1" },
    { { .duplicate = -1 }, "duplicate is -1; it must be between 0 and 1" },
    { { .damage = 2 }, "damage is 2; it must be between 0 and 1" },
    { { .late = -2 }, "late is -2; it must be finite and at least 0" },
    { { .jitter = INFINITY }, "jitter is inf; it must be finite" },
};

START_TEST(faults_that_cannot_be_are_named)
{
    begin(1);
    ds_net_set_faults(net, NULL, NULL, bad_faults[_i].faults);
    ck_run_once(loop, DS_EMISUSE, bad_faults[_i].text);
}
END_TEST

START_TEST(nodes_of_another_loop_are_named)
{
    begin(1);
    ds_loop *other = ds_loop_new(NULL);
    ds_node *far = ds_node_new(other);

    if (_i == 0)
        ds_net_cut(net, node[0], far);
    else
        ds_net_partition(net, &far, 1);
    ck_run_once(loop, DS_EMISUSE, "another loop");
    ds_loop_free(other);
}
END_TEST

static void add(TCase *tc)
{
    const int n = (int)(sizeof(probabilities) / sizeof(*probabilities));

    tcase_add_test(tc, a_cut_link_loses_what_is_sent_and_what_would_arrive);
    tcase_add_test(tc, a_held_link_keeps_all_until_it_is_mended);
    tcase_add_test(tc, what_is_held_is_lost_when_its_link_is_cut);
    tcase_add_test(tc, what_is_held_at_the_end_is_freed);
    tcase_add_test(tc, what_was_held_does_not_reach_a_machine_that_is_down);
    tcase_add_test(tc,
                   a_partition_cuts_both_ways_and_leaves_the_rest_as_it_was);
    tcase_add_test(tc, of_all_that_was_said_of_a_pair_the_last_counts);
    tcase_add_loop_test(tc, messages_are_dropped_with_their_probability, 0, n);
    tcase_add_loop_test(tc, messages_arrive_twice_with_their_probability, 0, n);
    tcase_add_loop_test(tc, messages_are_damaged_with_their_probability, 0, n);
    tcase_add_test(tc, jitter_is_uniform_up_to_its_most);
    tcase_add_test(tc, faults_elsewhere_change_nothing_on_a_link);
    tcase_add_test(tc, a_rule_changes_delays_loses_and_sends_others);
    tcase_add_test(tc, a_rule_that_says_nonsense_is_named);
    tcase_add_test(tc, sent_bytes_are_a_copy);
    tcase_add_test(tc, bytes_that_are_not_there_are_misuse);
    tcase_add_loop_test(tc, faults_that_cannot_be_are_named, 0,
                        sizeof(bad_faults) / sizeof(*bad_faults));
    tcase_add_loop_test(tc, nodes_of_another_loop_are_named, 0, 2);
}

int main(void)
{
    return harness_main("faults", add);
}
