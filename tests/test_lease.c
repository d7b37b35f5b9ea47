/* Leases: one holds a lock until it has run out, and tokens go up. */

#include "counted.h"

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/mutex.h>

static party all;
static ds_lease lease;

/* The server, and two clients; disks take a quarter of a second. */
static void with_server(ds_thread_fn *one, ds_thread_fn *other,
                        ds_status status)
{
    party_new(&all, 13, 1, 2, 1);
    lease.group = all.group;
    ds_node_boot_daemon(all.nodes[0], ds_lease_serve, &lease);
    ds_node_spawn(all.nodes[1], one, NULL);
    if (other != NULL)
        ds_node_spawn(all.nodes[2], other, NULL);
    ck_run_once(all.loop, status, NULL);
}

static ds_lease_client client_of(ds_handle *h)
{
    return ds_lease_client_of(h, &lease,
                              all.ports[ds_node_number(ds_handle_node(h))]);
}

static void use_it_all(ds_handle *h, void *arg)
{
    ds_lease_client c = client_of(h);

    ck_assert(ds_sleep(h, 1000));
    for (uint64_t i = 1; i <= 3; i++) {
        size_t sent = all.wire.messages;
        double began = ds_now(h), bytes = all.wire.bytes;
        ck_assert(ds_lease_acquire(h, &c));
        ck_party_took(ds_now(h) - began, 2.25, all.wire.bytes - bytes);
        ck_assert_double_eq(c.until, began + 20);
        ck_assert_uint_eq(c.token, i);
        ck_assert(ds_sleep(h, 10));
        began = ds_now(h);
        bytes = all.wire.bytes;
        ck_assert(ds_lease_renew(h, &c));
        ck_party_took(ds_now(h) - began, 2, all.wire.bytes - bytes);
        ck_assert_double_eq(c.until, began + 20);
        ck_assert_uint_eq(c.token, i);
        ck_assert(ds_lease_release(h, &c));
        ck_party_took(ds_now(h) - began, 4, all.wire.bytes - bytes);
        ck_assert_double_lt(c.until, ds_now(h));
        ck_assert_uint_eq(all.wire.messages - sent, 6);
    }
}

START_TEST(each_call_takes_a_round_trip_and_tokens_go_up)
{
    lease = (ds_lease){ .seconds = 20, .again = 30 };
    EACH_WAY
    with_server(use_it_all, NULL, DS_OK);
}
END_TEST

static double runs_out;
static uint64_t first_token;

static void hold_and_crash(ds_handle *h, void *arg)
{
    ds_lease_client c = client_of(h);

    ck_assert(ds_sleep(h, 1000));
    ck_assert(ds_lease_acquire(h, &c));
    runs_out = c.until;
    first_token = c.token;
    ds_node_crash(all.nodes[1]);
}

static void wait_for_it(ds_handle *h, void *arg)
{
    ds_lease_client c = client_of(h);

    ck_assert(ds_sleep(h, 1005));
    ck_assert(ds_lease_acquire(h, &c));
    ck_assert_double_gt(ds_now(h), runs_out);
    ck_assert_double_lt(ds_now(h), runs_out + 10);
    ck_assert_uint_eq(c.token, first_token + 1);
    c.token = first_token;
    ck_assert(!ds_lease_renew(h, &c));
}

START_TEST(the_lease_of_a_holder_that_has_crashed_runs_out)
{
    lease = (ds_lease){ .seconds = 50, .again = 3 };
    with_server(hold_and_crash, wait_for_it, DS_OK);
}
END_TEST

static void crash_the_server(ds_handle *h, void *arg)
{
    ds_lease_client c = client_of(h);

    ck_assert(ds_sleep(h, 1000));
    for (uint64_t i = 1; i <= 4; i++) {
        ck_assert(ds_lease_acquire(h, &c));
        ck_assert_uint_eq(c.token, i);
        ds_node_restart(all.nodes[0]);
        double restarted = ds_now(h);
        ck_assert(!ds_lease_renew(h, &c));
        ck_assert(ds_lease_acquire(h, &c));
        ck_assert_double_ge(ds_now(h), restarted + 50);
        ck_assert_uint_eq(c.token, ++i);
        ck_assert(ds_lease_release(h, &c));
    }
}

START_TEST(a_server_that_is_restarted_waits_as_long_as_a_lease_lasts)
{
    lease = (ds_lease){ .seconds = 50, .again = 3 };
    with_server(crash_the_server, NULL, DS_OK);
}
END_TEST

/* What is lost is asked again, and is told the same. */
static void lose_much(ds_handle *h, void *arg)
{
    ds_lease_client c = client_of(h);

    ds_net_set_faults(all.wire.net, NULL, NULL,
                      (ds_link_faults){ .drop = 0.5, .duplicate = 0.5 });
    ck_assert(ds_sleep(h, 1000));
    for (uint64_t i = 1; i <= 10; i++) {
        ck_assert(ds_lease_acquire(h, &c));
        ck_assert_uint_eq(c.token, i);
        ck_assert(ds_lease_release(h, &c));
    }
}

START_TEST(who_asks_again_has_the_same_token)
{
    lease = (ds_lease){ .seconds = 1000, .again = 3 };
    with_server(lose_much, NULL, DS_OK);
}
END_TEST

static void lose_patience(ds_handle *h, void *arg)
{
    ds_lease_client c = client_of(h);

    ck_assert(ds_sleep(h, 1002));
    double began = ds_now(h);
    ck_assert(!ds_lease_acquire(h, &c));
    ck_assert_double_ge(ds_now(h), began + 30);
    ck_assert_double_lt(ds_now(h), began + 70);
}

START_TEST(an_acquisition_fails_in_time)
{
    lease = (ds_lease){ .seconds = 500, .patience = 30, .again = 3 };
    with_server(hold_and_crash, lose_patience, DS_OK);
}
END_TEST

START_TEST(a_fence_admits_no_token_below_the_highest)
{
    ds_fence fence = { 0 };

    ck_assert(ds_fence_admits(&fence, 3));
    ck_assert(ds_fence_admits(&fence, 3));
    ck_assert(!ds_fence_admits(&fence, 2));
    ck_assert(ds_fence_admits(&fence, 7));
    ck_assert(!ds_fence_admits(&fence, 3));
    ck_assert_uint_eq(fence.highest, 7);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, each_call_takes_a_round_trip_and_tokens_go_up);
    tcase_add_test(tc, the_lease_of_a_holder_that_has_crashed_runs_out);
    tcase_add_test(tc,
                   a_server_that_is_restarted_waits_as_long_as_a_lease_lasts);
    tcase_add_test(tc, who_asks_again_has_the_same_token);
    tcase_add_test(tc, an_acquisition_fails_in_time);
    tcase_add_test(tc, a_fence_admits_no_token_below_the_highest);
}

int main(void)
{
    return harness_main("lease", add);
}
