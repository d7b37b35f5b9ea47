/* The pairs of ports between which something is in flight.
 *
 * A pair exists while it has an open flow, so memory follows what is in
 * flight and not the square of the ports.  It has a clock of its own, which
 * counts the bytes that each of its flows has drained so far; all of them
 * drain alike, so a flow's finishing point on that clock never changes, and
 * the first of them is the root of a heap.
 *
 * The heap is a pairing heap (Fredman, Sedgewick, Sleator, Tarjan 1986): its
 * links lie in the flows, and a pair with one flow, which is nearly every
 * pair, pays nothing for it. */
#ifndef DS_NET_FLUID_PAIR_H
#define DS_NET_FLUID_PAIR_H

#include "base/heap.h"
#include "net/fluid/engine.h"
#include "base/slab.h"

/* Invariants: open >= 1; first is NULL or has the least key of the flows that
 * drain, which are at most open; in_heap is for the engine. */
struct ds__pair {
    ds__heap_node in_heap;
    uint32_t src;
    uint32_t dst;
    size_t open;
    ds__flow *first;
    ds__pair *chain; /* in its bucket */
};

/* A hash table of chains.  Nothing ever walks it: its order is nobody's. */
typedef struct ds__pairs {
    ds__slab slab;
    ds__pair **buckets;
    size_t num_buckets; /* 0 or a power of two */
    size_t count;
} ds__pairs;

/* size is that of the engine's own struct, which begins with a ds__pair. */
void ds__pairs_init(ds__pairs *pairs, size_t size);
void ds__pairs_free(ds__pairs *pairs);

ds__pair *ds__pairs_find(const ds__pairs *pairs, uint32_t src, uint32_t dst);

/* Adds a pair that is not there yet, without flows; what is in the engine's
 * part is unspecified.  NULL: no memory. */
ds__pair *ds__pairs_add(ds__pairs *pairs, uint32_t src, uint32_t dst);
void ds__pairs_remove(ds__pairs *pairs, ds__pair *pair);

/* Asserts that each pair can be found, that they are as many as counted, and of
 * each what stands above it. */
void ds__pairs_check(const ds__pairs *pairs);

/* Adds to the flows that drain, or takes the one with the least key; of equal
 * keys the one sent first. */
void ds__pair_push(ds__pair *pair, ds__flow *flow);
ds__flow *ds__pair_pop(ds__pair *pair);

/* Lets the clock begin again: takes what it shows off all keys. */
void ds__pair_restart(ds__pair *pair, double clock);

#endif
