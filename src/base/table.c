/* A table from three numbers to an entry; see the header. */

#include "base/table.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define FEWEST 16 /* places */

#define SMALL 1024 /* places: a smaller table grows fourfold */

/* Keep the parts of a key apart before they are mixed; any odd numbers with
 * bits all over do. */
#define FIRST_ODD  UINT64_C(0x9e3779b97f4a7c15)
#define SECOND_ODD UINT64_C(0xd6e8feb86659fd93)
#define THIRD_ODD  UINT64_C(0xbf58476d1ce4e5b9)

void ds__table_free(ds__table *table)
{
    free(table->places);
    ds__table_init(table, table->size);
}

static ds__entry *at(const ds__table *table, size_t i)
{
    return (ds__entry *)(void *)(table->places + i * table->size);
}

/* After two products the upper half depends on all bits. */
static inline size_t hash(ds__table_key key)
{
    uint64_t x = key.a * THIRD_ODD + key.b * FIRST_ODD + key.c * SECOND_ODD;

    x = (x ^ x >> 32) * SECOND_ODD;
    return (size_t)(x ^ x >> 32);
}

/* Returns the place of a key, or the empty one where it belongs. */
static inline ds__entry *place_of(const ds__table *table, ds__table_key key)
{
    size_t i = hash(key);

    for (;; i++) {
        ds__entry *entry = at(table, i & (table->max - 1));
        if (!entry->used || (entry->key.a == key.a && entry->key.b == key.b &&
                             entry->key.c == key.c))
            return entry;
    }
}

void *ds__table_find(const ds__table *table, ds__table_key key)
{
    if (table->count == 0)
        return NULL;
    ds__entry *entry = place_of(table, key);
    return entry->used ? entry : NULL;
}

static bool grow(ds__table *table)
{
    ds__table wider = *table;

    wider.max = table->max == 0      ? FEWEST
                : table->max < SMALL ? table->max * 4
                                     : table->max * 2;
    if (wider.max > SIZE_MAX / wider.size)
        return false;
    wider.places = malloc(wider.max * wider.size);
    if (wider.places == NULL)
        return false;
    for (size_t i = 0; i < wider.max; i++)
        at(&wider, i)->used = false;
    for (size_t i = 0; i < table->max; i++) {
        const ds__entry *entry = at(table, i);
        if (entry->used)
            memcpy(place_of(&wider, entry->key), entry, table->size);
    }
    free(table->places);
    *table = wider;
    return true;
}

/* What is in a place that is not used is anything. */
static ds__entry *add(ds__table *table, ds__entry *entry, ds__table_key key)
{
    memset(entry, 0, table->size);
    entry->key = key;
    entry->used = true;
    table->count++;
    return entry;
}

void *ds__table_put(ds__table *table, ds__table_key key)
{
    ds__entry *entry = table->max == 0 ? NULL : place_of(table, key);

    assert(table->size >= sizeof(ds__entry));
    if (entry != NULL && entry->used)
        return entry;
    if (table->count * 2 < table->max)
        return add(table, entry, key);
    return grow(table) ? add(table, place_of(table, key), key) : NULL;
}

void *ds__table_next(const ds__table *table, size_t *i)
{
    for (; *i < table->max; (*i)++)
        if (at(table, *i)->used)
            return at(table, *i);
    return NULL;
}

void ds__table_check(const ds__table *table)
{
    size_t used = 0;

    assert((table->max & (table->max - 1)) == 0);
    assert(table->count * 2 <= table->max);
    for (size_t i = 0; i < table->max; i++) {
        const ds__entry *entry = at(table, i);
        used += entry->used;
        assert(!entry->used || place_of(table, entry->key) == entry);
    }
    assert(used == table->count);
    (void)used;
}
