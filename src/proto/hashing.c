/* Hashing: which sites there are, and which of them has a key. */
#include "proto/hashing.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

static const ds_hashing_kind *const all[] = {
    &ds_hashing_ring,
    &ds_hashing_rendezvous,
    &ds_hashing_jump,
};

const char ds__hashing_no_memory[] = "there is no memory";

const ds_hashing_kind *const *ds_hashing_all(size_t *n)
{
    if (n != NULL)
        *n = sizeof(all) / sizeof(*all);
    return all;
}

const char *ds_hashing_name(const ds_hashing_kind *kind)
{
    return kind->name;
}

/* ---- Making one -----------------------------------------------------------*/

ds_hashing *ds_hashing_new(const ds_hashing_kind *kind, size_t points)
{
    ds_hashing *hashing = calloc(1, sizeof(*hashing));

    if (hashing == NULL)
        return NULL;
    hashing->kind = kind;
    hashing->points_each = points > 0 ? points : 100;
    hashing->error = "";
    return hashing;
}

void ds_hashing_free(ds_hashing *hashing)
{
    if (hashing == NULL)
        return;
    free(hashing->sites);
    free(hashing->points);
    free(hashing);
}

ds_hashing *ds_hashing_copy(const ds_hashing *hashing)
{
    ds_hashing *copy = malloc(sizeof(*copy));

    if (copy == NULL)
        return NULL;
    *copy = *hashing;
    copy->sites = malloc((hashing->room + 1) * sizeof(*copy->sites));
    copy->points = malloc((hashing->num_points + 1) * sizeof(*copy->points));
    copy->points_room = hashing->num_points;
    if (copy->sites == NULL || copy->points == NULL) {
        ds_hashing_free(copy);
        return NULL;
    }
    for (size_t i = 0; i < hashing->n; i++)
        copy->sites[i] = hashing->sites[i];
    for (size_t i = 0; i < hashing->num_points; i++)
        copy->points[i] = hashing->points[i];
    return copy;
}

/* ---- Sites ----------------------------------------------------------------*/

bool ds__hashing_refuse(ds_hashing *hashing, const char *why)
{
    hashing->error = why;
    return false;
}

const char *ds_hashing_error(const ds_hashing *hashing)
{
    return hashing->error;
}

size_t ds_hashing_size(const ds_hashing *hashing)
{
    return hashing->n;
}

size_t ds__hashing_find(const ds_hashing *hashing, uint64_t site)
{
    size_t i = 0;

    while (i < hashing->n && hashing->sites[i].name != site)
        i++;
    return i;
}

static bool rebuild(ds_hashing *hashing)
{
    hashing->total = 0;
    for (size_t i = 0; i < hashing->n; i++)
        hashing->total += hashing->sites[i].weight;
    return hashing->kind->rebuild == NULL || hashing->kind->rebuild(hashing);
}

static bool make_room(ds_hashing *hashing)
{
    size_t room = hashing->room == 0 ? 8 : 2 * hashing->room;
    ds__site *sites;

    if (hashing->n < hashing->room)
        return true;
    sites = realloc(hashing->sites, room * sizeof(*sites));
    if (sites == NULL)
        return false;
    hashing->sites = sites;
    hashing->room = room;
    return true;
}

bool ds_hashing_add(ds_hashing *hashing, uint64_t site, double weight)
{
    const char *why =
        hashing->kind->refuses == NULL ? NULL : hashing->kind->refuses(weight);

    if (!(weight > 0) || isinf(weight))
        return ds__hashing_refuse(hashing,
                                  "a weight is more than 0, and finite");
    if (why != NULL)
        return ds__hashing_refuse(hashing, why);
    if (ds__hashing_find(hashing, site) < hashing->n)
        return ds__hashing_refuse(hashing, "the site is there already");
    if (!make_room(hashing))
        return ds__hashing_refuse(hashing, ds__hashing_no_memory);
    hashing->sites[hashing->n++] = (ds__site){ .name = site,
                                               .hash = ds__hash_mix(site),
                                               .weight = weight };
    if (rebuild(hashing))
        return true;
    hashing->n--;
    hashing->total -= weight;
    return ds__hashing_refuse(hashing, ds__hashing_no_memory);
}

bool ds_hashing_remove(ds_hashing *hashing, uint64_t site)
{
    size_t i = ds__hashing_find(hashing, site);
    const char *why;

    if (i == hashing->n)
        return ds__hashing_refuse(hashing, "there is no such site");
    why =
        hashing->kind->keeps == NULL ? NULL : hashing->kind->keeps(hashing, i);
    if (why != NULL)
        return ds__hashing_refuse(hashing, why);
    hashing->placed -= hashing->sites[i].load;
    hashing->sites[i] = hashing->sites[--hashing->n];
    /* With fewer points there is always memory. */
    bool rebuilt = rebuild(hashing);
    assert(rebuilt);
    return rebuilt;
}

/* ---- Keys -----------------------------------------------------------------*/

/* The lowest byte first, whatever the machine. */
static uint64_t word_at(const unsigned char *bytes, size_t n)
{
    uint64_t word = 0;

    for (size_t i = n; i-- > 0;)
        word = word << 8 | bytes[i];
    return word;
}

uint64_t ds_hash_bytes(const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    uint64_t hash = ds__hash_mix(size);

    for (size_t i = 0; i < size; i += 8)
        hash =
            ds__hash_mix(hash ^ word_at(at + i, size - i < 8 ? size - i : 8));
    return hash;
}

size_t ds_hashing_sites(const ds_hashing *hashing, uint64_t key,
                        uint64_t *sites, size_t k)
{
    if (k > hashing->n)
        k = hashing->n;
    if (k == 0)
        return 0;
    hashing->kind->choose(hashing, key, sites, k);
    for (size_t i = 0; i < k; i++)
        sites[i] = hashing->sites[sites[i]].name;
    return k;
}
