/* What an observer remembers: a table from a kind and two numbers to a third,
 * with who told it and when. */
#ifndef DS_EXPLORE_OBSERVE_TABLE_H
#define DS_EXPLORE_OBSERVE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct ds__note {
    uint32_t kind; /* 0: nothing */
    uint64_t x;
    uint64_t y;
    int64_t value;
    uint64_t who;
    double time;
} ds__note;

/* Invariants: num_slots is 0 or a power of two; at least a quarter of the slots
 * are empty.  Nothing is ever taken out, and no order depends on the slots. */
typedef struct ds__table {
    ds__note *slots;
    size_t num_slots;
    size_t count;
} ds__table;

void ds__table_free(ds__table *table);

/* Finds a note; NULL: there is none.  Good until the next is added. */
ds__note *ds__table_find(const ds__table *table, uint32_t kind, uint64_t x,
                         uint64_t y);

/* Finds a note, or adds one whose value is 0; NULL: no memory. */
ds__note *ds__table_put(ds__table *table, uint32_t kind, uint64_t x,
                        uint64_t y);

#endif
