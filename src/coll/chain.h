/* Which messages paths are made of: for each message the one before it on the
 * path of whoever let it go.
 *
 * Names of messages are numbers from 1 on, so this is an array, and a path is
 * walked from its last message back. */
#ifndef DS_COLL_CHAIN_H
#define DS_COLL_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Invariant: before[m] < m, and 0 of one that nothing is known of. */
typedef struct ds__chain {
    uint64_t *before;
    size_t room;
} ds__chain;

/* Says what came before n messages, the first of which is this.  false: no
 * memory. */
bool ds__chain_add(ds__chain *chain, uint64_t first, size_t n, uint64_t before);

/* Stores the first max messages of a path that ends with this one, the last one
 * first, and returns how many there are. */
size_t ds__chain_walk(const ds__chain *chain, uint64_t last, uint64_t *messages,
                      size_t max);

void ds__chain_free(ds__chain *chain);

#endif
