/* The vectors that go into a collective, and what must come out.
 *
 * All elements and all their sums are whole numbers that a double holds
 * exactly, so a sum is the same in every order. */
#ifndef BENCH_VECTORS_H
#define BENCH_VECTORS_H

#include <distsys.h>

#include "bench/common/setting.h"

/* The vector of a rank, or a phantom of its length; NULL: no memory. */
ds_vec *vectors_new(size_t rank, size_t len, bool real);

/* Tells whether a member has got what it must; if not, the run is over, with a
 * text that says what is wrong. */
bool vectors_check(ds_comm *c, const ds_collective *how, const setting *s,
                   const ds_vec *got);

#endif
