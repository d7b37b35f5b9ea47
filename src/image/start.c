/* Begins a program as the system would, with its arguments on the stack and a
 * jump to its entry point.  What is there calls __libc_start_main(), which is
 * bound to ours; so a program needs no name for main() and may be stripped. */

#include "image/start.h"

#include <assert.h>
#include <string.h>
#include <unistd.h>

#include "image/locals.h"

void ds__image_resume(ds__image *im)
{
    ds__image_current = im;
    if (im->locals != NULL)
        ds__locals_enter(im);
}

_Noreturn void ds__image_leave(int code)
{
    ds__image *im = ds__image_current;

    assert(im != NULL);
    im->code = code;
    longjmp(im->out, 1);
}

/* ---- The end --------------------------------------------------------------*/

static bool add_call(ds__image *im, ds__image_call call)
{
    if (im->num_calls == im->max_calls) {
        size_t max = 2 * im->max_calls + 8;
        ds__image_call *more = reallocarray(im->calls, max, sizeof(*more));
        if (more == NULL)
            return false;
        im->calls = more;
        im->max_calls = max;
    }
    assert((call.plain != NULL) != (call.with_arg != NULL));
    im->calls[im->num_calls++] = call;
    return true;
}

int ds__start_atexit(void (*fn)(void))
{
    return add_call(ds__image_current, (ds__image_call){ .plain = fn }) ? 0 : 1;
}

int ds__start_cxa_atexit(void (*fn)(void *), void *arg, void *dso)
{
    const ds__image_call call = { .with_arg = fn, .arg = arg };

    return add_call(ds__image_current, call) ? 0 : 1;
}

typedef void ds__plain_fn(void);
typedef void ds__init_fn(int argc, char **argv, char **env);

static uintptr_t word_at(const ds__image *im, size_t at)
{
    uintptr_t word;

    memcpy(&word, im->base + at, sizeof(word));
    return word;
}

static void run_destructors(ds__image *im)
{
    const ds__elf_calls *c = &im->program->elf.fini;

    if (im->fini != NULL) {
        im->fini();
        return;
    }
    for (size_t i = c->num; i > 0; i--)
        ((ds__plain_fn *)word_at(im, c->array + (i - 1) * sizeof(void *)))();
    if (c->single != 0)
        ((ds__plain_fn *)(uintptr_t)(im->base + c->single))();
}

/* What is called at the end may ask for more. */
_Noreturn void ds__start_exit(int code)
{
    ds__image *im = ds__image_current;

    while (im->num_calls > 0) {
        const ds__image_call call = im->calls[--im->num_calls];
        if (call.plain != NULL)
            call.plain();
        else
            call.with_arg(call.arg);
    }
    run_destructors(im);
    ds__image_leave(code);
}

/* ---- The beginning --------------------------------------------------------*/

static void run_array(ds__image *im, const ds__elf_calls *c, int argc,
                      char **argv)
{
    for (size_t i = 0; i < c->num; i++)
        ((ds__init_fn *)word_at(im, c->array + i * sizeof(void *)))(argc, argv,
                                                                    environ);
}

static void run_constructors(ds__image *im, int argc, char **argv)
{
    const ds__elf *elf = &im->program->elf;

    run_array(im, &elf->preinit, argc, argv);
    if (elf->init.single != 0)
        ((ds__plain_fn *)(uintptr_t)(im->base + elf->init.single))();
    run_array(im, &elf->init, argc, argv);
}

/* Programs that were linked with a glibc before 2.34 bring along functions that
 * call their constructors and destructors, and hand them over. */
int ds__start_main(int (*main)(int, char **, char **), int argc, char **argv,
                   void (*init)(int, char **, char **), void (*fini)(void),
                   void (*rtld_fini)(void), void *stack_end)
{
    ds__image *im = ds__image_current;

    im->fini = init == NULL ? NULL : fini;
    if (init != NULL)
        init(argc, argv, environ);
    else
        run_constructors(im, argc, argv);
    ds__start_exit(main(argc, argv, environ));
}

/* Jumps to the entry point with that stack. */
static _Noreturn void enter(const void *entry, const void *stack)
{
#if defined(__x86_64__)
    __asm__ volatile("mov %1, %%rsp\n\t"
                     "xor %%edx, %%edx\n\t"
                     "xor %%ebp, %%ebp\n\t"
                     "jmp *%0"
                     :
                     : "a"(entry), "c"(stack)
                     : "rdx", "memory");
#elif defined(__aarch64__)
    __asm__ volatile("mov sp, %1\n\t"
                     "mov x0, xzr\n\t"
                     "mov x29, xzr\n\t"
                     "mov x30, xzr\n\t"
                     "br %0"
                     :
                     : "r"(entry), "r"(stack)
                     : "x0", "memory");
#endif
    __builtin_unreachable();
}

/* The arguments, an environment without variables, which the program gets
 * elsewhere, and no facts of the system, with the ends that each has. */
static _Noreturn void begin(ds__image *im, int argc, char **argv)
{
    enum { ENDS = 5, ALIGNED = 16 };
    const size_t n = (size_t)argc;
    void *room[n + ENDS + ALIGNED / sizeof(void *)];
    char *aligned =
        (char *)(((uintptr_t)room + ALIGNED - 1) & ~(uintptr_t)(ALIGNED - 1));
    void **frame = (void **)(void *)aligned;

    memset(room, 0, sizeof(room));
    frame[0] = (void *)(intptr_t)argc;
    memcpy(&frame[1], argv, n * sizeof(*argv));
    enter(im->base + im->program->elf.entry, frame);
}

int ds__image_run(ds__image *im, int argc, char **argv)
{
    assert(argc >= 0 && argv[argc] == NULL);
    ds__image_resume(im);
    if (setjmp(im->out) == 0)
        begin(im, argc, argv);
    return im->code;
}
