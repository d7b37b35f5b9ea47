/* How evenly keys are spread over sites, and how many move. */
#include "proto/hashing.h"

#include <math.h>
#include <stdlib.h>

static double share_of(const ds_hashing *hashing, uint64_t site)
{
    size_t i = ds__hashing_find(hashing, site);

    return i == hashing->n ? 0 : hashing->sites[i].weight / hashing->total;
}

bool ds_hashing_measure(const ds_hashing *hashing, uint64_t keys,
                        ds_hashing_balance *balance)
{
    uint64_t *count = calloc(hashing->n + 1, sizeof(*count)), site;
    double squares = 0;

    *balance = (ds_hashing_balance){ .least = INFINITY };
    if (count == NULL || hashing->n == 0) {
        free(count);
        return false;
    }
    for (uint64_t key = 0; key < keys; key++) {
        hashing->kind->choose(hashing, key, &site, 1);
        count[site]++;
    }
    for (size_t i = 0; i < hashing->n; i++) {
        double fair = (double)keys * hashing->sites[i].weight / hashing->total;
        double multiple = (double)count[i] / fair;
        balance->most = fmax(balance->most, multiple);
        balance->least = fmin(balance->least, multiple);
        squares += (multiple - 1) * (multiple - 1);
    }
    balance->deviation = sqrt(squares / (double)hashing->n);
    free(count);
    return true;
}

double ds_hashing_moved(const ds_hashing *before, const ds_hashing *after,
                        uint64_t keys)
{
    uint64_t moved = 0, from = 0, to = 0;

    for (uint64_t key = 0; key < keys; key++) {
        size_t there = ds_hashing_sites(before, key, &from, 1);
        moved += ds_hashing_sites(after, key, &to, 1) != there || from != to;
    }
    return (double)moved / (double)keys;
}

/* What some lose, others get. */
double ds_hashing_must_move(const ds_hashing *before, const ds_hashing *after)
{
    double lost = 0;

    for (size_t i = 0; i < before->n; i++)
        lost += fmax(0, before->sites[i].weight / before->total -
                            share_of(after, before->sites[i].name));
    return lost;
}
