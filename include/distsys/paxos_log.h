#ifndef DISTSYS_PAXOS_LOG_H
#define DISTSYS_PAXOS_LOG_H

#include <distsys/machine.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A log of which each place is an instance of Paxos, and a machine that each
 * member runs by it: Lamport, "Paxos Made Simple", 2001, section 3, with
 * snapshots as in Chandra, Griesemer, Redstone, "Paxos Made Live", PODC 2007.
 *
 * Members accept, and whoever of them has asked a majority last leads: once for
 * all instances, so that a command takes only the second phase, one round trip
 * (van Renesse, Altinbuken, "Paxos Made Moderately Complex", ACM Computing
 * Surveys 47(3), 2015).  A leader that takes over finishes what others have
 * begun, and fills gaps between these with commands that do nothing.
 *
 * Whatever is lost, late, twice there or restarted, what clients see is one
 * machine.  It goes on as long as more than half of the members run and hear
 * each other, if a packet takes much less than a tick. */
typedef struct ds_paxos_log {
    ds_group group; /* with disks */
    const ds_machine *machine;
    double tick; /* seconds from one word of a leader to the next, at most */
    double patience; /* ticks without one until somebody else wants to lead, at
                      * least, and half of the most; 0: 3 */
    size_t batch;    /* proposals in a packet, at most; 0: 64 */
    int64_t compact; /* what the machine has done is replaced by a snapshot of
                      * it when it is so much; 0: never */
} ds_paxos_log;

/* The body of a member, for ds_node_boot_daemon(); arg is a ds_paxos_log.
 * Clients have a ds_session with the group.  Observers are told of promises,
 * and of what is proposed and decided in each instance. */
void ds_paxos_log_serve(ds_handle *h, void *arg);

#ifdef __cplusplus
}
#endif

#endif
