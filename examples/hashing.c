/* Three ways to place keys on sites: what moves when a sixth site comes. */
#include <stdio.h>

#include <distsys/hashing.h>

enum { KEYS = 100000 };

int main(void)
{
    size_t n;
    const ds_hashing_kind *const *kinds = ds_hashing_all(&n);

    for (size_t i = 0; i < n; i++) {
        ds_hashing *before = ds_hashing_new(kinds[i], 0), *after;
        ds_hashing_balance balance;
        uint64_t sites[3], key = ds_hash_bytes("hello", 5);

        for (uint64_t site = 0; site < 5; site++)
            ds_hashing_add(before, site, 1);
        after = ds_hashing_copy(before);
        ds_hashing_add(after, 5, 1);
        ds_hashing_measure(before, KEYS, &balance);
        ds_hashing_sites(before, key, sites, 3);
        printf("%s: hello is at %d, then at %d and %d\n",
               ds_hashing_name(kinds[i]), (int)sites[0], (int)sites[1],
               (int)sites[2]);
        printf(
            "    of its share a site has %.2f to %.2f; %.1f %% of keys move\n",
            balance.least, balance.most,
            100 * ds_hashing_moved(before, after, KEYS));
        ds_hashing_free(before);
        ds_hashing_free(after);
    }
    return 0;
}
