/* Down to a power of two and up again, for algorithms that need one.
 *
 * With p = q + r ranks, of the first 2r ranks each even one gives its vector to
 * the odd one above it and sits out.  The others are renumbered 0..q-1 in
 * order, so an algorithm that keeps their order keeps that of the ranks.
 * Costs a round, a vector and a reduction on the way down, a round and a vector
 * on the way up; nothing if r is 0. */
#ifndef DS_COLL_FOLD_H
#define DS_COLL_FOLD_H

#include "coll/cost.h"
#include "coll/step.h"

typedef struct ds__fold {
    size_t q;    /* how many go on */
    size_t r;    /* how many sit out */
    bool out;    /* whether this one does */
    size_t rank; /* its new number if not */
} ds__fold;

/* The steps 0 and 1 are used here. */
enum { DS__FOLD_STEP, DS__UNFOLD_STEP, DS__FIRST_FREE_STEP };

ds__fold ds__fold_of(const ds_comm *c);

/* The rank of the one with a new number. */
static inline size_t ds__fold_rank(const ds__fold *f, size_t number)
{
    assert(number < f->q);
    return number < f->r ? 2 * number + 1 : number + f->r;
}

/* What this one goes on with; NULL if it sits out. */
ds_vec *ds__fold_down(ds_comm *c, const ds__fold *f, ds_vec *mine,
                      const ds_op *op);

/* Takes the result, gives it to who sat out, and returns it. */
ds_vec *ds__fold_up(ds_comm *c, const ds__fold *f, ds_vec *result);

ds_cost ds__fold_cost(size_t p, size_t len);

#endif
