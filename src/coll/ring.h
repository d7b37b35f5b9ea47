/* Reduce-scatter and allgather around a ring, for all algorithms that go round
 * in circles: the ring itself, the rows and columns of a torus, groups.
 *
 * Of k members the one at index i gives to i + 1 and receives from i - 1.  The
 * vector is k blocks.  After the reduce-scatter, member i holds block i + 1,
 * combined in the order in which the ring runs. */
#ifndef DS_COLL_RING_H
#define DS_COLL_RING_H

#include "coll/cost.h"
#include "coll/step.h"

/* Members first, first + stride, ...: size of them, the caller at index. */
typedef struct ds__circle {
    size_t first;
    size_t stride;
    size_t size;
    size_t index;
    size_t lead; /* added to the numbers of blocks; 0: member i is left with
                  * block i + 1 */
} ds__circle;

/* All members of c. */
static inline ds__circle ds__circle_of(const ds_comm *c)
{
    return (
        ds__circle){ .stride = 1, .size = ds_comm_size(c), .index = c->rank };
}

/* The block that a member holds in between. */
static inline size_t ds__circle_block(const ds__circle *ring)
{
    assert(ring->index < ring->size);
    return (ring->index + 1 + ring->lead) % ring->size;
}

/* Both use size - 1 steps from *step on, and move it.  The first borrows vec
 * and returns the caller's block; the second takes the block and returns the
 * whole vector of len elements. */
ds_vec *ds__ring_reduce_scatter(ds_comm *c, const ds__circle *ring,
                                unsigned *step, ds_vec *vec, const ds_op *op);
ds_vec *ds__ring_allgather(ds_comm *c, const ds__circle *ring, unsigned *step,
                           ds_vec *block, size_t len);

/* Of one of them: k - 1 rounds with the largest of k blocks. */
ds_cost ds__ring_cost(size_t k, size_t len, bool reduces);

#endif
