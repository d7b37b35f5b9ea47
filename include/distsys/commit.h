#ifndef DISTSYS_COMMIT_H
#define DISTSYS_COMMIT_H

#include <distsys/paxos.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Atomic commit: machines that have each done a part of a transaction make all
 * of it last or none, and each may refuse. */
typedef enum ds_commit_way {
    /* The coordinator asks who is ready, writes down what that comes to, and
     * tells it: Gray, "Notes on Data Base Operating Systems", 1978; what it
     * knows nothing of is aborted: Mohan, Lindsay, Obermarck, "Transaction
     * Management in the R* Distributed Database Management System", TODS 11(4),
     * 1986.  Who is ready waits for the coordinator, however long that is down.
     */
    DS_TWO_PHASES = 0,

    /* It tells that all are ready before it tells to commit, so that who hears
     * no more knows enough to go on alone: Skeen, "Nonblocking Commit
     * Protocols", SIGMOD 1981.  That holds where a silent machine is one that
     * has crashed.  Here silence may be a cut link, and then some commit what
     * others abort: a counter-example, not for use. */
    DS_THREE_PHASES,

    /* Each vote is an instance of Paxos, in whose lowest ballot nobody but the
     * voter proposes.  Whoever waits in vain proposes to abort in its place,
     * and learns what was chosen; nobody waits for the coordinator: Gray,
     * Lamport, "Consensus on Transaction Commit", TODS 31(1), 2006
     * (MSR-TR-2003-96 of 2004). */
    DS_PAXOS_COMMIT,
} ds_commit_way;

/* It is plain data, the same for all, and stays as it is during the run. */
typedef struct ds_commit {
    ds_commit_way way;
    ds_group
        coordinator; /* one member; it needs a disk in the first two ways */
    ds_group participants; /* they need disks */
    ds_paxos paxos;  /* of DS_PAXOS_COMMIT: the acceptors; its limit is how long
                      * somebody tries to learn a vote before it serves others */
    double patience; /* seconds until who has not voted is taken to refuse, and
                      * until who is in doubt asks, or decides alone; > 0 */
    double again; /* seconds after which a client asks again; 0: it does not */
    double limit; /* seconds until a call of a client has failed; 0: never */

    /* What a participant does.  Whether its part can be made to last, which it
     * must be able to do after a crash too; NULL: always.  Then it is told to
     * do so or to undo it, more than once if it crashes meanwhile. */
    bool (*prepare)(ds_handle *h, uint64_t transaction, void *arg);
    void (*finish)(ds_handle *h, uint64_t transaction, bool commit, void *arg);
    void *arg;
} ds_commit;

/* The bodies, for ds_node_boot_daemon(); arg is a ds_commit.  The acceptors run
 * ds_paxos_accept() with its paxos.  Observers are told what each decides: of
 * the transaction, 1 to commit and 0 to abort. */
void ds_commit_coordinate(ds_handle *h, void *arg);
void ds_commit_take_part(ds_handle *h, void *arg);

typedef struct ds_commit_client {
    const ds_commit *commit; /* borrowed */
    ds_asker asker;
} ds_commit_client;

/* The port is on the caller's machine, and the client's alone. */
ds_commit_client ds_commit_client_of(ds_handle *h, const ds_commit *commit,
                                     ds_port *port);

/* Begins a transaction, and stores its number, which no other has: so one that
 * a crash of the coordinator has ended is not begun again.  Two messages.
 *
 * Ends it, and stores whether it is committed.  For n participants and a
 * acceptors, 3 n + 2 messages in two phases, 5 n + 2 in three, and
 * 3 n + 2 a n + 2 in Paxos commit, if none is lost and all agree.
 *
 * False: no answer came in time, or it is over.  Who asks for the end of a
 * transaction again is told the same, whatever has crashed. */
bool ds_commit_begin(ds_handle *h, ds_commit_client *c, uint64_t *transaction);
bool ds_commit_end(ds_handle *h, ds_commit_client *c, uint64_t transaction,
                   bool *committed);

#ifdef __cplusplus
}
#endif

#endif
