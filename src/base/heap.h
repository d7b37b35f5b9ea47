/* A heap of things ordered by a double, with the thing's own place in it.
 *
 * Each entry of the array carries its key, so that nearly every comparison is
 * between numbers that lie side by side; only equal keys ask `before`, which
 * looks at the things themselves.  A node knows its index, which makes removal
 * from the middle and change of key O(log n).  Four children to a parent: half
 * the levels of a binary heap, and the four keys fill one cache line.
 *
 * `before` is always a constant where these functions are used, and the
 * compiler inlines it. */
#ifndef DS_BASE_HEAP_H
#define DS_BASE_HEAP_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#define DS__HEAP_ARITY 4

/* Embedded in what is put into a heap.  at is 0 outside, index + 1 inside. */
typedef struct ds__heap_node {
    size_t at;
} ds__heap_node;

typedef struct ds__heap_entry {
    double key;
    ds__heap_node *node;
} ds__heap_entry;

/* Invariants: entries[i].node->at == i + 1; no entry precedes its parent;
 * count <= capacity. */
typedef struct ds__heap {
    ds__heap_entry *entries;
    size_t count;
    size_t capacity;
} ds__heap;

/* Whether a goes before b, given equal keys. */
typedef bool ds__heap_before(const ds__heap_node *a, const ds__heap_node *b);

static inline void ds__heap_free(ds__heap *heap)
{
    free(heap->entries);
    *heap = (ds__heap){ 0 };
}

/* Makes room for extra more entries; false: no memory, nothing changed. */
static inline bool ds__heap_reserve(ds__heap *heap, size_t extra)
{
    if (heap->capacity - heap->count >= extra)
        return true;

    const size_t most = SIZE_MAX / sizeof(ds__heap_entry);
    if (extra > most - heap->count)
        return false;
    size_t capacity = heap->capacity < 4 ? 4 : heap->capacity * 2;
    while (capacity - heap->count < extra)
        capacity *= 2;
    if (capacity > most)
        return false;

    ds__heap_entry *entries =
        realloc(heap->entries, capacity * sizeof(ds__heap_entry));
    if (entries == NULL)
        return false;
    heap->entries = entries;
    heap->capacity = capacity;
    return true;
}

/* Asserts the invariants, but not the order of equal keys. */
static inline void ds__heap_check(const ds__heap *heap)
{
    assert(heap->count <= heap->capacity);
    for (size_t i = 0; i < heap->count; i++) {
        assert(heap->entries[i].node->at == i + 1);
        assert(i == 0 || heap->entries[(i - 1) / DS__HEAP_ARITY].key <=
                             heap->entries[i].key);
    }
}

static inline bool ds__heap_contains(const ds__heap_node *node)
{
    return node->at != 0;
}

static inline void ds__heap_place(ds__heap *heap, size_t i,
                                  ds__heap_entry entry)
{
    heap->entries[i] = entry;
    entry.node->at = i + 1;
}

static inline bool ds__heap_less(ds__heap_entry a, ds__heap_entry b,
                                 ds__heap_before *before)
{
    return a.key <= b.key && (a.key < b.key || before(a.node, b.node));
}

/* Puts entry into the hole at i, or above it. */
static inline void ds__heap_rise(ds__heap *heap, size_t i, ds__heap_entry entry,
                                 ds__heap_before *before)
{
    while (i > 0) {
        size_t parent = (i - 1) / DS__HEAP_ARITY;
        if (!ds__heap_less(entry, heap->entries[parent], before))
            break;
        ds__heap_place(heap, i, heap->entries[parent]);
        i = parent;
    }
    ds__heap_place(heap, i, entry);
}

static inline const ds__heap_entry *ds__heap_lesser(const ds__heap_entry *a,
                                                    const ds__heap_entry *b,
                                                    ds__heap_before *before)
{
    return ds__heap_less(*b, *a, before) ? b : a;
}

/* Returns the least of n children, one at least; nearly always there are four.
 */
static inline const ds__heap_entry *
ds__heap_least(const ds__heap_entry *c, size_t n, ds__heap_before *before)
{
    if (n >= DS__HEAP_ARITY)
        return ds__heap_lesser(ds__heap_lesser(c, c + 1, before),
                               ds__heap_lesser(c + 2, c + 3, before), before);

    const ds__heap_entry *least = c;
    for (size_t i = 1; i < n; i++)
        least = ds__heap_lesser(least, c + i, before);
    return least;
}

/* Puts entry into the hole at i, or below it. */
static inline void ds__heap_sink(ds__heap *heap, size_t i, ds__heap_entry entry,
                                 ds__heap_before *before)
{
    for (;;) {
        size_t first = i * DS__HEAP_ARITY + 1;
        if (first >= heap->count)
            break;
        const ds__heap_entry *best =
            ds__heap_least(&heap->entries[first], heap->count - first, before);
        if (!ds__heap_less(*best, entry, before))
            break;
        ds__heap_place(heap, i, *best);
        i = (size_t)(best - heap->entries);
    }
    ds__heap_place(heap, i, entry);
}

/* Room for it must have been reserved. */
static inline void ds__heap_push(ds__heap *heap, double key,
                                 ds__heap_node *node, ds__heap_before *before)
{
    assert(node->at == 0 && heap->count < heap->capacity);
    ds__heap_rise(heap, heap->count++, (ds__heap_entry){ key, node }, before);
}

static inline void ds__heap_settle(ds__heap *heap, size_t i,
                                   ds__heap_entry entry,
                                   ds__heap_before *before)
{
    size_t parent = (i - 1) / DS__HEAP_ARITY;

    if (i > 0 && ds__heap_less(entry, heap->entries[parent], before))
        ds__heap_rise(heap, i, entry, before);
    else
        ds__heap_sink(heap, i, entry, before);
}

static inline void ds__heap_change(ds__heap *heap, double key,
                                   ds__heap_node *node, ds__heap_before *before)
{
    assert(node->at != 0);
    ds__heap_settle(heap, node->at - 1, (ds__heap_entry){ key, node }, before);
}

/* The same for a key that is not greater than before, and for one that is not
 * less: half the work. */
static inline void ds__heap_lower(ds__heap *heap, double key,
                                  ds__heap_node *node, ds__heap_before *before)
{
    assert(node->at != 0 && key <= heap->entries[node->at - 1].key);
    ds__heap_rise(heap, node->at - 1, (ds__heap_entry){ key, node }, before);
}

static inline void ds__heap_raise(ds__heap *heap, double key,
                                  ds__heap_node *node, ds__heap_before *before)
{
    assert(node->at != 0 && key >= heap->entries[node->at - 1].key);
    ds__heap_sink(heap, node->at - 1, (ds__heap_entry){ key, node }, before);
}

static inline void ds__heap_remove(ds__heap *heap, ds__heap_node *node,
                                   ds__heap_before *before)
{
    size_t i = node->at - 1;

    assert(node->at != 0 && heap->entries[i].node == node);
    ds__heap_entry last = heap->entries[--heap->count];
    if (i < heap->count)
        ds__heap_settle(heap, i, last, before);
    node->at = 0;
}

#endif
