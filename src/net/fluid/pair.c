/* The pairs in flight, and the flows of each by their finishing points. */

#include "net/fluid/pair.h"

#include <assert.h>

#include "base/rng.h"

void ds__pairs_init(ds__pairs *pairs, size_t size)
{
    *pairs = (ds__pairs){ .slab.size = size };
}

void ds__pairs_free(ds__pairs *pairs)
{
    ds__slab_free(&pairs->slab);
    free(pairs->buckets);
}

/* ---- The table ------------------------------------------------------------*/

static ds__pair **bucket_of(const ds__pairs *pairs, uint32_t src, uint32_t dst)
{
    uint64_t hash = ds__mix((uint64_t)src << 32 | dst);

    return &pairs->buckets[hash & (pairs->num_buckets - 1)];
}

ds__pair *ds__pairs_find(const ds__pairs *pairs, uint32_t src, uint32_t dst)
{
    if (pairs->count == 0)
        return NULL;

    ds__pair *pair = *bucket_of(pairs, src, dst);
    while (pair != NULL && (pair->src != src || pair->dst != dst))
        pair = pair->chain;
    return pair;
}

static void link_pair(ds__pairs *pairs, ds__pair *pair)
{
    ds__pair **bucket = bucket_of(pairs, pair->src, pair->dst);

    pair->chain = *bucket;
    *bucket = pair;
}

static bool grow(ds__pairs *pairs)
{
    ds__pairs old = *pairs;
    size_t n = old.num_buckets == 0 ? 64 : old.num_buckets * 2;
    ds__pair **buckets = calloc(n, sizeof(ds__pair *));

    if (buckets == NULL)
        return false;
    pairs->buckets = buckets;
    pairs->num_buckets = n;
    for (size_t i = 0; i < old.num_buckets; i++) {
        while (old.buckets[i] != NULL) {
            ds__pair *pair = old.buckets[i];
            old.buckets[i] = pair->chain;
            link_pair(pairs, pair);
        }
    }
    free(old.buckets);
    return true;
}

ds__pair *ds__pairs_add(ds__pairs *pairs, uint32_t src, uint32_t dst)
{
    if (pairs->count == pairs->num_buckets && !grow(pairs))
        return NULL;

    ds__pair *pair = ds__slab_take(&pairs->slab);
    if (pair == NULL)
        return NULL;
    *pair = (ds__pair){ .src = src, .dst = dst };
    link_pair(pairs, pair);
    pairs->count++;
    return pair;
}

void ds__pairs_remove(ds__pairs *pairs, ds__pair *pair)
{
    ds__pair **link = bucket_of(pairs, pair->src, pair->dst);

    assert(pairs->count > 0 && pair->first == NULL);
    assert(!ds__heap_contains(&pair->in_heap));
    while (*link != pair)
        link = &(*link)->chain;
    *link = pair->chain;
    pairs->count--;
    ds__slab_give(&pairs->slab, pair);
}

/* ---- The flows of a pair --------------------------------------------------*/

/* Returns whether a goes first: of equal keys, the one sent first. */
static bool before(const ds__flow *a, const ds__flow *b)
{
    return a->key < b->key || (a->key == b->key && a->number < b->number);
}

/* Makes one tree of two, neither of which has siblings. */
static ds__flow *meld(ds__flow *a, ds__flow *b)
{
    if (before(b, a)) {
        ds__flow *other = a;
        a = b;
        b = other;
    }
    b->next = a->child;
    a->child = b;
    return a;
}

void ds__pair_push(ds__pair *pair, ds__flow *flow)
{
    assert(flow->src == pair->src && flow->dst == pair->dst);
    assert(!isnan(flow->key));
    flow->child = NULL;
    flow->next = NULL;
    pair->first = pair->first == NULL ? flow : meld(pair->first, flow);
}

/* Melds siblings two by two; the results are linked last one first. */
static ds__flow *meld_neighbours(ds__flow *tree)
{
    ds__flow *results = NULL;

    while (tree != NULL) {
        ds__flow *one = tree;
        ds__flow *two = one->next;
        tree = two == NULL ? NULL : two->next;
        if (two != NULL)
            one = meld(one, two);
        one->next = results;
        results = one;
    }
    return results;
}

ds__flow *ds__pair_pop(ds__pair *pair)
{
    ds__flow *popped = pair->first;

    assert(popped != NULL && popped->next == NULL);
    ds__flow *rest = meld_neighbours(popped->child);
    ds__flow *root = rest;

    if (rest != NULL) {
        rest = rest->next;
        root->next = NULL;
    }
    while (rest != NULL) {
        ds__flow *tree = rest;
        rest = rest->next;
        root = meld(root, tree);
    }
    if (root != NULL)
        root->next = NULL;
    pair->first = root;
    return popped;
}

/* Takes all flows out and puts them back in.  They come out with the least key
 * first and are turned round, so that putting them back takes one comparison
 * each. */
void ds__pair_restart(ds__pair *pair, double clock)
{
    ds__flow *flows = NULL;

    while (pair->first != NULL) {
        ds__flow *flow = ds__pair_pop(pair);
        flow->key -= clock;
        flow->next = flows;
        flows = flow;
    }
    while (flows != NULL) {
        ds__flow *flow = flows;
        flows = flow->next;
        ds__pair_push(pair, flow);
    }
}

/* ---- Invariants -----------------------------------------------------------*/

/* Checks a tree as deep as a stack allows that may be a fiber's, and returns
 * how many flows there are down to there. */
static size_t check_tree(const ds__flow *flow, int depth)
{
    size_t count = 1;

    for (const ds__flow *c = flow->child; c != NULL && depth > 0; c = c->next) {
        assert(flow->key <= c->key);
        assert(c->src == flow->src && c->dst == flow->dst);
        count += check_tree(c, depth - 1);
    }
    return count;
}

static void check_pair(const ds__pair *pair)
{
    const ds__flow *first = pair->first;

    if (first == NULL)
        return;
    assert(first->src == pair->src && first->dst == pair->dst);
    assert(first->next == NULL);
    size_t count = check_tree(first, 16);
    assert(count <= pair->open || pair->open == 0);
}

void ds__pairs_check(const ds__pairs *pairs)
{
    size_t count = 0;

    for (size_t i = 0; i < pairs->num_buckets; i++) {
        const ds__pair *pair = pairs->buckets[i];
        for (; pair != NULL; pair = pair->chain, count++) {
            assert(ds__pairs_find(pairs, pair->src, pair->dst) == pair);
            check_pair(pair);
        }
    }
    assert(count == pairs->count);
    (void)count;
}
