#ifndef DISTSYS_PAXOS_H
#define DISTSYS_PAXOS_H

#include <distsys/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Agreement on a value for each of any number of instances: Lamport, "The
 * Part-Time Parliament", TOCS 16(2), 1998, and "Paxos Made Simple", 2001.
 *
 * Whatever is lost, late, twice there or restarted, no two proposers are told
 * different values for an instance, and it is one that somebody proposed.  That
 * they are told one needs a majority of the acceptors, and that proposers do
 * not get in each other's way for ever, which they avoid by waiting at random.
 */
typedef struct ds_paxos {
    ds_group group;  /* the acceptors; they need disks */
    double patience; /* seconds for a majority to answer; 0: for ever */
    double pause;    /* seconds a proposer waits at most after its first
                      * failure, twice as many after the next, up to 8 times;
                      * 0: it does not */
    double limit;    /* seconds until a proposal has failed; 0: never */
    bool thrifty;    /* a proposer asks a majority only, another one each time:
                      * fewer messages, and one that is silent costs a ballot */
} ds_paxos;

/* The body of an acceptor, for ds_node_boot_daemon(); arg is a ds_paxos. */
void ds_paxos_accept(ds_handle *h, void *arg);

typedef struct ds_paxos_proposer {
    const ds_paxos *paxos; /* borrowed */
    ds_asker asker;
    int64_t round;   /* of its last ballot */
    int64_t highest; /* round that it has heard of */
} ds_paxos_proposer;

/* The port is on the caller's machine, and the proposer's alone. */
ds_paxos_proposer ds_paxos_proposer_of(ds_handle *h, const ds_paxos *paxos,
                                       ds_port *port);

/* Proposes until a value is chosen, and stores which: perhaps another's.  It
 * takes two round trips and 4 n messages if nobody else proposes; who only
 * wants to know what has been chosen proposes too.
 *
 * False: there was none in time, or it is over; a value may yet be chosen,
 * perhaps this one.  Observers are told what is proposed and what is decided.
 */
bool ds_paxos_propose(ds_handle *h, ds_paxos_proposer *p, uint64_t instance,
                      int64_t value, int64_t *chosen);

#ifdef __cplusplus
}
#endif

#endif
