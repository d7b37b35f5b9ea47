/* AddressSanitizer notes what each thread allocates and what its stack is, from
 * the beginning of a process on.  So its runtime has to be there before
 * anything else, one for all ranks; and since it is not told of fibers, ranks
 * are threads, which are the same run. */

#include "mpi/run/sanitizer.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/elf.h"

/* A library of which the name begins so; NULL: it needs none. */
static const char *needed(const ds__elf *elf, const char *beginning)
{
    for (size_t i = 0; i < elf->num_dynamic; i++) {
        const Elf64_Dyn d = ds__elf_dynamic(elf, i);
        const char *name = ds__elf_string(elf, d.d_un.d_val);
        if (d.d_tag == DT_NEEDED &&
            strncmp(name, beginning, strlen(beginning)) == 0)
            return name;
    }
    return NULL;
}

static bool names(const ds__elf *elf, const char *symbol)
{
    const char *all = ds__elf_at(elf, elf->strings, elf->strings_size);

    assert(all != NULL);
    return memmem(all, elf->strings_size, symbol, strlen(symbol) + 1) != NULL;
}

/* A runtime asks whether its program has functions of these names. */
static bool has_runtime(const ds__elf *elf)
{
    return names(elf, "__asan_init") || names(elf, "__sanitizer_malloc_hook");
}

static bool refuse(const char *speaker, const char *path, const char *what)
{
    fprintf(stderr, "%s: %s: %s\n", speaker, path, what);
    return false;
}

/* Comes back only if that fails. */
static void begin_anew(const char *library, char **argv)
{
    const char *before = getenv("LD_PRELOAD");
    char buf[4096];
    ds__text all;

    ds__text_init(&all, buf, sizeof(buf));
    ds__text_add(&all, "%s%s%s", library, before == NULL ? "" : " ",
                 before == NULL ? "" : before);
    setenv("LD_PRELOAD", buf, 1);
    setenv("DISTSYS_EXEC", "threads", 0);
    execv("/proc/self/exe", argv);
}

static bool has_in_front(const char *library)
{
    const char *before = getenv("LD_PRELOAD");

    return before != NULL && strstr(before, library) != NULL;
}

static bool put_first(const ds__elf *elf, const char *speaker, const char *path,
                      char **argv)
{
    const char *library = needed(elf, "libasan.so");

    if (library == NULL)
        library = needed(elf, "libclang_rt.asan");
    /* If this program has it itself, ranks are its threads. */
    if (names(elf, "__tsan_init") && dlsym(RTLD_DEFAULT, "__tsan_init") == NULL)
        return refuse(speaker, path,
                      "it was compiled with -fsanitize=thread, which does not "
                      "know of ranks in one process; compile it without");
    if (!has_runtime(elf))
        return true;
    if (library == NULL)
        return refuse(speaker, path,
                      "it has the runtime of AddressSanitizer within itself, "
                      "and all ranks need the same one; link it with "
                      "-shared-libasan");
    if (dlsym(RTLD_DEFAULT, "__asan_init") != NULL)
        return true;
    if (!has_in_front(library))
        begin_anew(library, argv);
    return refuse(speaker, path,
                  "the runtime of AddressSanitizer cannot be loaded before all "
                  "others; LD_PRELOAD takes the path of that library");
}

/* What is no program is told of by whoever loads it. */
bool ds__sanitizer_first(const char *speaker, const char *path, char **argv)
{
    char buf[512];
    ds__text why;
    ds__elf elf;

    ds__text_init(&why, buf, sizeof(buf));
    if (!ds__elf_open(&elf, path, &why))
        return true;
    const bool is_first = put_first(&elf, speaker, path, argv);
    ds__elf_close(&elf);
    return is_first;
}
