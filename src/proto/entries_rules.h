/* The rules of sets of entries that a mistake can be made in, so that a test
 * can put a wrong one in the place of a right one. */
#ifndef PROTO_ENTRIES_RULES_H
#define PROTO_ENTRIES_RULES_H

#include <distsys/entries.h>

typedef struct ds__entries_rules {
    /* What stays of an entry that is there and another one of its key. */
    ds_entry (*join)(const ds_entry *mine, const ds_entry *other);
    /* What two sets are compared by. */
    uint64_t (*hash)(const ds_entry *entry);
} ds__entries_rules;

extern const ds__entries_rules ds__entries_right;

ds_entries *ds__entries_new(const ds__entries_rules *rules);

/* Asserts the invariants: n. */
void ds__entries_check(const ds_entries *set);

#endif
