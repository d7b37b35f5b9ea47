/* Looks functions up. */

#include "mpi/bind/names.h"

#include <string.h>

static const ds__name *const mpi5[] = {
    ds__mpi5_point_names,  ds__mpi5_wait_names,  ds__mpi5_type_names,
    ds__mpi5_comm_names,   ds__mpi5_coll_names,  ds__mpi5_probe_names,
    ds__mpi5_reduce_names, ds__mpi5_attr_names,  ds__mpi5_info_names,
    ds__mpi5_cart_names,   ds__mpi5_world_names,
};

static const ds__name *const mpich[] = {
    ds__mpich_point_names,  ds__mpich_wait_names,  ds__mpich_type_names,
    ds__mpich_comm_names,   ds__mpich_coll_names,  ds__mpich_probe_names,
    ds__mpich_reduce_names, ds__mpich_attr_names,  ds__mpich_info_names,
    ds__mpich_cart_names,   ds__mpich_world_names,
};

enum { TABLES = sizeof(mpi5) / sizeof(*mpi5) };

static uintptr_t find(const ds__name *const *tables, const char *name)
{
    for (int i = 0; i < TABLES; i++)
        for (const ds__name *n = tables[i]; n->name != NULL; n++)
            if (strcmp(n->name, name) == 0)
                return (uintptr_t)n->fn;
    return 0;
}

uintptr_t ds__mpi5_find(const char *name)
{
    return find(mpi5, name);
}

uintptr_t ds__mpich_find(const char *name)
{
    return find(mpich, name);
}

void ds__mpi_names(void (*fn)(const char *name))
{
    for (int i = 0; i < TABLES; i++)
        for (const ds__name *n = mpi5[i]; n->name != NULL; n++)
            fn(n->name);
}
