/* What programs have handles of: communicators, groups, types, and so on.
 *
 * A handle is a number, the same in every ABI: its kind and its place in one
 * table.  What an ABI has constants for, such as MPI_INT, is not in it. */
#ifndef DS_MPI_OBJECT_H
#define DS_MPI_OBJECT_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mpi/spot.h"

typedef enum ds__kind {
    DS__COMM = 1,
    DS__GROUP,
    DS__TYPE,
    DS__OP,
    DS__REQUEST,
    DS__ERRHANDLER,
    DS__KEYVAL,
    DS__INFO,
    DS__MESSAGE,
    DS__SESSION,
    DS__WIN,
} ds__kind;

/* Every object begins with one.  Invariant: handle is 0, or the table has the
 * object under it. */
typedef struct ds__object {
    ds__kind kind;
    uint32_t handle;
    int refs;      /* who still needs it; the handle counts as one */
    ds__spot made; /* where the program got the handle */
} ds__object;

/* Gives an object that is new a handle and a reference. */
void ds__object_add(void *object, ds__kind kind);

/* Gives one whose handle was taken away another one, and a reference. */
void ds__object_add_again(void *object, ds__kind kind);

/* Returns what has that handle; NULL: nothing of that kind. */
void *ds__object_get(uint64_t handle, ds__kind kind);

/* Takes the handle away.  Whoever does that drops the reference as well. */
void ds__object_remove(void *object);

static inline void *ds__object_hold(void *object)
{
    assert(((ds__object *)object)->refs > 0);
    ((ds__object *)object)->refs++;
    return object;
}

/* Notes that the program gets the handle; returns that, or 0 if it has been
 * taken away. */
uint32_t ds__object_give(void *object);

/* Calls fn with each object that has a handle. */
void ds__objects_each(void (*fn)(const ds__object *object));

/* Drops a reference; true: it was the last one, and the caller frees it. */
static inline bool ds__object_drop(void *object)
{
    assert(((ds__object *)object)->refs > 0);
    return --((ds__object *)object)->refs == 0;
}

/* Memory, zeroed, or the end of the process: a run without it has no result. */
void *ds__mpi_alloc(size_t count, size_t size);
void *ds__mpi_room(size_t size); /* with whatever is in it */
void *ds__mpi_realloc(void *old, size_t count, size_t size);
_Noreturn void ds__mpi_no_memory(void);

#endif
