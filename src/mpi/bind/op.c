/* Operators that programs make, and reducing without messages. */

#include "mpi/bind/abi.h"

#ifdef DS_LARGE
typedef MPI_User_function_c function_type;
enum { MOST_BITS = 63 };
#else
typedef MPI_User_function function_type;
enum { MOST_BITS = 31 };
#endif

static void call_own(const ds__op *op, void *in, void *inout, size_t n,
                     ds__type *type)
{
    MPI_Datatype handle = ABI_NAME(type_handle)(type);
    ds__num count = (ds__num)n;

    ((function_type *)op->own)(in, inout, &count, &handle);
}

API int FC(Op_create)(function_type *function, int commute, MPI_Op *op)
{
    ds__rank *me = ENTER_COUNTED(Op_create);

    if (function == NULL)
        FAIL(me->world, ERR_OP, "NULL is no function");
    NEED_RESULT(me->world, op);
    ds__op *o = ds__mpi_alloc(1, sizeof(*o));
    o->code = DS__OP_OWN;
    o->commutes = commute != 0;
    o->own = (void (*)(void))function;
    o->call = call_own;
    o->most = (size_t)(((uint64_t)1 << MOST_BITS) - 1);
    ds__object_add(o, DS__OP);
    *op = HANDLE(MPI_Op, o);
    return MPI_SUCCESS;
}

#ifndef DS_LARGE
API int F(Op_free)(MPI_Op *op)
{
    ds__rank *me = ENTER(Op_free);

    NEED_RESULT(me->world, op);
    ds__op *o = ds__object_get((uintptr_t)*op & UINT32_MAX, DS__OP);
    if (o == NULL)
        FAIL(me->world, ERR_OP, "this is no operator that can be freed");
    ds__object_remove(o);
    ds__op_release(o);
    *op = MPI_OP_NULL;
    return MPI_SUCCESS;
}

API int F(Op_commutative)(MPI_Op op, int *commute)
{
    ds__rank *me = ENTER(Op_commutative);
    const ds__op *o = OP(op);

    if (o == NULL)
        FAIL(me->world, ERR_OP, "this is no operator, or it has been freed");
    *commute = o->commutes;
    return MPI_SUCCESS;
}

#endif

API int FC(Reduce_local)(const void *inbuf, void *inoutbuf, ds__num count,
                         MPI_Datatype type, MPI_Op op)
{
    ds__rank *me = ENTER_COUNTED(Reduce_local);

    NEED_COUNT(me->world, count);
    NEED_TYPE(me->world, t, type);
    NEED_OP(me->world, o, op, t);
    ds__op_apply(o, (void *)inbuf, inoutbuf, (size_t)count, t);
    return MPI_SUCCESS;
}

#define COUNTED(N)                                                             \
    N(Op_create)                                                               \
    N(Reduce_local)

#define LIST(N)                                                                \
    COUNTED(N)                                                                 \
    N(Op_commutative)                                                          \
    N(Op_free)
DEFINE_NAMES(op_names, LIST)
