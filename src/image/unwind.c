/* Whoever unwinds a stack asks the dynamic linker by _dl_find_object() (glibc
 * from 2.35 on) where the tables of some code are.  It does not know of images;
 * so the function of that name here is found before its own, and asks it about
 * all other code. */

#include "image/unwind.h"

#include <assert.h>
#include <dlfcn.h>
#include <link.h>
#include <string.h>
#include <unwind.h>

typedef int find_fn(void *pc, struct dl_find_object *found);

__attribute__((visibility("default"))) int
_dl_find_object(void *pc, struct dl_find_object *found)
{
    static find_fn *system_find;
    const ds__program *p = ds__image_program;

    if (p != NULL && p->elf.unwind != 0) {
        const size_t at = (size_t)((unsigned char *)pc - p->area);
        if (at < p->elf.span * (p->num_images + 1)) {
            unsigned char *base = p->area + at / p->elf.span * p->elf.span;
            memset(found, 0, sizeof(*found));
            found->dlfo_map_start = base;
            found->dlfo_map_end = base + p->elf.span;
            found->dlfo_eh_frame = base + p->elf.unwind;
            return 0;
        }
    }
    if (system_find == NULL)
        system_find = (find_fn *)(uintptr_t)dlsym(RTLD_NEXT, "_dl_find_object");
    return system_find == NULL ? -1 : system_find(pc, found);
}

/* Whoever wants the lines of a program's sources, as AddressSanitizer does,
 * asks it by dl_iterate_phdr() which files there are; images are behind its
 * own. */
typedef int list_fn(struct dl_phdr_info *info, size_t size, void *arg);
typedef int iterate_fn(list_fn *list, void *arg);

static int list_image(const ds__program *p, size_t i, list_fn *list, void *arg)
{
    Elf64_Ehdr header;

    assert(i <= p->num_images);
    memcpy(&header, p->elf.file, sizeof(header));
    struct dl_phdr_info info = {
        .dlpi_addr = (Elf64_Addr)(p->area + i * p->elf.span),
        .dlpi_name = p->path,
        .dlpi_phdr = (const void *)(p->elf.file + header.e_phoff),
        .dlpi_phnum = header.e_phnum,
    };

    return list(&info, sizeof(info), arg);
}

static int list_images(const ds__program *p, list_fn *list, void *arg)
{
    int stop = 0;

    for (size_t i = 0; i <= p->num_images && stop == 0; i++)
        stop = list_image(p, i, list, arg);
    return stop;
}

/* A sanitizer calls it before it is there itself, and so must not look at what
 * is done here; there are no images then. */
__attribute__((visibility("default"),
               no_sanitize("address", "thread", "undefined"))) int
dl_iterate_phdr(list_fn *list, void *arg)
{
    static iterate_fn *system_iterate;
    int stop = 0;

    if (system_iterate == NULL)
        system_iterate =
            (iterate_fn *)(uintptr_t)dlsym(RTLD_NEXT, "dl_iterate_phdr");
    if (system_iterate != NULL)
        stop = system_iterate(list, arg);
    if (ds__image_program != NULL && stop == 0)
        stop = list_images(ds__image_program, list, arg);
    return stop;
}

/* Fibers keep what the runtime of C++ has for each thread by asking for it with
 * this function, if there is one when their program is linked.  The runtime is
 * loaded later here, with the program of the images, so that the function has
 * to be there before it. */
typedef struct cxa_globals {
    void *caught;
    unsigned uncaught;
} cxa_globals;
typedef cxa_globals *globals_fn(void);

cxa_globals *__cxa_get_globals(void);

__attribute__((visibility("default"))) cxa_globals *__cxa_get_globals(void)
{
    static globals_fn *system_globals;
    static _Thread_local cxa_globals none;

    if (system_globals == NULL)
        system_globals =
            (globals_fn *)(uintptr_t)dlsym(RTLD_NEXT, "__cxa_get_globals");
    return system_globals == NULL ? &none : system_globals();
}

typedef struct walk {
    const ds__image *image;
    void **frames;
    size_t n;
    size_t max;
} walk;

/* What comes before main() is in no source of the program. */
static bool is_startup(const ds__image *im, const void *pc)
{
    enum { STARTUP = 64 }; /* bytes at least that compilers' startup code has */

    return (size_t)((const unsigned char *)pc -
                    (im->base + im->program->elf.entry)) < STARTUP;
}

static _Unwind_Reason_Code step(struct _Unwind_Context *context, void *arg)
{
    walk *w = arg;
    void *pc = (void *)_Unwind_GetIP(context);

    if (ds__image_has(w->image, pc) && !is_startup(w->image, pc) &&
        w->n < w->max)
        w->frames[w->n++] = pc;
    return _URC_NO_REASON;
}

size_t ds__image_frames(const ds__image *image, void **frames, size_t max)
{
    walk w = { image, frames, 0, max };

    _Unwind_Backtrace(step, &w);
    return w.n;
}
