/* Replicas that gossip tells of each other. */
#include <distsys/gossip.h>

#include "proto/crdt_rules.h"

static uint64_t digest_of(const ds_entries *set)
{
    return ds_entries_sum_of(set, NULL, NULL).digest;
}

bool ds_crdt_sync(ds_handle *h, ds_crdt *c, const ds_gossip *g)
{
    ds_entries *delta = ds_crdt_delta(c);
    bool added = delta != NULL;
    const ds_entries *known;

    for (const ds_entry *e = added ? ds_entries_from(delta, NULL) : NULL;
         added && e != NULL; e = ds_entries_after(delta, &e->key))
        added = ds_gossip_add(h, g, e);
    ds_entries_free(delta);
    known = ds_gossip_known(g, ds_group_me(&g->group, h));
    if (!added || known == NULL)
        return false;
    return digest_of(known) == digest_of(c->state) ||
           ds_entries_merge(c->state, known);
}
