/* Chain replication: what it costs, that nothing is lost when members go and
 * come, and that nobody reads what is not there. */

#include "counted.h"

#include <distsys.h>
#include <distsys/chain.h>

static party all;
static ds_chain chain;

/* The chain; behind it the master, and two clients. */
static void with(size_t n, double lease, ds_thread_fn *one, ds_thread_fn *other,
                 ds_status status, const char *why)
{
    const bool craq = chain.craq;
    const double limit = chain.limit, longer = n > 10 ? (double)n / 10 : 1;

    party_new(&all, 9, n, 3, 1);
    chain = (ds_chain){ .group = all.group,
                        .master = { all.wire.net, &all.ports[n], 1 },
                        .craq = craq,
                        .lease = lease,
                        .period = lease / 5,
                        .again = 40 * longer,
                        .patience = 50 * longer,
                        .limit = limit };
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_chain_serve, &chain);
    ds_node_boot_daemon(all.nodes[n], ds_chain_master, &chain);
    ds_node_spawn(all.nodes[n + 1], one, NULL);
    if (other != NULL)
        ds_node_spawn(all.nodes[n + 2], other, NULL);
    ck_run_once(all.loop, status, why);
}

static ds_chain_client client_of(ds_handle *h, size_t which)
{
    ck_assert(ds_sleep(h, 1000));
    return ds_chain_client_of(h, &chain, all.ports[all.group.n + which]);
}

static void write_it(ds_handle *h, ds_chain_client *c, uint64_t key,
                     int64_t value)
{
    ck_assert(ds_chain_write(h, c, key, value));
}

static int64_t read_it(ds_handle *h, ds_chain_client *c, uint64_t key)
{
    int64_t value;

    ck_assert(ds_chain_read(h, c, key, &value));
    return value;
}

/* ---- What it costs --------------------------------------------------------*/

/* Nobody says anything to the master meanwhile. */
static const double for_ever = 1e6;

static void use_alone(ds_handle *h, void *arg)
{
    ds_chain_client c = client_of(h, 1);
    size_t n = all.group.n, before = all.wire.messages;
    double began = ds_now(h), bytes = all.wire.bytes, read, took;

    ck_assert_int_eq(read_it(h, &c, 7), 0);
    ck_party_took(ds_now(h) - began, 4, all.wire.bytes - bytes);
    ck_assert_uint_eq(all.wire.messages - before, 4);
    for (int64_t i = 1; i <= 5; i++) {
        before = all.wire.messages;
        began = ds_now(h);
        bytes = all.wire.bytes;
        write_it(h, &c, (uint64_t)i % 2, i);
        took = ds_now(h) - began;
        ck_assert(ds_sleep(h, 30 + (double)n));
        bytes = all.wire.bytes - bytes;
        ck_assert_uint_eq(all.wire.messages - before, 2 * n);
        before = all.wire.messages;
        began = ds_now(h);
        read = all.wire.bytes;
        ck_assert_int_eq(read_it(h, &c, (uint64_t)i % 2), i);
        ck_assert_int_eq(read_it(h, &c, (uint64_t)(i - 1) % 2), i - 1);
        read = all.wire.bytes - read;
        ck_party_took(ds_now(h) - began, 4, read);
        ck_assert_uint_eq(all.wire.messages - before, 4);
        /* What goes back from member to member is as long as a read, and only
         * that of the tail is before the answer. */
        ck_party_took(took, 1.25 * (double)n + 1,
                      n > 1 ? bytes - (double)(n - 2) * read / 4 : bytes);
    }
}

START_TEST(a_write_takes_2_n_messages_and_a_read_2)
{
    chain.craq = false;
    EACH_WAY
    with((size_t)_i, for_ever, use_alone, NULL, DS_OK, NULL);
}
END_TEST

START_TEST(so_it_does_if_all_members_read)
{
    chain.craq = true;
    EACH_WAY
    with((size_t)_i, for_ever, use_alone, NULL, DS_OK, NULL);
}
END_TEST

static const size_t many[] = { 16, 17, 64, 65, 99, 128 };
enum { MANY = sizeof(many) / sizeof(*many) };

START_TEST(so_it_does_among_many)
{
    chain.craq = _i % 2 == 0;
    with(many[_i], for_ever, use_alone, NULL, DS_OK, NULL);
}
END_TEST

/* The write is at the head from 1251, and at the tail at 1255 at the earliest.
 */
static void write_slowly(ds_handle *h, void *arg)
{
    ds_chain_client c = client_of(h, 1);

    write_it(h, &c, 1, 10);
    ck_assert(ds_sleep(h, 1250 - ds_now(h)));
    write_it(h, &c, 1, 11);
    ck_assert_double_eq(ds_now(h), 1256);
}

static void read_at_head(ds_handle *h, void *arg)
{
    ds_chain_client c = client_of(h, 2);

    ck_assert_int_eq(read_it(h, &c, 2), 0);
    c.members[0] = 0;
    c.n = 1;
    ck_assert(ds_sleep(h, 1251 - ds_now(h)));
    double began = ds_now(h);
    ck_assert_int_eq(read_it(h, &c, 1), 10);
    ck_assert_double_eq(ds_now(h) - began, 4);
    ck_assert_int_eq(read_it(h, &c, 1), 11);
    ck_assert(ds_sleep(h, 50));
    began = ds_now(h);
    ck_assert_int_eq(read_it(h, &c, 1), 11);
    ck_assert_double_eq(ds_now(h) - began, 2);
}

START_TEST(who_does_not_know_whether_the_tail_has_it_asks)
{
    chain.craq = true;
    with(4, for_ever, write_slowly, read_at_head, DS_OK, NULL);
}
END_TEST

/* ---- Members go and come --------------------------------------------------*/

static size_t lost; /* the member that does */

/* What a chain has that has lost one, and then all but that one. */
static void use_while_one_is_away(ds_handle *h, void *arg)
{
    ds_chain_client c = client_of(h, 1);
    size_t n = all.group.n;

    write_it(h, &c, 1, 10);
    ds_node_crash(all.nodes[lost]);
    write_it(h, &c, 2, 20);
    ck_assert_int_eq(read_it(h, &c, 1), 10);
    ck_assert_int_eq(read_it(h, &c, 2), 20);
    ds_node_restart(all.nodes[lost]);
    ck_assert(ds_sleep(h, 500));
    for (size_t i = 0; i < n; i++)
        if (i != lost)
            ds_node_crash(all.nodes[i]);
    write_it(h, &c, 1, 11);
    ck_assert_int_eq(read_it(h, &c, 1), 11);
    ck_assert_int_eq(read_it(h, &c, 2), 20);
    for (size_t i = 0; i < n; i++)
        ds_node_restart(all.nodes[i]);
    ck_assert(ds_sleep(h, 500));
    ds_node_crash(all.nodes[lost]);
    ck_assert_int_eq(read_it(h, &c, 1), 11);
    ck_assert_int_eq(read_it(h, &c, 2), 20);
}

START_TEST(whoever_is_lost_comes_back_with_all)
{
    chain.craq = _i % 2 == 0;
    lost = (size_t)_i / 2;
    with(4, 60, use_while_one_is_away, NULL, DS_OK, NULL);
}
END_TEST

static void crash_all(ds_handle *h, void *arg)
{
    ds_chain_client c = client_of(h, 1);

    for (uint64_t i = 0; i < 30; i++)
        write_it(h, &c, i, (int64_t)i);
    for (size_t i = 0; i < all.group.n; i++)
        ds_node_crash(all.nodes[i]);
    ck_assert(ds_sleep(h, 500));
    for (size_t i = 0; i < all.group.n; i++)
        ds_node_restart(all.nodes[i]);
    for (uint64_t i = 0; i < 30; i++)
        ck_assert_int_eq(read_it(h, &c, i), (int64_t)i);
}

START_TEST(what_is_written_survives_a_crash_of_all)
{
    chain.craq = true;
    with((size_t)_i, 60, crash_all, NULL, DS_OK, NULL);
}
END_TEST

/* The tail is cut off from all but clients, and knows nothing of what is
 * written now. */
static void read_what_is_old(ds_handle *h, void *arg)
{
    ds_chain_client c = client_of(h, 1), other = client_of(h, 2);
    size_t tail = all.group.n - 1;

    write_it(h, &c, 1, 10);
    for (size_t i = 0; i <= all.group.n; i++)
        if (i != tail) {
            ds_net_cut(all.wire.net, all.nodes[i], all.nodes[tail]);
            ds_net_cut(all.wire.net, all.nodes[tail], all.nodes[i]);
        }
    write_it(h, &c, 1, 11);
    other.members[0] = tail;
    other.n = 1;
    ck_assert_int_eq(read_it(h, &other, 1), 11);
}

START_TEST(a_tail_without_a_promise_does_not_answer)
{
    chain.craq = _i == 1;
    with(3, 60, read_what_is_old, NULL, DS_OK, NULL);
}
END_TEST

/* ---- What is not there ----------------------------------------------------*/

static void use_nobody(ds_handle *h, void *arg)
{
    ds_chain_client c = client_of(h, 1);
    int64_t value = 5;
    double began = ds_now(h);

    for (size_t i = 0; i < all.group.n; i++)
        ds_node_crash(all.nodes[i]);
    ck_assert(!ds_chain_write(h, &c, 1, 2));
    ck_assert(!ds_chain_read(h, &c, 1, &value));
    ck_assert_int_eq(value, 0);
    ck_assert_double_ge(ds_now(h) - began, 400);
    ck_assert_double_le(ds_now(h) - began, 600);
}

START_TEST(a_client_gives_up)
{
    chain.limit = 200;
    with(3, 60, use_nobody, NULL, DS_OK, NULL);
    chain.limit = 0;
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_write_takes_2_n_messages_and_a_read_2, 1, 7);
    tcase_add_loop_test(tc, so_it_does_if_all_members_read, 1, 7);
    tcase_add_loop_test(tc, so_it_does_among_many, 0, MANY);
    tcase_add_test(tc, who_does_not_know_whether_the_tail_has_it_asks);
    tcase_add_loop_test(tc, whoever_is_lost_comes_back_with_all, 0, 8);
    tcase_add_loop_test(tc, what_is_written_survives_a_crash_of_all, 1, 5);
    tcase_add_loop_test(tc, a_tail_without_a_promise_does_not_answer, 0, 2);
    tcase_add_test(tc, a_client_gives_up);
}

int main(void)
{
    return harness_main("chain", add);
}
