/* Sets of entries.
 *
 * The one idea: a treap whose priorities are hashes of the keys (Seidel and
 * Aragon, "Randomized Search Trees", Algorithmica 16, 1996).  Its shape follows
 * from the keys alone, whatever order they came in, and each node has the sum
 * of all below it, so what is in any range of keys can be compared with what
 * another set has there: with a tree of fixed ranges, as Merkle's, one would
 * have to know beforehand where the keys are. */
#include "proto/entries_rules.h"

#include <assert.h>
#include <stdlib.h>

#include "proto/hashing.h"

/* Keys grow from left to right, nobody is above its parent, and sum is that of
 * the node and of all below it. */
typedef struct node {
    ds_entry entry;
    uint64_t priority;
    struct node *left;
    struct node *right;
    ds_entries_sum sum;
} node;

struct ds_entries {
    const ds__entries_rules *rules;
    node *root;
};

_Static_assert(sizeof(ds_entry) == 5 * sizeof(uint64_t), "no padding");

/* ---- Entries --------------------------------------------------------------*/

int ds_key_compare(const ds_key *a, const ds_key *b)
{
    if (a->object != b->object)
        return a->object < b->object ? -1 : 1;
    if (a->element != b->element)
        return a->element < b->element ? -1 : 1;
    return a->dot < b->dot ? -1 : a->dot > b->dot;
}

bool ds_entry_is_less(const ds_entry *a, const ds_entry *b)
{
    if (a->rank != b->rank)
        return a->rank < b->rank;
    return a->value < b->value;
}

static uint64_t hash_key(const ds_key *key)
{
    uint64_t hash = ds__hash_mix(key->object);

    hash = ds__hash_mix(hash ^ (uint64_t)key->element);
    return ds__hash_mix(hash ^ key->dot);
}

uint64_t ds_entry_hash(const ds_entry *entry)
{
    uint64_t hash = ds__hash_mix(hash_key(&entry->key) ^ entry->rank);

    return ds__hash_mix(hash ^ (uint64_t)entry->value);
}

static ds_entry the_greater(const ds_entry *mine, const ds_entry *other)
{
    return ds_entry_is_less(mine, other) ? *other : *mine;
}

const ds__entries_rules ds__entries_right = {
    .join = the_greater,
    .hash = ds_entry_hash,
};

/* ---- Sums -----------------------------------------------------------------*/

static ds_entries_sum add(ds_entries_sum a, ds_entries_sum b)
{
    return (ds_entries_sum){
        .count = a.count + b.count,
        .digest = a.digest + b.digest,
        .dot = a.dot > b.dot ? a.dot : b.dot,
    };
}

static ds_entries_sum sum_of(const node *tree)
{
    return tree == NULL ? (ds_entries_sum){ 0 } : tree->sum;
}

static ds_entries_sum own(const ds_entries *set, const ds_entry *entry)
{
    return (ds_entries_sum){
        .count = 1,
        .digest = set->rules->hash(entry),
        .dot = entry->key.dot,
    };
}

static void add_up(const ds_entries *set, node *n)
{
    n->sum = add(own(set, &n->entry), add(sum_of(n->left), sum_of(n->right)));
}

/* An end that is outside of the tree is NULL from there on, so only the ways to
 * the two ends are walked. */
static ds_entries_sum range(const ds_entries *set, const node *tree,
                            const ds_key *from, const ds_key *to)
{
    if (tree == NULL || (from == NULL && to == NULL))
        return sum_of(tree);
    if (from != NULL && ds_key_compare(&tree->entry.key, from) < 0)
        return range(set, tree->right, from, to);
    if (to != NULL && ds_key_compare(&tree->entry.key, to) >= 0)
        return range(set, tree->left, from, to);
    return add(own(set, &tree->entry), add(range(set, tree->left, from, NULL),
                                           range(set, tree->right, NULL, to)));
}

ds_entries_sum ds_entries_sum_of(const ds_entries *set, const ds_key *from,
                                 const ds_key *to)
{
    return range(set, set->root, from, to);
}

/* ---- Looking --------------------------------------------------------------*/

static node *find(const ds_entries *set, const ds_key *key)
{
    node *n = set->root;

    for (int order; n != NULL; n = order < 0 ? n->left : n->right)
        if ((order = ds_key_compare(key, &n->entry.key)) == 0)
            return n;
    return NULL;
}

const ds_entry *ds_entries_find(const ds_entries *set, const ds_key *key)
{
    const node *n = find(set, key);

    return n == NULL ? NULL : &n->entry;
}

/* The first one whose key is greater than this one, or is compared with it as
 * least says. */
static const ds_entry *first(const ds_entries *set, const ds_key *key,
                             int least)
{
    const ds_entry *found = NULL;

    for (const node *n = set->root; n != NULL;)
        if (key == NULL || ds_key_compare(&n->entry.key, key) >= least) {
            found = &n->entry;
            n = n->left;
        } else {
            n = n->right;
        }
    return found;
}

const ds_entry *ds_entries_from(const ds_entries *set, const ds_key *key)
{
    return first(set, key, 0);
}

const ds_entry *ds_entries_after(const ds_entries *set, const ds_key *key)
{
    return first(set, key, 1);
}

const ds_entry *ds_entries_at(const ds_entries *set, size_t i)
{
    const node *n = set->root;

    while (n != NULL && i != sum_of(n->left).count)
        if (i < sum_of(n->left).count) {
            n = n->left;
        } else {
            i -= sum_of(n->left).count + 1;
            n = n->right;
        }
    return n == NULL ? NULL : &n->entry;
}

/* ---- Adding ---------------------------------------------------------------*/

static bool is_above(const node *a, const node *b)
{
    if (a->priority != b->priority)
        return a->priority > b->priority;
    return ds_key_compare(&a->entry.key, &b->entry.key) < 0;
}

static node **towards(node *n, const ds_key *key)
{
    return ds_key_compare(key, &n->entry.key) < 0 ? &n->left : &n->right;
}

/* Takes a tree apart into what is less than a key and what is greater. */
static void split(const ds_entries *set, node *tree, const ds_key *key,
                  node **less, node **greater)
{
    if (tree == NULL) {
        *less = *greater = NULL;
        return;
    }
    if (ds_key_compare(key, &tree->entry.key) < 0) {
        *greater = tree;
        split(set, tree->left, key, less, &tree->left);
    } else {
        *less = tree;
        split(set, tree->right, key, &tree->right, greater);
    }
    add_up(set, tree);
}

static bool insert(ds_entries *set, const ds_entry *entry)
{
    node *fresh = malloc(sizeof(*fresh)), **at = &set->root;
    ds_entries_sum more = own(set, entry);

    if (fresh == NULL)
        return false;
    fresh->entry = *entry;
    fresh->priority = hash_key(&entry->key);
    while (*at != NULL && is_above(*at, fresh)) {
        (*at)->sum = add((*at)->sum, more);
        at = towards(*at, &entry->key);
    }
    split(set, *at, &entry->key, &fresh->left, &fresh->right);
    add_up(set, fresh);
    *at = fresh;
    return true;
}

/* The key, and so the shape, remains; in sums only hashes differ. */
static void replace(ds_entries *set, node *n, const ds_entry *entry)
{
    uint64_t change = set->rules->hash(entry) - set->rules->hash(&n->entry);

    for (node *above = set->root; above != n;
         above = *towards(above, &n->entry.key))
        above->sum.digest += change;
    n->sum.digest += change;
    n->entry = *entry;
}

static bool is_same(const ds_entry *a, const ds_entry *b)
{
    return a->rank == b->rank && a->value == b->value;
}

bool ds_entries_put(ds_entries *set, const ds_entry *entry, bool *news)
{
    node *n = find(set, &entry->key);
    bool changes = true;

    if (n == NULL) {
        if (!insert(set, entry))
            return false;
    } else {
        ds_entry joined = set->rules->join(&n->entry, entry);
        changes = !is_same(&joined, &n->entry);
        if (changes)
            replace(set, n, &joined);
    }
    if (news != NULL)
        *news = changes;
    return true;
}

static bool merge(ds_entries *set, const node *tree)
{
    return tree == NULL || (ds_entries_put(set, &tree->entry, NULL) &&
                            merge(set, tree->left) && merge(set, tree->right));
}

bool ds_entries_merge(ds_entries *set, const ds_entries *other)
{
    return set == other || merge(set, other->root);
}

/* ---- Making one -----------------------------------------------------------*/

ds_entries *ds__entries_new(const ds__entries_rules *rules)
{
    ds_entries *set = malloc(sizeof(*set));

    if (set != NULL)
        *set = (ds_entries){ .rules = rules };
    return set;
}

ds_entries *ds_entries_new(void)
{
    return ds__entries_new(&ds__entries_right);
}

static void free_tree(node *tree)
{
    if (tree == NULL)
        return;
    free_tree(tree->left);
    free_tree(tree->right);
    free(tree);
}

void ds_entries_free(ds_entries *set)
{
    if (set == NULL)
        return;
    free_tree(set->root);
    free(set);
}

static void check(const ds_entries *set, const node *tree, const ds_key *least,
                  const ds_key *most)
{
    if (tree == NULL)
        return;
    const ds_key *key = &tree->entry.key;
    node expected = *tree;
    assert(least == NULL || ds_key_compare(least, key) < 0);
    assert(most == NULL || ds_key_compare(key, most) < 0);
    assert(tree->left == NULL || is_above(tree, tree->left));
    assert(tree->right == NULL || is_above(tree, tree->right));
    add_up(set, &expected);
    assert(tree->sum.count == expected.sum.count);
    assert(tree->sum.digest == expected.sum.digest);
    assert(tree->sum.dot == expected.sum.dot);
    check(set, tree->left, least, key);
    check(set, tree->right, key, most);
}

void ds__entries_check(const ds_entries *set)
{
    check(set, set->root, NULL, NULL);
}
