/* Beginning, ending, time, and what a program may ask about its surroundings.
 */

#include <stdio.h>

#include "mpi/agree.h"
#include "mpi/bind/abi.h"

/* ---- Beginning and end ----------------------------------------------------*/

static int initialize(ds__rank *me)
{
    if (me->initialized)
        FAIL(NULL, ERR_OTHER, "MPI has been initialized already");
    me->initialized = true;
    return MPI_SUCCESS;
}

API int F(Init)(int *argc, char ***argv)
{
    return initialize(ENTER_ALWAYS(Init));
}

/* Calls of several threads of a rank would have to come one after another, and
 * a rank has one thread. */
API int F(Init_thread)(int *argc, char ***argv, int required, int *provided)
{
    ds__rank *me = ENTER_ALWAYS(Init_thread);

    *provided =
        required < MPI_THREAD_SERIALIZED ? required : MPI_THREAD_SERIALIZED;
    return initialize(me);
}

API int F(Query_thread)(int *provided)
{
    ENTER(Query_thread);
    *provided = MPI_THREAD_SERIALIZED;
    return MPI_SUCCESS;
}

API int F(Is_thread_main)(int *flag)
{
    ENTER(Is_thread_main);
    *flag = 1;
    return MPI_SUCCESS;
}

API int F(Initialized)(int *flag)
{
    *flag = ENTER_ALWAYS(Initialized)->initialized;
    return MPI_SUCCESS;
}

API int F(Finalized)(int *flag)
{
    *flag = ENTER_ALWAYS(Finalized)->finalized;
    return MPI_SUCCESS;
}

/* What a program keeps at MPI_COMM_SELF is removed before all else, so that its
 * functions may still use MPI.  Then all ranks come together, so that what they
 * have sent has been received. */
API int F(Finalize)(void)
{
    ds__rank *me = ENTER(Finalize);

    const int error =
        ABI_NAME(attrs_clear)(me->self, &me->self->attrs, me->self);
    if (error != MPI_SUCCESS)
        return error;
    ds__agree_on_call(me->world);
    ds__mpi_barrier(me->world);
    me->finalized = true;
    return MPI_SUCCESS;
}

API int F(Abort)(MPI_Comm comm, int errorcode)
{
    ENTER(Abort);
    ds__mpi_die(errorcode != 0 ? errorcode : 1,
                "the program ends the run with %d", errorcode);
}

/* ---- Time -----------------------------------------------------------------*/

/* A loop that does nothing but look at the clock would wait for ever, since no
 * time passes in it; after many looks each lets some pass. */
API double F(Wtime)(void)
{
    enum { LOOKS = 1000 };
    ds__rank *me = ENTER_ALWAYS(Wtime);

    if (me->clock_looks++ == 0)
        me->clock_since = ds_now(me->now->h);
    if (me->clock_looks > LOOKS) {
        const double waited = ds_now(me->now->h) - me->clock_since;
        ds__mpi_progress(me, waited > 1e-5 ? waited / 100 : 1e-7);
        ds__mpi_pass_on(me);
    }
    return ds_now(me->now->h);
}

API double F(Wtick)(void)
{
    return 1e-9;
}

/* ---- Surroundings ---------------------------------------------------------*/

API int F(Get_processor_name)(char *name, int *resultlen)
{
    const ds__rank *me = ENTER(Get_processor_name);

    *resultlen = sprintf(name, "node%zu", ds__host_of(me->number));
    return MPI_SUCCESS;
}

API int F(Get_version)(int *version, int *subversion)
{
    *version = MPI_VERSION;
    *subversion = MPI_SUBVERSION;
    return MPI_SUCCESS;
}

API int F(Get_library_version)(char *version, int *resultlen)
{
    *resultlen = sprintf(version, "dist-sys, in virtual time");
    return MPI_SUCCESS;
}

/* MPICH's is none of the standard. */
API int F(Abi_get_version)(int *abi_major, int *abi_minor)
{
    const ds__rank *me = ENTER_ALWAYS(Abi_get_version);

    NEED_RESULT(me->world, abi_major);
    NEED_RESULT(me->world, abi_minor);
    *abi_major = MPI_ABI_VERSION;
    *abi_minor = MPI_ABI_SUBVERSION;
    return MPI_SUCCESS;
}

API int F(Abi_get_info)(MPI_Info *info)
{
    static const struct {
        const char *key;
        size_t size;
    } sizes[] = {
        { "mpi_aint_size", sizeof(MPI_Aint) },
        { "mpi_count_size", sizeof(MPI_Count) },
        { "mpi_offset_size", sizeof(MPI_Count) },
    };
    const ds__rank *me = ENTER_ALWAYS(Abi_get_info);
    char size[8];

    NEED_RESULT(me->world, info);
    ds__info *made = ds__info_new();
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        snprintf(size, sizeof(size), "%zu", sizes[i].size);
        ds__info_set(made, sizes[i].key, size);
    }
    ds__object_add(made, DS__INFO);
    *info = HANDLE(MPI_Info, made);
    return MPI_SUCCESS;
}

/* There is no Fortran. */
API int F(Abi_get_fortran_info)(MPI_Info *info)
{
    const ds__rank *me = ENTER_ALWAYS(Abi_get_fortran_info);

    NEED_RESULT(me->world, info);
    *info = MPI_INFO_NULL;
    return MPI_SUCCESS;
}

API int F(Alloc_mem)(MPI_Aint size, MPI_Info info, void *baseptr)
{
    const ds__rank *me = ENTER(Alloc_mem);

    if (size < 0)
        FAIL(me->world, ERR_ARG, "a size of %ld; it is at least 0", (long)size);
    *(void **)baseptr = malloc(size > 0 ? (size_t)size : 1);
    if (*(void **)baseptr == NULL)
        FAIL(me->world, ERR_NO_MEM, "there are no %ld bytes", (long)size);
    return MPI_SUCCESS;
}

API int F(Free_mem)(void *base)
{
    ENTER(Free_mem);
    free(base);
    return MPI_SUCCESS;
}

/* Tools of profiling say how much they should note; there are none here. */
API int F(Pcontrol)(const int level, ...)
{
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Abi_get_fortran_info)                                                    \
    N(Abi_get_info)                                                            \
    N(Abi_get_version)                                                         \
    N(Abort)                                                                   \
    N(Alloc_mem)                                                               \
    N(Finalize)                                                                \
    N(Finalized)                                                               \
    N(Free_mem)                                                                \
    N(Get_library_version)                                                     \
    N(Get_processor_name)                                                      \
    N(Get_version)                                                             \
    N(Init)                                                                    \
    N(Init_thread)                                                             \
    N(Initialized)                                                             \
    N(Is_thread_main)                                                          \
    N(Pcontrol)                                                                \
    N(Query_thread)                                                            \
    N(Wtick)                                                                   \
    N(Wtime)
DEFINE_NAMES(world_names, LIST)
