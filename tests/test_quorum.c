/* The register of a quorum: what is written is read, what that costs, and what
 * becomes of it when quorums do not meet. */

#include "counted.h"

#include <distsys.h>
#include <distsys/quorum.h>

static party all;
static ds_quorum reg;

static void with_replicas(size_t n, ds_thread_fn *client, ds_status status)
{
    party_new(&all, 11, n, 2, 1);
    reg.group = all.group;
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_quorum_serve, &reg);
    ds_node_spawn(all.nodes[n], client, NULL);
    ck_run(all.loop, status, NULL);
}

static ds_quorum_client client_of(ds_handle *h, size_t which)
{
    return ds_quorum_client_of(h, &reg, all.ports[all.group.n + which]);
}

static int64_t read_it(ds_handle *h, ds_quorum_client *c)
{
    int64_t value;

    ck_assert(ds_quorum_read(h, c, &value));
    return value;
}

static double began;
static size_t sent;
static double bytes;

static void start_counting(const ds_handle *h)
{
    began = ds_now(h);
    sent = all.wire.messages;
    bytes = all.wire.bytes;
}

/* What it has taken since then; the answers of those that nobody waited for
 * have been sent as well. */
static void ck_took(ds_handle *h, double seconds, size_t messages)
{
    ck_party_took(ds_now(h) - began, seconds, all.wire.bytes - bytes);
    ck_assert(ds_sleep(h, 5));
    ck_assert_uint_eq(all.wire.messages - sent, messages);
}

/* Disks take a quarter of a second. */
static void write_and_read(ds_handle *h, void *arg)
{
    size_t n = all.group.n;

    ck_assert(ds_sleep(h, 1e6));
    ds_quorum_client c = client_of(h, 0);
    start_counting(h);
    ck_assert_int_eq(read_it(h, &c), 0);
    ck_took(h, 2, 2 * n);
    start_counting(h);
    ck_assert(ds_quorum_write(h, &c, 17));
    ck_took(h, 4.25, 4 * n);
    start_counting(h);
    ck_assert_int_eq(read_it(h, &c), 17);
    ck_took(h, 2, 2 * n);
}

START_TEST(a_write_is_two_round_trips_and_a_read_is_one_if_all_agree)
{
    reg = (ds_quorum){ .patience = 100 };
    EACH_WAY
    {
        with_replicas((size_t)_i, write_and_read, DS_OK);
        ds_loop_free(all.loop);
    }
}
END_TEST

/* Two replicas are down while the third gets a version, and then the third and
 * one of the two are asked. */
static void write_to_few(ds_handle *h, void *arg)
{
    ds_quorum_client c = client_of(h, 0);

    ck_assert(ds_quorum_write(h, &c, 1));
    ds_node_crash(all.nodes[0]);
    ds_node_crash(all.nodes[1]);
    reg.patience = 5;
    c.asker.patience = 5;
    ck_assert(!ds_quorum_write(h, &c, 2));
    ds_node_restart(all.nodes[0]);
    c.asker.patience = 100;
    start_counting(h);
    ck_assert_int_eq(read_it(h, &c), 1);
}

START_TEST(a_write_that_fails_for_want_of_answers_stores_nothing)
{
    reg = (ds_quorum){ .patience = 100 };
    with_replicas(3, write_to_few, DS_OK);
    ds_loop_free(all.loop);
}
END_TEST

/* All are restarted one by one: what has been written is there. */
static void restart_all(ds_handle *h, void *arg)
{
    ds_quorum_client c = client_of(h, 0);

    for (int64_t value = 1; value < 6; value++) {
        ck_assert(ds_quorum_write(h, &c, value));
        for (size_t i = 0; i < all.group.n; i++)
            ds_node_crash(all.nodes[i]);
        for (size_t i = 0; i < all.group.n; i++)
            ds_node_restart(all.nodes[i]);
        ck_assert_int_eq(read_it(h, &c), value);
    }
}

START_TEST(what_has_been_written_survives_a_crash_of_all)
{
    reg = (ds_quorum){ .patience = 100 };
    with_replicas(5, restart_all, DS_OK);
    ds_loop_free(all.loop);
}
END_TEST

/* What one replica has is read by who asks one only. */
static void ask_too_few(ds_handle *h, void *arg)
{
    ds_quorum_client c = client_of(h, 0);

    ck_assert(ds_quorum_write(h, &c, 1));
    for (size_t i = 0; i < 3; i++)
        ds_node_crash(all.nodes[i]);
    c.quorum = &(ds_quorum){ .group = all.group, .reads = 1, .writes = 1 };
    note("%d", (int)read_it(h, &c));
}

START_TEST(one_replica_of_five_answers_a_reader_who_wants_one)
{
    reg = (ds_quorum){ .patience = 100 };
    with_replicas(5, ask_too_few, DS_OK);
    ck_noted("1");
    ds_loop_free(all.loop);
}
END_TEST

static void write_in_turns(ds_handle *h, void *arg)
{
    ds_quorum_client a = client_of(h, 0), b = client_of(h, 1);

    for (int64_t value = 1; value < 20; value++) {
        ck_assert(ds_quorum_write(h, value % 3 == 0 ? &a : &b, value));
        ck_assert_int_eq(read_it(h, value % 2 == 0 ? &a : &b), value);
    }
}

START_TEST(clients_read_what_others_have_written)
{
    reg = (ds_quorum){ .patience = 100 };
    with_replicas(4, write_in_turns, DS_OK);
    ds_loop_free(all.loop);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(
        tc, a_write_is_two_round_trips_and_a_read_is_one_if_all_agree, 1, 10);
    tcase_add_test(tc, a_write_that_fails_for_want_of_answers_stores_nothing);
    tcase_add_test(tc, what_has_been_written_survives_a_crash_of_all);
    tcase_add_test(tc, one_replica_of_five_answers_a_reader_who_wants_one);
    tcase_add_test(tc, clients_read_what_others_have_written);
}

int main(void)
{
    return harness_main("quorum", add);
}
