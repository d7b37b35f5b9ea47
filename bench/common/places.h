/* Where ranks are on the topology that a program runs on, for algorithms that
 * care: the sides of a torus, if each of its hosts has one rank, and the racks,
 * leaves or groups that hosts are in. */
#ifndef BENCH_PLACES_H
#define BENCH_PLACES_H

#include "bench/common/fabric.h"

/* Invariant: the lists of the shape are those here, or NULL. */
typedef struct places {
    ds_shape shape;
    size_t *sides;
    size_t *ranks;
    size_t *groups;
    bool is_torus;  /* the fabric has sides, also if they do not count here */
    bool is_uneven; /* it has groups, and more ranks are in one than another */
} places;

/* Of so many ranks; nothing is known if the fabric is NULL or not open. */
places places_of(const fabric *f, size_t ranks);
void places_free(places *p);

/* What an algorithm is to be told; NULL: it does not care, or nothing is known.
 */
const ds_shape *places_for(const places *p, const ds_collective *how);

/* What it would have been told but for the ranks, as in "NAME ..."; NULL:
 * nothing. */
const char *places_lack(const places *p, const ds_collective *how);

#endif
