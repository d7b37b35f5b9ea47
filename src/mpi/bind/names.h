/* The functions of each ABI, by their names. */
#ifndef DS_MPI_BIND_NAMES_H
#define DS_MPI_BIND_NAMES_H

#include <stdint.h>

typedef void ds__any_fn(void);

typedef struct ds__name {
    const char *name; /* without MPI_; NULL: the end of the table */
    ds__any_fn *fn;
} ds__name;

/* Each file of functions has a table of them. */
#define DS__NAME_TABLES(T)                                                     \
    T(access)                                                                  \
    T(array)                                                                   \
    T(attr)                                                                    \
    T(begin)                                                                   \
    T(buffer)                                                                  \
    T(cart)                                                                    \
    T(coll)                                                                    \
    T(comm)                                                                    \
    T(contents)                                                                \
    T(epoch)                                                                   \
    T(errhandler)                                                              \
    T(error)                                                                   \
    T(fortran)                                                                 \
    T(graph)                                                                   \
    T(group)                                                                   \
    T(info)                                                                    \
    T(integer)                                                                 \
    T(inter)                                                                   \
    T(kept)                                                                    \
    T(layout)                                                                  \
    T(near)                                                                    \
    T(op)                                                                      \
    T(pack)                                                                    \
    T(partition)                                                               \
    T(point)                                                                   \
    T(probe)                                                                   \
    T(reduce)                                                                  \
    T(request)                                                                 \
    T(sendrecv)                                                                \
    T(session)                                                                 \
    T(status)                                                                  \
    T(split)                                                                   \
    T(struct)                                                                  \
    T(type)                                                                    \
    T(wait)                                                                    \
    T(win)                                                                     \
    T(world)

/* And those with counts another one, of those with large counts. */
#define DS__LARGE_NAME_TABLES(T)                                               \
    T(access)                                                                  \
    T(array)                                                                   \
    T(begin)                                                                   \
    T(buffer)                                                                  \
    T(coll)                                                                    \
    T(kept)                                                                    \
    T(layout)                                                                  \
    T(near)                                                                    \
    T(op)                                                                      \
    T(pack)                                                                    \
    T(point)                                                                   \
    T(reduce)                                                                  \
    T(sendrecv)                                                                \
    T(struct)                                                                  \
    T(win)

#define DS__TABLE(file)                                                        \
    extern const ds__name ds__mpi5_##file##_names[];                           \
    extern const ds__name ds__mpich_##file##_names[];
DS__NAME_TABLES(DS__TABLE)
#undef DS__TABLE
#define DS__TABLE(file)                                                        \
    extern const ds__name ds__mpi5_##file##_names_large[];                     \
    extern const ds__name ds__mpich_##file##_names_large[];
DS__LARGE_NAME_TABLES(DS__TABLE)
#undef DS__TABLE

/* What MPICH calls MPIR_Dup_fn(), and programs have the address of. */
int ds__mpich_dup_fn(int comm, int key, void *extra, void *value, void *made,
                     int *flag);

/* What MPICH has for MPI_UNWEIGHTED and MPI_WEIGHTS_EMPTY. */
extern int *const ds__mpich_unweighted;
extern int *const ds__mpich_weights_empty;

/* Returns the address of a function without MPI_; 0: it is not there. */
uintptr_t ds__mpi5_find(const char *name);
uintptr_t ds__mpich_find(const char *name);

/* Calls fn with the name of each function there is. */
void ds__mpi_names(void (*fn)(const char *name));

#endif
