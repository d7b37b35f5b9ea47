/* Groups: who is a member, and what is told to whom. */

#include "counted.h"

#include <distsys.h>
#include <distsys/broadcast.h>
#include <distsys/chain.h>
#include <distsys/commit.h>
#include <distsys/detector.h>
#include <distsys/election.h>
#include <distsys/mutex.h>
#include <distsys/quorum.h>
#include <distsys/raft.h>
#include <distsys/snapshot.h>

typedef struct packet {
    uint64_t number;
    int word;
} packet;

static party all;

static void listen(ds_handle *h, void *arg)
{
    size_t me = ds_group_me(&all.group, h);
    ds_msg m;

    while (ds_recv(h, all.ports[me], &m)) {
        note("%zu<%zu:%d@%g ", me, ds_group_sender(&all.group, &m),
             ((packet *)m.data)->word, ds_now(h));
        ds_msg_drop(&m);
    }
}

/* Four members listen, and member 1 does fn; or machine 4, which is none. */
static void with_listeners(size_t who, ds_thread_fn *fn, ds_status status,
                           const char *text)
{
    party_new(&all, 1, 4, 1, 2);
    for (size_t i = 0; i < 4; i++)
        ds_node_boot_daemon(all.nodes[i], listen, NULL);
    ds_node_spawn(all.nodes[who], fn, NULL);
    ck_run_once(all.loop, status, text);
}

static void tell_one(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 7));
    ds_tell(h, &all.group, 3, &(packet){ .word = 5 }, sizeof(packet));
    ds_tell(h, &all.group, 1, &(packet){ .word = 6 }, sizeof(packet));
    ds_sleep(h, 10);
}

START_TEST(a_member_tells_one_or_itself)
{
    with_listeners(1, tell_one, DS_OK, NULL);
    ck_assert_uint_eq(all.wire.messages, 2);
    ck_assert_double_eq(all.wire.bytes, 2 * sizeof(packet));
    ck_assert(strstr(noted(), "3<1:5@9 ") != NULL);
    ck_assert(strstr(noted(), "1<1:6@9 ") != NULL);
}
END_TEST

static void tell_others(ds_handle *h, void *arg)
{
    ds_tell_others(h, &all.group, &(packet){ .word = 5 }, sizeof(packet));
    ds_sleep(h, 10);
}

START_TEST(a_member_tells_the_others_and_not_itself)
{
    with_listeners(1, tell_others, DS_OK, NULL);
    ck_assert_uint_eq(all.wire.messages, 3);
    ck_assert(strstr(noted(), "1<1") == NULL);
}
END_TEST

static void tell_all(ds_handle *h, void *arg)
{
    ds_tell_all(h, &all.group, &(packet){ .word = 5 }, sizeof(packet));
    ds_sleep(h, 10);
}

START_TEST(a_member_tells_all)
{
    with_listeners(1, tell_all, DS_OK, NULL);
    ck_assert_uint_eq(all.wire.messages, 4);
    ck_assert(strstr(noted(), "1<1:5@2 ") != NULL);
}
END_TEST

static const struct {
    ds_thread_fn *fn;
    const char *call;
} tellers[] = {
    { tell_one, "ds_tell:" },
    { tell_others, "ds_tell_others:" },
    { tell_all, "ds_tell_all:" },
};

START_TEST(who_is_no_member_is_told_so)
{
    with_listeners(4, tellers[_i].fn, DS_FAILED, tellers[_i].call);
    ck_assert_uint_eq(all.wire.messages, 0);
}
END_TEST

/* ---- Serving --------------------------------------------------------------*/

static void serve_bully(ds_handle *h, void *arg)
{
    ds_bully_serve(h, &(ds_bully){ .group = all.group, .patience = 1 });
}

static void serve_chain(ds_handle *h, void *arg)
{
    ds_chain_serve(h, &(ds_chain){ .group = all.group, .lease = 1 });
}

static void take_part(ds_handle *h, void *arg)
{
    ds_commit_take_part(h, &(ds_commit){ .participants = all.group });
}

static void serve_detector(ds_handle *h, void *arg)
{
    ds_detector d = { .group = all.group, .kind = &ds_detector_phi };

    ds_detector_serve(h, &d);
}

static void serve_swim(ds_handle *h, void *arg)
{
    ds_swim_serve(h, &(ds_swim){ .group = all.group, .period = 1 });
}

static void serve_mutex(ds_handle *h, void *arg)
{
    ds_mutex m = { .group = all.group, .kind = &ds_mutex_lamport };

    ds_mutex_serve(h, &m);
}

static void accept(ds_handle *h, void *arg)
{
    ds_paxos_accept(h, &(ds_paxos){ .group = all.group });
}

static void serve_quorum(ds_handle *h, void *arg)
{
    ds_quorum_serve(h, &(ds_quorum){ .group = all.group });
}

static void serve_raft(ds_handle *h, void *arg)
{
    ds_raft r = { .group = all.group,
                  .machine = &ds_register_machine,
                  .tick = 1 };

    ds_raft_serve(h, &r);
}

static void serve_ring(ds_handle *h, void *arg)
{
    ds_chang_roberts_serve(h, &(ds_ring){ .group = all.group });
}

static void join_broadcast(ds_handle *h, void *arg)
{
    ds_broadcast b = { .group = all.group };

    ck_assert_ptr_null(ds_broadcast_join(h, &b));
}

static void join_snapshot(ds_handle *h, void *arg)
{
    ds_snapshot s = { .group = all.group };

    ck_assert_ptr_null(ds_snapshot_join(h, &s));
}

static void join_work(ds_handle *h, void *arg)
{
    ds_work w = { .group = all.group };

    ck_assert_ptr_null(ds_work_join(h, &w));
}

static const struct {
    ds_thread_fn *fn;
    const char *call;
} servers[] = {
    { serve_bully, "ds_bully_serve:" },
    { serve_chain, "ds_chain_serve:" },
    { take_part, "ds_commit_take_part:" },
    { serve_detector, "ds_detector_serve:" },
    { serve_swim, "ds_swim_serve:" },
    { serve_mutex, "ds_mutex_serve:" },
    { accept, "ds_paxos_accept:" },
    { serve_quorum, "ds_quorum_serve:" },
    { serve_raft, "ds_raft_serve:" },
    { serve_ring, "ds_ring_serve:" },
    { join_broadcast, "ds_broadcast_join:" },
    { join_snapshot, "ds_snapshot_join:" },
    { join_work, "ds_work_join:" },
};

enum { NUM_SERVERS = sizeof(servers) / sizeof(servers[0]) };

START_TEST(who_is_no_member_cannot_serve)
{
    char text[100];

    snprintf(text, sizeof(text),
             "%s the caller is on no machine of a member of the group",
             servers[_i].call);
    with_listeners(4, servers[_i].fn, DS_FAILED, text);
    ck_assert_uint_eq(all.wire.messages, 0);
}
END_TEST

/* ---- Members --------------------------------------------------------------*/

static void tell_nobody(ds_handle *h, void *arg)
{
    ds_tell(h, &all.group, 4, &(packet){ .word = 5 }, sizeof(packet));
}

START_TEST(there_is_no_member_beyond_the_last)
{
    with_listeners(0, tell_nobody, DS_FAILED,
                   "ds_tell: there is no member 4, but 0 to 3");
}
END_TEST

/* Nodes 0 to 6 are members in an order: all of them, or some. */
static const struct {
    size_t n;
    size_t nodes[7];
} orders[] = {
    { 7, { 0, 1, 2, 3, 4, 5, 6 } },
    { 7, { 6, 5, 4, 3, 2, 1, 0 } },
    { 7, { 3, 4, 5, 6, 0, 1, 2 } },
    { 3, { 2, 3, 4 } },
    { 3, { 0, 3, 6 } },
    { 2, { 6, 1 } },
    { 1, { 5 } },
};
enum { ORDERS = sizeof(orders) / sizeof(*orders) };

START_TEST(a_member_is_found_in_whatever_order_machines_are_members)
{
    size_t n = orders[_i].n, found[7];
    ds_node *members[7];
    ds_port *ports[7];

    party_new(&all, 1, 7, 0, 1);
    for (size_t i = 0; i < 7; i++)
        found[i] = DS_NOBODY;
    for (size_t i = 0; i < n; i++) {
        members[i] = all.nodes[orders[_i].nodes[i]];
        found[orders[_i].nodes[i]] = i;
    }
    ds_group group = ds_group_of(all.wire.net, members, ports, n);
    for (size_t i = 0; i < 7; i++)
        ck_assert_uint_eq(
            ds_group_sender(&group, &(ds_msg){ .source = all.ports[i] }),
            found[i]);
    ck_assert_uint_eq(ds_group_sender(&group, &(ds_msg){ .source = NULL }),
                      DS_NOBODY);
    ds_loop_free(all.loop);
}
END_TEST

START_TEST(two_majorities_meet)
{
    for (size_t n = 1; n < 100; n++) {
        size_t most = ds_group_majority(&(ds_group){ .n = n });
        ck_assert_uint_gt(2 * most, n);
        ck_assert_uint_le(2 * (most - 1), n);
    }
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_member_tells_one_or_itself);
    tcase_add_test(tc, a_member_tells_the_others_and_not_itself);
    tcase_add_test(tc, a_member_tells_all);
    tcase_add_loop_test(tc, who_is_no_member_is_told_so, 0, 3);
    tcase_add_loop_test(tc, who_is_no_member_cannot_serve, 0, NUM_SERVERS);
    tcase_add_test(tc, there_is_no_member_beyond_the_last);
    tcase_add_loop_test(
        tc, a_member_is_found_in_whatever_order_machines_are_members, 0,
        ORDERS);
    tcase_add_test(tc, two_majorities_meet);
}

int main(void)
{
    return harness_main("group", add);
}
