/* Each collective is there three times: as one that blocks, as one that does
 * not, and as one that is started again and again. */
#ifndef DS_MPI_BIND_BOTH_H
#define DS_MPI_BIND_BOTH_H

#include <stdlib.h>

#include "mpi/bind/abi.h"
#include "mpi/claim.h"
#include "mpi/watch.h"

/* Defines all, by a call of what they do, which names c and request; all of
 * their parameters before the communicator are ARGS(...), or nothing. */
#define ARGS(...) __VA_ARGS__,
#define BOTH(name, iname, args, call)                                          \
    API int FC(name)(args MPI_Comm comm)                                       \
    {                                                                          \
        MPI_Request *const request = NULL;                                     \
        ENTER_COUNTED(name);                                                   \
        NEED_COMM(c, comm);                                                    \
        return call;                                                           \
    }                                                                          \
    API int FC(iname)(args MPI_Comm comm, MPI_Request * request)               \
    {                                                                          \
        ENTER_COUNTED(iname);                                                  \
        NEED_COMM(c, comm);                                                    \
        NEED_RESULT(c, request);                                               \
        return call;                                                           \
    }                                                                          \
    API int FC(name##_init)(args MPI_Comm comm, MPI_Info info,                 \
                            MPI_Request * request)                             \
    {                                                                          \
        ds__rank *const me = ENTER_COUNTED(name##_init);                       \
        NEED_COMM(c, comm);                                                    \
        NEED_RESULT(c, request);                                               \
        (void)info;                                                            \
        me->prepares = true;                                                   \
        const int result = call;                                               \
        me->prepares = false;                                                  \
        return result;                                                         \
    }

/* Does it, or begins it if there is a request, or prepares that. */
static inline int begin_or_do(const ds__work *arguments, MPI_Request *request)
{
    ds__work counted = *arguments;
    const ds__work *work = &counted;

    ds__work_count(&counted);
    if (ds__work_overlaps(work))
        FAIL(work->comm, ERR_BUFFER,
             "what is given and what is got overlap; MPI_IN_PLACE is for that");
    ds__agree_on_work(work);
    if (request != NULL) {
        *request =
            HANDLE(MPI_Request, ds__me()->prepares ? ds__work_prepare(work)
                                                   : ds__work_start(work));
        return MPI_SUCCESS;
    }
    if (ds__the_world.watch != NULL)
        ds__the_world.watch->collective(ds__me(), work);
    work->run(work);
    return MPI_SUCCESS;
}

/* What a member is of a collective with a root.  Between groups the others of
 * the side of the root take no part. */
typedef enum role {
    NO_ROOT, /* there is none of that number */
    OUTSIDE,
    ROOT,
    MEMBER, /* it gives and gets one piece */
    ROOT_AND_MEMBER,
} role;

/* Of a root that is a number of the library. */
static inline role role_of(const ds__comm *c, int root)
{
    const bool inter = ds__comm_is_inter(c);

    if (inter && root == DS__ROOT)
        return ROOT;
    if (inter && root == DS__PROC_NULL)
        return OUTSIDE;
    if (root < 0 || root >= ds__comm_peers(c))
        return NO_ROOT;
    return !inter && root == c->rank ? ROOT_AND_MEMBER : MEMBER;
}

static inline bool is_root(role r)
{
    return r == ROOT || r == ROOT_AND_MEMBER;
}

static inline bool is_member(role r)
{
    return r >= MEMBER;
}

/* Takes the root of root_ in, and says what this member is of it; one that
 * takes no part does that. */
#define NEED_ROOT(c, root, part, request)                                      \
    const int root = root_in(root##_);                                         \
    const role part = role_of(c, root);                                        \
    if (part == NO_ROOT)                                                       \
        FAIL(c, ERR_ROOT, "a root of %d among %d ranks", root##_,              \
             ds__comm_peers(c));                                               \
    if (part == OUTSIDE)                                                       \
    return begin_or_do(&(ds__work){ .run = ds__work_outside, .comm = c },      \
                       request)

/* Arrays of a call. */
static inline ds__list counts_in(const ds__num *items)
{
    return (ds__list){ items, sizeof(*items) };
}

static inline ds__list places_in(const ds__place *items)
{
    return (ds__list){ items, sizeof(*items) };
}

/* Returns an error of the library if a count is less than nothing. */
static inline int check_counts(ds__comm *c, ds__list counts, int n)
{
    for (int i = 0; i < n; i++)
        if (ds__list_at(counts, i) < 0)
            return ds__comm_fail(c, DS__ERR_COUNT,
                                 "a count of %lld for rank %d; it is at least "
                                 "0",
                                 ds__list_at(counts, i), i);
    return DS__SUCCESS;
}

#define NEED_COUNTS(c, counts, n)                                              \
    do {                                                                       \
        const int wrong_ = check_counts(c, counts, n);                         \
        if (wrong_ != DS__SUCCESS)                                             \
            return ERROR(wrong_);                                              \
    } while (0)

/* ---- Of many types --------------------------------------------------------*/

/* Finds the types of n pieces in room for them, and checks the counts; returns
 * an error of the ABI. */
static inline int find_types(ds__comm *c, ds__pieces *p,
                             const MPI_Datatype *handles, ds__type **types,
                             int n)
{
    NEED_COUNTS(c, p->counts, n);
    for (int i = 0; i < n; i++) {
        NEED_TYPE(c, t, handles[i]);
        NEED_DATA(c, p->buf, 0, t);
        types[i] = t;
    }
    p->types = types;
    p->in_bytes = true;
    return MPI_SUCCESS;
}

/* Does or begins what gives and gets pieces of a type each, with in and out, so
 * many of them. */
static inline int do_of_types(const ds__work *work, const MPI_Datatype *gives,
                              int num_in, const MPI_Datatype *gets, int num_out,
                              MPI_Request *request)
{
    ds__work w = *work;
    ds__type **types =
        ds__mpi_alloc((size_t)num_in + (size_t)num_out, sizeof(ds__type *));
    int error = find_types(w.comm, &w.out, gets, types, num_out);

    if (w.in.buf == DS__IN_PLACE)
        w.in = (ds__pieces){ .buf = w.in.buf };
    else if (error == MPI_SUCCESS)
        error = find_types(w.comm, &w.in, gives, types + num_out, num_in);
    if (error == MPI_SUCCESS)
        error = begin_or_do(&w, request);
    free(types);
    return error;
}

#endif
