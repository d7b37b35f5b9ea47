#ifndef DISTSYS_MUTEX_H
#define DISTSYS_MUTEX_H

#include <distsys/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Mutual exclusion -----------------------------------------------------*/

/* How members agree on who is inside; each has n members, and all messages may
 * be late, overtake each other and arrive twice, and be lost if again is not 0.
 * Members do not crash: with one, all wait. */
typedef struct ds_mutex_kind ds_mutex_kind;

/* Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
 * CACM 21(7), 1978: who has asked all others and heard something later of each
 * enters in the order of requests.  3 (n - 1) messages. */
extern const ds_mutex_kind ds_mutex_lamport;

/* Ricart, Agrawala, "An Optimal Algorithm for Mutual Exclusion in Computer
 * Networks", CACM 24(1), 1981: who is older than another's request puts its
 * answer off.  2 (n - 1) messages. */
extern const ds_mutex_kind ds_mutex_ricart_agrawala;

/* Maekawa, "A sqrt(N) Algorithm for Mutual Exclusion in Decentralized Systems",
 * TOCS 3(2), 1985: each asks a quorum of K, any two of which share a member.
 * 3 (K - 1) messages if nobody else wants to enter, and up to 6 (K - 1) if they
 * do.  Quorums are the same for all but for where they begin (Luk, Wong, "Two
 * New Quorum Based Algorithms for Distributed Mutual Exclusion", ICDCS 1997):
 * K is the least of k + ceil(floor(n / 2) / k), about sqrt(2 n). */
extern const ds_mutex_kind ds_mutex_maekawa;

/* Le Lann, "Distributed Systems, Towards a Formal Approach", IFIP 1977: a token
 * goes around for ever, at a message a step, and who has it may enter. */
extern const ds_mutex_kind ds_mutex_token_ring;

/* Raymond, "A Tree-Based Algorithm for Distributed Mutual Exclusion", TOCS
 * 7(1), 1989: the token is asked for, and comes, along the edges of a tree, in
 * which member i > 0 is below (i - 1) / 2, and member 0 has it first.  2
 * messages for each edge in between. */
extern const ds_mutex_kind ds_mutex_raymond;

/* All members have one in common. */
typedef struct ds_mutex {
    ds_group group;
    const ds_mutex_kind *kind;
    double again; /* seconds after which what has no receipt is sent again; 0:
                   * nothing is lost, and there are no receipts */
    struct ds_mutex_member *
        *members; /* of the caller, NULL at first, one each,
                   * where the bodies leave what they have */
    int64_t lock; /* what observers are told that it is called */
} ds_mutex;

/* The body of a member, for ds_node_boot_daemon(); arg is a ds_mutex. */
void ds_mutex_serve(ds_handle *h, void *arg);

/* Enters, by a thread on the machine of a member; those of one machine take
 * turns.  False: the machine or the simulation is over.  Leaves; not to be
 * inside is misuse.  Observers are told (DS_FACT_ENTER, DS_FACT_LEAVE). */
bool ds_mutex_lock(ds_handle *h, const ds_mutex *mutex);
void ds_mutex_unlock(ds_handle *h, const ds_mutex *mutex);

/* ---- A lock that runs out -------------------------------------------------*/

/* Gray, Cheriton, "Leases", SOSP 1989: a server gives a lock for a while, and
 * so the holder may crash.  Since nobody knows how long a holder pauses between
 * looking at its clock and what it does then, each lease has a token, higher
 * than those before, that it shows to whatever it uses, which refuses one that
 * is lower than what it has seen (Kleppmann, "How to do distributed locking",
 * 2016; Burrows, "The Chubby Lock Service", OSDI 2006, 2.4: sequencers). */
typedef struct ds_lease {
    ds_group group;  /* one member, the server, which needs a disk */
    double seconds;  /* of each lease */
    double patience; /* seconds until a call has failed; 0: never */
    double again;    /* seconds after which the server is asked again; > 0 */
} ds_lease;

/* The body of the server, for ds_node_boot_daemon(); arg is a ds_lease.  After
 * a crash it gives no lease before all that it may have given have run out. */
void ds_lease_serve(ds_handle *h, void *arg);

typedef struct ds_lease_client {
    const ds_lease *lease; /* borrowed */
    ds_asker asker;
    uint64_t token; /* of its last lease; 0: it had none */
    double until;   /* ds_now() when it runs out */
} ds_lease_client;

/* The port is on the caller's machine, and the client's alone. */
ds_lease_client ds_lease_client_of(ds_handle *h, const ds_lease *lease,
                                   ds_port *port);

/* Waits for a lease; has the one that it holds last longer; gives it back. Each
 * takes a round trip of 2 messages, acquiring more while another one holds it.
 *
 * False: not in time, or the machine or the simulation is over; of a renewal
 * also that it has run out.  A lease that was not had may have been given. */
bool ds_lease_acquire(ds_handle *h, ds_lease_client *c);
bool ds_lease_renew(ds_handle *h, ds_lease_client *c);
bool ds_lease_release(ds_handle *h, ds_lease_client *c);

/* What a resource has seen of tokens; zeros at first, and as lasting as what it
 * protects.  Whether a token is no lower than all before. */
typedef struct ds_fence {
    uint64_t highest;
} ds_fence;

bool ds_fence_admits(ds_fence *fence, uint64_t token);

#ifdef __cplusplus
}
#endif

#endif
