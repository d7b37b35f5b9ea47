/* What an observer remembers; see the header. */

#include "explore/observe/table.h"

#include <assert.h>
#include <stdlib.h>

#include "base/rng.h"

void ds__table_free(ds__table *table)
{
    free(table->slots);
    *table = (ds__table){ 0 };
}

/* Finds the slot of a note, or the empty one where it belongs. */
static ds__note *slot_of(const ds__table *table, uint32_t kind, uint64_t x,
                         uint64_t y)
{
    size_t mask = table->num_slots - 1;
    size_t i = (size_t)ds__mix(ds__mix(ds__mix(kind) ^ x) ^ y) & mask;

    for (;; i = (i + 1) & mask) {
        ds__note *note = &table->slots[i];
        if (note->kind == 0 ||
            (note->kind == kind && note->x == x && note->y == y))
            return note;
    }
}

ds__note *ds__table_find(const ds__table *table, uint32_t kind, uint64_t x,
                         uint64_t y)
{
    if (table->num_slots == 0)
        return NULL;
    ds__note *note = slot_of(table, kind, x, y);
    return note->kind == 0 ? NULL : note;
}

static bool grow(ds__table *table)
{
    ds__table new = { .num_slots =
                          table->num_slots == 0 ? 64 : table->num_slots * 2 };

    new.slots = calloc(new.num_slots, sizeof(*new.slots));
    if (new.slots == NULL)
        return false;
    for (size_t i = 0; i < table->num_slots; i++) {
        const ds__note *note = &table->slots[i];
        if (note->kind != 0)
            *slot_of(&new, note->kind, note->x, note->y) = *note;
    }
    free(table->slots);
    table->slots = new.slots;
    table->num_slots = new.num_slots;
    return true;
}

ds__note *ds__table_put(ds__table *table, uint32_t kind, uint64_t x, uint64_t y)
{
    if ((table->count + 1) * 4 > table->num_slots * 3 && !grow(table))
        return NULL;
    assert((table->num_slots & (table->num_slots - 1)) == 0 &&
           table->count < table->num_slots && kind != 0);
    ds__note *note = slot_of(table, kind, x, y);
    if (note->kind == 0) {
        *note = (ds__note){ .kind = kind, .x = x, .y = y };
        table->count++;
    }
    return note;
}
