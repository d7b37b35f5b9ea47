/* Groups, and what is made of them. */

#include "mpi/group.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

ds__group *ds__group_new(int *world, int n)
{
    ds__group *g = ds__mpi_alloc(1, sizeof(*g));

    assert(n >= 0);
    g->size = n;
    g->world = world;
    ds__object_add(g, DS__GROUP);
    return g;
}

ds__group *ds__group_copy(const ds__group *group)
{
    const size_t size = (size_t)group->size * sizeof(int);

    return ds__group_new(memcpy(ds__mpi_room(size), group->world, size),
                         group->size);
}

ds__group *ds__group_empty(void)
{
    static ds__group empty = {
        .object = { .kind = DS__GROUP, .refs = 1 },
    };

    return &empty;
}

void ds__group_release(ds__group *g)
{
    if (g == ds__group_empty() || !ds__object_drop(g))
        return;
    if (g->object.handle != 0)
        ds__object_remove(g); /* the program never had it */
    free(g->world);
    free(g);
}

int ds__group_find(const ds__group *g, int number)
{
    /* Most groups are the beginning of the world. */
    if (number < g->size && g->world[number] == number)
        return number;
    for (int i = 0; i < g->size; i++)
        if (g->world[i] == number)
            return i;
    return -1;
}

int ds__group_compare(const ds__group *a, const ds__group *b)
{
    if (a->size != b->size)
        return DS__UNEQUAL;
    if (a->size == 0 ||
        memcmp(a->world, b->world, (size_t)a->size * sizeof(int)) == 0)
        return DS__IDENT;
    for (int i = 0; i < a->size; i++)
        if (ds__group_find(b, a->world[i]) < 0)
            return DS__UNEQUAL;
    return DS__SIMILAR;
}

/* Those of a that are in b, or are not. */
static int *filter(const ds__group *a, const ds__group *b, bool in, int *n)
{
    int *world = ds__mpi_alloc((size_t)a->size, sizeof(*world));

    *n = 0;
    for (int i = 0; i < a->size; i++)
        if ((ds__group_find(b, a->world[i]) >= 0) == in)
            world[(*n)++] = a->world[i];
    return world;
}

ds__group *ds__group_union(const ds__group *a, const ds__group *b)
{
    int n;
    int *others = filter(b, a, false, &n);
    int *world = ds__mpi_alloc((size_t)(a->size + n), sizeof(*world));

    if (a->size > 0)
        memcpy(world, a->world, (size_t)a->size * sizeof(*world));
    memcpy(world + a->size, others, (size_t)n * sizeof(*world));
    free(others);
    return ds__group_new(world, a->size + n);
}

ds__group *ds__group_intersection(const ds__group *a, const ds__group *b)
{
    int n;
    int *world = filter(a, b, true, &n);

    return ds__group_new(world, n);
}

ds__group *ds__group_difference(const ds__group *a, const ds__group *b)
{
    int n;
    int *world = filter(a, b, false, &n);

    return ds__group_new(world, n);
}

ds__group *ds__group_incl(const ds__group *g, int n, const int *ranks)
{
    int *world = ds__mpi_alloc((size_t)n, sizeof(*world));

    for (int i = 0; i < n; i++) {
        assert(ranks[i] >= 0 && ranks[i] < g->size);
        world[i] = g->world[ranks[i]];
    }
    return ds__group_new(world, n);
}

ds__group *ds__group_excl(const ds__group *g, int n, const int *ranks)
{
    int *world = ds__mpi_alloc((size_t)g->size, sizeof(*world));
    bool *out = ds__mpi_alloc((size_t)g->size, sizeof(*out));
    int left = 0;

    for (int i = 0; i < n; i++) {
        assert(ranks[i] >= 0 && ranks[i] < g->size);
        out[ranks[i]] = true;
    }
    for (int i = 0; i < g->size; i++)
        if (!out[i])
            world[left++] = g->world[i];
    free(out);
    return ds__group_new(world, left);
}
