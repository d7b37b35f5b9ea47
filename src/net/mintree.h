/* The least of a fixed number of values, each of which may change.
 *
 * A complete binary tree in an array: a leaf for each value, and above two of
 * them the lesser one.  A change climbs only as far as it matters, two steps
 * on average; after many changes at once the inner nodes are made anew in one
 * sweep through memory, which no heap could match. */
#ifndef DS_NET_MINTREE_H
#define DS_NET_MINTREE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* Invariant, except between ds__mintree_put() and ds__mintree_rebuild():
 * keys[i] is the lesser of keys[2 i] and keys[2 i + 1], for 1 <= i < leaves;
 * the value i is keys[leaves + i]. */
typedef struct ds__mintree {
    double *keys;
    size_t leaves; /* a power of two */
} ds__mintree;

static inline bool ds__mintree_init(ds__mintree *tree, size_t count)
{
    size_t leaves = 1;

    while (leaves < count)
        leaves *= 2;
    *tree = (ds__mintree){ malloc(2 * leaves * sizeof(double)), leaves };
    for (size_t i = 0; tree->keys != NULL && i < 2 * leaves; i++)
        tree->keys[i] = INFINITY;
    return tree->keys != NULL;
}

static inline void ds__mintree_free(ds__mintree *tree)
{
    free(tree->keys);
}

static inline double ds__mintree_get(const ds__mintree *tree, size_t i)
{
    return tree->keys[tree->leaves + i];
}

static inline double ds__mintree_least(const ds__mintree *tree)
{
    return tree->keys[1];
}

/* Which value is the least; the first of several. */
static inline size_t ds__mintree_first(const ds__mintree *tree)
{
    size_t i = 1;

    while (i < tree->leaves)
        i = 2 * i + (tree->keys[2 * i] != tree->keys[i]);
    return i - tree->leaves;
}

static inline void ds__mintree_sum_up(ds__mintree *tree, size_t i)
{
    double left = tree->keys[2 * i];
    double right = tree->keys[2 * i + 1];

    tree->keys[i] = left <= right ? left : right;
}

static inline void ds__mintree_set(ds__mintree *tree, size_t i, double key)
{
    i += tree->leaves;
    tree->keys[i] = key;
    for (i /= 2; i > 0; i /= 2) {
        double old = tree->keys[i];
        ds__mintree_sum_up(tree, i);
        if (tree->keys[i] == old)
            break;
    }
}

/* Changes a value and leaves the tree to ds__mintree_rebuild(). */
static inline void ds__mintree_put(ds__mintree *tree, size_t i, double key)
{
    tree->keys[tree->leaves + i] = key;
}

static inline void ds__mintree_rebuild(ds__mintree *tree)
{
    for (size_t i = tree->leaves - 1; i > 0; i--)
        ds__mintree_sum_up(tree, i);
}

#endif
