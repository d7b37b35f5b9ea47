/* Making datatypes of many elements of another. */

#include <assert.h>
#include <stdlib.h>

#include "mpi/bind/abi.h"

/* A type of n parts, all of one old type: count elements each, or counts[i]; at
 * so many bytes, or so many extents, or all equally far apart. */
typedef struct layout {
    ds__combiner combiner;
    ds__num n;
    ds__num count;
    const ds__num *counts;
    const ds__num *places; /* in extents */
    const ds__disp *byte_places;
    ds__disp step; /* in bytes, or in extents if it is of a vector */
} layout;

/* Keeps the arguments in the order in which these calls have them. */
static ds__made *note(const layout *how, ds__type *old)
{
    ds__made *m = ds__made_new(how->combiner, IS_LARGE);

    ds__made_count(m, how->combiner == DS__COMBINER_CONTIGUOUS ? how->count
                                                               : how->n);
    for (ds__num i = 0; how->counts != NULL && i < how->n; i++)
        ds__made_count(m, how->counts[i]);
    if (how->counts == NULL && how->combiner != DS__COMBINER_CONTIGUOUS)
        ds__made_count(m, how->count);
    for (ds__num i = 0; how->places != NULL && i < how->n; i++)
        ds__made_count(m, how->places[i]);
    for (ds__num i = 0; how->byte_places != NULL && i < how->n; i++)
        ds__made_place(m, how->byte_places[i]);
    if (how->combiner == DS__COMBINER_VECTOR)
        ds__made_count(m, how->step);
    if (how->combiner == DS__COMBINER_HVECTOR)
        ds__made_place(m, how->step);
    ds__made_type(m, old);
    return m;
}

/* All rows are alike. */
static ds__type *make_even(const layout *how, ds__type *old)
{
    const bool in_extents = how->combiner == DS__COMBINER_VECTOR;
    const ds__part part = {
        .old = old,
        .count = (size_t)how->count,
        .times = (size_t)how->n,
        .step = how->step * (in_extents ? old->extent : 1),
    };

    return ds__type_new(&part, 1, false, note(how, old));
}

static ds__type *make_uneven(const layout *how, ds__type *old)
{
    ds__part *parts = ds__mpi_alloc((size_t)how->n, sizeof(*parts));
    ds__type *made;

    assert(how->combiner != DS__COMBINER_VECTOR);
    for (ds__num i = 0; i < how->n; i++)
        parts[i] = (ds__part){
            .old = old,
            .at = how->places != NULL ? how->places[i] * old->extent
                                      : how->byte_places[i],
            .count =
                (size_t)(how->counts != NULL ? how->counts[i] : how->count),
            .times = 1,
        };
    made = ds__type_new(parts, (size_t)how->n, false, note(how, old));
    free(parts);
    return made;
}

static int make(const layout *how, MPI_Datatype old_handle,
                MPI_Datatype *newtype)
{
    ds__rank *me = ds__me();

    NEED_COUNT(me->world, how->n);
    NEED_COUNT(me->world, how->count);
    NEED_TYPE(me->world, old, old_handle);
    NEED_RESULT(me->world, newtype);
    for (ds__num i = 0; how->counts != NULL && i < how->n; i++)
        NEED_COUNT(me->world, how->counts[i]);
    *newtype =
        HANDLE(MPI_Datatype, how->places != NULL || how->byte_places != NULL
                                 ? make_uneven(how, old)
                                 : make_even(how, old));
    return MPI_SUCCESS;
}

API int FC(Type_contiguous)(ds__num count, MPI_Datatype oldtype,
                            MPI_Datatype *newtype)
{
    ENTER_COUNTED(Type_contiguous);
    return make(&(layout){ .combiner = DS__COMBINER_CONTIGUOUS,
                           .n = 1,
                           .count = count },
                oldtype, newtype);
}

API int FC(Type_vector)(ds__num count, ds__num blocklength, ds__num stride,
                        MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    ENTER_COUNTED(Type_vector);
    return make(&(layout){ .combiner = DS__COMBINER_VECTOR,
                           .n = count,
                           .count = blocklength,
                           .step = stride },
                oldtype, newtype);
}

static int hvector(ds__num count, ds__num blocklength, ds__disp stride,
                   MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    return make(&(layout){ .combiner = DS__COMBINER_HVECTOR,
                           .n = count,
                           .count = blocklength,
                           .step = stride },
                oldtype, newtype);
}

API int FC(Type_create_hvector)(ds__num count, ds__num blocklength,
                                ds__disp stride, MPI_Datatype oldtype,
                                MPI_Datatype *newtype)
{
    ENTER_COUNTED(Type_create_hvector);
    return hvector(count, blocklength, stride, oldtype, newtype);
}

API int FC(Type_indexed)(ds__num count, const ds__num blocklengths[],
                         const ds__num displs[], MPI_Datatype oldtype,
                         MPI_Datatype *newtype)
{
    static const ds__num none[1];

    ENTER_COUNTED(Type_indexed);
    NEED_LENGTHS(count, blocklengths);
    NEED_PLACES(count, displs);
    return make(&(layout){ .combiner = DS__COMBINER_INDEXED,
                           .n = count,
                           .counts = count > 0 ? blocklengths : none,
                           .places = count > 0 ? displs : none },
                oldtype, newtype);
}

static int hindexed(ds__num count, const ds__num blocklengths[],
                    const ds__disp displs[], MPI_Datatype oldtype,
                    MPI_Datatype *newtype)
{
    static const ds__num none[1];
    static const ds__disp nowhere[1];

    NEED_LENGTHS(count, blocklengths);
    NEED_PLACES(count, displs);
    return make(&(layout){ .combiner = DS__COMBINER_HINDEXED,
                           .n = count,
                           .counts = count > 0 ? blocklengths : none,
                           .byte_places = count > 0 ? displs : nowhere },
                oldtype, newtype);
}

API int FC(Type_create_hindexed)(ds__num count, const ds__num blocklengths[],
                                 const ds__disp displs[], MPI_Datatype oldtype,
                                 MPI_Datatype *newtype)
{
    ENTER_COUNTED(Type_create_hindexed);
    return hindexed(count, blocklengths, displs, oldtype, newtype);
}

API int FC(Type_create_indexed_block)(ds__num count, ds__num blocklength,
                                      const ds__num displs[],
                                      MPI_Datatype oldtype,
                                      MPI_Datatype *newtype)
{
    static const ds__num none[1];

    ENTER_COUNTED(Type_create_indexed_block);
    NEED_PLACES(count, displs);
    return make(&(layout){ .combiner = DS__COMBINER_INDEXED_BLOCK,
                           .n = count,
                           .count = blocklength,
                           .places = count > 0 ? displs : none },
                oldtype, newtype);
}

API int FC(Type_create_hindexed_block)(ds__num count, ds__num blocklength,
                                       const ds__disp displs[],
                                       MPI_Datatype oldtype,
                                       MPI_Datatype *newtype)
{
    static const ds__disp nowhere[1];

    ENTER_COUNTED(Type_create_hindexed_block);
    NEED_PLACES(count, displs);
    return make(&(layout){ .combiner = DS__COMBINER_HINDEXED_BLOCK,
                           .n = count,
                           .count = blocklength,
                           .byte_places = count > 0 ? displs : nowhere },
                oldtype, newtype);
}

#define COUNTED(N)                                                             \
    N(Type_contiguous)                                                         \
    N(Type_create_hindexed)                                                    \
    N(Type_create_hindexed_block)                                              \
    N(Type_create_hvector)                                                     \
    N(Type_create_indexed_block)                                               \
    N(Type_indexed)                                                            \
    N(Type_vector)

#ifndef DS_LARGE

/* ---- As MPI 1 called them -------------------------------------------------*/

API int F(Type_hvector)(int count, int blocklength, MPI_Aint stride,
                        MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    ENTER(Type_hvector);
    return hvector(count, blocklength, stride, oldtype, newtype);
}

API int F(Type_hindexed)(int count, int blocklengths[], MPI_Aint displs[],
                         MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    ENTER(Type_hindexed);
    return hindexed(count, blocklengths, displs, oldtype, newtype);
}

#define LIST(N)                                                                \
    COUNTED(N)                                                                 \
    N(Type_hindexed)                                                           \
    N(Type_hvector)
#endif
DEFINE_NAMES(layout_names, LIST)
