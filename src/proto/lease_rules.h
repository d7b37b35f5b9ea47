/* The rules of leases that a mistake can be made in, so that a test can put a
 * wrong one in the place of a right one. */
#ifndef PROTO_LEASE_RULES_H
#define PROTO_LEASE_RULES_H

#include <distsys/mutex.h>

#include "proto/cell.h"

typedef struct ds__lease_rules {
    /* The server has given a lease of this token, and is about to say so. */
    bool (*keep)(ds_handle *h, ds__cell *cell, const uint64_t *token);
    /* Until when a server that has just been started gives none. */
    double (*rests)(const ds_lease *lease, double now);
    /* Whether a resource takes what comes with a token. */
    bool (*admits)(ds_fence *fence, uint64_t token);
} ds__lease_rules;

extern const ds__lease_rules ds__lease_right;

void ds__lease_serve(ds_handle *h, const ds_lease *lease,
                     const ds__lease_rules *rules);

#endif
