/* The least of a number of values, each of which may change.
 *
 * A complete tree in an array, four children to a node, with the values as its
 * leaves and the least of its children in each inner node.  A change climbs
 * only as far as it matters, one or two steps on average; after many changes
 * at once the inner nodes are made anew in one sweep through memory, which no
 * heap could match. */
#ifndef DS_NET_FLUID_MINTREE_H
#define DS_NET_FLUID_MINTREE_H

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

#define DS__MINTREE_ARITY 4

/* The children of keys[i] are keys[4 i + 1] to keys[4 i + 4]; value number v
 * is keys[inner + v].  Behind the last one some keys of INFINITY stand in for
 * children that are not there.  Invariant, except between ds__mintree_put()
 * and ds__mintree_rebuild(): an inner node has the least key of its children.
 */
typedef struct ds__mintree {
    double *keys;
    size_t inner;
    size_t count;
} ds__mintree;

static inline size_t ds__mintree_inner(size_t count)
{
    return count <= 1 ? 1 : (count + 1) / 3;
}

/* Makes it a tree of so many values, at most as many as it was made for, all
 * of them INFINITY. */
static inline void ds__mintree_resize(ds__mintree *tree, size_t count)
{
    tree->count = count;
    tree->inner = ds__mintree_inner(count);
    for (size_t i = 0; i < tree->inner + count + DS__MINTREE_ARITY; i++)
        tree->keys[i] = INFINITY;
}

/* False: no memory. */
static inline bool ds__mintree_init(ds__mintree *tree, size_t count)
{
    size_t room = ds__mintree_inner(count) + count + DS__MINTREE_ARITY;

    tree->keys = malloc(room * sizeof(double));
    if (tree->keys == NULL)
        return false;
    ds__mintree_resize(tree, count);
    return true;
}

/* Asserts the invariant. */
static inline void ds__mintree_check(const ds__mintree *tree)
{
    for (size_t i = 0; i < tree->inner; i++) {
        const double *c = &tree->keys[DS__MINTREE_ARITY * i + 1];
        assert(tree->keys[i] == fmin(fmin(c[0], c[1]), fmin(c[2], c[3])));
    }
}

static inline void ds__mintree_free(ds__mintree *tree)
{
    free(tree->keys);
}

static inline double ds__mintree_least(const ds__mintree *tree)
{
    return tree->keys[0];
}

static inline double ds__mintree_lesser(double a, double b)
{
    return a < b ? a : b;
}

/* Returns which value is the least; always the same one of several.  There must
 * be one that is not INFINITY.  No branch depends on the keys: it would be
 * guessed wrong as often as not. */
static inline size_t ds__mintree_first(const ds__mintree *tree)
{
    const double least = tree->keys[0];
    size_t i = 0;

    assert(least < INFINITY);
    while (i < tree->inner) {
        i = DS__MINTREE_ARITY * i + 1;
        const double *c = &tree->keys[i];
        i += (size_t)(ds__mintree_lesser(c[0], c[1]) > least) * 2;
        i += tree->keys[i] > least;
    }
    assert(i < tree->inner + tree->count && tree->keys[i] == least);
    return i - tree->inner;
}

/* Returns the least of the children that begin at c. */
static inline double ds__mintree_least_of(const double *c)
{
    double least = ds__mintree_lesser(c[0], c[1]);

    least = ds__mintree_lesser(least, c[2]);
    return ds__mintree_lesser(least, c[3]);
}

static inline void ds__mintree_set(ds__mintree *tree, size_t v, double key)
{
    size_t i = tree->inner + v;

    assert(v < tree->count && !isnan(key));
    tree->keys[i] = key;
    while (i > 0) {
        i = (i - 1) / DS__MINTREE_ARITY;
        double least =
            ds__mintree_least_of(&tree->keys[DS__MINTREE_ARITY * i + 1]);
        if (tree->keys[i] == least)
            break;
        tree->keys[i] = least;
    }
}

/* Changes a value and leaves the tree to ds__mintree_rebuild(). */
static inline void ds__mintree_put(ds__mintree *tree, size_t v, double key)
{
    tree->keys[tree->inner + v] = key;
}

static inline void ds__mintree_rebuild(ds__mintree *tree)
{
    const double *child = &tree->keys[DS__MINTREE_ARITY * tree->inner + 1];

    for (double *key = tree->keys + tree->inner; key > tree->keys;) {
        child -= DS__MINTREE_ARITY;
        *--key = ds__mintree_least_of(child);
    }
}

/* Returns whether it is less work to rebuild the tree than to climb it so
 * often. */
static inline bool ds__mintree_many(const ds__mintree *tree, size_t changes)
{
    return changes > tree->count / 8;
}

#endif
