/* What a status says. */

#include "mpi/bind/abi.h"
#include "mpi/elements.h"

API int F(Test_cancelled)(const MPI_Status *status, int *flag)
{
    ds__rank *me = ENTER(Test_cancelled);
    ds__status s;

    NEED_RESULT(me->world, flag);
    ABI_NAME(status_in)(status, &s);
    *flag = s.cancelled;
    return MPI_SUCCESS;
}

API int F(Status_set_cancelled)(MPI_Status *status, int flag)
{
    ds__rank *me = ENTER(Status_set_cancelled);
    ds__status s;

    NEED_RESULT(me->world, status);
    ABI_NAME(status_in)(status, &s);
    s.cancelled = flag != 0;
    ABI_NAME(status_out)(status, &s, false);
    return MPI_SUCCESS;
}

/* ---- Counts ---------------------------------------------------------------*/

/* What is no whole number of elements, or no int, is not defined. */
static long long number(size_t n, bool whole, size_t number_size)
{
    return !whole || (number_size == sizeof(int) && n > INT32_MAX)
               ? MPI_UNDEFINED
               : (long long)n;
}

#define COUNTING(suffix, result)                                               \
    API int F(Get_count##suffix)(const MPI_Status *status, MPI_Datatype type,  \
                                 result *count)                                \
    {                                                                          \
        ds__rank *me = ENTER(Get_count##suffix);                               \
        ds__status s;                                                          \
        NEED_TYPE(me->world, t, type);                                         \
        NEED_RESULT(me->world, count);                                         \
        ABI_NAME(status_in)(status, &s);                                       \
        *count = 0;                                                            \
        if (t->size > 0)                                                       \
            *count = (result)number(s.bytes / t->size, s.bytes % t->size == 0, \
                                    sizeof(*count));                           \
        return MPI_SUCCESS;                                                    \
    }
COUNTING(, int)
COUNTING(_c, MPI_Count)

#define ELEMENTS(get, set, result)                                             \
    API int F(get)(const MPI_Status *status, MPI_Datatype type, result *count) \
    {                                                                          \
        ds__rank *me = ENTER(get);                                             \
        ds__status s;                                                          \
        size_t rest;                                                           \
        NEED_TYPE(me->world, t, type);                                         \
        NEED_RESULT(me->world, count);                                         \
        ABI_NAME(status_in)(status, &s);                                       \
        const size_t n = ds__type_elements(t, s.bytes, &rest);                 \
        *count = (result)number(n, rest == 0, sizeof(*count));                 \
        return MPI_SUCCESS;                                                    \
    }                                                                          \
    API int F(set)(MPI_Status * status, MPI_Datatype type, result count)       \
    {                                                                          \
        ds__rank *me = ENTER(set);                                             \
        ds__status s;                                                          \
        NEED_RESULT(me->world, status);                                        \
        NEED_TYPE(me->world, t, type);                                         \
        NEED_COUNT(me->world, count);                                          \
        ABI_NAME(status_in)(status, &s);                                       \
        s.bytes = ds__type_bytes(t, (size_t)count);                            \
        ABI_NAME(status_out)(status, &s, false);                               \
        return MPI_SUCCESS;                                                    \
    }
ELEMENTS(Get_elements, Status_set_elements, int)
ELEMENTS(Get_elements_x, Status_set_elements_x, MPI_Count)
ELEMENTS(Get_elements_c, Status_set_elements_c, MPI_Count)

/* ---- What everybody may read as well --------------------------------------*/

#define MEMBER(name, member)                                                   \
    API int F(Status_get_##name)(const MPI_Status *status, int *name)          \
    {                                                                          \
        const ds__rank *me = ENTER_ALWAYS(Status_get_##name);                  \
        NEED_RESULT(me->world, status);                                        \
        NEED_RESULT(me->world, name);                                          \
        *name = status->member;                                                \
        return MPI_SUCCESS;                                                    \
    }                                                                          \
    API int F(Status_set_##name)(MPI_Status * status, int name)                \
    {                                                                          \
        const ds__rank *me = ENTER_ALWAYS(Status_set_##name);                  \
        NEED_RESULT(me->world, status);                                        \
        status->member = name;                                                 \
        return MPI_SUCCESS;                                                    \
    }
MEMBER(error, MPI_ERROR)
MEMBER(source, MPI_SOURCE)
MEMBER(tag, MPI_TAG)

#define LIST(N)                                                                \
    N(Get_count)                                                               \
    N(Get_count_c)                                                             \
    N(Get_elements)                                                            \
    N(Get_elements_c)                                                          \
    N(Get_elements_x)                                                          \
    N(Status_get_error)                                                        \
    N(Status_get_source)                                                       \
    N(Status_get_tag)                                                          \
    N(Status_set_cancelled)                                                    \
    N(Status_set_elements)                                                     \
    N(Status_set_elements_c)                                                   \
    N(Status_set_elements_x)                                                   \
    N(Status_set_error)                                                        \
    N(Status_set_source)                                                       \
    N(Status_set_tag)                                                          \
    N(Test_cancelled)
DEFINE_NAMES(status_names, LIST)
