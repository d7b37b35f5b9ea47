/* Consistent hashing: sites have points on a ring, and a key belongs to the
 * first point at or after its own place.
 *
 * A point depends on its site alone, so that one that comes takes keys from
 * others and no other key moves.  With v points a site the shares differ from
 * each other by a part of about the square root of 1/v. */
#include "proto/hashing.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static size_t points_of(const ds_hashing *hashing, const ds__site *site)
{
    double points = round((double)hashing->points_each * site->weight);

    return points < 1 ? 1 : (size_t)points;
}

static int by_place(const void *a, const void *b)
{
    const ds__point *x = a, *y = b;

    if (x->at != y->at)
        return x->at < y->at ? -1 : 1;
    return (x->site > y->site) - (x->site < y->site);
}

static bool make_room(ds_hashing *hashing, size_t n)
{
    ds__point *points;

    if (n <= hashing->points_room)
        return true;
    points = realloc(hashing->points, n * sizeof(*points));
    if (points == NULL)
        return false;
    hashing->points = points;
    hashing->points_room = n;
    return true;
}

static bool rebuild(ds_hashing *hashing)
{
    size_t n = 0;

    for (size_t i = 0; i < hashing->n; i++)
        n += points_of(hashing, &hashing->sites[i]);
    if (!make_room(hashing, n))
        return false;
    ds__point *points = hashing->points;
    hashing->num_points = 0;
    for (size_t i = 0; i < hashing->n; i++)
        for (size_t k = points_of(hashing, &hashing->sites[i]); k-- > 0;)
            points[hashing->num_points++] =
                (ds__point){ ds__hash_mix(hashing->sites[i].hash + k), i };
    assert(hashing->num_points == n);
    if (n > 0)
        qsort(points, n, sizeof(*points), by_place);
    return true;
}

/* The first point that is not before that place, or the first of all. */
static size_t point_at(const ds_hashing *hashing, uint64_t at)
{
    size_t low = 0, high = hashing->num_points;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (hashing->points[middle].at < at)
            low = middle + 1;
        else
            high = middle;
    }
    return low == hashing->num_points ? 0 : low;
}

static void choose(const ds_hashing *hashing, uint64_t key, uint64_t *chosen,
                   size_t k)
{
    size_t p = point_at(hashing, ds__hash_mix(key)), n = 0;

    while (n < k) {
        size_t site = hashing->points[p].site;
        if (!ds__is_among(site, chosen, n))
            chosen[n++] = site;
        p = p + 1 == hashing->num_points ? 0 : p + 1;
    }
}

const ds_hashing_kind ds_hashing_ring = {
    .name = "ring",
    .rebuild = rebuild,
    .choose = choose,
};
