/* Looks functions up. */

#include "mpi/bind/names.h"

#include <string.h>

#define MPI5(file)        ds__mpi5_##file##_names,
#define MPI5_LARGE(file)  ds__mpi5_##file##_names_large,
#define MPICH(file)       ds__mpich_##file##_names,
#define MPICH_LARGE(file) ds__mpich_##file##_names_large,
static const ds__name *const mpi5[] = { DS__NAME_TABLES(MPI5)
                                            DS__LARGE_NAME_TABLES(MPI5_LARGE) };
static const ds__name *const mpich[] = { DS__NAME_TABLES(
    MPICH) DS__LARGE_NAME_TABLES(MPICH_LARGE) };

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
