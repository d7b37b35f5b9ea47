/* Gossip: who knows what after how many periods, and by how many messages. */

#include "counted.h"

#include <distsys.h>
#include <distsys/disk.h>
#include <distsys/fault.h>
#include <distsys/gossip.h>
#include <distsys/observe.h>

/* ---- Crowds ---------------------------------------------------------------*/

/* Of any number of members; a packet takes a tenth of a second and a period 2,
 * so that these are rounds. */
enum { CROWD_MOST = 4096, FEW_THREADS = 20 };
static struct {
    ds_loop *loop;
    counted wire;
    ds_node *nodes[CROWD_MOST];
    ds_port *ports[CROWD_MOST];
    struct ds_gossip_member *members[CROWD_MOST];
    ds_gossip gossip;
    size_t knew; /* how many members, when it was asked last */
} all;

static void with_crowd(uint64_t seed, size_t n, unsigned ways, size_t fanout,
                       size_t hot)
{
    ck_assert_uint_le(n, CROWD_MOST);
    all.loop = ds_loop_new(&(ds_loop_config){
        .seed = seed,
        .exec = n > FEW_THREADS ? DS_FIBERS : DS_THREADS,
    });
    counted_new(&all.wire, all.loop, 0.1, NULL);
    for (size_t i = 0; i < n; i++)
        all.nodes[i] = ds_node_new(all.loop);
    all.gossip = (ds_gossip){
        .group = ds_group_of(all.wire.net, all.nodes, all.ports, n),
        .ways = ways,
        .period = 2,
        .fanout = fanout,
        .hot = hot,
        .members = all.members,
    };
    for (size_t i = 0; i < n; i++)
        ds_node_boot_daemon(all.nodes[i], ds_gossip_serve, &all.gossip);
}

/* Walks over thousands of machines, each of which a sanitizer makes slower,
 * take minutes. */
static size_t crowd(size_t n)
{
    return harness_slowness() > 1 && n > 64 ? 64 : harness_nodes(n);
}

static const ds_entry entry = { .key = { .object = 7 }, .value = 3 };

/* How many members know an entry. */
static size_t knowers(const ds_entry *e)
{
    size_t n = 0;

    for (size_t i = 0; i < all.gossip.group.n; i++) {
        const ds_entries *known = ds_gossip_known(&all.gossip, i);
        const ds_entry *found =
            known == NULL ? NULL : ds_entries_find(known, &e->key);
        n +=
            found != NULL && found->rank == e->rank && found->value == e->value;
    }
    return n;
}

/* Adds the entry a while after a period has begun, so that the next round is
 * the first. */
static bool add_late(ds_handle *h)
{
    return ds_sleep(h, 1001) && ds_gossip_add(h, &all.gossip, &entry);
}

/* How many rounds it takes until all know; at most so many are waited for. */
static size_t rounds_of(ds_handle *h, size_t most)
{
    size_t n = 0;

    for (; n < most && knowers(&entry) < all.gossip.group.n; n++)
        ck_assert(ds_sleep(h, 2));
    all.knew = knowers(&entry);
    return n;
}

/* ---- Counting messages ----------------------------------------------------*/

typedef struct count {
    unsigned ways;
    size_t n;
    size_t fanout;
    size_t hot;
} count;

/* All know in the end, since an entry is hot for long. */
static void count_pushes(ds_handle *h, void *arg)
{
    const count *c = arg;

    ck_assert(ds_sleep(h, 1001));
    ck_assert_uint_eq(all.wire.messages, 0);
    ck_assert(ds_gossip_add(h, &all.gossip, &entry));
    ck_assert(ds_sleep(h, 2 * 100));
    ck_assert_uint_eq(knowers(&entry), c->n);
    ck_assert_uint_eq(all.wire.messages, c->n * c->fanout * c->hot);
    ck_assert_double_eq(all.wire.bytes,
                        (double)all.wire.messages * (16 + sizeof(ds_entry)));
}

static const count pushed[] = {
    { DS_GOSSIP_PUSH, 2, 1, 1 },   { DS_GOSSIP_PUSH, 2, 3, 5 },
    { DS_GOSSIP_PUSH, 3, 1, 40 },  { DS_GOSSIP_PUSH, 8, 2, 20 },
    { DS_GOSSIP_PUSH, 33, 4, 10 }, { DS_GOSSIP_PUSH, 500, 1, 30 },
};
enum { PUSHED = sizeof(pushed) / sizeof(*pushed) };

START_TEST(each_member_pushes_fanout_times_in_each_period_that_it_is_hot)
{
    const count *c = &pushed[_i];

    with_crowd(3, c->n, c->ways, c->fanout, c->hot);
    ds_node_spawn(all.nodes[c->n - 1], count_pushes, (void *)c);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

/* Without news: a packet for each time that a member speaks, and no answer. */
static void count_silence(ds_handle *h, void *arg)
{
    const count *c = arg;
    size_t before, periods = 10;

    ck_assert(ds_gossip_add(h, &all.gossip, &entry));
    ck_assert(ds_sleep(h, 1001));
    ck_assert_uint_eq(knowers(&entry), c->n);
    before = all.wire.messages;
    ck_assert(ds_sleep(h, 2 * (double)periods));
    ck_assert_uint_eq(all.wire.messages - before, c->n * c->fanout * periods);
}

static const count silent[] = {
    { DS_GOSSIP_PULL, 2, 1, 20 },
    { DS_GOSSIP_PULL, 9, 3, 20 },
    { DS_GOSSIP_PUSH_PULL, 5, 1, 20 },
    { DS_GOSSIP_PUSH_PULL, 64, 2, 20 },
    { DS_GOSSIP_ANTI_ENTROPY, 2, 1, 0 },
    { DS_GOSSIP_ANTI_ENTROPY, 100, 1, 0 },
    { DS_GOSSIP_PUSH_PULL | DS_GOSSIP_ANTI_ENTROPY, 17, 2, 5 },
};
enum { SILENT = sizeof(silent) / sizeof(*silent) };

START_TEST(without_news_there_is_no_answer_and_who_only_pushes_is_silent)
{
    const count *c = &silent[_i];

    with_crowd(3, c->n, c->ways, c->fanout, c->hot);
    ds_node_spawn(all.nodes[0], count_silence, (void *)c);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

/* While all are hot, each pull has an answer; who has pushed has told. */
static void count_answers(ds_handle *h, void *arg)
{
    size_t n = all.gossip.group.n, before;

    ck_assert(add_late(h));
    rounds_of(h, 40);
    ck_assert_uint_eq(all.knew, n);
    before = all.wire.messages;
    ck_assert(ds_sleep(h, 10));
    ck_assert_uint_eq(all.wire.messages - before,
                      all.gossip.ways == DS_GOSSIP_PULL ? 5 * 2 * n : 5 * n);
}

START_TEST(while_all_are_hot_a_pull_takes_two_messages_and_push_pull_one)
{
    static const unsigned ways[] = { DS_GOSSIP_PULL, DS_GOSSIP_PUSH_PULL };

    for (size_t n = 2; n < 70; n = 2 * n + 1) {
        with_crowd(3, n, ways[_i], 1, 100);
        ds_node_spawn(all.nodes[n / 2], count_answers, NULL);
        ck_run_once(all.loop, DS_OK, NULL);
    }
}
END_TEST

/* ---- Rounds ---------------------------------------------------------------*/

static size_t rounds;

static void measure_rounds(ds_handle *h, void *arg)
{
    ck_assert(add_late(h));
    rounds = rounds_of(h, 100);
}

/* The mean of some seeds. */
static double mean_rounds(unsigned ways, size_t n)
{
    const size_t seeds = 10;
    size_t sum = 0;

    for (uint64_t seed = 1; seed <= seeds; seed++) {
        with_crowd(seed, n, ways, 1, 100);
        ds_node_spawn(all.nodes[0], measure_rounds, NULL);
        ck_run_once(all.loop, DS_OK, NULL);
        ck_assert_uint_eq(all.knew, n);
        sum += rounds;
    }
    return (double)sum / (double)seeds;
}

/* Pittel, "On Spreading a Rumor", SIAM J. Appl. Math. 47(1), 1987: log2 n + ln
 * n + O(1). */
START_TEST(a_push_takes_log2_and_ln_of_the_number_of_members)
{
    for (size_t n = 16; n <= crowd(256); n *= 4)
        ck_assert_double_lt(fabs(mean_rounds(DS_GOSSIP_PUSH, n) -
                                 log2((double)n) - log((double)n)),
                            2.5);
}
END_TEST

/* Karp et al., FOCS 2000: log3 n + O(log log n); one who asks is told within
 * the round what the other has heard in it, which is a little faster. */
START_TEST(push_and_pull_take_log3_and_a_little)
{
    for (size_t n = 16; n <= crowd(256); n *= 4) {
        double mean = mean_rounds(DS_GOSSIP_PUSH_PULL, n);
        double log3 = log((double)n) / log(3);
        ck_assert_double_gt(mean, log3 - 2);
        ck_assert_double_lt(mean, log3 + log2(log2((double)n)) + 1);
    }
}
END_TEST

static double missed; /* a fraction of all */

static void measure_residue(ds_handle *h, void *arg)
{
    ck_assert(add_late(h));
    rounds_of(h, 60);
    missed = 1 - (double)all.knew / (double)all.gossip.group.n;
}

/* Who pushes k times misses a fraction s = e^(-k (1 - s)), by Demers et al. and
 * the theory of epidemics. */
static const struct {
    size_t fanout;
    size_t hot;
    double residue;
} residues[] = { { 1, 2, 0.203188 },
                 { 2, 1, 0.203188 },
                 { 1, 3, 0.059520 },
                 { 3, 1, 0.059520 },
                 { 2, 2, 0.019827 } };
enum { RESIDUES = sizeof(residues) / sizeof(*residues) };

START_TEST(a_rumour_that_is_not_hot_for_long_misses_a_fraction_of_all)
{
    const size_t n = crowd(1000);
    size_t spread = 0;
    double sum = 0;

    for (uint64_t seed = 1; seed <= 8; seed++) {
        with_crowd(seed, n, DS_GOSSIP_PUSH, residues[_i].fanout,
                   residues[_i].hot);
        ds_node_spawn(all.nodes[1], measure_residue, NULL);
        ck_run_once(all.loop, DS_OK, NULL);
        /* It may die out at once. */
        spread += missed < 0.9;
        sum += missed < 0.9 ? missed : 0;
    }
    ck_assert_uint_gt(spread, 3);
    ck_assert_double_lt(fabs(sum / (double)spread - residues[_i].residue),
                        n == 1000 ? 0.01 : 0.05);
}
END_TEST

/* ---- Differences ----------------------------------------------------------*/

enum { MANY = 10000 };

/* The i-th of many, anywhere among keys. */
static ds_entry one_of_many(uint64_t i)
{
    return (ds_entry){ .key = { .object = i * UINT64_C(0x9e3779b97f4a7c15),
                                .element = -(int64_t)i,
                                .dot = i % 3 },
                       .rank = 5,
                       .value = (int64_t)i };
}

/* Which are left out, or are older, at a member; NULL: none. */
typedef struct gap {
    size_t member;
    size_t missing; /* MANY: none is */
    size_t older;   /* likewise */
    bool has_none;  /* of all these */
    size_t messages;
    size_t claims;
    size_t least; /* entries that are told */
    size_t most;
} gap;

static const gap *apart;

static void add_many(ds_handle *h, void *arg)
{
    bool here = ds_group_me(&all.gossip.group, h) == apart->member;

    for (size_t i = 0; i < MANY && !(here && apart->has_none); i++) {
        ds_entry e = one_of_many(i);
        e.rank -= here && i == apart->older;
        if (!here || i != apart->missing)
            ck_assert(ds_gossip_add(h, &all.gossip, &e));
    }
}

/* The two begin periods in turns, a second after each other, and fill up in
 * between; so what is counted is one exchange, which member 1 begins. */
static void count_difference(ds_handle *h, void *arg)
{
    size_t before;
    double bytes;

    ck_assert(ds_sleep(h, 1));
    ds_node_restart(all.nodes[1]);
    ck_assert(ds_sleep(h, 1000 - 0.5));
    for (size_t i = 0; i < 2; i++)
        ds_node_spawn(all.nodes[i], add_many, NULL);
    ck_assert(ds_sleep(h, 0.1));
    before = all.wire.messages;
    bytes = all.wire.bytes;
    ck_assert(ds_sleep(h, 1.2));
    ck_assert_uint_eq(all.wire.messages - before, apart->messages);
    bytes = all.wire.bytes - bytes - 16 * (double)apart->messages -
            72 * (double)apart->claims;
    ck_assert_double_ge(bytes, (double)(apart->least * sizeof(ds_entry)));
    ck_assert_double_le(bytes, (double)(apart->most * sizeof(ds_entry)));
    for (size_t i = 0; i < MANY; i++) {
        const ds_entry e = one_of_many(i);
        ck_assert_uint_eq(knowers(&e), 2);
    }
}

/* Of 10,000: a digest of all, 16 of 625, 16 of 39, and 16 of 2 or 3, of which
 * one differs; then whoever has that tells what is in it, and is told what it
 * lacks, if it does.  So 4 + 1 or 4 + 2 messages of 50 claims in all. */
static const gap gaps[] = {
    { 1, 0, MANY, false, 6, 50, 2, 3 },
    { 1, 4711, MANY, false, 6, 50, 2, 3 },
    { 1, MANY - 1, MANY, false, 6, 50, 2, 3 },
    { 1, MANY, 5000, false, 6, 50, 3, 4 }, /* it is told twice */
    { 0, 0, MANY, false, 5, 50, 2, 3 },
    { 0, 4711, MANY, false, 5, 50, 2, 3 },
    { 0, MANY, 5000, false, 5, 50, 2, 3 },
    { 0, MANY, MANY, false, 1, 1, 0, 0 },
    /* Who has nothing is told everything. */
    { 1, MANY, MANY, true, 2, 2, MANY, MANY },
    { 0, MANY, MANY, true, 3, 2, MANY, MANY },
};
enum { GAPS = sizeof(gaps) / sizeof(*gaps) };

START_TEST(one_difference_in_10000_takes_six_messages_at_most)
{
    apart = &gaps[_i];
    with_crowd(3, 2, DS_GOSSIP_ANTI_ENTROPY, 1, 0);
    ds_spawn(all.loop, count_difference, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

/* Any two sets become one, whatever the sizes and wherever keys lie. */
static const size_t sizes[] = { 0, 1, 2, 15, 16, 17, 33, 300, 1000 };
enum { SIZES = sizeof(sizes) / sizeof(*sizes) };

static void fill(ds_handle *h, void *arg)
{
    size_t me = ds_group_me(&all.gossip.group, h), n = *(const size_t *)arg;

    for (size_t i = 0; i < n; i++) {
        /* Some have the same key and others the same value. */
        ds_entry e = { .key = { .object = i % 3,
                                .element = (int64_t)(i * (2 + me)),
                                .dot = i % 7 == 0 ? UINT64_MAX : 0 },
                       .rank = i % 5 == me,
                       .value = INT64_MIN + (int64_t)i };
        ck_assert(ds_gossip_add(h, &all.gossip, &e));
    }
}

static void ck_all_know_the_same(void)
{
    const ds_entries_sum first =
        ds_entries_sum_of(ds_gossip_known(&all.gossip, 0), NULL, NULL);

    for (size_t i = 1; i < all.gossip.group.n; i++) {
        ds_entries_sum sum =
            ds_entries_sum_of(ds_gossip_known(&all.gossip, i), NULL, NULL);
        ck_assert_uint_eq(sum.count, first.count);
        ck_assert_uint_eq(sum.digest, first.digest);
    }
}

static void merge_two(ds_handle *h, void *arg)
{
    const size_t *pair = arg;

    ck_assert(ds_sleep(h, 1000.5));
    for (size_t i = 0; i < 2; i++)
        ds_node_spawn(all.nodes[i], fill, (void *)&sizes[pair[i]]);
    ck_assert(ds_sleep(h, 10));
    ck_all_know_the_same();
    size_t before = all.wire.messages;
    ck_assert(ds_sleep(h, 4));
    ck_assert_uint_eq(all.wire.messages - before, 2 * 2);
}

START_TEST(any_two_sets_become_one)
{
    size_t pair[] = { (size_t)_i / SIZES, (size_t)_i % SIZES };

    with_crowd(3, 2, DS_GOSSIP_ANTI_ENTROPY, 1, 0);
    ds_spawn(all.loop, merge_two, pair);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

/* ---- What fails -----------------------------------------------------------*/

static void add_entry(ds_handle *h, void *arg)
{
    ck_assert(ds_gossip_add(h, &all.gossip, arg));
}

/* Who crashes forgets; it is told again if the others compare all they know. */
static void crash_and_return(ds_handle *h, void *arg)
{
    bool returns = all.gossip.ways & DS_GOSSIP_ANTI_ENTROPY;

    ck_assert(ds_sleep(h, 1001));
    ds_node_spawn(all.nodes[0], add_entry, (void *)&entry);
    ck_assert(ds_sleep(h, 200));
    ck_assert_uint_eq(knowers(&entry), 5);
    ds_node_crash(all.nodes[3]);
    ck_assert(ds_sleep(h, 50));
    ck_assert_ptr_null(ds_gossip_known(&all.gossip, 3));
    ds_node_restart(all.nodes[3]);
    ck_assert(ds_sleep(h, 100));
    ck_assert_uint_eq(knowers(&entry), returns ? 5 : 4);
}

static const unsigned after_a_crash[] = {
    DS_GOSSIP_PUSH,
    DS_GOSSIP_PULL,
    DS_GOSSIP_PUSH_PULL,
    DS_GOSSIP_ANTI_ENTROPY,
    DS_GOSSIP_PUSH | DS_GOSSIP_ANTI_ENTROPY,
};
enum { AFTER = sizeof(after_a_crash) / sizeof(*after_a_crash) };

START_TEST(a_crash_loses_rumours_and_anti_entropy_repairs_that)
{
    with_crowd(3, 5, after_a_crash[_i], 1, 30);
    ds_spawn(all.loop, crash_and_return, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

/* Both sides of a cut write, and an observer judges at the end. */
static void cut_and_heal(ds_handle *h, void *arg)
{
    static const ds_entry other = { .key = { .object = 7 }, .rank = 1 };

    ck_assert(ds_sleep(h, 1001));
    ds_net_partition(all.wire.net, all.nodes, 3);
    ds_node_spawn(all.nodes[0], add_entry, (void *)&entry);
    ds_node_spawn(all.nodes[5], add_entry, (void *)&other);
    ck_assert(ds_sleep(h, 200));
    ck_assert_uint_eq(knowers(&entry), 3);
    ck_assert_uint_eq(knowers(&other), 4);
    ds_net_heal(all.wire.net);
    ck_assert(ds_sleep(h, 100));
}

START_TEST(sides_of_a_cut_converge_by_anti_entropy_and_not_by_old_rumours)
{
    bool heals = _i == 1;
    char why[200];

    with_crowd(3, 7, heals ? DS_GOSSIP_ANTI_ENTROPY : DS_GOSSIP_PUSH_PULL, 1,
               20);
    ds_observer *o = ds_observer_new(
        all.loop, &(ds_observer_config){ .checks = DS_CHECK_CONVERGENCE });
    ds_spawn(all.loop, cut_and_heal, NULL);
    ck_assert_int_eq(ds_loop_run(all.loop), DS_OK);
    ck_assert_int_eq(ds_observer_verdict(o, why, sizeof(why)),
                     heals ? DS_SOUND : DS_UNSOUND);
    ds_loop_free(all.loop);
}
END_TEST

/* What is known already is news if it is greater, and else it is not. */
static void update(ds_handle *h, void *arg)
{
    ds_entry younger = entry, older = entry;

    younger.rank = 9;
    older.value--;
    ck_assert(add_late(h));
    ck_assert(ds_sleep(h, 100));
    ck_assert(ds_gossip_add(h, &all.gossip, &younger));
    ck_assert(ds_sleep(h, 100));
    ck_assert_uint_eq(knowers(&younger), all.gossip.group.n);
    size_t before = all.wire.messages;
    ck_assert(ds_gossip_add(h, &all.gossip, &older));
    ck_assert(ds_sleep(h, 100));
    ck_assert_uint_eq(knowers(&younger), all.gossip.group.n);
    ck_assert_uint_eq(all.wire.messages, before);
}

START_TEST(a_greater_value_of_a_known_key_is_a_rumour_and_an_older_is_not)
{
    with_crowd(3, 6, DS_GOSSIP_PUSH, 1, 30);
    ds_node_spawn(all.nodes[2], update, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

/* Packets of the past are lost, doubled, and overtake each other. */
static void have_bad_links(ds_handle *h, void *arg)
{
    ds_net_set_faults(
        all.wire.net, NULL, NULL,
        (ds_link_faults){
            .drop = 0.3, .duplicate = 0.3, .late = 9, .jitter = 5 });
    for (size_t i = 0; i < all.gossip.group.n; i++)
        ds_node_spawn(all.nodes[i], fill, (void *)&sizes[SIZES - 1 - i]);
    ck_assert(ds_sleep(h, 500));
    ck_all_know_the_same();
}

START_TEST(anti_entropy_bears_packets_that_are_lost_doubled_and_late)
{
    with_crowd((uint64_t)_i, 5, DS_GOSSIP_ANTI_ENTROPY, 1, 0);
    ds_spawn(all.loop, have_bad_links, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

/* One that was paused begins one period then, and the next when it would have.
 */
static void pause_one(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1001));
    ds_node_pause(all.nodes[0]);
    size_t before = all.wire.messages;
    ck_assert(ds_sleep(h, 100));
    ck_assert_uint_eq(all.wire.messages - before, 50);
    ds_node_resume(all.nodes[0]);
    ck_assert(ds_sleep(h, 0.5));
    ck_assert_uint_eq(all.wire.messages - before, 50 + 1);
    ck_assert(ds_sleep(h, 10));
    ck_assert_uint_eq(all.wire.messages - before, 50 + 1 + 2 * 5);
}

START_TEST(periods_of_a_pause_are_not_made_up_for)
{
    with_crowd(3, 2, DS_GOSSIP_PULL, 1, 0);
    ds_spawn(all.loop, pause_one, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

static void add_alone(ds_handle *h, void *arg)
{
    ck_assert(add_late(h));
    ck_assert(ds_sleep(h, 100));
    ck_assert_uint_eq(knowers(&entry), 1);
    ck_assert_uint_eq(all.wire.messages, 0);
}

START_TEST(one_alone_speaks_to_nobody)
{
    with_crowd(3, 1, DS_GOSSIP_PUSH_PULL | DS_GOSSIP_ANTI_ENTROPY, 3, 5);
    ds_node_spawn(all.nodes[0], add_alone, NULL);
    ck_run_once(all.loop, DS_OK, NULL);
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static void wait_and_add(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1));
    ck_assert(!ds_gossip_add(h, &all.gossip, &entry));
}

START_TEST(who_is_no_member_adds_nothing)
{
    with_crowd(3, 2, DS_GOSSIP_PUSH, 1, 1);
    ds_node_spawn(ds_node_new(all.loop), wait_and_add, NULL);
    ck_run_once(all.loop, DS_FAILED,
                "ds_gossip_add: no member serves on the caller's machine");
    ck_assert_ptr_null(ds_gossip_known(&all.gossip, 0));
    ck_assert_ptr_null(ds_gossip_known(&all.gossip, 2));
}
END_TEST

static const struct {
    unsigned ways;
    double period;
    const char *text;
} misuses[] = {
    { 0, 1, "ds_gossip_serve: the ways are 0" },
    { 8, 1, "ds_gossip_serve: the ways are 0x8" },
    { DS_GOSSIP_PUSH, 0, "ds_gossip_serve: the period is 0" },
    { DS_GOSSIP_PUSH, -1, "ds_gossip_serve: the period is -1" },
    { DS_GOSSIP_PUSH, NAN, "ds_gossip_serve: the period is nan" },
    { DS_GOSSIP_PUSH, INFINITY, "ds_gossip_serve: the period is inf" },
};
enum { MISUSES = sizeof(misuses) / sizeof(*misuses) };

static void outlive(ds_handle *h, void *arg)
{
    ds_sleep(h, 10);
}

START_TEST(what_cannot_be_is_said_at_once)
{
    with_crowd(3, 2, misuses[_i].ways, 1, 1);
    all.gossip.period = misuses[_i].period;
    ds_spawn(all.loop, outlive, NULL);
    ck_run_once(all.loop, DS_FAILED, misuses[_i].text);
}
END_TEST

/* ---- The same run ---------------------------------------------------------*/

START_TEST(threads_and_fibers_run_the_same_gossip)
{
    static const char *const names[] = { "threads", "fibers" };
    uint64_t digests[2];

    for (size_t i = 0; i < 2; i++) {
        setenv("DISTSYS_EXEC", names[i], 1);
        with_crowd(5, 40, DS_GOSSIP_PUSH_PULL | DS_GOSSIP_ANTI_ENTROPY, 2, 5);
        ds_node_spawn(all.nodes[7], measure_rounds, NULL);
        ck_run(all.loop, DS_OK, NULL);
        digests[i] = ds_loop_digest(all.loop);
        ds_loop_free(all.loop);
    }
    ck_assert_uint_eq(digests[0], digests[1]);
}
END_TEST

static void add(TCase *tc)
{
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(
        tc, each_member_pushes_fanout_times_in_each_period_that_it_is_hot, 0,
        PUSHED);
    tcase_add_loop_test(
        tc, without_news_there_is_no_answer_and_who_only_pushes_is_silent, 0,
        SILENT);
    tcase_add_loop_test(
        tc, while_all_are_hot_a_pull_takes_two_messages_and_push_pull_one, 0,
        2);
    tcase_add_test(tc, a_push_takes_log2_and_ln_of_the_number_of_members);
    tcase_add_test(tc, push_and_pull_take_log3_and_a_little);
    tcase_add_loop_test(
        tc, a_rumour_that_is_not_hot_for_long_misses_a_fraction_of_all, 0,
        RESIDUES);
    tcase_add_loop_test(tc, one_difference_in_10000_takes_six_messages_at_most,
                        0, GAPS);
    tcase_add_loop_test(tc, any_two_sets_become_one, 0, SIZES * SIZES);
    tcase_add_loop_test(tc, a_crash_loses_rumours_and_anti_entropy_repairs_that,
                        0, AFTER);
    tcase_add_loop_test(
        tc, sides_of_a_cut_converge_by_anti_entropy_and_not_by_old_rumours, 0,
        2);
    tcase_add_test(
        tc, a_greater_value_of_a_known_key_is_a_rumour_and_an_older_is_not);
    tcase_add_loop_test(
        tc, anti_entropy_bears_packets_that_are_lost_doubled_and_late, 1, 6);
    tcase_add_test(tc, periods_of_a_pause_are_not_made_up_for);
    tcase_add_test(tc, one_alone_speaks_to_nobody);
    tcase_add_test(tc, who_is_no_member_adds_nothing);
    tcase_add_loop_test(tc, what_cannot_be_is_said_at_once, 0, MISUSES);
    tcase_add_test(tc, threads_and_fibers_run_the_same_gossip);
}

int main(void)
{
    return harness_main("gossip", add);
}
