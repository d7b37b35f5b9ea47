/* Mistakes of Rafts, each a rule of <distsys/raft.h> that is replaced; R1 to
 * R22 are the numbers of a catalogue of published ones. */
#include "bench/planted/raft_trial.h"

#include <distsys/disk.h>
#include <distsys/fault.h>
#include <distsys/observe.h>

#include "bench/planted/planted.h"

/* ---- Elections ------------------------------------------------------------*/

static size_t half(size_t members)
{
    return (members + 1) / 2;
}

static bool any_log(const ds__raft *s, const ds__raft_packet *ask)
{
    return true;
}

static bool forget_vote(ds__raft *s)
{
    return ds__raft_write_vote(s, s->term, DS_NOBODY);
}

/* Writes the vote, and then the term that it belongs to. */
static bool write_one_by_one(ds__raft *s)
{
    return ds__raft_write_vote(s, s->saved_term, s->vote) &&
           ds_disk_sync(s->h) && ds__raft_write_vote(s, s->term, s->vote);
}

static bool forgets_when_it_follows(const ds__raft *s, int64_t term)
{
    return term > s->term || s->role == DS__CANDIDATE;
}

/* Writes nothing when it stands for a term itself. */
static bool write_others(ds__raft *s)
{
    return s->role == DS__CANDIDATE || ds__raft_write_vote(s, s->term, s->vote);
}

static bool counts_any_vote(const ds__raft *s, const ds__raft_packet *vote)
{
    return s->role == DS__CANDIDATE && vote->early == s->early;
}

static bool tells_nobody(const ds__raft *s)
{
    return false;
}

static bool goes_on_for_ever(const ds__raft *s)
{
    return true;
}

/* ---- Logs -----------------------------------------------------------------*/

static bool may_commit_any(const ds__raft *s, int64_t index)
{
    return true;
}

static int64_t commits_all(const ds__raft *s, int64_t commit, int64_t index)
{
    return commit < s->last ? commit : s->last;
}

static bool truncates_always(const ds__raft *s, const ds__entry *e)
{
    return true;
}

static bool may_change_again(const ds__raft *s)
{
    return s->voters_at <= s->commit;
}

/* Whether the index makes sense is all it looks at. */
static bool counts_any_ack(const ds__raft *s, const ds__raft_packet *ack)
{
    return s->role == DS__LEADER && ack->index <= s->last;
}

static bool counts_any_life(const ds__peer *peer, const ds__raft_packet *ack)
{
    return true;
}

static bool never_syncs(const ds__raft *s)
{
    return false;
}

/* Lets a machine come back with an empty disk and its old name. */
static void start_empty(ds__raft *s)
{
    ds_node *node = ds_handle_node(s->h);

    if (ds_node_life(node) > 0)
        ds_node_wipe_disk(node);
}

/* ---- Clients --------------------------------------------------------------*/

static bool reads_at_once(const ds__raft *s, const ds__wait *w)
{
    return true;
}

/* Reads without asking, until those who have answered it could vote for
 * another.  That is right if members are steady, and their clocks go alike:
 * Ongaro's thesis, 6.4.1. */
static bool reads_by_lease(const ds__raft *s, const ds__wait *w)
{
    const double since = s->rules->time(s) - ds__raft_patience(s);

    return s->applied >= w->index &&
           ds__raft_is_quorum(s, ds__raft_heard_since(s, since));
}

static bool knows_all(const ds__raft *s)
{
    return true;
}

/* Looks at the clock when it wakes up, and then handles all that is there. */
static double time_of_waking(const ds__raft *s)
{
    return s->woke;
}

static bool remembers_nothing(const ds__done *done, const ds__request *request)
{
    return false;
}

static void load_without_sessions(ds_handle *h, ds__replica *r,
                                  const void *snapshot, size_t size)
{
    ds__replica_load(h, r, snapshot, size);
    r->n = 0;
}

/* ---- Tests ----------------------------------------------------------------*/

/* A test of so many servers and the rest of a raft_trial, whose rules come
 * last. */
#define RAFT(called, n, hurts, look, ...)                                      \
    {                                                                          \
        .name = called, .build = raft_trial_build, .hazards = hurts,           \
        .model = &ds_register_model, .arg = (void *)&(const raft_trial)        \
        {                                                                      \
            .servers = n, .tick = 0.1, .checks = look, __VA_ARGS__             \
        }                                                                      \
    }
#define RULES(...)                                                             \
    .mistake = &(const ds__raft_rules)                                         \
    {                                                                          \
        __VA_ARGS__                                                            \
    }

/* What is not on the disks of a quorum when a client is told is seen by an
 * observer at once, without any fault.  Mistakes are to be found by what faults
 * make of them, so most of them do without it. */
#define SEEN_LATER                                                             \
    (DS_CHECK_ELECTION | DS_CHECK_VOTES | DS_CHECK_LOG |                       \
     DS_CHECK_COMPLETENESS | DS_CHECK_MACHINE)

#define RIGHT(called, n, ...) RAFT(called, n, PLANTED_USUAL, 0, __VA_ARGS__)
#define WRONG(called, n, ...)                                                  \
    RAFT(called, n, PLANTED_USUAL, SEEN_LATER, RULES(__VA_ARGS__))

/* Two who need each other. */
#define TWO .pre_vote = true, .lacks_one = true

static const ds_test raft = RIGHT("raft", 3, .mistake = NULL);
static const ds_test raft_4 = RIGHT("raft-4", 4, .mistake = NULL);
static const ds_test raft_5 = RIGHT("raft-5", 5, .mistake = NULL);
static const ds_test raft_two = RIGHT("raft-two", 3, TWO);

static const ds_test r1 = WRONG("R1", 4, .quorum = half);
static const ds_test r2 = WRONG("R2", 3, .is_up_to_date = any_log);
static const ds_test r3 = WRONG("R3", 3, .write_vote = forget_vote);
static const ds_test r4 = WRONG("R4", 3, .write_vote = write_one_by_one);
static const ds_test r5 =
    WRONG("R5", 3, .forgets_vote = forgets_when_it_follows);
static const ds_test r6 = WRONG("R6", 3, .write_vote = write_others);
static const ds_test r7 = WRONG("R7", 3, .may_commit = may_commit_any);
static const ds_test r7_5 = WRONG("R7-5", 5, .may_commit = may_commit_any);
static const ds_test r8 = WRONG("R8", 3, .new_commit = commits_all);
static const ds_test r9 = WRONG("R9", 3, .truncates = truncates_always);
/* Among three servers an entry that one has answered is on two, and stays. */
static const ds_test r10 = WRONG("R10", 5, .counts_ack = counts_any_ack);
static const ds_test r11 = WRONG("R11", 3, .may_look = reads_at_once);
static const ds_test r13 = WRONG("R13", 3, .knows_commit = knows_all);
static const ds_test r15 = WRONG("R15", 3, .syncs_log = never_syncs);
static const ds_test r15_seen =
    RIGHT("R15-seen", 3, RULES(.syncs_log = never_syncs));
static const ds_test r16 = WRONG("R16", 3, .start = start_empty);
static const ds_test r17 = WRONG("R17", 3, .was_done = remembers_nothing,
                                 .was_logged = remembers_nothing);
static const ds_test r17b = WRONG("R17b", 3, .was_logged = remembers_nothing);
static const ds_test r20 = WRONG("R20", 3, .counts_vote = counts_any_vote);
static const ds_test r21 = RAFT("R21", 3, PLANTED_USUAL, SEEN_LATER, TWO,
                                RULES(.tells_term = tells_nobody));

#define STEADY .pre_vote = true, .steady = true

/* Those who wait for so many ticks until they do without a leader, which is how
 * long a lease is, and whose disks take so many. */
#define LEASE(called, hurts, beat, waits, syncs, look, ...)                    \
    {                                                                          \
        .name = called, .build = raft_trial_build, .hazards = hurts,           \
        .operations = 40, .model = &ds_register_model,                         \
        .arg = (void *)&(const raft_trial)                                     \
        {                                                                      \
            .servers = 3, .tick = beat, .patience = waits, .sync_time = syncs, \
            .checks = look, STEADY, RULES(__VA_ARGS__)                         \
        }                                                                      \
    }

/* Leases outlast those of others only if what is done meanwhile takes a small
 * part of them. */
#define DRIFTING(called, look, ...)                                            \
    LEASE(called, PLANTED_USUAL | DS_HAZARD_CLOCK, 0.025, 20, 0, look,         \
          __VA_ARGS__)

static const ds_test raft_clocks = DRIFTING("raft-clocks", 0, .quorum = NULL);
static const ds_test r12 =
    DRIFTING("R12", SEEN_LATER, .may_look = reads_by_lease);

/* A pause comes between waking and reading if it comes while a disk writes, or
 * at a call. */
#define PAUSING(called, look, ...)                                             \
    LEASE(called, PLANTED_USUAL | DS_HAZARD_STALL, 0.1, 0, 0.05, look,         \
          __VA_ARGS__)

static const ds_test raft_lease =
    PAUSING("raft-lease", 0, .may_look = reads_by_lease);
static const ds_test r19 = PAUSING(
    "R19", SEEN_LATER, .may_look = reads_by_lease, .time = time_of_waking);

/* One server goes deaf, nothing else happens, and it does not end. */
#define DEAF(called, ...)                                                      \
    RAFT(called, 3, 0, 0, STEADY, .goes_deaf = true, RULES(__VA_ARGS__))

static const ds_test raft_deaf = DEAF("raft-deaf", .quorum = NULL);
static const ds_test r22 = DEAF("R22", .goes_on = goes_on_for_ever);

/* Those who make snapshots. */
#define COMPACT(called, look, ...)                                             \
    RAFT(called, 3, PLANTED_USUAL, look, .compact = 4, RULES(__VA_ARGS__))

static const ds_test raft_compact = COMPACT("raft-compact", 0, .quorum = NULL);
static const ds_test r17c =
    COMPACT("R17c", SEEN_LATER, .load = load_without_sessions);

/* Who votes changes: four of five servers at first. */
#define CHANGE(called, ...)                                                    \
    {                                                                          \
        .name = called, .build = raft_trial_build, .hazards = PLANTED_USUAL,   \
        .operations = 20, .model = &ds_register_model,                         \
        .arg = (void *)&(const raft_trial)                                     \
        {                                                                      \
            .servers = 5, .voters = 4, .tick = 0.1, .checks = SEEN_LATER,      \
            STEADY, .changes = true, RULES(__VA_ARGS__)                        \
        }                                                                      \
    }

static const ds_test raft_change = CHANGE("raft-change", .quorum = NULL);
static const ds_test r14 = CHANGE("R14", .may_change = may_change_again);

/* Machines are replaced.  A new one may vote in a term in which its predecessor
 * did, which is not asked any more, and so nobody looks at votes. */
#define REPLACE(called, ...)                                                   \
    RAFT(called, 3, PLANTED_USUAL, SEEN_LATER & ~(unsigned)DS_CHECK_VOTES,     \
         STEADY, .replaces = true, RULES(__VA_ARGS__))

static const ds_test raft_replace = REPLACE("raft-replace", .quorum = NULL);
static const ds_test r18 = REPLACE("R18", .is_of_voter = counts_any_life);

/* ---- The rows -------------------------------------------------------------*/

static const planted_row rows[] = {
    {
        .name = "R1",
        .title = "half of an even number of servers is a quorum",
        .source = "unixpickle/dist-sys, raft/candidate.go",
        .correct = &raft_4,
        .planted = &r1,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R2",
        .title = "a vote for a candidate whose log is behind",
        .source = "RedisLabs/raft, fab583d",
        .correct = &raft,
        .planted = &r2,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R3",
        .title = "a vote that is not on the disk",
        .source = "seaweedfs/raft#9, wenweihu86/raft-java#57",
        .correct = &raft,
        .planted = &r3,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R4",
        .title = "vote and term are written one after the other",
        .source = "hashicorp/raft#661",
        .correct = &raft,
        .planted = &r4,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R5",
        .title =
            "a candidate that follows another in its term forgets its vote",
        .source = "microsoft/CCF#8094",
        .correct = &raft,
        .planted = &r5,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R6",
        .title = "a candidate does not write its term to the disk",
        .source = "RedisLabs/raft, 004c63e",
        .correct = &raft,
        .planted = &r6,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R7",
        .title = "entries of older terms are committed by counting",
        .source = "Ongaro, Ousterhout, USENIX ATC 2014, figure 8",
        .correct = &raft,
        .planted = &r7,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R7-5",
        .title = "the same among five servers",
        .source = "vesoft-inc/nebula#681, #685",
        .correct = &raft_5,
        .planted = &r7_5,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R8",
        .title = "a follower commits what it has, not what is the leader's",
        .source = "Ongaro, Ousterhout, USENIX ATC 2014, figure 2",
        .correct = &raft,
        .planted = &r8,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R9",
        .title = "each append cuts off what is behind it",
        .source = "MIT 6.5840, lab 3C",
        .correct = &raft,
        .planted = &r9,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R10",
        .title = "an answer to an append of an older term counts",
        .source = "etcd-io/raft, async_storage_writes_append_aba_race.txt",
        .correct = &raft_5,
        .planted = &r10,
        .end = PLANTED_WRONG,
        .note = "moonshot",
    },
    {
        .name = "R11",
        .title = "a leader reads without asking whether it still leads",
        .source = "etcd-io/etcd#741",
        .correct = &raft,
        .planted = &r11,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R12",
        .title = "reads by a lease, with clocks that drift",
        .source = "etcd-io/raft, raft.go; tikv/tikv#964",
        .correct = &raft_clocks,
        .planted = &r12,
        .end = PLANTED_WRONG,
        .note = "moonshot",
    },
    {
        .name = "R13",
        .title = "a new leader reads before it has committed anything",
        .source = "tikv/tikv#9239, #9208",
        .correct = &raft,
        .planted = &r13,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R14",
        .title = "voters are changed before an entry of the term is committed",
        .source = "Ongaro, raft-dev, 2015; baidu/braft#182",
        .correct = &raft_change,
        .planted = &r14,
        .end = PLANTED_WRONG,
        .note = "moonshot",
    },
    {
        .name = "R15",
        .title = "entries are acknowledged before they are on the disk",
        .source = "etcd-io/etcd#14143, nats-io/nats-server#7564",
        .correct = &raft,
        .planted = &r15,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R15-seen",
        .title = "the same, when an observer knows the disks",
        .source = "etcd-io/etcd#14143, nats-io/nats-server#7564",
        .correct = &raft,
        .planted = &r15_seen,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R16",
        .title = "a server comes back with an empty disk and its old name",
        .source = "Vanlightly/raft-tlaplus, standard-raft",
        .correct = &raft,
        .planted = &r16,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R17",
        .title = "a request that is asked for again is done again",
        .source = "unixpickle/dist-sys, raft",
        .correct = &raft,
        .planted = &r17,
        .budget = 10000,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R17b",
        .title = "who leads looks whether a request was done, and nobody when "
                 "it comes up in the log",
        .source = "Ongaro, Consensus: Bridging theory and practice, 2014, 6.3",
        .correct = &raft,
        .planted = &r17b,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R17c",
        .title = "a snapshot has the machine, and not what its clients have "
                 "had done",
        .source = "Ongaro, Consensus: Bridging theory and practice, 2014, 6.3",
        .correct = &raft_compact,
        .planted = &r17c,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R18",
        .title = "an answer counts that is older than the disk of who sent it",
        .source = "drmingdrmer/raft-rejoin-bug, tikv/raft-rs#571",
        .correct = &raft_replace,
        .planted = &r18,
        .end = PLANTED_STUCK,
    },
    {
        .name = "R19",
        .title = "a lease is compared with a time from before a pause",
        .source = "etcd-io/etcd#20418, RedisLabs/redisraft#19",
        .correct = &raft_lease,
        .planted = &r19,
        .end = PLANTED_WRONG,
        .note = "moonshot",
    },
    {
        .name = "R20",
        .title = "votes of an earlier election count",
        .source = "Ongaro, Ousterhout, USENIX ATC 2014, section 5.2",
        .correct = &raft,
        .planted = &r20,
        .end = PLANTED_WRONG,
    },
    {
        .name = "R21",
        .title = "who is ahead in term and behind in its log tells nobody",
        .source = "etcd-io/etcd#8334, tikv/raft-rs#84",
        .correct = &raft_two,
        .planted = &r21,
        .end = PLANTED_STUCK,
    },
    {
        .name = "R22",
        .title = "a leader that hears nobody goes on, for all hear it",
        .source = "databendlabs/openraft#2080, "
                  "decentralizedthoughts.github.io, raft liveness",
        .correct = &raft_deaf,
        .planted = &r22,
        .end = PLANTED_STUCK,
    },
};

const planted_family planted_raft = PLANTED_FAMILY(rows);
