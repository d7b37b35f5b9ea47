/* Jump consistent hashing: as if sites came one by one, and a key moved to the
 * newest with the probability that it has to.
 *
 * With n sites a key moves to the next one with probability 1 / (n + 1), so
 * after b the next to which it moves is beyond j with probability (b + 1) /
 * (j + 1): one draw tells how far it jumps, and a logarithm of n of them are
 * enough.  Nothing is stored, but only the last site can go. */
#include "proto/hashing.h"

/* The number of a site for a key, of n. */
static size_t jump(uint64_t key, size_t n)
{
    size_t at = 0;

    for (double next = 0; next < (double)n;) {
        at = (size_t)next;
        key = ds__hash_mix(key);
        /* Even in (0, 1]. */
        double drawn = ((double)(key >> 11) + 1) * 0x1p-53;
        next = ((double)at + 1) / drawn;
        if (next < (double)at + 1)
            next = (double)at + 1;
    }
    return at;
}

/* The others are those of other keys, which are drawn until they are different.
 */
static void choose(const ds_hashing *hashing, uint64_t key, uint64_t *chosen,
                   size_t k)
{
    size_t n = 0;

    for (uint64_t drawn = ds__hash_mix(key); n < k;
         drawn = ds__hash_mix(~drawn)) {
        size_t site = jump(drawn, hashing->n);
        if (!ds__is_among(site, chosen, n))
            chosen[n++] = site;
    }
}

static const char *refuses(double weight)
{
    return weight == 1 ? NULL : "jump hashing knows no weights but 1";
}

static const char *keeps(const ds_hashing *hashing, size_t i)
{
    return i + 1 == hashing->n ? NULL
                               : "of jump hashing only the site that came last "
                                 "can go";
}

const ds_hashing_kind ds_hashing_jump = {
    .name = "jump",
    .refuses = refuses,
    .keeps = keeps,
    .choose = choose,
};
