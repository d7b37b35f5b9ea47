/* Making datatypes of several others, and with other bounds. */

#include <stdlib.h>

#include "mpi/bind/abi.h"

static int make_struct(ds__num count, const ds__num blocklengths[],
                       const ds__disp displs[], const MPI_Datatype types[],
                       MPI_Datatype *newtype)
{
    ds__rank *me = ds__me();

    NEED_COUNT(me->world, count);
    NEED_RESULT(me->world, newtype);
    NEED_LENGTHS(count, blocklengths);
    NEED_PLACES(count, displs);
    for (ds__num i = 0; i < count; i++) {
        NEED_COUNT(me->world, blocklengths[i]);
        NEED_TYPE(me->world, t, types[i]);
    }
    ds__part *parts = ds__mpi_alloc((size_t)count, sizeof(*parts));
    ds__made *m = ds__made_new(DS__COMBINER_STRUCT, IS_LARGE);
    ds__made_count(m, count);
    for (ds__num i = 0; i < count; i++) {
        parts[i] = (ds__part){ .old = TYPE(types[i]),
                               .at = displs[i],
                               .count = (size_t)blocklengths[i],
                               .times = 1 };
        ds__made_count(m, blocklengths[i]);
        ds__made_type(m, parts[i].old);
    }
    for (ds__num i = 0; i < count; i++)
        ds__made_place(m, displs[i]);
    *newtype =
        HANDLE(MPI_Datatype, ds__type_new(parts, (size_t)count, true, m));
    free(parts);
    return MPI_SUCCESS;
}

API int FC(Type_create_struct)(ds__num count, const ds__num blocklengths[],
                               const ds__disp displs[],
                               const MPI_Datatype types[],
                               MPI_Datatype *newtype)
{
    ENTER_COUNTED(Type_create_struct);
    return make_struct(count, blocklengths, displs, types, newtype);
}

/* ---- Of one element -------------------------------------------------------*/

API int FC(Type_create_resized)(MPI_Datatype oldtype, ds__disp lb,
                                ds__disp extent, MPI_Datatype *newtype)
{
    ds__rank *me = ENTER_COUNTED(Type_create_resized);

    NEED_TYPE(me->world, old, oldtype);
    NEED_RESULT(me->world, newtype);
    ds__made *m = ds__made_new(DS__COMBINER_RESIZED, IS_LARGE);
    ds__made_place(m, lb);
    ds__made_place(m, extent);
    ds__made_type(m, old);
    ds__type *made = ds__type_same(old, m);
    made->committed = false;
    ds__type_resize(made, lb, extent);
    *newtype = HANDLE(MPI_Datatype, made);
    return MPI_SUCCESS;
}

#define COUNTED(N)                                                             \
    N(Type_create_resized)                                                     \
    N(Type_create_struct)

#ifndef DS_LARGE
/* As MPI 1 called it. */
API int F(Type_struct)(int count, int blocklengths[], MPI_Aint displs[],
                       MPI_Datatype types[], MPI_Datatype *newtype)
{
    ENTER(Type_struct);
    return make_struct(count, blocklengths, displs, types, newtype);
}

#define LIST(N)                                                                \
    COUNTED(N)                                                                 \
    N(Type_struct)
#endif
DEFINE_NAMES(struct_names, LIST)
