/* Snapshots and termination: what they cost, and that they are true. */

#include "counted.h"

#include <distsys.h>
#include <distsys/snapshot.h>

enum { MOST = 8 };

static party all;

static size_t me(ds_handle *h)
{
    return ds_group_me(&all.group, h);
}

static void with(size_t n, ds_thread_fn *daemon, ds_thread_fn *body,
                 ds_status status, const char *why)
{
    for (size_t i = 0; i < n; i++) {
        if (daemon != NULL)
            ds_node_boot_daemon(all.nodes[i], daemon, NULL);
        ds_node_spawn(all.nodes[i], body, NULL);
    }
    ck_run_once(all.loop, status, why);
}

/* ---- Snapshots ------------------------------------------------------------*/

/* Members count what they have received, in the order of sending. */
static ds_snapshot snapshot;
static ds_snapshot_member *members[MOST];
static ds_thread_fn *taker; /* runs on the first machine as well; or NULL */
static int64_t sent[MOST];
static int64_t received[MOST];
static int64_t sent_then[MOST]; /* in the last snapshot */
static int64_t state[MOST];     /* of received, likewise */
static int64_t under_way[MOST]; /* messages to it, likewise */

static void record(ds_handle *h, uint64_t number, void *arg)
{
    sent_then[me(h)] = sent[me(h)];
    state[me(h)] = received[me(h)];
    under_way[me(h)] = 0;
}

static void record_message(ds_handle *h, uint64_t number, const ds_msg *m,
                           void *arg)
{
    ck_assert_double_eq(m->size, sizeof(int64_t));
    under_way[me(h)]++;
}

static void receive(ds_handle *h, void *arg)
{
    int64_t last[MOST] = { 0 };
    ds_msg m;

    members[me(h)] = ds_snapshot_join(h, &snapshot);
    while (ds_snapshot_recv(h, members[me(h)], &m)) {
        size_t from = ds_group_sender(&all.group, &m);
        int64_t number = *(const int64_t *)m.data;
        ck_assert_int_eq(number, ++last[from]);
        received[me(h)]++;
        ds_msg_drop(&m);
    }
}

static void with_members(size_t n, double again, ds_thread_fn *body,
                         ds_status status, const char *why)
{
    memset(sent, 0, sizeof(sent));
    memset(received, 0, sizeof(received));
    party_new(&all, 7, n, 0, 1);
    snapshot = (ds_snapshot){ .group = all.group,
                              .again = again,
                              .record = record,
                              .record_message = record_message };
    if (again > 0)
        ds_net_set_faults(
            all.wire.net, NULL, NULL,
            (ds_link_faults){
                .drop = 0.2, .duplicate = 0.2, .late = 3, .jitter = 4 });
    if (taker != NULL)
        ds_node_spawn(all.nodes[0], taker, NULL);
    with(n, receive, body, status, why);
}

static uint64_t take(ds_handle *h)
{
    uint64_t number;

    ck_assert(ds_snapshot_take(h, members[me(h)], &number));
    return number;
}

/* Markers go out, come from everybody, and then it is told: three times there
 * is one for each other at the port of who takes it, all of one size. */
static void take_three(ds_handle *h, void *arg)
{
    size_t n = all.group.n;
    uint64_t before = 0;

    ck_assert(ds_sleep(h, 1000));
    for (int i = 0; i < 3 && me(h) == n - 1; i++) {
        size_t before_it = all.wire.messages;
        double began = ds_now(h), bytes = all.wire.bytes;
        uint64_t number = take(h);
        ck_assert_uint_ne(number, before);
        ck_assert_uint_eq(all.wire.messages - before_it, n * n - 1);
        double each = (all.wire.bytes - bytes) / (double)(n * n - 1 + (n == 1));
        ck_party_took(ds_now(h) - began,
                      n == 1   ? 0
                      : n == 2 ? 2
                               : 3,
                      3 * (double)(n - 1) * each);
        before = number;
    }
}

START_TEST(a_snapshot_takes_n_n_minus_1_messages)
{
    taker = NULL;
    EACH_WAY
    with_members((size_t)_i, 0, take_three, DS_OK, NULL);
}
END_TEST

/* Each member sends to the next one, five in a second. */
static void send_on(ds_handle *h, void *arg)
{
    size_t to = (me(h) + 1) % all.group.n;

    ck_assert(ds_sleep(h, 1000));
    for (int64_t i = 1; i <= 200; i++) {
        sent[me(h)]++;
        ds_snapshot_send(h, members[me(h)], to, &i, sizeof(i));
        ck_assert(ds_sleep(h, 0.2));
    }
}

/* What was sent has been received, or was under way. */
static void take_in_between(ds_handle *h, void *arg)
{
    int64_t on_links = 0;
    size_t n = all.group.n;

    ck_assert(ds_sleep(h, 1002.5));
    for (int i = 0; i < 10; i++) {
        take(h);
        for (size_t k = 0; k < n; k++) {
            size_t next = (k + 1) % n;
            ck_assert_int_eq(sent_then[k], state[next] + under_way[next]);
            on_links += under_way[next];
        }
        ck_assert(ds_sleep(h, 0.3));
    }
    ck_assert_int_ge(on_links, 100);
}

static void wait_for_all(ds_handle *h, void *arg)
{
    send_on(h, arg);
    ck_assert(ds_sleep(h, 1000));
    ck_assert_int_eq(received[me(h)], 200);
}

START_TEST(what_was_sent_is_in_a_state_or_on_a_link)
{
    taker = take_in_between;
    with_members((size_t)_i, 0, wait_for_all, DS_OK, NULL);
}
END_TEST

START_TEST(also_if_messages_are_lost_late_and_twice_there)
{
    taker = take_in_between;
    with_members((size_t)_i, 5, wait_for_all, DS_OK, NULL);
}
END_TEST

static void take_at_once(ds_handle *h, void *arg)
{
    uint64_t number;

    ck_assert(ds_sleep(h, 1000));
    ck_assert(!ds_snapshot_take(h, members[me(h)], &number));
}

START_TEST(two_snapshots_at_a_time_are_misuse)
{
    taker = NULL;
    with_members(3, 0, take_at_once, DS_FAILED,
                 "another snapshot is being taken");
}
END_TEST

/* ---- Termination ----------------------------------------------------------*/

static ds_work work;
static int left;     /* work that is under way, or being done */
static size_t did;   /* so much has been */
static double ended; /* when the last has heard of it, after the beginning */

static const ds_termination ways[] = { DS_SAFRA, DS_DIJKSTRA_SCHOLTEN };

static void with_workers(ds_termination way, size_t n, ds_thread_fn *body)
{
    left = 0;
    did = 0;
    party_new(&all, 7, n, 0, 1);
    work = (ds_work){ .group = all.group, .way = way };
    with(n, NULL, body, DS_OK, NULL);
    ck_assert_int_eq(left, 0);
}

static void give(ds_handle *h, ds_worker *w, size_t to, int depth)
{
    left++;
    ds_work_send(h, w, to, &depth, sizeof(depth));
}

/* Each work of some depth makes one of the depth below for each neighbour. */
static void do_work(ds_handle *h, ds_worker *w)
{
    size_t n = all.group.n;
    ds_msg m;

    while (ds_work_recv(h, w, &m)) {
        int depth = *(const int *)m.data;
        ck_assert(ds_sleep(h, 0.5 * (double)me(h)));
        if (depth > 0) {
            give(h, w, (me(h) + 1) % n, depth - 1);
            give(h, w, (me(h) + n - 1) % n, depth - 1);
        }
        left--;
        did++;
        ds_msg_drop(&m);
    }
    ck_assert(ds_work_is_done(w));
    ck_assert_int_eq(left, 0);
    ck_assert(!ds_work_recv(h, w, &m));
    ended = ds_now(h) - 1000;
}

static void do_nothing(ds_handle *h, void *arg)
{
    ds_worker *w;

    ck_assert(ds_sleep(h, 1000));
    w = ds_work_join(h, &work);
    ck_assert(!ds_work_is_done(w));
    do_work(h, w);
}

START_TEST(that_there_is_no_work_is_found_out_in_one_round)
{
    EACH_WAY
    for (size_t n = 1; n <= MOST; n++) {
        const size_t round = ways[_i] == DS_SAFRA ? n : 0;
        with_workers(ways[_i], n, do_nothing);
        ck_assert_uint_eq(all.wire.messages, n - 1 + round);
        ck_party_took(ended, (double)(round + (n > 1)), all.wire.bytes);
    }
}
END_TEST

static void begin_with_some(ds_handle *h, void *arg)
{
    ds_worker *w;

    ck_assert(ds_sleep(h, 1000));
    w = ds_work_join(h, &work);
    if (me(h) == 0)
        give(h, w, 1 % all.group.n, 4);
    do_work(h, w);
}

/* 1 + 2 + 4 + 8 + 16 */
START_TEST(a_signal_for_each_work_tells_the_end)
{
    for (size_t n = 2; n <= MOST; n++) {
        with_workers(DS_DIJKSTRA_SCHOLTEN, n, begin_with_some);
        ck_assert_uint_eq(did, 31);
        ck_assert_uint_eq(all.wire.messages, 2 * did + n - 1);
    }
}
END_TEST

START_TEST(a_token_tells_the_end_in_whole_rounds)
{
    for (size_t n = 2; n <= MOST; n++) {
        with_workers(DS_SAFRA, n, begin_with_some);
        ck_assert_uint_eq(did, 31);
        size_t token = all.wire.messages - did - (n - 1);
        ck_assert_uint_eq(token % n, 0);
        ck_assert_uint_ge(token / n, 2);
    }
}
END_TEST

/* The token is where it has been already when 1 is given work. */
static void begin_behind_the_token(ds_handle *h, void *arg)
{
    ds_worker *w;

    ck_assert(ds_sleep(h, 1000));
    w = ds_work_join(h, &work);
    if (me(h) == 0)
        give(h, w, 1, 0);
    do_work(h, w);
}

START_TEST(work_given_once_takes_two_rounds)
{
    for (size_t n = 2; n <= MOST; n++) {
        with_workers(DS_SAFRA, n, begin_behind_the_token);
        ck_assert_uint_eq(all.wire.messages, 1 + 2 * n + n - 1);
    }
}
END_TEST

static void begin_all(ds_handle *h, void *arg)
{
    ds_worker *w;

    ck_assert(ds_sleep(h, 1000));
    w = ds_work_join(h, &work);
    give(h, w, (me(h) + 1) % all.group.n, 3);
    do_work(h, w);
}

START_TEST(by_a_token_all_may_begin)
{
    for (size_t n = 2; n <= MOST; n++) {
        with_workers(DS_SAFRA, n, begin_all);
        ck_assert_uint_eq(did, 15 * n);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_snapshot_takes_n_n_minus_1_messages, 1, MOST + 1);
    tcase_add_loop_test(tc, what_was_sent_is_in_a_state_or_on_a_link, 2, 6);
    tcase_add_loop_test(tc, also_if_messages_are_lost_late_and_twice_there, 2,
                        6);
    tcase_add_test(tc, two_snapshots_at_a_time_are_misuse);
    tcase_add_loop_test(tc, that_there_is_no_work_is_found_out_in_one_round, 0,
                        2);
    tcase_add_test(tc, a_signal_for_each_work_tells_the_end);
    tcase_add_test(tc, a_token_tells_the_end_in_whole_rounds);
    tcase_add_test(tc, work_given_once_takes_two_rounds);
    tcase_add_test(tc, by_a_token_all_may_begin);
}

int main(void)
{
    return harness_main("snapshot", add);
}
