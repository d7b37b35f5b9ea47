/* What of a plan is said to have bitten. */

#include "stage.h"

#include <distsys.h>

#include "explore/plan/bites.h"

static ds_loop *loop;
static ds_node *node[3];
static ds_port *port[3];
static ds_net *net;

static void sleep_to(ds_handle *h, double time)
{
    ds_sleep(h, time - ds_loop_now(loop));
}

static void nothing(void *arg)
{
}

/* Node 0 does everything there is at 10, 11, ... 14, and in between sleeps:
 * computes for a tenth of a second, writes, syncs every other time, and sends
 * messages to node 1, which come up to a tenth of a second later; of two the
 * first cannot be cloned. */
static void work(ds_handle *h, void *arg)
{
    for (int second = 10; second < 15; second++) {
        sleep_to(h, second);
        ds_compute(h, 0.1, nothing, NULL);
        ds_disk_append(h, "a", "x", 1);
        if (second % 2 == 0)
            ds_disk_sync(h);
        ds_disk_get(h, "a", 0, &second, 0, NULL);
        ds_send(h, net,
                (ds_msg){ .source = port[0], .dest = port[1], .data = "" });
        ds_send_bytes(h, net, port[0], port[1], "b", 1);
    }
}

static void receive(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv(h, port[1], &msg))
        ds_msg_drop(&msg);
}

/* Node 2 lets a message lie. */
static void forget(ds_handle *h, void *arg)
{
    ds_send_bytes(h, net, port[2], port[2], "c", 1);
    ds_sleep(h, 100);
}

static ds__bites bites_under(const char *text, bool count)
{
    ds_plan *plan = ds_plan_parse(text, NULL, 0);

    loop = loop_seeded(3);
    for (int i = 0; i < 3; i++) {
        node[i] = ds_node_new(loop);
        port[i] = ds_port_new(node[i]);
    }
    net = ds_random_net_new(loop, 0.1);
    ds_node_boot(node[0], work, NULL);
    ds_node_boot_daemon(node[1], receive, NULL);
    ds_node_boot_daemon(node[2], forget, NULL);
    if (count)
        ds__bites_count(loop);
    ds_plan_apply(plan, loop, net, node, 3);
    ds_plan_free(plan);
    ck_run(loop, DS_OK, NULL);
    return ds__bites_of(loop);
}

/* One line each: whether its time comes, and whether it bites. */
static const struct {
    const char *line;
    const char *family;
    bool happens;
    bool bites;
} lines[] = {
    { "11.5 cut 0 > 1 until 12.5", "partition", true, true },
    { "11.5 cut 1 > 0 until 12.5", "partition", true, false },
    { "11.5 cut 0 > 1 until 12", "partition", true, false },
    { "99 cut 0 > 1", "partition", false, false },
    { "11.5 partition 0 | 1 until 12.5", "partition", true, true },
    { "11.5 partition 2 | 0,1 until 12.5", "partition", true, false },
    { "11.5 hold 0 > 1 until 12.5", "reorder", true, true },
    { "11.5 hold 2 > 1 until 12.5", "reorder", true, false },
    { "11.5 faults 0 > 1 drop 1", "drop", true, true },
    { "11.5 faults 0 > 1 drop 1e-9", "drop", true, false },
    { "11.5 faults 0 > 1 duplicate 1", "duplicate", true, true },
    { "11.5 faults 2 > 1 duplicate 1", "duplicate", true, false },
    { "11.5 faults 0 > 1 damage 1", "damage", true, true },
    { "11.5 faults 1 > 0 damage 1", "damage", true, false },
    { "11.5 faults 0 > 1 jitter 1", "reorder", true, true },
    { "11.5 faults 1 > 0 jitter 1", "reorder", true, false },
    /* Mail that nobody had read; messages that came meanwhile; a point. */
    { "11.5 crash 2 until 11.6", "crash", true, true },
    { "11.5 crash 1 until 12.5", "crash", true, true },
    { "11.5 crash 1 until 11.6", "crash", true, false },
    { "10.5 crash 0 at-send 1", "crash", true, true },
    { "10.5 crash 0 at-send 1000", "crash", false, false },
    { "10.5 crash 1 until 11\n10.6 crash 1 until 10.9", "crash", true, false },
    { "10.5 pause 0 until 11.5", "pause", true, true },
    { "10.5 pause 0 until 10.9", "pause", true, false },
    { "10.5 pause 1 until 11.5", "pause", true, true },
    { "10.5 pause 0 at-call 1 until 11.5", "stall", true, true },
    { "10.5 pause 0 at-call 1000 until 11.5", "stall", false, false },
    { "10.5 clock 0 drift 0.1 until 11.5", "clock", true, true },
    { "10.5 clock 0 step 1", "clock", true, true },
    { "10.5 clock 2 drift 0.1 until 11.5", "clock", true, false },
    { "10.5 speed 0 0.5 until 11.5", "speed", true, true },
    { "10.5 speed 1 0.5 until 11.5", "speed", true, false },
    { "11.5 disk 0 lost-sync 1 until 13", "disk", true, true },
    { "10.5 disk 0 lost-sync 1 until 11.5", "disk", true, false },
    { "10.5 disk 0 write-rate 100 until 11.5", "disk", true, true },
    { "10.5 disk 0 read-rate 100 until 11.5", "disk", true, false },
    { "10.5 disk 1 lost-sync 1 until 11.5", "disk", true, false },
};

static unsigned family(const char *name)
{
    unsigned i = 0;

    while (strcmp(ds__family_names[i], name) != 0)
        i++;
    return i;
}

START_TEST(a_line_bites_if_something_came_of_it)
{
    unsigned f = family(lines[_i].family);
    ds__bites bites = bites_under(lines[_i].line, true);
    uint64_t n = strchr(lines[_i].line, '\n') == NULL ? 1 : 2;

    for (unsigned i = 0; i < DS__NUM_FAMILIES; i++) {
        ck_assert_uint_eq(bites.planned[i], i == f ? n : 0);
        ck_assert_uint_eq(bites.happened[i],
                          i == f && lines[_i].happens ? n : 0);
        ck_assert_uint_eq(bites.bit[i], i == f && lines[_i].bites);
    }
    const ds__bite *bite = ds__bite_of_line(loop, 0);
    ck_assert_uint_eq(bite->planned, 1u << f);
    ck_assert_uint_eq(bite->bit, lines[_i].bites ? 1u << f : 0);
    ck_assert_ptr_null(ds__bite_of_line(loop, n));
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_line_of_chances_is_of_several_families)
{
    ds__bites bites =
        bites_under("11.5 faults 0 > 1 drop 0 duplicate 0.4 damage 1 late 1 "
                    "jitter 0 until 12.5\n"
                    "12.5 faults 0 > 1 damage 1 jitter 1",
                    true);

    ck_assert_uint_eq(bites.planned[family("drop")], 0);
    ck_assert_uint_eq(bites.planned[family("duplicate")], 1);
    ck_assert_uint_eq(bites.planned[family("damage")], 2);
    ck_assert_uint_eq(bites.bit[family("damage")], 2);
    ck_assert_uint_eq(bites.planned[family("reorder")], 1);
    ck_assert_uint_eq(bites.bit[family("reorder")], 1);
    ds_loop_free(loop);
}
END_TEST

START_TEST(what_could_not_be_cloned_is_counted)
{
    ds__bites bites =
        bites_under("11.5 faults 0 > 1 duplicate 1 until 13.5", true);

    ck_assert_uint_eq(bites.singles, 2);
    ck_assert_uint_eq(bites.bit[family("duplicate")], 1);
    ck_assert_uint_eq(ds_net_get_stats(net).duplicated, 2);
    ds_loop_free(loop);
}
END_TEST

START_TEST(counting_changes_nothing)
{
    static const char text[] = "11.5 cut 0 > 1 until 12.5\n12 crash 1\n"
                               "10.5 clock 0 drift 0.1 until 11.5";
    ds__bites none = bites_under(text, false);
    uint64_t digest = ds_loop_digest(loop);

    ds_loop_free(loop);
    ck_assert_uint_eq(none.planned[family("crash")], 0);
    bites_under(text, true);
    ck_assert_uint_eq(ds_loop_digest(loop), digest);
    ds_loop_free(loop);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_line_bites_if_something_came_of_it, 0,
                        sizeof(lines) / sizeof(*lines));
    tcase_add_test(tc, a_line_of_chances_is_of_several_families);
    tcase_add_test(tc, what_could_not_be_cloned_is_counted);
    tcase_add_test(tc, counting_changes_nothing);
}

int main(void)
{
    return harness_main("bites", add);
}
