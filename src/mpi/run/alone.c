/* A program that is linked with this library and run by itself is one rank of a
 * world of its own, so that scripts that try what they compiled work.
 *
 * The system's startup code calls __libc_start_main() to have main() called;
 * this one is found first, and has main() called on a simulated thread. */

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/start.h"
#include "mpi/run/world.h"

typedef int main_fn(int argc, char **argv, char **env);
typedef int start_fn(main_fn *main, int argc, char **argv,
                     void (*init)(int, char **, char **), void (*fini)(void),
                     void (*rtld_fini)(void), void *stack_end);

static main_fn *program_main;
static int num_arguments;
static char **arguments;

/* The process itself, as far as one asks an image where it is. */
static char path[4096];
static ds__program program = { .path = path };
static ds__image image = { .program = &program };

static int note_program(struct dl_phdr_info *info, size_t size, void *arg)
{
    image.base = (unsigned char *)info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *p = &info->dlpi_phdr[i];
        if (p->p_type == PT_LOAD)
            program.elf.span = p->p_vaddr + p->p_memsz;
    }
    return 1; /* the first one is the program */
}

static ds__image *make_image(ds__rank *rank)
{
    if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
        strcpy(path, "?");
    dl_iterate_phdr(note_program, NULL);
    image.owner = rank;
    return &image;
}

/* Comes back also from a call that cannot go on. */
static int run(ds__rank *rank)
{
    ds__image_resume(&image);
    if (setjmp(image.out) == 0)
        image.code = program_main(num_arguments, arguments, environ);
    return image.code;
}

static int simulated_main(int argc, char **argv, char **env)
{
    const ds__world_config config = {
        .program = argc > 0 ? argv[0] : "MPI",
        .num_ranks = 1,
        .latency = 1e-6,
        .rate = 1e10,
        .eager = 65536,
        .reading = DS_FLOP_TIME,
        .exec = DS_FIBERS,
        .stack_size = (size_t)8 << 20,
        .image = make_image,
        .run = run,
    };

    num_arguments = argc;
    arguments = argv;
    exit(ds__world_run(&config).code);
}

int __libc_start_main(main_fn *main, int argc, char **argv,
                      void (*init)(int, char **, char **), void (*fini)(void),
                      void (*rtld_fini)(void), void *stack_end);

__attribute__((visibility("default"))) int
__libc_start_main(main_fn *main, int argc, char **argv,
                  void (*init)(int, char **, char **), void (*fini)(void),
                  void (*rtld_fini)(void), void *stack_end)
{
    start_fn *const start =
        (start_fn *)(uintptr_t)dlsym(RTLD_NEXT, "__libc_start_main");

    program_main = main;
    return start(simulated_main, argc, argv, init, fini, rtld_fini, stack_end);
}
