/* Constants of an ABI and what they stand for. */

#include "mpi/bind/abi.h"

#include <assert.h>
#include <string.h>

/* ---- Types ----------------------------------------------------------------*/

/* Basic types are found by the part of their handles in which they differ. */
enum { INDICES = 0x120 };

static size_t index_of(MPI_Datatype handle)
{
#ifdef DS_MPICH
    const uint32_t h = (uint32_t)handle;

    if (h >> 24 == 0x4c)
        return h & 0xff;
    return h >> 4 == 0x8c00000 ? 0x100 + (h & 0xf) : 0;
#else
    const uintptr_t h = (uintptr_t)handle;

    return h > 0x200 && h < 0x300 ? h - 0x200 : 0;
#endif
}

/* Which MPI 1 had, and MPI 5 has no constants for. */
#ifndef DS_MPICH
#define MPI_LB MPI_DATATYPE_NULL
#define MPI_UB MPI_DATATYPE_NULL
#endif

static const struct {
    MPI_Datatype handle;
    ds__basic basic;
    const char *name;
} constants[] = {
#define DS__B(name, type, class) { MPI_##name, DS__BASIC_##name, "MPI_" #name },
    DS__BASIC_TYPES(DS__B)
#undef DS__B
};

/* One more than the basic type at each index; 0: there is none. */
static unsigned char basics[INDICES];

static void note_basics(void)
{
    assert(sizeof(constants) / sizeof(*constants) == DS__BASICS);
    for (size_t i = 0; i < sizeof(constants) / sizeof(*constants); i++)
        basics[index_of(constants[i].handle)] =
            (unsigned char)(constants[i].basic + 1);
    basics[0] = 0;
}

ds__type *ABI_NAME(type)(MPI_Datatype handle)
{
    const size_t i = index_of(handle);

    if (i == 0)
        return ds__object_get((uintptr_t)handle & UINT32_MAX, DS__TYPE);
    if (basics[index_of(MPI_INT)] == 0)
        note_basics();
    return i < INDICES && basics[i] != 0
               ? ds__type_basic((ds__basic)(basics[i] - 1))
               : NULL;
}

MPI_Datatype ABI_NAME(type_handle)(const ds__type *type)
{
    if (type->basic < 0)
        return HANDLE(MPI_Datatype, type);
    return constants[type->basic].handle;
}

const char *ABI_NAME(type_name)(MPI_Datatype handle)
{
    for (size_t i = 0; i < sizeof(constants) / sizeof(*constants); i++)
        if (constants[i].handle == handle)
            return constants[i].name;
    return "";
}

/* ---- Operators ------------------------------------------------------------*/

const ds__op *ABI_NAME(op)(MPI_Op handle)
{
    static const MPI_Op ops[DS__OP_OWN] = {
        [DS__OP_MAX] = MPI_MAX,         [DS__OP_MIN] = MPI_MIN,
        [DS__OP_SUM] = MPI_SUM,         [DS__OP_PROD] = MPI_PROD,
        [DS__OP_LAND] = MPI_LAND,       [DS__OP_BAND] = MPI_BAND,
        [DS__OP_LOR] = MPI_LOR,         [DS__OP_BOR] = MPI_BOR,
        [DS__OP_LXOR] = MPI_LXOR,       [DS__OP_BXOR] = MPI_BXOR,
        [DS__OP_MINLOC] = MPI_MINLOC,   [DS__OP_MAXLOC] = MPI_MAXLOC,
        [DS__OP_REPLACE] = MPI_REPLACE, [DS__OP_NO_OP] = MPI_NO_OP,
    };

    for (int i = 0; i < DS__OP_OWN; i++)
        if (ops[i] == handle)
            return ds__op_predefined((ds__op_code)i);
    return ds__object_get((uintptr_t)handle & UINT32_MAX, DS__OP);
}

/* ---- Communicators, groups, handlers --------------------------------------*/

ds__comm *ABI_NAME(comm)(MPI_Comm handle)
{
    if (handle == MPI_COMM_WORLD)
        return ds__me()->world;
    if (handle == MPI_COMM_SELF)
        return ds__me()->self;
    return ds__object_get((uintptr_t)handle & UINT32_MAX, DS__COMM);
}

MPI_Comm ABI_NAME(comm_handle)(const ds__comm *comm)
{
    const ds__rank *me = ds__me();

    if (comm == NULL)
        return MPI_COMM_NULL;
    if (comm == me->world)
        return MPI_COMM_WORLD;
    return comm == me->self ? MPI_COMM_SELF : HANDLE(MPI_Comm, comm);
}

ds__group *ABI_NAME(group)(MPI_Group handle)
{
    if (handle == MPI_GROUP_EMPTY)
        return ds__group_empty();
    return ds__object_get((uintptr_t)handle & UINT32_MAX, DS__GROUP);
}

MPI_Group ABI_NAME(group_handle)(const ds__group *group)
{
    return group == ds__group_empty() ? MPI_GROUP_EMPTY
                                      : HANDLE(MPI_Group, group);
}

int ABI_NAME(compared)(int result)
{
    static const int results[] = {
        [DS__IDENT] = MPI_IDENT,
        [DS__CONGRUENT] = MPI_CONGRUENT,
        [DS__SIMILAR] = MPI_SIMILAR,
        [DS__UNEQUAL] = MPI_UNEQUAL,
    };

    return results[result];
}

ds__errhandler *ABI_NAME(errhandler)(MPI_Errhandler handle)
{
    if (handle == MPI_ERRORS_ARE_FATAL)
        return &ds__errors_are_fatal;
    if (handle == MPI_ERRORS_ABORT)
        return &ds__errors_abort;
    if (handle == MPI_ERRORS_RETURN)
        return &ds__errors_return;
    return ds__object_get((uintptr_t)handle & UINT32_MAX, DS__ERRHANDLER);
}

MPI_Errhandler ABI_NAME(errhandler_handle)(const ds__errhandler *handler)
{
    if (handler == &ds__errors_are_fatal)
        return MPI_ERRORS_ARE_FATAL;
    if (handler == &ds__errors_abort)
        return MPI_ERRORS_ABORT;
    return handler == &ds__errors_return ? MPI_ERRORS_RETURN
                                         : HANDLE(MPI_Errhandler, handler);
}

ds__request *ABI_NAME(request)(MPI_Request handle)
{
    return ds__object_get((uintptr_t)handle & UINT32_MAX, DS__REQUEST);
}

ds__win *ABI_NAME(win)(MPI_Win handle)
{
    return ds__object_get((uintptr_t)handle & UINT32_MAX, DS__WIN);
}

/* ---- Errors and statuses --------------------------------------------------*/

/* What is the same number in both ABIs is not among these. */
static const int errors[DS__ERRORS] = {
    [DS__ERR_BUFFER] = MPI_ERR_BUFFER,
    [DS__ERR_COUNT] = MPI_ERR_COUNT,
    [DS__ERR_TYPE] = MPI_ERR_TYPE,
    [DS__ERR_TAG] = MPI_ERR_TAG,
    [DS__ERR_COMM] = MPI_ERR_COMM,
    [DS__ERR_RANK] = MPI_ERR_RANK,
    [DS__ERR_REQUEST] = MPI_ERR_REQUEST,
    [DS__ERR_ROOT] = MPI_ERR_ROOT,
    [DS__ERR_GROUP] = MPI_ERR_GROUP,
    [DS__ERR_OP] = MPI_ERR_OP,
    [DS__ERR_TOPOLOGY] = MPI_ERR_TOPOLOGY,
    [DS__ERR_DIMS] = MPI_ERR_DIMS,
    [DS__ERR_ARG] = MPI_ERR_ARG,
    [DS__ERR_UNKNOWN] = MPI_ERR_UNKNOWN,
    [DS__ERR_TRUNCATE] = MPI_ERR_TRUNCATE,
    [DS__ERR_OTHER] = MPI_ERR_OTHER,
    [DS__ERR_INTERN] = MPI_ERR_INTERN,
    [DS__ERR_PENDING] = MPI_ERR_PENDING,
    [DS__ERR_IN_STATUS] = MPI_ERR_IN_STATUS,
    [DS__ERR_INFO_KEY] = MPI_ERR_INFO_KEY,
    [DS__ERR_INFO_NOKEY] = MPI_ERR_INFO_NOKEY,
    [DS__ERR_INFO_VALUE] = MPI_ERR_INFO_VALUE,
    [DS__ERR_INFO] = MPI_ERR_INFO,
    [DS__ERR_KEYVAL] = MPI_ERR_KEYVAL,
    [DS__ERR_NO_MEM] = MPI_ERR_NO_MEM,
    [DS__ERR_RMA_FLAVOR] = MPI_ERR_RMA_FLAVOR,
    [DS__ERR_WIN] = MPI_ERR_WIN,
    [DS__ERR_SIZE] = MPI_ERR_SIZE,
    [DS__ERR_RMA_SYNC] = MPI_ERR_RMA_SYNC,
    [DS__ERR_RMA_SHARED] = MPI_ERR_RMA_SHARED,
    [DS__ERR_RMA_RANGE] = MPI_ERR_RMA_RANGE,
    [DS__ERR_RMA_CONFLICT] = MPI_ERR_RMA_CONFLICT,
    [DS__ERR_RMA_ATTACH] = MPI_ERR_RMA_ATTACH,
    [DS__ERR_LOCKTYPE] = MPI_ERR_LOCKTYPE,
    [DS__ERR_DISP] = MPI_ERR_DISP,
    [DS__ERR_BASE] = MPI_ERR_BASE,
    [DS__ERR_ASSERT] = MPI_ERR_ASSERT,
    [DS__ERR_SESSION] = MPI_ERR_SESSION,
};

int ABI_NAME(error_out)(int error)
{
    return error >= 0 && error < DS__ERRORS ? errors[error] : error; /* own */
}

int ABI_NAME(error_in)(int error)
{
    if (ds__code_is_own(error))
        return error;
    for (int i = 0; i < DS__ERRORS; i++)
        if (errors[i] == error && (error != 0 || i == DS__SUCCESS))
            return i;
    return DS__ERR_UNKNOWN;
}

void ABI_NAME(status_out)(MPI_Status *to, const ds__status *from,
                          bool with_error)
{
    if (to == MPI_STATUS_IGNORE)
        return;
    to->MPI_SOURCE = rank_out(from->source);
    to->MPI_TAG = tag_out(from->tag);
    if (with_error)
        to->MPI_ERROR = ERROR(from->error);
#ifdef DS_MPICH
    to->count_lo = (int)(uint32_t)from->bytes;
    to->count_hi_and_cancelled =
        (int)((from->bytes >> 32) << 1) | from->cancelled;
#else
    memcpy(to->MPI_internal, &from->bytes, sizeof(from->bytes));
    to->MPI_internal[2] = from->cancelled;
#endif
}

void ABI_NAME(status_in)(const MPI_Status *from, ds__status *to)
{
    *to = (ds__status){
        .source = from->MPI_SOURCE == MPI_ANY_SOURCE  ? DS__MPI_ANY_SOURCE
                  : from->MPI_SOURCE == MPI_PROC_NULL ? DS__PROC_NULL
                                                      : from->MPI_SOURCE,
        .tag = from->MPI_TAG == MPI_ANY_TAG ? DS__MPI_ANY_TAG : from->MPI_TAG,
    };
#ifdef DS_MPICH
    to->bytes = (uint32_t)from->count_lo |
                (size_t)((uint32_t)from->count_hi_and_cancelled >> 1) << 32;
    to->cancelled = (from->count_hi_and_cancelled & 1) != 0;
#else
    memcpy(&to->bytes, from->MPI_internal, sizeof(to->bytes));
    to->cancelled = from->MPI_internal[2] != 0;
#endif
}
