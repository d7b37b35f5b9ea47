#ifndef DISTSYS_RAFT_H
#define DISTSYS_RAFT_H

#include <distsys/machine.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A log that members agree on, and a machine that each of them runs by it:
 * Ongaro, Ousterhout, "In Search of an Understandable Consensus Algorithm",
 * USENIX ATC 2014, with snapshots, changes of members one at a time and reads
 * without the log as in Ongaro's thesis, 2014.
 *
 * Whatever is lost, late, twice there or restarted, what clients see is one
 * machine.  It goes on as long as more than half of those who vote run and hear
 * each other, if a packet takes much less than a tick. */
typedef struct ds_raft {
    ds_group group; /* with disks */
    const ds_machine *machine;
    double tick;     /* seconds from heartbeat to heartbeat */
    double patience; /* ticks without one until an election, at least, and half
                      * of the most; 0: 3 */
    size_t voters;   /* those with the lowest numbers vote at first; 0: all */
    size_t least;    /* votes that a change leaves; 0: one */
    size_t batch;    /* entries in a packet, at most; 0: 64 */
    int64_t compact; /* entries that the machine has done are replaced by a
                      * snapshot of it when there are so many; 0: never */
    bool pre_vote;   /* who would be a candidate first asks whether it could
                      * win, and so deposes nobody when it comes back: thesis,
                      * 9.6 */
    bool steady;     /* who hears a leader votes for nobody else, and a leader
                      * that a majority does not answer gives up: 4.2.3, 6.2 */
} ds_raft;

/* The body of a member, for ds_node_boot_daemon(); arg is a ds_raft.  Clients
 * have a ds_session with the group. */
void ds_raft_serve(ds_handle *h, void *arg);

/* Has a member vote from now on, or not any more, and returns when that is
 * committed.  Who does not vote hears nothing.  It is done once, as commands of
 * a session are.  False: it is over, or there was no answer in time, and then
 * it may yet come about. */
bool ds_raft_change(ds_handle *h, ds_session *s, size_t member, bool votes);

#ifdef __cplusplus
}
#endif

#endif
