/* Cartesian topologies: the ranks of a communicator as the places of a grid,
 * the last coordinate counting fastest. */
#ifndef DS_MPI_CART_H
#define DS_MPI_CART_H

#include <stdbool.h>

typedef struct ds__dim {
    int size;
    bool periodic; /* its ends are neighbours */
} ds__dim;

/* Invariant: the sizes are at least 1, and their product is an int. */
typedef struct ds__cart {
    int n;
    ds__dim dims[];
} ds__cart;

/* Returns how many places there would be; more than limit if there are more
 * than that; -1: a size is less than 1. */
long long ds__cart_places(int n, const int *sizes, long long limit);

ds__cart *ds__cart_new(int n, const int *sizes, const int *periodic);

/* Returns a copy; NULL of NULL. */
ds__cart *ds__cart_copy(const ds__cart *cart);

/* Returns who is at a place, also beyond the ends of periodic dimensions; -1:
 * nobody. */
int ds__cart_rank(const ds__cart *cart, const int *coords);
void ds__cart_coords(const ds__cart *cart, int rank, int *coords);

/* Returns who is so many steps away in a dimension; -1: nobody. */
int ds__cart_neighbor(const ds__cart *cart, int rank, int dimension, int steps);

/* Returns the grid of the dimensions that are kept, of which there is one for
 * each place in the others: which one has a rank, and at what place. */
ds__cart *ds__cart_keep(const ds__cart *cart, const int *kept, int rank,
                        int *which, int *place);

/* Fills in the sizes that are 0, so that there are so many places: the largest
 * of them is as near to the smallest as it can be, of those the one whose
 * smallest is largest, and so on for the next ones.  False: there is no
 * such grid. */
bool ds__cart_choose(int places, int n, int *sizes);

#endif
