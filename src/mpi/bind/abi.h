/* Between programs and the library: what handles and constants are, in the ABI
 * that a program was compiled for.
 *
 * The files of this folder are compiled twice: for the ABI of MPI 5.0, whose
 * functions have names that everybody may link, and, with DS_MPICH, for the one
 * that MPICH has had since version 3.1, whose functions are only found by name
 * in a table.  All else of the library has the numbers of the former. */
#ifndef DS_MPI_BIND_ABI_H
#define DS_MPI_BIND_ABI_H

#ifdef DS_MPICH
#include "mpi/bind/mpich.h"
#define API            static
#define F(name)        mpich_##name
#define ABI_NAME(name) ds__mpich_##name
#else
#include <distsys-mpi/mpi.h>
#define API
#define F(name)        MPI_##name
#define ABI_NAME(name) ds__mpi5_##name
#endif

/* Functions with counts are there twice, the ones with MPI_Count being called
 * after the others; a file that has some is compiled for them once more, with
 * DS_LARGE. */
#ifdef DS_LARGE
typedef MPI_Count ds__num;  /* of a count, or of a displacement in extents */
typedef MPI_Count ds__disp; /* in bytes */
typedef MPI_Aint ds__place; /* of a piece in a buffer, in either */
#define IS_LARGE    true
#define FC(name)    F(name##_c)
#define TABLE(name) ABI_NAME(name##_large)
#else
typedef int ds__num;
typedef MPI_Aint ds__disp;
typedef int ds__place;
#define IS_LARGE    false
#define FC(name)    F(name)
#define TABLE(name) ABI_NAME(name)
#endif

#include "mpi/argument.h"
#include "mpi/call.h"
#include "mpi/coll.h"
#include "mpi/win.h"
#include "mpi/bind/names.h"

/* Begins a call, and says who makes it. */
#define ENTER(name) ds__mpi_enter("MPI_" #name, __builtin_return_address(0))
#ifdef DS_LARGE
#define ENTER_COUNTED(name) ENTER(name##_c)
#else
#define ENTER_COUNTED(name) ENTER(name)
#endif
#define ENTER_ALWAYS(name)                                                     \
    ds__mpi_enter_always("MPI_" #name, __builtin_return_address(0))

/* ---- Handles --------------------------------------------------------------*/

/* NULL: it is none. */
ds__comm *ABI_NAME(comm)(MPI_Comm handle);
ds__group *ABI_NAME(group)(MPI_Group handle);
ds__type *ABI_NAME(type)(MPI_Datatype handle);
const ds__op *ABI_NAME(op)(MPI_Op handle);
ds__errhandler *ABI_NAME(errhandler)(MPI_Errhandler handle);
ds__request *ABI_NAME(request)(MPI_Request handle);
ds__win *ABI_NAME(win)(MPI_Win handle);
struct ds__info *ABI_NAME(info)(MPI_Info handle);

/* Keeps the hints for windows among those, which may be NULL. */
void ABI_NAME(win_hints)(ds__win *win, const ds__info *from);

MPI_Comm ABI_NAME(comm_handle)(const ds__comm *comm); /* NULL: the null one */
MPI_Group ABI_NAME(group_handle)(const ds__group *group);
MPI_Datatype ABI_NAME(type_handle)(const ds__type *type);
/* What a predefined type is called; "" if it is none. */
const char *ABI_NAME(type_name)(MPI_Datatype handle);

MPI_Errhandler ABI_NAME(errhandler_handle)(const ds__errhandler *handler);

#define COMM       ABI_NAME(comm)
#define GROUP      ABI_NAME(group)
#define TYPE       ABI_NAME(type)
#define OP         ABI_NAME(op)
#define ERRHANDLER ABI_NAME(errhandler)
#define REQUEST    ABI_NAME(request)
#define INFO       ABI_NAME(info)
#define WIN        ABI_NAME(win)

/* A handle of an object that was made. */
#define HANDLE(of_type, made)                                                  \
    ((of_type)(uintptr_t)ds__object_give((void *)(made)))

/* ---- Numbers --------------------------------------------------------------*/

/* Of the ABI to those of the library, and back. */
static inline int rank_in(int rank)
{
    return rank == MPI_ANY_SOURCE  ? DS__MPI_ANY_SOURCE
           : rank == MPI_PROC_NULL ? DS__PROC_NULL
           : rank < 0              ? -1000
                                   : rank;
}

static inline int rank_out(int rank)
{
    return rank == DS__MPI_ANY_SOURCE ? MPI_ANY_SOURCE
           : rank == DS__PROC_NULL    ? MPI_PROC_NULL
                                      : rank;
}

/* Any negative number that is none of those is no root. */
static inline int root_in(int root)
{
    return root == MPI_ROOT ? DS__ROOT : rank_in(root);
}

static inline int tag_in(int tag)
{
    return tag == MPI_ANY_TAG ? DS__MPI_ANY_TAG : tag < 0 ? -1000 : tag;
}

static inline int tag_out(int tag)
{
    return tag == DS__MPI_ANY_TAG ? MPI_ANY_TAG : tag;
}

static inline void *buffer_in(const void *buf)
{
    return buf == MPI_IN_PLACE ? DS__IN_PLACE : (void *)buf;
}

/* How groups and communicators compare. */
int ABI_NAME(compared)(int result);

int ABI_NAME(error_out)(int error);
int ABI_NAME(error_in)(int error);
#define ERROR ABI_NAME(error_out)

void ABI_NAME(status_out)(MPI_Status *to, const ds__status *from,
                          bool with_error);
void ABI_NAME(status_in)(const MPI_Status *from, ds__status *to);

/* ---- Attributes -----------------------------------------------------------*/

/* Makes a handler that calls a function of the program, which is for objects of
 * that kind. */
int ABI_NAME(errhandler_create)(ds__kind of, void (*function)(void),
                                void (*call)(const ds__errhandler *handler,
                                             ds__comm *comm, int error),
                                MPI_Errhandler *errhandler);

/* Sets that of an object of that kind, whose errors a communicator takes. */
int ABI_NAME(errhandler_set)(ds__comm *c, ds__kind of,
                             MPI_Errhandler errhandler);
int ABI_NAME(errhandler_get)(ds__comm *c, MPI_Errhandler *errhandler);

/* Where the value of MPI_LASTUSEDCODE is. */
int *ABI_NAME(last_used_code)(void);

/* Copy and remove those of an owner, and return errors of the ABI, of which the
 * handler of the communicator has been told. */
int ABI_NAME(attrs_copy)(ds__comm *c, const ds__attr *list, void *owner,
                         ds__attr **copies);
int ABI_NAME(attrs_clear)(ds__comm *c, ds__attr **list, void *owner);

/* Makes a communicator of the same members with the same attributes, and with
 * those hints, or none if they are NULL. */
int ABI_NAME(comm_dup)(ds__comm *c, const ds__info *hints, MPI_Comm *newcomm);

/* Makes one that may be used when the request is done. */
int ABI_NAME(comm_idup)(ds__comm *c, const ds__info *hints, MPI_Comm *newcomm,
                        MPI_Request *request);

/* ---- Checks ---------------------------------------------------------------*/

#define FAIL(comm, error, ...)                                                 \
    return ERROR(ds__comm_fail(comm, DS__##error, __VA_ARGS__))

/* Of a handle whose name in the call is that of the parameter. */
#define BAD_HANDLE(c, error, handle, what, null)                               \
    return ERROR(ds__argument_handle(c, DS__##error, #handle, what,            \
                                     (handle) == (null)))

#define NEED_COMM(c, handle)                                                   \
    ds__comm *const c = COMM(handle);                                          \
    if (c == NULL)                                                             \
    BAD_HANDLE(ds__me()->world, ERR_COMM, handle, "a communicator",            \
               MPI_COMM_NULL)

#define NEED_INTRA(c)                                                          \
    if (ds__comm_is_inter(c))                                                  \
    FAIL(c, ERR_COMM, "the communicator is between two groups, not of one")

#define NEED_WIN(w, handle)                                                    \
    ds__win *const w = WIN(handle);                                            \
    if (w == NULL)                                                             \
    FAIL(ds__me()->world, ERR_WIN, "this is no window, or it has been freed")

#define NEED_SESSION(s, handle)                                                \
    struct ds__session *const s =                                              \
        ds__object_get((uintptr_t)(handle)&UINT32_MAX, DS__SESSION);           \
    if (s == NULL)                                                             \
    FAIL(ds__me()->world, ERR_SESSION,                                         \
         "this is no session, or it has been ended")

#define NEED_TYPE(c, t, handle)                                                \
    ds__type *const t = TYPE(handle);                                          \
    if (t == NULL)                                                             \
    BAD_HANDLE(c, ERR_TYPE, handle, "a datatype", MPI_DATATYPE_NULL)

#define NEED_DATA(c, buf, n, t)                                                \
    do {                                                                       \
        const int wrong_ =                                                     \
            ds__argument_data(c, buffer_in(buf), (size_t)(n), t);              \
        if (wrong_ != DS__SUCCESS)                                             \
            return ERROR(wrong_);                                              \
    } while (0)

#define NEED_COUNT(c, n)                                                       \
    if ((n) < 0)                                                               \
    FAIL(c, ERR_COUNT, "a count of %lld; it is at least 0", (long long)(n))

#define NEED_OP(c, o, handle, type)                                            \
    const ds__op *const o = OP(handle);                                        \
    if (o == NULL)                                                             \
        BAD_HANDLE(c, ERR_OP, handle, "an operator", MPI_OP_NULL);             \
    if (!ds__op_fits(o, type))                                                 \
    FAIL(c, ERR_OP, "the operator is not defined for that datatype")

/* Arrays of n elements. */
#define NEED_PLACES(n, places)                                                 \
    if ((n) > 0 && (places) == NULL)                                           \
    FAIL(ds__me()->world, ERR_ARG, "NULL is no array of displacements")
#define NEED_LENGTHS(n, counts)                                                \
    if ((n) > 0 && (counts) == NULL)                                           \
    FAIL(ds__me()->world, ERR_ARG, "NULL is no array of counts")

#define NEED_INFO_OR_NULL(c, i, handle)                                        \
    struct ds__info *const i =                                                 \
        (handle) == MPI_INFO_NULL ? NULL : INFO(handle);                       \
    if (i == NULL && (handle) != MPI_INFO_NULL)                                \
    FAIL(c, ERR_INFO, "this is no info object, or it has been freed")

#define NEED_RESULT(c, pointer)                                                \
    if ((pointer) == NULL)                                                     \
    FAIL(c, ERR_ARG, "NULL is no place for a result")

/* ---- Names ----------------------------------------------------------------*/

/* A file ends with DEFINE_NAMES(table, LIST), where LIST(N) is N(name) for each
 * function of it; if it is compiled for large counts, COUNTED(N) is that for
 * those of them that have counts. */
#define NAME_ROW(name) { #name, (ds__any_fn *)F(name) },
#ifdef DS_MPICH
#define NAME_ALIAS(name)
#else
#define NAME_ALIAS(name)                                                       \
    extern __typeof__(MPI_##name) PMPI_##name                                  \
        __attribute__((alias("MPI_" #name)));
#endif
#define LARGE_ROW(name)   NAME_ROW(name##_c)
#define LARGE_ALIAS(name) NAME_ALIAS(name##_c)
#ifdef DS_LARGE
#define DEFINE_NAMES(table, LIST)                                              \
    const ds__name TABLE(table)[] = { COUNTED(LARGE_ROW){ NULL, NULL } };      \
    COUNTED(LARGE_ALIAS)
#else
#define DEFINE_NAMES(table, LIST)                                              \
    const ds__name TABLE(table)[] = { LIST(NAME_ROW){ NULL, NULL } };          \
    LIST(NAME_ALIAS)
#endif

#endif
