/* Replicas of a set and a counter that hear of each other by gossip. */

#include "counted.h"

#include <distsys.h>
#include <distsys/crdt.h>
#include <distsys/fault.h>
#include <distsys/gossip.h>

enum { MEMBERS = 31, SET = 1, COUNTER, PERIODS = 60 };

static party all;
static ds_gossip gossip;
static struct ds_gossip_member *members[MEMBERS];
static size_t done; /* replicas that know everything */

/* Each adds its own number, and counts, in the second period of its first life;
 * in another life it is another replica, and has nothing to add. */
static void take_part(ds_handle *h, void *arg)
{
    size_t me = ds_group_me(&all.group, h);
    uint64_t life = ds_node_life(ds_handle_node(h));
    ds_entries *state = ds_entries_new();
    ds_crdt *c = ds_crdt_new(life * MEMBERS + me, state);
    bool goes_on = ds_sleep(h, 1.5), knows = false;

    if (goes_on && life == 0) {
        ck_assert(ds_or_set_add(c, SET, (int64_t)me));
        ck_assert(ds_g_counter_add(c, COUNTER, 1));
    }
    for (int i = 0; goes_on && i < PERIODS && !knows; i++) {
        ck_assert(ds_crdt_sync(h, c, &gossip));
        knows = ds_set_read(c, SET, NULL, 0) == all.group.n &&
                ds_counter_read(c, COUNTER) == (int64_t)all.group.n;
        goes_on = ds_sleep(h, 1);
    }
    done += knows;
    ds_crdt_free(c);
    ds_entries_free(state);
}

static void begin(size_t n, unsigned ways)
{
    party_new(&all, 3, n, 0, 0.01);
    gossip = (ds_gossip){ .group = all.group,
                          .ways = ways,
                          .period = 1,
                          .fanout = 1,
                          .hot = 10,
                          .members = members };
    done = 0;
    for (size_t i = 0; i < n; i++) {
        ds_node_boot_daemon(all.nodes[i], ds_gossip_serve, &gossip);
        ds_node_spawn(all.nodes[i], take_part, NULL);
    }
}

static const size_t sizes[] = { 1, 2, 3, 8, MEMBERS };

START_TEST(rumours_bring_to_all_what_all_have_changed)
{
    begin(sizes[_i], DS_GOSSIP_PUSH_PULL);
    ck_run_once(all.loop, DS_OK, NULL);
    ck_assert_uint_eq(done, sizes[_i]);
}
END_TEST

START_TEST(anti_entropy_brings_to_all_what_all_have_changed)
{
    begin(sizes[_i], DS_GOSSIP_ANTI_ENTROPY);
    ck_run_once(all.loop, DS_OK, NULL);
    ck_assert_uint_eq(done, sizes[_i]);
}
END_TEST

static void cut_off_for_a_while(ds_handle *h, void *arg)
{
    ds_net_partition(all.group.net, all.nodes, 3);
    ck_assert(ds_sleep(h, 15));
    ck_assert_uint_eq(done, 0);
    ds_net_heal(all.group.net);
}

START_TEST(what_a_partition_held_up_comes_when_it_is_over)
{
    begin(8, DS_GOSSIP_PUSH_PULL | DS_GOSSIP_ANTI_ENTROPY);
    ds_spawn(all.loop, cut_off_for_a_while, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
    ck_assert_uint_eq(done, 8);
}
END_TEST

/* When another one has heard of what it has changed, and nobody of all. */
static void crash_one(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 2.5));
    ck_assert_uint_eq(done, 0);
    ds_node_crash(all.nodes[2]);
    ck_assert(ds_sleep(h, 3));
    ds_node_restart(all.nodes[2]);
    ds_node_spawn(all.nodes[2], take_part, NULL);
}

START_TEST(who_has_forgotten_all_in_a_crash_is_told_by_others)
{
    begin(8, DS_GOSSIP_ANTI_ENTROPY);
    ds_spawn(all.loop, crash_one, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
    ck_assert_uint_eq(done, 8);
}
END_TEST

static void sync_alone(ds_handle *h, void *arg)
{
    ds_entries *state = ds_entries_new();
    ds_crdt *c = ds_crdt_new(0, state);

    ck_assert(ds_g_set_add(c, SET, 1));
    ck_assert(!ds_crdt_sync(h, c, &gossip));
    ds_crdt_free(c);
    ds_entries_free(state);
}

START_TEST(to_sync_where_nobody_serves_is_said)
{
    party_new(&all, 3, 2, 0, 0.01);
    gossip = (ds_gossip){ .group = all.group, .members = members };
    ds_node_spawn(all.nodes[0], sync_alone, NULL);
    ck_run_once(all.loop, DS_FAILED,
                "ds_gossip_add: no member serves on the caller's machine");
}
END_TEST

static void add(TCase *tc)
{
    int n = sizeof(sizes) / sizeof(*sizes);

    tcase_add_loop_test(tc, rumours_bring_to_all_what_all_have_changed, 0, n);
    tcase_add_loop_test(tc, anti_entropy_brings_to_all_what_all_have_changed, 0,
                        n);
    tcase_add_test(tc, what_a_partition_held_up_comes_when_it_is_over);
    tcase_add_test(tc, who_has_forgotten_all_in_a_crash_is_told_by_others);
    tcase_add_test(tc, to_sync_where_nobody_serves_is_said);
}

int main(void)
{
    return harness_main("crdt_sync", add);
}
