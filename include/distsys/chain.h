#ifndef DISTSYS_CHAIN_H
#define DISTSYS_CHAIN_H

#include <distsys/group.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Registers that a chain of machines keeps: van Renesse, Schneider, "Chain
 * Replication for Supporting High Throughput and Availability", OSDI 2004.  The
 * head puts writes in an order and passes them on; what has come to the tail,
 * all have, and so it is the tail that answers.
 *
 * With craq all members answer reads, and ask the tail only about what they
 * have and do not know to be there: Terrace, Freedman, "Object Storage on
 * CRAQ", USENIX ATC 2009.
 *
 * A master takes members out of the chain that it does not hear of, and appends
 * those that come back.  They read only while it has promised to leave them in,
 * and so it is linearizable although a silent machine may be there.
 *
 * It is plain data, the same for all, and stays as it is during the run. */
typedef struct ds_chain {
    ds_group group;  /* in the order of the first chain; they need disks */
    ds_group master; /* one member, which must not crash */
    bool craq;
    double lease;    /* seconds for which the master leaves in whom it has
                      * heard of; clocks go equally fast; > 0 */
    double period;   /* seconds between two messages to it, fewer than lease */
    double again;    /* seconds after which a member passes on again what is not
                      * known to have come to the tail; > 0 */
    double patience; /* seconds after which a client without an answer asks the
                      * master who is there, and begins anew; > 0 */
    double limit;    /* seconds until a call of a client has failed; 0: never */
} ds_chain;

/* The bodies, for ds_node_boot_daemon(); arg is a ds_chain. */
void ds_chain_serve(ds_handle *h, void *arg);
void ds_chain_master(ds_handle *h, void *arg);

typedef struct ds_chain_client {
    const ds_chain *chain; /* borrowed */
    ds_asker asker;
    uint64_t request; /* its last write */
    size_t *members;  /* n of them, head first, as it believes; they go with the
                       * machine, or the simulation */
    size_t n;         /* 0: it does not know */
} ds_chain_client;

/* The port is on the caller's machine, and the client's alone. */
ds_chain_client ds_chain_client_of(ds_handle *h, const ds_chain *chain,
                                   ds_port *port);

/* For a chain of n a write takes 2 n messages, of which n + 1 go by before the
 * client knows; a read takes 2, or 4 if a member has to ask the tail.  The
 * first call takes 2 more, to the master, and members have 2 with it in each
 * period.
 *
 * False: there was no answer within the limit, or it is over.  A write that has
 * failed may yet be done, once.  A register that nobody has written has 0. */
bool ds_chain_write(ds_handle *h, ds_chain_client *c, uint64_t key,
                    int64_t value);
bool ds_chain_read(ds_handle *h, ds_chain_client *c, uint64_t key,
                   int64_t *value);

#ifdef __cplusplus
}
#endif

#endif
