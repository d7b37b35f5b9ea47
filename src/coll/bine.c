/* Bine trees: binomial trees in which parents and children are 1, 1, 3, 5, 11,
 * ... ranks apart instead of 1, 2, 4, 8, 16, so that fewer messages leave a
 * group of ranks that are near each other.
 *
 * De Sensi et al., "Bine Trees: Enhancing Collective Operations by Optimizing
 * Communication Locality", SC '25, arXiv:2508.17311; the trees are those whose
 * distances halve.  A rank counted from the root is a sum of powers of -2, and
 * 0 and 1 tell which ones.  Whoever has the last j + 1 of these equal, all 0 or
 * all 1, has in step j, which begin with the highest, got what the root has,
 * and its partner is the one that has them the other way round, rho(j) away.
 *
 * With ranks that are no power of two, of the first 2r, counted from the root,
 * each odd one has to do with the even one below it alone. */

#include <distsys/collective.h>

#include "coll/binomial.h"
#include "coll/swing.h"

typedef struct tree {
    size_t q;     /* ranks in it */
    size_t r;     /* others */
    size_t mine;  /* the number of the caller, or of the one below it */
    size_t root;  /* a rank */
    size_t top;   /* steps */
    bool is_leaf; /* the caller is one of the others */
    bool has_leaf;
} tree;

static tree tree_of(const ds_comm *c, size_t root)
{
    size_t p = ds_comm_size(c);
    size_t from_root = (c->rank + p - root) % p;
    unsigned top = ds__floor_lg(p);
    tree t = { .q = (size_t)1 << top, .root = root, .top = top };

    assert(t.q <= p && p < 2 * t.q);
    t.r = p - t.q;
    if (from_root < 2 * t.r) {
        t.mine = from_root / 2;
        t.is_leaf = from_root % 2 == 1;
        t.has_leaf = !t.is_leaf;
    } else {
        t.mine = from_root - t.r;
    }
    return t;
}

/* The rank of the one with a number; its leaf is the next one. */
static size_t rank_of(const ds_comm *c, const tree *t, size_t number)
{
    assert(number < t->q);
    size_t from_root = number < t->r ? 2 * number : number + t->r;

    return (from_root + t->root) % ds_comm_size(c);
}

static size_t leaf_of(const ds_comm *c, size_t rank)
{
    return (rank + 1) % ds_comm_size(c);
}

static size_t above_leaf(const ds_comm *c)
{
    return (c->rank + ds_comm_size(c) - 1) % ds_comm_size(c);
}

/* The digits of a number in base -2, as many as there are steps: adding 2 to
 * each odd place makes all of them positive, and taking it off again flips
 * them. */
static size_t digits(const tree *t, size_t number)
{
    size_t odd = (size_t)-1 / 3 * 2;

    return ((number + odd) ^ odd) & (t->q - 1);
}

/* The step in which a number gets what the root has; the number of steps for
 * the root itself, which has it before. */
static size_t step_of(const tree *t, size_t number)
{
    size_t d = digits(t, number);
    size_t last = d & 1;
    size_t equal = 0;

    if (number == 0)
        return t->top;
    while (equal < t->top && (d >> equal & 1) == last)
        equal++;
    return equal - 1;
}

static size_t partner(const tree *t, size_t step)
{
    assert(step < t->top);
    return ds__swing_partner(t->q, t->mine, (unsigned)step);
}

/* ---- Down -----------------------------------------------------------------*/

static ds_vec *bcast(ds_comm *c, const tree *t, ds_vec *vec)
{
    unsigned leaf = (unsigned)t->top;

    if (t->is_leaf)
        return ds__step_recv(c, above_leaf(c), leaf);
    size_t mine = step_of(t, t->mine);
    if (mine < t->top)
        vec = ds__step_recv(c, rank_of(c, t, partner(t, mine)), (unsigned)mine);
    for (size_t j = mine; j-- > 0;)
        ds__step_send(c, rank_of(c, t, partner(t, j)), (unsigned)j, vec);
    if (t->has_leaf)
        ds__step_send(c, leaf_of(c, c->rank), leaf, vec);
    return vec;
}

static ds_vec *run_bcast(const ds_collective *self, ds_comm *c, ds_vec *mine,
                         const ds_op *op, size_t root)
{
    tree t = tree_of(c, root);

    return bcast(c, &t, c->rank == root ? ds_vec_ref(mine) : NULL);
}

/* c rounds of n: one for the leaves. */
static ds_cost cost_bcast(const void *self, size_t p, size_t len)
{
    return ds__cost_times(ds__ceil_lg(p), ds__cost_step((double)len, false));
}

const ds_collective ds_bcast_bine = {
    .name = "bcast-bine",
    .idea = "a binomial tree of ranks that are nearer each other",
    .kind = DS_BCAST,
    .run = run_bcast,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost_bcast,
};

/* ---- Up -------------------------------------------------------------------*/

/* The same backwards; NULL on all but the root. */
static ds_vec *reduce(ds_comm *c, const tree *t, ds_vec *mine, const ds_op *op)
{
    ds_vec *sum = ds_vec_ref(mine);
    unsigned leaf = (unsigned)t->top;
    size_t last = t->is_leaf ? 0 : step_of(t, t->mine);

    if (t->has_leaf)
        sum = ds__step_combine(c, op, sum,
                               ds__step_recv(c, leaf_of(c, c->rank), leaf));
    for (size_t j = 0; j < last; j++) {
        size_t other = rank_of(c, t, partner(t, j));
        sum =
            ds__step_combine(c, op, sum, ds__step_recv(c, other, (unsigned)j));
    }
    if (c->rank == t->root)
        return sum;
    if (t->is_leaf)
        ds__step_send(c, above_leaf(c), leaf, sum);
    else
        ds__step_send(c, rank_of(c, t, partner(t, last)), (unsigned)last, sum);
    ds_vec_unref(sum);
    return NULL;
}

static ds_vec *run_reduce(const ds_collective *self, ds_comm *c, ds_vec *mine,
                          const ds_op *op, size_t root)
{
    tree t = tree_of(c, root);

    return ds__root_or_own(c, reduce(c, &t, mine, op), mine, root);
}

/* c rounds of n, all reduced. */
static ds_cost cost_reduce(const void *self, size_t p, size_t len)
{
    return ds__cost_times(ds__ceil_lg(p), ds__cost_step((double)len, true));
}

const ds_collective ds_reduce_bine = {
    .name = "reduce-bine",
    .idea = "up such a tree, reducing on the way",
    .kind = DS_REDUCE,
    .run = run_reduce,
    .traits = DS_TRAIT_COMMUTATIVE | DS_TRAIT_ONE_PORT,
    .cost = cost_reduce,
};
