/* Groups: ranks of the world in an order. */
#ifndef DS_MPI_GROUP_H
#define DS_MPI_GROUP_H

#include "mpi/rank.h"

typedef struct ds__group {
    ds__object object;
    int size;
    int *world; /* the number of each member */
} ds__group;

/* Makes one of n members, whose numbers it takes. */
ds__group *ds__group_new(int *world, int n);
void ds__group_release(ds__group *group);

/* Makes another one of the same members. */
ds__group *ds__group_copy(const ds__group *group);

/* The empty one, which needs no handle. */
ds__group *ds__group_empty(void);

/* Returns which member has that number; -1: none. */
int ds__group_find(const ds__group *group, int number);

int ds__group_compare(const ds__group *a, const ds__group *b);

/* Those of a and then those of b; those of a that are in b; those of a that are
 * not. */
ds__group *ds__group_union(const ds__group *a, const ds__group *b);
ds__group *ds__group_intersection(const ds__group *a, const ds__group *b);
ds__group *ds__group_difference(const ds__group *a, const ds__group *b);

/* The n members of those ranks in that order, or all others. */
ds__group *ds__group_incl(const ds__group *group, int n, const int *ranks);
ds__group *ds__group_excl(const ds__group *group, int n, const int *ranks);

#endif
