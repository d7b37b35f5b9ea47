/* Rendezvous hashing, of the highest random weight: each site draws a number
 * for a key, out of both names, and the greatest wins.
 *
 * A site that comes wins some keys, and one that goes loses its own: no other
 * moves.  The number is -weight / log(u) with u even in (0, 1), which is
 * greatest with a probability in proportion to the weight (Schindelhauer,
 * Schomaker, "Weighted Distributed Hash Tables", SPAA 2005). */
#include "proto/hashing.h"

#include <math.h>

static double score(const ds__site *site, uint64_t key)
{
    uint64_t drawn = ds__hash_mix(site->hash ^ ds__hash_mix(key));

    return -site->weight / log(((double)(drawn >> 11) + 0.5) * 0x1p-53);
}

/* Of two with the same number, which one in 2^53 may have, the one with the
 * greater name wins, so that the order in which they came does not matter. */
static bool beats(const ds_hashing *hashing, size_t a, size_t b, uint64_t key)
{
    const ds__site *x = &hashing->sites[a], *y = &hashing->sites[b];
    double mine = score(x, key), other = score(y, key);

    return mine != other ? mine > other : x->name > y->name;
}

/* Inserts one after the other into the k best. */
static void choose(const ds_hashing *hashing, uint64_t key, uint64_t *chosen,
                   size_t k)
{
    size_t n = 0;

    for (size_t i = 0; i < hashing->n; i++) {
        size_t at = n;
        while (at > 0 && beats(hashing, i, (size_t)chosen[at - 1], key))
            at--;
        if (at == k)
            continue;
        n += n < k;
        for (size_t j = n - 1; j > at; j--)
            chosen[j] = chosen[j - 1];
        chosen[at] = i;
    }
}

const ds_hashing_kind ds_hashing_rendezvous = {
    .name = "rendezvous",
    .choose = choose,
};
