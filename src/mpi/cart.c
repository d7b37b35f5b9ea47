/* Arithmetic of grids. */

#include "mpi/cart.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/object.h"

static size_t size_of(int n)
{
    return sizeof(ds__cart) + (size_t)n * sizeof(ds__dim);
}

long long ds__cart_places(int n, const int *sizes, long long limit)
{
    long long places = 1;

    for (int i = 0; i < n; i++) {
        if (sizes[i] < 1)
            return -1;
        if (places <= limit)
            places *= sizes[i];
    }
    return places;
}

ds__cart *ds__cart_new(int n, const int *sizes, const int *periodic)
{
    ds__cart *c = ds__mpi_alloc(1, size_of(n));

    c->n = n;
    for (int i = 0; i < n; i++) {
        assert(sizes[i] >= 1);
        c->dims[i].size = sizes[i];
        c->dims[i].periodic = periodic[i] != 0;
    }
    return c;
}

ds__cart *ds__cart_copy(const ds__cart *cart)
{
    if (cart == NULL)
        return NULL;
    return memcpy(ds__mpi_room(size_of(cart->n)), cart, size_of(cart->n));
}

/* Brings a coordinate between the ends, if that may be; false: it may not. */
static bool bring_in(const ds__dim *dim, long long *at)
{
    if (*at >= 0 && *at < dim->size)
        return true;
    if (!dim->periodic)
        return false;
    *at %= dim->size;
    if (*at < 0)
        *at += dim->size;
    return true;
}

int ds__cart_rank(const ds__cart *cart, const int *coords)
{
    int rank = 0;

    for (int i = 0; i < cart->n; i++) {
        long long at = coords[i];
        if (!bring_in(&cart->dims[i], &at))
            return -1;
        rank = rank * cart->dims[i].size + (int)at;
    }
    return rank;
}

void ds__cart_coords(const ds__cart *cart, int rank, int *coords)
{
    assert(rank >= 0);
    for (int i = cart->n - 1; i >= 0; i--) {
        coords[i] = rank % cart->dims[i].size;
        rank /= cart->dims[i].size;
    }
}

int ds__cart_neighbor(const ds__cart *cart, int rank, int dimension, int steps)
{
    const ds__dim *dim = &cart->dims[dimension];
    int apart = 1; /* of neighbours in that dimension */

    assert(dimension >= 0 && dimension < cart->n);
    for (int i = dimension + 1; i < cart->n; i++)
        apart *= cart->dims[i].size;
    const int here = rank / apart % dim->size;
    long long there = (long long)here + steps;
    return bring_in(dim, &there) ? rank + ((int)there - here) * apart : -1;
}

ds__cart *ds__cart_keep(const ds__cart *cart, const int *kept, int rank,
                        int *which, int *place)
{
    ds__cart *sub = ds__mpi_alloc(1, size_of(cart->n));
    int apart = 1;
    int apart_kept = 1;

    *which = *place = 0;
    for (int i = cart->n - 1; i >= 0; i--) {
        const int at = rank % cart->dims[i].size;
        rank /= cart->dims[i].size;
        if (kept[i]) {
            *place += at * apart_kept;
            apart_kept *= cart->dims[i].size;
        } else {
            *which += at * apart;
            apart *= cart->dims[i].size;
        }
    }
    for (int i = 0; i < cart->n; i++)
        if (kept[i])
            sub->dims[sub->n++] = cart->dims[i];
    return sub;
}

/* ---- Choosing -------------------------------------------------------------*/

/* The divisors of a number, the smallest first. */
typedef struct divisors {
    int n;
    int of[2048]; /* no int has more than 1600 */
} divisors;

static int compare(const void *a, const void *b)
{
    const int x = *(const int *)a;
    const int y = *(const int *)b;

    return (x > y) - (x < y);
}

static void find_divisors(int number, divisors *d)
{
    d->n = 0;
    for (int i = 1; i <= number / i; i++) {
        if (number % i != 0)
            continue;
        d->of[d->n++] = i;
        if (i != number / i)
            d->of[d->n++] = number / i;
    }
    qsort(d->of, (size_t)d->n, sizeof(*d->of), compare);
}

/* Whether the n-th power of base is at least so much. */
static bool power_reaches(long long base, int n, long long much)
{
    long long power = 1;

    for (int i = 0; i < n && power < much; i++) {
        power *= base;
        if (base <= 1)
            break;
    }
    return power >= much;
}

/* A search for n factors, none of which is above the one before it.  Invariant:
 * spread is how far the first of the best is above the last. */
typedef struct choice {
    const divisors *d;
    int n;
    int *now;
    int *best;
    int spread; /* INT_MAX: none has been found */
} choice;

static void note(choice *c)
{
    const int spread = c->now[0] - c->now[c->n - 1];
    int i = c->n - 1;

    assert(spread >= 0);
    if (spread > c->spread)
        return;
    while (spread == c->spread && i > 0 && c->now[i] == c->best[i])
        i--;
    if (spread == c->spread && c->now[i] <= c->best[i])
        return;
    c->spread = spread;
    memcpy(c->best, c->now, (size_t)c->n * sizeof(*c->best));
}

/* Tries all factors from k on, the smaller ones first, that may be no worse. */
static void search(choice *c, int number, int k)
{
    const int left = c->n - k;

    if (left == 0) {
        note(c);
        return;
    }
    for (int i = 0; i < c->d->n; i++) {
        const int f = c->d->of[i];
        const long long low = (k > 0 ? c->now[0] : f) - (long long)c->spread;
        if (power_reaches(low > 0 ? low : 0, left, (long long)number + 1) ||
            (k > 0 && f > c->now[k - 1]))
            return;
        if (f < low || number % f != 0 || !power_reaches(f, left, number))
            continue;
        c->now[k] = f;
        search(c, number / f, k + 1);
    }
}

bool ds__cart_choose(int places, int n, int *sizes)
{
    int open = 0;

    for (int i = 0; i < n; i++) {
        if (sizes[i] < 0 || (sizes[i] > 0 && places % sizes[i] != 0))
            return false;
        if (sizes[i] > 0)
            places /= sizes[i];
        else
            open++;
    }
    if (open == 0)
        return places == 1;
    divisors *d = ds__mpi_room(sizeof(*d));
    choice c = {
        .d = d,
        .n = open,
        .now = ds__mpi_alloc((size_t)open, sizeof(*c.now)),
        .best = ds__mpi_alloc((size_t)open, sizeof(*c.best)),
        .spread = INT_MAX,
    };
    find_divisors(places, d);
    search(&c, places, 0);
    assert(c.spread < INT_MAX);
    for (int i = 0, next = 0; i < n; i++)
        if (sizes[i] == 0)
            sizes[i] = c.best[next++];
    free(c.now);
    free(c.best);
    free(d);
    return true;
}
