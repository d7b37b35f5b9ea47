/* How a datatype was made: the call and its arguments, as
 * MPI_Type_get_contents() tells them. */
#ifndef DS_MPI_MADE_H
#define DS_MPI_MADE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ds__type;

/* The calls, in the order of the numbers that the ABI of MPI 5.0 has. */
typedef enum ds__combiner {
    DS__COMBINER_NAMED,
    DS__COMBINER_DUP,
    DS__COMBINER_CONTIGUOUS,
    DS__COMBINER_VECTOR,
    DS__COMBINER_HVECTOR,
    DS__COMBINER_INDEXED,
    DS__COMBINER_HINDEXED,
    DS__COMBINER_INDEXED_BLOCK,
    DS__COMBINER_HINDEXED_BLOCK,
    DS__COMBINER_STRUCT,
    DS__COMBINER_SUBARRAY,
    DS__COMBINER_DARRAY,
    DS__COMBINER_F90_REAL,
    DS__COMBINER_F90_COMPLEX,
    DS__COMBINER_F90_INTEGER,
    DS__COMBINER_RESIZED,
    DS__COMBINERS,
} ds__combiner;

typedef struct ds__numbers {
    size_t n;
    int64_t *all;
} ds__numbers;

/* Invariant: large is of a call whose counts and displacements are MPI_Count,
 * and has those; then there are no addresses. */
typedef struct ds__made {
    int refs;
    ds__combiner combiner;
    bool is_large;
    ds__numbers integers;
    ds__numbers addresses;
    ds__numbers large;
    size_t num_types;
    struct ds__type **types; /* which it holds */
} ds__made;

/* Begins one; arguments are added in the order in which the call has them. */
ds__made *ds__made_new(ds__combiner combiner, bool is_large);
void ds__made_integer(ds__made *made, int64_t integer);
void ds__made_count(ds__made *made, int64_t count); /* as the call has them */
void ds__made_place(ds__made *made, int64_t bytes); /* likewise */
void ds__made_type(ds__made *made, struct ds__type *type);

/* Says that one more type was made so; each drops that with itself. */
ds__made *ds__made_hold(ds__made *made);

static inline bool ds__made_is_f90(const ds__made *made)
{
    return made->combiner >= DS__COMBINER_F90_REAL &&
           made->combiner <= DS__COMBINER_F90_INTEGER;
}

#endif
