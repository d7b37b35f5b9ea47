/* A table from three numbers to an entry, with open addressing.
 *
 * Entries are structs of one size that begin with a ds__entry.  Nothing is ever
 * taken out, and whoever walks over a table must not let anything depend on
 * the order, which is that of the hashes. */
#ifndef DS_BASE_TABLE_H
#define DS_BASE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ds__table_key {
    uint64_t a;
    uint64_t b;
    uint64_t c;
} ds__table_key;

typedef struct ds__entry {
    ds__table_key key;
    bool used;
} ds__entry;

/* Invariants: max is 0 or a power of two; at most half of the places are used,
 * which is count; an entry is found by its key. */
typedef struct ds__table {
    unsigned char *places;
    size_t size; /* of an entry */
    size_t count;
    size_t max;
} ds__table;

static inline void ds__table_init(ds__table *table, size_t size)
{
    *table = (ds__table){ .size = size };
}

void ds__table_free(ds__table *table);

/* Finds an entry; NULL: there is none.  Good until the next is added. */
void *ds__table_find(const ds__table *table, ds__table_key key);

/* Finds an entry, or adds one that is zeros but for its key; NULL: no memory,
 * and nothing has changed. */
void *ds__table_put(ds__table *table, ds__table_key key);

/* Returns the first used entry at place i or behind it, and stores its place;
 * NULL: there is none. */
void *ds__table_next(const ds__table *table, size_t *i);

void ds__table_check(const ds__table *table);

#endif
