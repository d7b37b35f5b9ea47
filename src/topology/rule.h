/* How the ways of a kind of network are worked out, without keeping any. */
#ifndef DS_TOPOLOGY_RULE_H
#define DS_TOPOLOGY_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include <distsys/topology.h>

#include "topology/trail.h"

/* What goes on in a network, for those ways that depend on it. */
typedef struct ds__traffic {
    /* How many messages have a way over a link, and have not arrived. */
    size_t (*flows)(const struct ds__traffic *self, size_t link);
} ds__traffic;

/* Which way is asked for. */
typedef struct ds__question {
    size_t from; /* another host than to */
    size_t to;
    uint64_t message;
    const ds__traffic *traffic; /* NULL: nothing goes on */
} ds__question;

/* The first member of a struct with what it needs to know, which is one piece
 * of memory and ends with its topology.  It changes nothing, so any thread may
 * ask. */
typedef struct ds__rule {
    ds__way (*route)(const struct ds__rule *self, const ds_topology *topology,
                     const ds__question *question, ds__trail *path);
    bool asks; /* what goes on in the network */
} ds__rule;

#endif
