/* Which library of MPI a program was made with says which ABI it has. */

#include "mpi/run/host.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "image/start.h"
#include "mpi/bind/names.h"
#include "mpi/call.h"
#include "mpi/message.h"
#include "mpi/run/missing.h"
#include "mpi/run/own.h"
#include "mpi/watch.h"

static ds__program program;
static int num_arguments;
static char **arguments;

/* ---- Libraries ------------------------------------------------------------*/

typedef enum abi {
    MPI5,
    MPICH,
    OTHER, /* one that is not known here */
} abi;

static abi of_program;

/* By the beginning of their names. */
static const struct {
    const char *name;
    abi abi;
} libraries[] = {
    { "libdistsys-mpi.so", MPI5 }, { "libmpi_abi.so", MPI5 },
    { "libmpich.so", MPICH },      { "libmpichcxx.so", MPICH },
    { "libmpichfort.so", MPICH },  { "libmpicxx.so.12", MPICH },
    { "libmpifort.so.12", MPICH }, { "libmpi.so.12", MPICH },
    { "libmpi.so", OTHER },        { "libmpi_cxx.so", OTHER },
    { "libmpi_mpifh.so", OTHER },
};

static bool provides(const char *library)
{
    for (size_t i = 0; i < sizeof(libraries) / sizeof(*libraries); i++) {
        const size_t length = strlen(libraries[i].name);
        if (strncmp(library, libraries[i].name, length) != 0)
            continue;
        of_program = libraries[i].abi;
        return true;
    }
    return false;
}

static uintptr_t find(const char *name)
{
    const char *plain = name + (name[0] == 'P');
    uintptr_t found;

    if (of_program == MPICH && strcmp(name, "MPIR_Dup_fn") == 0)
        return (uintptr_t)ds__mpich_dup_fn;
    if (of_program == MPICH && strcmp(name, "MPI_UNWEIGHTED") == 0)
        return (uintptr_t)&ds__mpich_unweighted;
    if (of_program == MPICH && strcmp(name, "MPI_WEIGHTS_EMPTY") == 0)
        return (uintptr_t)&ds__mpich_weights_empty;
    found = ds__own_find(name);
    if (found != 0)
        return found;
    if (strncmp(plain, "MPI_", 4) != 0 && strncmp(plain, "MPIX_", 5) != 0)
        return 0;
    found = of_program == MPICH ? ds__mpich_find(plain + 4)
                                : ds__mpi5_find(plain + 4);
    return found != 0 ? found : ds__missing_add(plain);
}

/* ---- Time -----------------------------------------------------------------*/

static double now(ds__image *image)
{
    ds__rank *me = image->owner;

    if (ds__the_world.watch != NULL) {
        ds__the_world.watch->call(me, NULL, NULL);
        ds__watch_work(me);
    }
    return ds_now(me->now->h);
}

/* Messages that come meanwhile are matched, as they would be. */
static void nap(ds__image *image, double seconds)
{
    ds__rank *me = image->owner;
    const double end = ds_now(me->now->h) + seconds;

    ds__mpi_enter_always("sleep", NULL);
    while (ds_now(me->now->h) < end)
        ds__mpi_progress(me, end - ds_now(me->now->h));
    ds__mpi_pass_on(me);
}

static const ds__image_host host = {
    .find = find,
    .provides = provides,
    .now = now,
    .sleep = nap,
};

/* ---- Programs -------------------------------------------------------------*/

bool ds__host_load(const char *speaker, const char *path, int num_ranks)
{
    char buf[512];
    ds__text why;

    ds__text_init(&why, buf, sizeof(buf));
    if (ds__program_load(&program, path, (size_t)num_ranks, &host, &why)) {
        if (of_program != OTHER)
            return true;
        ds__text_add(&why, "it was made for Open MPI, whose ABI is not known "
                           "here; compile it with distsys-mpicc");
    }
    fprintf(stderr, "%s: %s: %s\n", speaker, path, buf);
    return false;
}

ds__image *ds__host_image(ds__rank *rank)
{
    ds__image *image = ds__image_new(&program, rank);

    if (image == NULL)
        fprintf(stderr,
                "%s: %s cannot be mapped for rank %d: %s; sysctl "
                "vm.max_map_count limits how often\n",
                ds__the_world.program, program.path, rank->number,
                strerror(errno));
    return image;
}

void ds__host_arguments(int argc, char **argv)
{
    num_arguments = argc;
    assert(argc > 0 && argv[argc] == NULL);
    arguments = argv;
}

/* A program may change its arguments, and so has copies of them. */
int ds__host_run(ds__rank *rank)
{
    char **argv = ds__mpi_alloc((size_t)num_arguments + 1, sizeof(char *));

    for (int i = 0; i < num_arguments; i++) {
        const size_t size = strlen(arguments[i]) + 1;
        argv[i] = memcpy(ds__mpi_alloc(1, size), arguments[i], size);
    }
    return ds__image_run(rank->image, num_arguments, argv);
}
