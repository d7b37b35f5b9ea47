/* Packing: elements as bytes in a row, as they are here or everywhere. */

#include <string.h>

#include "mpi/bind/abi.h"
#include "mpi/external.h"

/* Where bytes go, or come from, in a buffer. */
#define NEED_ROOM(c, bytes, size, position)                                    \
    if ((position) < 0 || (position) > (size) ||                               \
        (size_t)((size) - (position)) < (bytes))                               \
    FAIL(c, ERR_TRUNCATE, "%zu bytes from %lld on are not within %lld", bytes, \
         (long long)(position), (long long)(size))

/* Returns an error of the library if the sum is no number of that size. */
static int check_sum(ds__comm *c, size_t bytes, size_t number_size)
{
    if (number_size == sizeof(int) && bytes > INT32_MAX)
        return ds__comm_fail(c, DS__ERR_COUNT, "%zu bytes are no int", bytes);
    return DS__SUCCESS;
}

API int FC(Pack_size)(ds__num incount, MPI_Datatype type, MPI_Comm comm,
                      ds__num *size)
{
    ENTER_COUNTED(Pack_size);
    NEED_COMM(c, comm);
    NEED_COUNT(c, incount);
    NEED_TYPE(c, t, type);
    NEED_RESULT(c, size);
    const size_t bytes = (size_t)incount * t->size;
    const int error = check_sum(c, bytes, sizeof(*size));
    if (error != DS__SUCCESS)
        return ERROR(error);
    *size = (ds__num)bytes;
    return MPI_SUCCESS;
}

API int FC(Pack)(const void *inbuf, ds__num incount, MPI_Datatype type,
                 void *outbuf, ds__num outsize, ds__num *position,
                 MPI_Comm comm)
{
    ENTER_COUNTED(Pack);
    NEED_COMM(c, comm);
    NEED_COUNT(c, incount);
    NEED_TYPE(c, t, type);
    NEED_RESULT(c, position);
    const size_t bytes = (size_t)incount * t->size;
    NEED_ROOM(c, bytes, outsize, *position);
    ds__type_pack((char *)outbuf + *position, inbuf, (size_t)incount, t);
    *position += (ds__num)bytes;
    return MPI_SUCCESS;
}

API int FC(Unpack)(const void *inbuf, ds__num insize, ds__num *position,
                   void *outbuf, ds__num outcount, MPI_Datatype type,
                   MPI_Comm comm)
{
    ENTER_COUNTED(Unpack);
    NEED_COMM(c, comm);
    NEED_COUNT(c, outcount);
    NEED_TYPE(c, t, type);
    NEED_RESULT(c, position);
    const size_t bytes = (size_t)outcount * t->size;
    NEED_ROOM(c, bytes, insize, *position);
    ds__type_unpack(outbuf, (const char *)inbuf + *position, bytes, t);
    *position += (ds__num)bytes;
    return MPI_SUCCESS;
}

/* ---- As they are everywhere -----------------------------------------------*/

#define NEED_EXTERNAL(c, datarep)                                              \
    if ((datarep) == NULL || strcmp(datarep, "external32") != 0)               \
    FAIL(c, ERR_ARG, "a representation of data that is not \"external32\"")

API int FC(Pack_external_size)(const char datarep[], ds__num incount,
                               MPI_Datatype type, ds__disp *size)
{
    ds__rank *me = ENTER_COUNTED(Pack_external_size);

    NEED_EXTERNAL(me->world, datarep);
    NEED_COUNT(me->world, incount);
    NEED_TYPE(me->world, t, type);
    NEED_RESULT(me->world, size);
    *size = (ds__disp)((size_t)incount * ds__external_size(t));
    return MPI_SUCCESS;
}

API int FC(Pack_external)(const char datarep[], const void *inbuf,
                          ds__num incount, MPI_Datatype type, void *outbuf,
                          ds__disp outsize, ds__disp *position)
{
    ds__rank *me = ENTER_COUNTED(Pack_external);

    NEED_EXTERNAL(me->world, datarep);
    NEED_COUNT(me->world, incount);
    NEED_TYPE(me->world, t, type);
    NEED_RESULT(me->world, position);
    const size_t bytes = (size_t)incount * ds__external_size(t);
    NEED_ROOM(me->world, bytes, outsize, *position);
    ds__external_pack((char *)outbuf + *position, inbuf, (size_t)incount, t);
    *position += (ds__disp)bytes;
    return MPI_SUCCESS;
}

API int FC(Unpack_external)(const char datarep[], const void *inbuf,
                            ds__disp insize, ds__disp *position, void *outbuf,
                            ds__num outcount, MPI_Datatype type)
{
    ds__rank *me = ENTER_COUNTED(Unpack_external);

    NEED_EXTERNAL(me->world, datarep);
    NEED_COUNT(me->world, outcount);
    NEED_TYPE(me->world, t, type);
    NEED_RESULT(me->world, position);
    const size_t bytes = (size_t)outcount * ds__external_size(t);
    NEED_ROOM(me->world, bytes, insize, *position);
    ds__external_unpack(outbuf, (const char *)inbuf + *position,
                        (size_t)outcount, t);
    *position += (ds__disp)bytes;
    return MPI_SUCCESS;
}

#define COUNTED(N)                                                             \
    N(Pack)                                                                    \
    N(Pack_external)                                                           \
    N(Pack_external_size)                                                      \
    N(Pack_size)                                                               \
    N(Unpack)                                                                  \
    N(Unpack_external)
#define LIST COUNTED
DEFINE_NAMES(pack_names, LIST)
