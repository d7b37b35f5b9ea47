/* Vectors whose every sum is known, for runs that check what they get.
 *
 * All elements and all their sums are whole numbers that a double holds
 * exactly, so a sum is the same in every order. */
#ifndef BENCH_VECTORS_H
#define BENCH_VECTORS_H

#include <distsys.h>

/* Element i of the vector of a rank. */
double vectors_element(size_t rank, size_t i);

/* Element i of the sum over the ranks from first to end, without end. */
double vectors_sum(size_t first, size_t end, size_t i);

/* The vector of a rank, or a phantom of its length; NULL: no memory. */
ds_vec *vectors_new(size_t rank, size_t len, bool real);

#endif
