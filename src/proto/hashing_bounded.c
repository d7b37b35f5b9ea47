/* Consistent hashing with bounded loads: what does not fit at the first site of
 * its key goes to the next one.
 *
 * A site is full when it has (1 + slack) times its share, rounded up, of all
 * that has been placed, this one included; so there is always one that is not.
 */
#include "proto/hashing.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

/* Of (1 + slack) times its share of all, and of one more. */
static bool is_full(const ds_hashing *hashing, size_t i, double slack)
{
    const ds__site *site = &hashing->sites[i];
    double share =
        (double)(hashing->placed + 1) * site->weight / hashing->total;

    return (double)site->load >= ceil((1 + slack) * share);
}

const ds__bounded_rules ds__bounded_right = { is_full };

/* The first few are often enough; if all of them are full, all are asked. */
static size_t first_free(const ds_hashing *hashing, uint64_t key, double slack,
                         const ds__bounded_rules *rules, uint64_t *chosen,
                         size_t k)
{
    hashing->kind->choose(hashing, key, chosen, k);
    for (size_t i = 0; i < k; i++)
        if (!rules->is_full(hashing, (size_t)chosen[i], slack))
            return (size_t)chosen[i];
    return hashing->n;
}

static bool put(ds_hashing *hashing, size_t i, uint64_t *site)
{
    hashing->sites[i].load++;
    hashing->placed++;
    *site = hashing->sites[i].name;
    return true;
}

bool ds__hashing_place(ds_hashing *hashing, uint64_t key, double slack,
                       uint64_t *site, const ds__bounded_rules *rules)
{
    enum { FEW = 8 };
    uint64_t few[FEW];
    size_t n = hashing->n, i;

    if (n == 0)
        return ds__hashing_refuse(hashing, "there is no site");
    if (!(slack > 0))
        return ds__hashing_refuse(hashing, "a slack is more than 0");
    i = first_free(hashing, key, slack, rules, few, n < FEW ? n : FEW);
    if (i < n)
        return put(hashing, i, site);
    uint64_t *chosen = malloc(n * sizeof(*chosen));
    if (chosen == NULL)
        return ds__hashing_refuse(hashing, ds__hashing_no_memory);
    i = first_free(hashing, key, slack, rules, chosen, n);
    free(chosen);
    assert(i < n); /* all full would be more than has been placed */
    return put(hashing, i, site);
}

bool ds_hashing_place(ds_hashing *hashing, uint64_t key, double slack,
                      uint64_t *site)
{
    return ds__hashing_place(hashing, key, slack, site, &ds__bounded_right);
}

bool ds_hashing_leave(ds_hashing *hashing, uint64_t site)
{
    size_t i = ds__hashing_find(hashing, site);

    if (i == hashing->n)
        return ds__hashing_refuse(hashing, "there is no such site");
    if (hashing->sites[i].load == 0)
        return ds__hashing_refuse(hashing,
                                  "nothing has been placed at the site");
    hashing->sites[i].load--;
    hashing->placed--;
    return true;
}

size_t ds_hashing_load(const ds_hashing *hashing, uint64_t site)
{
    size_t i = ds__hashing_find(hashing, site);

    return i == hashing->n ? 0 : hashing->sites[i].load;
}
