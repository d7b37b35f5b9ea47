#ifndef DISTSYS_ELECTION_H
#define DISTSYS_ELECTION_H

#include <distsys/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Who leads a group, and in what: a round of a ring, an epoch of bullies. */
typedef struct ds_leader {
    size_t member; /* DS_NOBODY: not known */
    int64_t epoch;
} ds_leader;

/* ---- On a ring ------------------------------------------------------------*/

/* Members that send to their neighbours only, member i to i + 1 and i - 1, and
 * elect the one of the highest name.  Messages may be late, overtake each other
 * and arrive twice, and be lost if again is not 0; members do not crash.
 *
 * All members have one ds_ring in common. */
typedef struct ds_ring {
    ds_group group;
    const uint64_t *names; /* of equal ones the last member has the higher;
                            * NULL: their numbers */
    double again; /* seconds after which what has no receipt is sent again; 0:
                   * nothing is lost, and there are no receipts */
    struct ds_ring_member **members; /* of the caller, NULL at first, one each,
                                      * where the bodies leave what they have */
} ds_ring;

/* The bodies of a member, for ds_node_boot_daemon(); arg is a ds_ring.
 *
 * Chang, Roberts, "An Improved Algorithm for Decentralized Extrema-Finding in
 * Circular Configurations of Processes", CACM 22(5), 1979: a name travels
 * around, is stopped by a higher one, and leads if it comes home.  If all n
 * stand, names take 2 n - 1 messages at best, n (n + 1) / 2 at worst, and
 * n (1 + 1/2 + ... + 1/n) on average of all orders.
 *
 * Hirschberg, Sinclair, "Decentralized Extrema-Finding in Circular
 * Configurations of Processors", CACM 23(11), 1980: a name is probed on both
 * sides, 1 member far, then 2, 4, ... as long as there is no higher one, which
 * takes O(n log n) messages in any order.
 *
 * Either takes n more to tell all who leads. */
void ds_chang_roberts_serve(ds_handle *h, void *arg);
void ds_hirschberg_sinclair_serve(ds_handle *h, void *arg);

/* Stands for election in a round, and waits until its leader is known to the
 * caller's machine, which is one of a member.  Rounds count from 1 and each
 * ends those before it: leader->epoch may be a later one.  Observers are told
 * that somebody leads (DS_FACT_LEAD) and what each decides (DS_FACT_DECIDE).
 *
 * False: the machine or the simulation is over. */
bool ds_ring_elect(ds_handle *h, const ds_ring *ring, int64_t round,
                   ds_leader *leader);

/* ---- By bullies -----------------------------------------------------------*/

/* Members of which the highest that lives leads: Garcia-Molina, "Elections in a
 * Distributed Computing System", IEEE Transactions on Computers C-31(1), 1982.
 * It sends to all below it again and again that it lives.  Members may crash
 * and restart, and messages may do what they like; how soon all agree depends
 * on both.
 *
 * There may be two leaders at a time, since nobody can tell who is slow from
 * who is dead, but never in one epoch (Stoller, "Leader Election in Distributed
 * Systems with Crash Failures", Indiana University TR 481, 1997). */
typedef struct ds_bully {
    ds_group group;    /* they need disks */
    double patience;   /* seconds until who does not answer is down, more than
                        * two messages take; the leader says so often that it
                        * lives, and is missed after 3 of these */
    ds_leader *leader; /* of the caller, one each: what the member knows, whose
                        * body writes it, for anybody to read */
} ds_bully;

/* The body of a member, for ds_node_boot_daemon(); arg is a ds_bully. Observers
 * are told that it leads (DS_FACT_LEAD).
 *
 * Started at once, n members take n^2 - 1 messages to know their leader, and
 * n^2 - n - 1 to know the next when it has crashed.  Each patience takes n - 1
 * more. */
void ds_bully_serve(ds_handle *h, void *arg);

#ifdef __cplusplus
}
#endif

#endif
