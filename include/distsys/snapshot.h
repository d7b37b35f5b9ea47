#ifndef DISTSYS_SNAPSHOT_H
#define DISTSYS_SNAPSHOT_H

#include <distsys/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is true of a whole computation, found out by its members while it goes
 * on: a state that it may have been in, and that it is over.
 *
 * All messages of the computation are sent and received by the calls below,
 * and arrive once and in the order of their sending, whatever the network does.
 * No member may crash. */

/* ---- Snapshots ------------------------------------------------------------*/

/* States of all members, and the messages that were under way, such that what
 * one of them has received was sent by another one before its state: Chandy,
 * Lamport, "Distributed Snapshots: Determining Global States of Distributed
 * Systems", TOCS 3(1), 1985.
 *
 * It is plain data, the same for all, and stays as it is. */
typedef struct ds_snapshot {
    ds_group group;
    double again; /* seconds after which a message is sent again of which there
                   * is no receipt; 0: there are none, and none may be lost */

    /* What to keep of a snapshot: the state of the caller's machine, as it is
     * now; and a message that was under way to it then, which it is about to
     * receive.  They do not block. */
    void (*record)(ds_handle *h, uint64_t snapshot, void *arg);
    void (*record_message)(ds_handle *h, uint64_t snapshot, const ds_msg *m,
                           void *arg); /* or NULL */
    void *arg;
} ds_snapshot;

/* A member's part in it. */
typedef struct ds_snapshot_member ds_snapshot_member;

/* Takes part from now on, on a machine of the group; what is returned goes with
 * the machine.  One thread receives until it is over; it and others on this
 * machine send and take snapshots.  NULL: there is no memory, or it is over. */
ds_snapshot_member *ds_snapshot_join(ds_handle *h, const ds_snapshot *s);

/* Sends a copy to another member.  Receives the next one, like ds_recv(). */
void ds_snapshot_send(ds_handle *h, ds_snapshot_member *me, size_t to,
                      const void *bytes, size_t size);
bool ds_snapshot_recv(ds_handle *h, ds_snapshot_member *me, ds_msg *m);

/* Takes a snapshot, and returns when all members have recorded all of it; its
 * number is stored before the first is asked to.  n n - 1 messages: a marker on
 * each link, and who is done tells it.
 *
 * False: it is over.  To take one while there is another one is misuse. */
bool ds_snapshot_take(ds_handle *h, ds_snapshot_member *me, uint64_t *snapshot);

/* ---- Termination ----------------------------------------------------------*/

/* How members find out that all of them are idle and no work is under way. */
typedef enum ds_termination {
    /* A token goes round and adds up who has sent and received how much, until
     * it has met nobody that was given work since it was there before:
     * Dijkstra, "Shmuel Safra's version of termination detection", EWD998,
     * 1987.  n messages a round.  All members may have work at first. */
    DS_SAFRA = 0,

    /* Each message is answered by a signal, the first of them when there is
     * nothing more to do because of it: Dijkstra, Scholten, "Termination
     * Detection for Diffusing Computations", IPL 11(1), 1980.  As many messages
     * as work takes.  Only member 0 may have work at first. */
    DS_DIJKSTRA_SCHOLTEN,
} ds_termination;

typedef struct ds_work {
    ds_group group;
    ds_termination way;
} ds_work; /* the network loses nothing */

typedef struct ds_worker ds_worker;

/* As ds_snapshot_join(), for one thread of each member's machine. */
ds_worker *ds_work_join(ds_handle *h, const ds_work *w);

/* Gives work to a member. */
void ds_work_send(ds_handle *h, ds_worker *me, size_t to, const void *bytes,
                  size_t size);

/* Waits for more work: who is in this call is idle, who is not works.  False:
 * it is over, or all of the work is done, by all, which ds_work_is_done() tells
 * apart; n - 1 messages say so. */
bool ds_work_recv(ds_handle *h, ds_worker *me, ds_msg *m);
bool ds_work_is_done(const ds_worker *me);

#ifdef __cplusplus
}
#endif

#endif
