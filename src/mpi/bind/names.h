/* The functions of each ABI, by their names. */
#ifndef DS_MPI_BIND_NAMES_H
#define DS_MPI_BIND_NAMES_H

#include <stdint.h>

typedef void ds__any_fn(void);

typedef struct ds__name {
    const char *name; /* without MPI_; NULL: the end of the table */
    ds__any_fn *fn;
} ds__name;

extern const ds__name ds__mpi5_point_names[];
extern const ds__name ds__mpi5_wait_names[];
extern const ds__name ds__mpi5_type_names[];
extern const ds__name ds__mpi5_comm_names[];
extern const ds__name ds__mpi5_coll_names[];
extern const ds__name ds__mpi5_attr_names[];
extern const ds__name ds__mpi5_probe_names[];
extern const ds__name ds__mpi5_reduce_names[];
extern const ds__name ds__mpi5_info_names[];
extern const ds__name ds__mpi5_cart_names[];
extern const ds__name ds__mpi5_world_names[];
extern const ds__name ds__mpich_point_names[];
extern const ds__name ds__mpich_wait_names[];
extern const ds__name ds__mpich_type_names[];
extern const ds__name ds__mpich_comm_names[];
extern const ds__name ds__mpich_coll_names[];
extern const ds__name ds__mpich_attr_names[];
extern const ds__name ds__mpich_probe_names[];
extern const ds__name ds__mpich_reduce_names[];
extern const ds__name ds__mpich_info_names[];
extern const ds__name ds__mpich_cart_names[];
extern const ds__name ds__mpich_world_names[];

/* What MPICH calls MPIR_Dup_fn(), and programs have the address of. */
int ds__mpich_dup_fn(int comm, int key, void *extra, void *value, void *made,
                     int *flag);

/* Returns the address of a function without MPI_; 0: it is not there. */
uintptr_t ds__mpi5_find(const char *name);
uintptr_t ds__mpich_find(const char *name);

/* Calls fn with the name of each function there is. */
void ds__mpi_names(void (*fn)(const char *name));

#endif
