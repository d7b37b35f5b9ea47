/* Atomic commit: what it costs, that all do the same, and who waits for whom
 * when the coordinator is away. */

#include "counted.h"

#include <distsys.h>
#include <distsys/commit.h>

/* The coordinator is machine 0; participants, acceptors and a client follow. */
enum { ACCEPTORS = 3, MOST = 8 };

static party all;
static ds_commit commit;
static size_t refuses; /* a participant; DS_NOBODY: none does */
static int done[MOST]; /* by participant: 1 commit, 2 abort, so far */

static size_t me(ds_handle *h)
{
    return ds_group_me(&commit.participants, h);
}

static bool prepare(ds_handle *h, uint64_t transaction, void *arg)
{
    return me(h) != refuses;
}

static void finish(ds_handle *h, uint64_t transaction, bool commits, void *arg)
{
    int what = commits ? 1 : 2;

    ck_assert_msg(done[me(h)] == 0 || done[me(h)] == what, "%zu does both",
                  me(h));
    done[me(h)] = what;
}

static ds_group slice(size_t first, size_t n)
{
    return (ds_group){ all.wire.net, all.ports + first, n };
}

static void with(ds_commit_way way, size_t n, ds_thread_fn *client,
                 ds_thread_fn *fate)
{
    size_t acceptors = way == DS_PAXOS_COMMIT ? ACCEPTORS : 0;

    refuses = refuses < n ? refuses : DS_NOBODY;
    memset(done, 0, sizeof(done));
    party_new(&all, 3, 1 + n + acceptors, 1, 1);
    commit = (ds_commit){ .way = way,
                          .coordinator = slice(0, 1),
                          .participants = slice(1, n),
                          .paxos.group = slice(1 + n, acceptors),
                          .paxos.patience = 10,
                          .paxos.pause = 1,
                          .patience = 10,
                          .again = 40,
                          .prepare = prepare,
                          .finish = finish };
    ds_node_boot_daemon(all.nodes[0], ds_commit_coordinate, &commit);
    for (size_t i = 1; i <= n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_commit_take_part, &commit);
    for (size_t i = 1 + n; i < 1 + n + acceptors; i++)
        ds_node_boot_daemon(all.nodes[i], ds_paxos_accept, &commit.paxos);
    ds_node_spawn(all.nodes[1 + n + acceptors], client, NULL);
    if (fate != NULL)
        ds_spawn(all.loop, fate, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}

static ds_commit_client client_of(ds_handle *h)
{
    ck_assert(ds_sleep(h, 1000));
    return ds_commit_client_of(h, &commit, all.ports[all.group.n]);
}

static uint64_t begin(ds_handle *h, ds_commit_client *c)
{
    uint64_t transaction;

    ck_assert(ds_commit_begin(h, c, &transaction));
    return transaction;
}

static bool end(ds_handle *h, ds_commit_client *c, uint64_t transaction)
{
    bool committed;

    ck_assert(ds_commit_end(h, c, transaction, &committed));
    return committed;
}

static void all_have_done(int what)
{
    for (size_t i = 0; i < commit.participants.n; i++)
        ck_assert_int_eq(done[i], what);
}

/* ---- What it costs --------------------------------------------------------*/

/* Messages for n participants, and the time until the client knows, of which
 * syncs of disks take a quarter of a second each; an acceptor has one for each
 * vote, one after the other, in any order. */
static const struct {
    ds_commit_way way;
    size_t each; /* messages */
    double commits, aborts;
    double more; /* at most, for each participant but one */
} costs[] = {
    { DS_TWO_PHASES, 3, 4.5, 4.25, 0 },
    { DS_THREE_PHASES, 5, 7, 4.25, 0 },
    { DS_PAXOS_COMMIT, 3 + 2 * ACCEPTORS, 6.5, 6.5, 0.25 },
};

/* What participants tell acceptors passes many ports at a time. */
static void ck_votes_took(double took, double least, double more, double bytes)
{
    ck_assert_double_ge(took, least);
    ck_assert_double_le(took, least + more + party_drain(bytes));
}

static void count(ds_handle *h, void *arg)
{
    ds_commit_client c = client_of(h);
    size_t n = commit.participants.n, cost = commit.way;

    for (int i = 0; i < 3; i++) {
        size_t sent = all.wire.messages;
        double began = ds_now(h), bytes = all.wire.bytes;
        uint64_t transaction = begin(h, &c);
        ck_party_took(ds_now(h) - began, 2, all.wire.bytes - bytes);
        began = ds_now(h);
        bytes = all.wire.bytes;
        bool committed = end(h, &c, transaction);
        ck_assert(committed == (refuses == DS_NOBODY));
        double least = committed ? costs[cost].commits : costs[cost].aborts;
        double took = ds_now(h) - began;
        bytes = all.wire.bytes - bytes;
        if (commit.way == DS_PAXOS_COMMIT)
            ck_votes_took(took, least, costs[cost].more * (double)(n - 1),
                          bytes);
        else
            ck_party_took(took, least, bytes);
        ck_assert(ds_sleep(h, 5));
        size_t each = committed || commit.way != DS_THREE_PHASES
                          ? costs[cost].each
                          : costs[DS_TWO_PHASES].each;
        ck_assert_uint_eq(all.wire.messages - sent, 2 + 2 + n * each);
        all_have_done(committed ? 1 : 2);
        memset(done, 0, sizeof(done));
    }
}

START_TEST(to_commit_takes_so_many_messages)
{
    EACH_WAY
    for (size_t n = 1; n < MOST; n++) {
        refuses = DS_NOBODY;
        with(costs[_i].way, n, count, NULL);
    }
}
END_TEST

START_TEST(who_refuses_makes_all_abort)
{
    for (size_t n = 1; n < MOST; n++) {
        refuses = n / 2;
        with(costs[_i].way, n, count, NULL);
    }
}
END_TEST

/* ---- The coordinator is away ----------------------------------------------*/

/* It gets the question at 1003, and asks; all are ready at 1004.25, which it
 * knows at 1005.25, and in two phases its disk has it at 1005.5.  In three they
 * know that all are ready at 1006.5, and their disks at 1006.75.  In Paxos
 * commit the votes are chosen at 1006.5.  It is away until 1500. */
static const struct {
    ds_commit_way way;
    double crash;
    bool sends; /* it goes on until it sends something */
    bool waits; /* participants wait for it */
    int end;    /* 1 commit, 2 abort */
} absences[] = {
    { DS_TWO_PHASES, 1003.5, false, true, 2 },
    { DS_TWO_PHASES, 1005, false, true, 2 },
    { DS_TWO_PHASES, 1005.4, true, true, 1 },
    { DS_THREE_PHASES, 1005, false, false, 2 },
    { DS_THREE_PHASES, 1007, false, false, 1 },
    { DS_PAXOS_COMMIT, 1003.5, false, false, 1 },
    { DS_PAXOS_COMMIT, 1007, false, false, 1 },
};
enum { ABSENCES = sizeof(absences) / sizeof(*absences) };

static size_t which;

static void lose_coordinator(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, absences[which].crash));
    if (absences[which].sends)
        ds_node_crash_at(all.nodes[0], DS_AT_SEND, 1);
    else
        ds_node_crash(all.nodes[0]);
    ck_assert(ds_sleep(h, 1500 - ds_now(h)));
    all_have_done(absences[which].waits ? 0 : absences[which].end);
    ds_node_restart(all.nodes[0]);
}

static void end_without_it(ds_handle *h, void *arg)
{
    ds_commit_client c = client_of(h);
    uint64_t transaction = begin(h, &c);
    bool commits = absences[which].end == 1;

    ck_assert(end(h, &c, transaction) == commits);
    ck_assert_double_ge(ds_now(h), 1500);
    ck_assert(ds_sleep(h, 100));
    all_have_done(absences[which].end);
    ck_assert(end(h, &c, transaction) == commits);
}

START_TEST(without_the_coordinator_some_wait_and_all_do_the_same)
{
    which = (size_t)_i;
    refuses = DS_NOBODY;
    with(absences[_i].way, 3, end_without_it, lose_coordinator);
}
END_TEST

/* ---- Other mishaps --------------------------------------------------------*/

/* What all are ready for has not reached the last one yet. */
static void cut_off_the_last(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1006));
    ds_net_partition(all.wire.net, &all.nodes[3], 1);
}

static void end_in_two_parts(ds_handle *h, void *arg)
{
    ds_commit_client c = client_of(h);

    ck_assert(end(h, &c, begin(h, &c)));
    ck_assert(ds_sleep(h, 100));
    ck_assert(done[0] == 1 && done[1] == 1 && done[2] == 2);
}

START_TEST(three_phases_commit_in_one_part_and_abort_in_the_other)
{
    refuses = DS_NOBODY;
    with(DS_THREE_PHASES, 3, end_in_two_parts, cut_off_the_last);
}
END_TEST

static void crash_all(void)
{
    for (size_t i = 0; i < all.group.n; i++)
        ds_node_crash(all.nodes[i]);
    for (size_t i = 0; i < all.group.n; i++)
        ds_node_restart(all.nodes[i]);
}

static void end_and_crash_all(ds_handle *h, void *arg)
{
    enum { MANY = 40 };
    ds_commit_client c = client_of(h);
    uint64_t transactions[MANY];

    for (int i = 0; i < MANY; i++) {
        transactions[i] = begin(h, &c);
        ck_assert(end(h, &c, transactions[i]));
    }
    crash_all();
    for (int i = 0; i < MANY; i++)
        ck_assert(end(h, &c, transactions[i]));
}

START_TEST(what_is_committed_survives_a_crash_of_all)
{
    refuses = DS_NOBODY;
    with(costs[_i].way, 2, end_and_crash_all, NULL);
}
END_TEST

static void end_what_a_crash_has_ended(ds_handle *h, void *arg)
{
    ds_commit_client c = client_of(h);
    uint64_t transaction = begin(h, &c);

    crash_all();
    ck_assert(!end(h, &c, transaction));
    ck_assert(!end(h, &c, 12345));
    ck_assert_uint_ne(begin(h, &c), transaction);
}

START_TEST(what_was_only_begun_is_aborted_by_a_crash)
{
    refuses = DS_NOBODY;
    with(costs[_i].way, 2, end_what_a_crash_has_ended, NULL);
}
END_TEST

/* One that is down has not voted. */
static void end_without_one(ds_handle *h, void *arg)
{
    ds_commit_client c = client_of(h);
    uint64_t transaction = begin(h, &c);

    ds_node_crash(all.nodes[2]);
    ck_assert(!end(h, &c, transaction));
    ds_node_restart(all.nodes[2]);
    ck_assert(ds_sleep(h, 100));
    ck_assert(done[0] == 2 && done[2] == 2);
    memset(done, 0, sizeof(done));
    ck_assert(end(h, &c, begin(h, &c)));
}

START_TEST(who_is_down_has_refused)
{
    refuses = DS_NOBODY;
    with(costs[_i].way, 3, end_without_one, NULL);
}
END_TEST

static void end_in_vain(ds_handle *h, void *arg)
{
    ds_commit_client c = client_of(h);
    uint64_t transaction = begin(h, &c);
    bool committed;

    c.asker.patience = 20;
    ds_node_crash(all.nodes[0]);
    double began = ds_now(h);
    ck_assert(!ds_commit_end(h, &c, transaction, &committed));
    ck_assert_double_eq(ds_now(h) - began, 20);
}

START_TEST(a_client_gives_up)
{
    refuses = DS_NOBODY;
    with(costs[_i].way, 3, end_in_vain, NULL);
}
END_TEST

static void add(TCase *tc)
{
    const int ways = sizeof(costs) / sizeof(*costs);

    tcase_add_loop_test(tc, to_commit_takes_so_many_messages, 0, ways);
    tcase_add_loop_test(tc, who_refuses_makes_all_abort, 0, ways);
    tcase_add_loop_test(
        tc, without_the_coordinator_some_wait_and_all_do_the_same, 0, ABSENCES);
    tcase_add_test(tc, three_phases_commit_in_one_part_and_abort_in_the_other);
    tcase_add_loop_test(tc, what_is_committed_survives_a_crash_of_all, 0, ways);
    tcase_add_loop_test(tc, what_was_only_begun_is_aborted_by_a_crash, 0, ways);
    tcase_add_loop_test(tc, who_is_down_has_refused, 0, ways);
    tcase_add_loop_test(tc, a_client_gives_up, 0, ways);
}

int main(void)
{
    return harness_main("commit", add);
}
