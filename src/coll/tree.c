/* Up a binary tree, reducing, and down again: the parent of rank r is
 * (r - 1) / 2.  The steps are 0 up and 1 down. */

#include <assert.h>

#include <distsys/allreduce.h>

#include "coll/step.h"

enum { UP, DOWN };

/* Own, left, right; a leaf reduces its own alone. */
static ds_vec *reduce_subtree(ds_comm *c, ds_vec *mine, const ds_op *op,
                              const size_t *children, size_t n)
{
    ds_vec *vecs[3] = { mine };

    assert(n <= 2);
    for (size_t i = 0; i < n; i++)
        ds__step_expect(c, children[i], UP);
    for (size_t i = 0; i < n; i++)
        vecs[1 + i] = ds__step_take(c, children[i], UP);
    ds_vec *sum = ds__step_reduce(c, op, vecs, 1 + n);
    for (size_t i = 0; i < n; i++)
        ds_vec_unref(vecs[1 + i]);
    return sum;
}

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    size_t rank = c->rank;
    size_t parent = (rank - 1) / 2;
    size_t children[] = { 2 * rank + 1, 2 * rank + 2 };
    size_t n = 0;

    while (n < 2 && children[n] < ds_comm_size(c))
        n++;

    ds_vec *result = reduce_subtree(c, mine, op, children, n);
    if (rank != 0) {
        ds__step_send(c, parent, UP, result);
        ds_vec_unref(result);
        result = ds__step_recv(c, parent, DOWN);
    }
    for (size_t i = 0; i < n; i++)
        ds__step_post(c, children[i], DOWN, result);
    ds__step_flush(c);
    return result;
}

const ds_allreduce ds_allreduce_tree = {
    .name = "tree",
    .idea = "up a binary tree to rank 0 and down again",
    .run = run,
    .traits = DS_TRAIT_COMMUTATIVE,
};
