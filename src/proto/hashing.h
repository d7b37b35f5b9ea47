/* What the ways to place keys on sites share. */
#ifndef PROTO_HASHING_H
#define PROTO_HASHING_H

#include <distsys/hashing.h>

typedef struct ds__site {
    uint64_t name;
    uint64_t hash; /* of the name */
    double weight;
    size_t load; /* what has been placed here */
} ds__site;

/* A place on a ring. */
typedef struct ds__point {
    uint64_t at;
    size_t site; /* which of the sites */
} ds__point;

/* sites[0 .. n) have different names, in the order in which they came, but that
 * the last one takes the place of one that goes.  total is the sum of their
 * weights, and placed that of their loads. */
struct ds_hashing {
    const ds_hashing_kind *kind;
    size_t points_each; /* of a site of weight 1 */
    ds__site *sites;
    size_t n;
    size_t room;
    double total;
    size_t placed;
    ds__point *points; /* of a ring: sorted */
    size_t num_points;
    size_t points_room;
    const char *error;
};

struct ds_hashing_kind {
    const char *name;
    /* Why a site cannot come, or the i-th one cannot go; NULL: it can.  The
     * functions may be NULL, then any can. */
    const char *(*refuses)(double weight);
    const char *(*keeps)(const ds_hashing *hashing, size_t i);
    /* The sites have changed: works out anew what else it has.  False: there is
     * no memory, and nothing has changed.  NULL: it has nothing else. */
    bool (*rebuild)(ds_hashing *hashing);
    /* Stores which sites come first for a key, k of them, not more than there
     * are. */
    void (*choose)(const ds_hashing *hashing, uint64_t key, uint64_t *chosen,
                   size_t k);
};

/* Bounded loads, where a mistake can be made: whether the i-th site is full,
 * for one more. */
typedef struct ds__bounded_rules {
    bool (*is_full)(const ds_hashing *hashing, size_t i, double slack);
} ds__bounded_rules;

extern const ds__bounded_rules ds__bounded_right;

/* What the public function does, by other rules. */
bool ds__hashing_place(ds_hashing *hashing, uint64_t key, double slack,
                       uint64_t *site, const ds__bounded_rules *rules);

/* Spreads a number over 64 bits: two that differ in a bit differ in half of the
 * bits (the finalizer of Steele, Lea, Flood, "Fast Splittable Pseudorandom
 * Number Generators", OOPSLA 2014, by Stafford's constants). */
static inline uint64_t ds__hash_mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
    x = (x ^ x >> 27) * 0x94d049bb133111eb;
    return x ^ x >> 31;
}

/* The index of a site; hashing->n: there is none. */
size_t ds__hashing_find(const ds_hashing *hashing, uint64_t site);

/* False, and remembers why. */
bool ds__hashing_refuse(ds_hashing *hashing, const char *why);
extern const char ds__hashing_no_memory[];

static inline bool ds__is_among(size_t site, const uint64_t *chosen, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (chosen[i] == site)
            return true;
    return false;
}

#endif
