#ifndef DISTSYS_HASHING_H
#define DISTSYS_HASHING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Which site has which key, so that few keys move when a site comes or goes,
 * and everybody who knows the sites knows where a key is.  It is plain data and
 * needs no network. */

typedef struct ds_hashing_kind ds_hashing_kind;

/* Each site has points on a ring, and a key belongs to the next one: Karger,
 * Lehman, Leighton, Panigrahy, Levine, Lewin, STOC 1997. */
extern const ds_hashing_kind ds_hashing_ring;
/* A key belongs to the site that draws the greatest number for it: Thaler,
 * Ravishankar, IEEE/ACM Trans. Networking 6(1), 1998. */
extern const ds_hashing_kind ds_hashing_rendezvous;
/* A key jumps from site to site as if they had come one by one; sites have no
 * weights, and only the last can go: Lamping, Veach, "A Fast, Minimal Memory,
 * Consistent Hash Algorithm", 2014. */
extern const ds_hashing_kind ds_hashing_jump;

const ds_hashing_kind *const *ds_hashing_all(size_t *n);
const char *ds_hashing_name(const ds_hashing_kind *kind);

typedef struct ds_hashing ds_hashing;

/* Without sites.  points is how many a site of weight 1 has on a ring; 0: 100.
 * NULL, as everywhere here: there is no memory. */
ds_hashing *ds_hashing_new(const ds_hashing_kind *kind, size_t points);
ds_hashing *ds_hashing_copy(const ds_hashing *hashing);
void ds_hashing_free(ds_hashing *hashing); /* NULL is allowed */

/* A site comes, which gets keys in proportion to its weight, more than 0; or
 * goes.  A site is any number.  False, and nothing changed: that cannot be, or
 * there is no memory; ds_hashing_error() says what is wrong. */
bool ds_hashing_add(ds_hashing *hashing, uint64_t site, double weight);
bool ds_hashing_remove(ds_hashing *hashing, uint64_t site);
const char *ds_hashing_error(const ds_hashing *hashing);
size_t ds_hashing_size(const ds_hashing *hashing); /* how many sites */

/* Stores the site that a key belongs to, and those that come next if it is to
 * be at several, at most k, all different; returns how many there are. */
size_t ds_hashing_sites(const ds_hashing *hashing, uint64_t key,
                        uint64_t *sites, size_t k);

/* A key out of bytes. */
uint64_t ds_hash_bytes(const void *bytes, size_t size);

/* ---- Bounded loads --------------------------------------------------------*/

/* Places one more at the first site of its key that is not full, which a site
 * is when it has (1 + slack) times its share of all that has been placed,
 * rounded up: Mirrokni, Thorup, Zadimoghaddam, "Consistent Hashing with Bounded
 * Loads", SODA 2018.  False: there is no site, or no memory, or slack is not
 * more than 0; see ds_hashing_error(). */
bool ds_hashing_place(ds_hashing *hashing, uint64_t key, double slack,
                      uint64_t *site);
/* What had been placed at that site is gone.  False: nothing is there. */
bool ds_hashing_leave(ds_hashing *hashing, uint64_t site);
size_t ds_hashing_load(const ds_hashing *hashing, uint64_t site);

/* ---- Statistics -----------------------------------------------------------*/

/* The keys 0 to keys - 1: what a site has of them, as a multiple of its share
 * by weight. */
typedef struct ds_hashing_balance {
    double most;
    double least;
    double deviation; /* the square root of the mean square of what the
                       * multiples differ from 1 */
} ds_hashing_balance;

/* False: there is no site, or no memory. */
bool ds_hashing_measure(const ds_hashing *hashing, uint64_t keys,
                        ds_hashing_balance *balance);

/* Which part of these keys belongs to another site than before; and the least
 * part that has to, since weights have changed. */
double ds_hashing_moved(const ds_hashing *before, const ds_hashing *after,
                        uint64_t keys);
double ds_hashing_must_move(const ds_hashing *before, const ds_hashing *after);

#ifdef __cplusplus
}
#endif

#endif
