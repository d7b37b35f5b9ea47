#ifndef DISTSYS_ENTRIES_H
#define DISTSYS_ENTRIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sets of entries, which is what replicas have and what they tell each other.
 * Of two entries with one key the greater stays, so a set only ever grows: to
 * merge is to make the least upper bound, in any order and as often as one
 * likes (Shapiro, Preguica, Baquero, Zawirski, SSS 2011).  Plain data that
 * needs no network. */

/* Keys are ordered by object, then by element, then by dot. */
typedef struct ds_key {
    uint64_t object;
    int64_t element;
    uint64_t dot; /* which of those that replicas may make at once; else 0 */
} ds_key;

int ds_key_compare(const ds_key *a, const ds_key *b); /* as strcmp() */

/* A fact.  It has no bytes that mean nothing, so it may be sent as it is. */
typedef struct ds_entry {
    ds_key key;
    uint64_t rank; /* the greater one stays; of two that are alike ... */
    int64_t value; /* ... the one with the greater value */
} ds_entry;

/* Whether b stays, if a is there already: the keys are the same. */
bool ds_entry_is_less(const ds_entry *a, const ds_entry *b);
uint64_t ds_entry_hash(const ds_entry *entry); /* of all that is in it */

/* At most one entry of each key, 96 bytes each and next to nothing if there is
 * none.  What follows takes a time of log n unless it says otherwise. */
typedef struct ds_entries ds_entries;

ds_entries *ds_entries_new(void);      /* NULL: no memory */
void ds_entries_free(ds_entries *set); /* n; NULL is allowed */

/* Adds an entry, unless it is there or a greater one is; *news, if that is not
 * NULL, becomes whether the set is another now.  False: no memory, and nothing
 * has changed. */
bool ds_entries_put(ds_entries *set, const ds_entry *entry, bool *news);
/* Adds all that another set has: m log n.  False: no memory, and some are
 * there. */
bool ds_entries_merge(ds_entries *set, const ds_entries *other);

/* What is returned stays where it is as long as the set; NULL: there is none.
 * The one with that key; the first one whose key is not less, where NULL is
 * less than all keys; the first one whose key is greater; the i-th one. */
const ds_entry *ds_entries_find(const ds_entries *set, const ds_key *key);
const ds_entry *ds_entries_from(const ds_entries *set, const ds_key *key);
const ds_entry *ds_entries_after(const ds_entries *set, const ds_key *key);
const ds_entry *ds_entries_at(const ds_entries *set, size_t i);

/* What is in a range of keys, so that two sets can be compared by parts. */
typedef struct ds_entries_sum {
    size_t count;
    uint64_t digest; /* the sum of all hashes: if and, but for chance, only if
                      * two sets have the same entries there, it is the same */
    uint64_t dot;    /* the greatest of all dots; 0: there is none */
} ds_entries_sum;

/* Of the keys that are not less than from, and less than to; NULL: there is no
 * such end. */
ds_entries_sum ds_entries_sum_of(const ds_entries *set, const ds_key *from,
                                 const ds_key *to);

#ifdef __cplusplus
}
#endif

#endif
