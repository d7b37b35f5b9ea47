/* Arithmetic of grids. */

#include "mpi/cart.h"

#include <assert.h>
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
static bool power_reaches(int base, int n, int much)
{
    long long power = 1;

    for (int i = 0; i < n && power < much; i++) {
        power *= base;
        if (base == 1)
            break;
    }
    return power >= much;
}

/* Finds n factors of a number, none above limit and none above the one before
 * it, of which the first is the least that there may be. */
static bool split(const divisors *d, int number, int n, int limit, int *factors)
{
    if (n == 0)
        return number == 1;
    for (int i = 0; i < d->n && d->of[i] <= limit; i++) {
        const int f = d->of[i];
        if (number % f != 0 || !power_reaches(f, n, number))
            continue;
        factors[0] = f;
        if (split(d, number / f, n - 1, f, factors + 1))
            return true;
    }
    return false;
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
    int *factors = ds__mpi_alloc((size_t)open, sizeof(*factors));
    find_divisors(places, d);
    const bool found = split(d, places, open, places, factors);
    assert(found);
    for (int i = 0, next = 0; found && i < n; i++)
        if (sizes[i] == 0)
            sizes[i] = factors[next++];
    free(factors);
    free(d);
    return found;
}
