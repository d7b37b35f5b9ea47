/* What the replicated data types have in common, and the rules that a mistake
 * can be made in, so that a test can put a wrong one in the place of a right
 * one. */
#ifndef PROTO_CRDT_RULES_H
#define PROTO_CRDT_RULES_H

#include <distsys/crdt.h>

/* A stamp is a time and, in the lower bits, the replica that made it: two that
 * different replicas make are different, and one that is made of another is
 * greater.  Additions, writes and elements of texts are named and ordered by
 * it. */
enum { DS__STAMP_BITS = 20 }; /* of the replica */

typedef struct ds__crdt_rules {
    /* A stamp that is greater than all that have been seen, and not before now,
     * in microseconds. */
    uint64_t (*stamp)(const ds_crdt *c, uint64_t seen, uint64_t now);
    /* The dot of an addition to a set; live is one that this replica knows and
     * nobody is known to have removed, or NULL. */
    uint64_t (*dot)(const ds_crdt *c, uint64_t seen, const ds_entry *live);
} ds__crdt_rules;

extern const ds__crdt_rules ds__crdt_right;

struct ds_crdt {
    const ds__crdt_rules *rules;
    uint64_t replica; /* less than DS_CRDT_REPLICAS */
    ds_entries *state;
    ds_entries *delta; /* the state has these too, or greater ones */
};

ds_crdt *ds__crdt_new(uint64_t replica, ds_entries *state,
                      const ds__crdt_rules *rules);

/* ---- Entries of an object -------------------------------------------------*/

/* A tombstone, but for counters, which have no rank. */
static inline bool ds__is_dead(const ds_entry *e)
{
    return e->rank & 1;
}

bool ds__crdt_put(ds_crdt *c, const ds_entry *e);
bool ds__crdt_kill(ds_crdt *c, const ds_entry *e);

/* From the first entry of an object, or of one of its elements, to the last;
 * NULL behind that. */
const ds_entry *ds__crdt_first(const ds_crdt *c, uint64_t object);
const ds_entry *ds__crdt_next(const ds_crdt *c, const ds_entry *e);
const ds_entry *ds__crdt_first_of(const ds_crdt *c, uint64_t object,
                                  int64_t element);
const ds_entry *ds__crdt_next_of(const ds_crdt *c, const ds_entry *e);

/* Of all entries of an object; its dot is the greatest that has been seen. */
ds_entries_sum ds__crdt_sum(const ds_crdt *c, uint64_t object);

#endif
