#ifndef DISTSYS_QUORUM_H
#define DISTSYS_QUORUM_H

#include <distsys/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A register that replicas keep together, and that any number of clients read
 * and write: Attiya, Bar-Noy, Dolev, "Sharing Memory Robustly in
 * Message-Passing Systems", J. ACM 42(1), 1995, for several writers as in
 * Lynch, Shvartsman, "Robust Emulation of Shared Memory Using Dynamic
 * Quorum-Acknowledged Broadcasts", FTCS 1997.
 *
 * It is linearizable if each set of readers meets each set of writers, and each
 * set of writers another one: reads + writes > n, and 2 writes > n.  Fewer are
 * allowed, for those who want to see what becomes of it. */
typedef struct ds_quorum {
    ds_group group;  /* the replicas; they need disks */
    size_t reads;    /* how many must say what they have; 0: a majority */
    size_t writes;   /* how many must store it; 0: a majority */
    double patience; /* seconds until a call has failed; 0: never */
    double again;    /* seconds after which the silent are asked again; 0: they
                      * are not */
    bool regular;    /* reads do not store again what they have read: half as
                      * long, and two reads may see a new value and then an old
                      * one (Lamport's regular register) */
    bool thrifty; /* asks no more replicas than must answer, others each time:
                   * fewer messages, and one that is silent costs patience */
} ds_quorum;

/* The body of a replica, for ds_node_boot_daemon(); arg is a ds_quorum. */
void ds_quorum_serve(ds_handle *h, void *arg);

typedef struct ds_quorum_client {
    const ds_quorum *quorum; /* borrowed */
    ds_asker asker;
    int64_t counter; /* of the last write, which may have been in vain */
} ds_quorum_client;

/* The port is on the caller's machine, and the client's alone. */
ds_quorum_client ds_quorum_client_of(ds_handle *h, const ds_quorum *q,
                                     ds_port *port);

/* A write takes two round trips: it asks for the newest stamp, and stores a
 * newer one.  A read takes two if replicas disagree, one if so many as it takes
 * to write have the newest value.  A round trip is n questions, and n answers.
 *
 * False: too few have answered in time, or it is over.  A write that has failed
 * may yet be read, or never.  A register that nobody has written has 0. */
bool ds_quorum_write(ds_handle *h, ds_quorum_client *c, int64_t value);
bool ds_quorum_read(ds_handle *h, ds_quorum_client *c, int64_t *value);

#ifdef __cplusplus
}
#endif

#endif
