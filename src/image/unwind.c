/* Whoever unwinds a stack asks the dynamic linker by _dl_find_object() (glibc
 * from 2.35 on) where the tables of some code are.  It does not know of images;
 * so the function of that name here is found before its own, and asks it about
 * all other code. */

#include "image/unwind.h"

#include <dlfcn.h>
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
