/* The line of a signal is found by unwinding the stack and asking other
 * programs, which nobody may do in a handler.  It is done nevertheless, since
 * the process is lost anyway: if that takes long, or fails itself, only the
 * rank is told. */

#include "mpi/run/signal.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "image/unwind.h"
#include "mpi/call.h"

enum { PATIENCE = 10 /* seconds */, ROOM = 256 << 10 };

static volatile sig_atomic_t caught; /* what is being told; 0: nothing */

static const struct {
    int number;
    const char *text;
} signals[] = {
    { SIGSEGV, "a segmentation fault" },
    { SIGBUS, "a bus error" },
    { SIGFPE, "an arithmetic error, such as a division by zero" },
    { SIGILL, "an illegal instruction" },
    { SIGABRT, "abort() was called, or an assertion failed" },
};

enum { SIGNALS = sizeof(signals) / sizeof(*signals) };

static const char *text_of(int number)
{
    for (size_t i = 0; i < SIGNALS; i++)
        if (signals[i].number == number)
            return signals[i].text;
    return "a signal";
}

/* ---- Telling --------------------------------------------------------------*/

/* Without anything that may fail. */
static _Noreturn void tell_rank(int number)
{
    const ds__image *image = ds__image_current;
    char buf[256];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "%s: ", ds__the_world.program);
    if (image != NULL)
        ds__text_add(&text, "rank %d: ", ((ds__rank *)image->owner)->number);
    ds__text_add(&text, "%s\n", text_of(number));
    if (write(STDERR_FILENO, buf, strlen(buf)) < 0)
        _exit(1);
    _exit(128 + number);
}

static void *program_counter(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (void *)context->uc_mcontext.gregs[REG_RIP];
#elif defined(__aarch64__)
    return (void *)context->uc_mcontext.pc;
#else
    return NULL;
#endif
}

static const char *stack_pointer(const ucontext_t *context)
{
#if defined(__x86_64__)
    return (const char *)context->uc_mcontext.gregs[REG_RSP];
#elif defined(__aarch64__)
    return (const char *)context->uc_mcontext.sp;
#else
    return NULL;
#endif
}

/* What is near the end of a stack and not there was to be the stack. */
static bool is_full(int number, const siginfo_t *info,
                    const ucontext_t *context)
{
    enum { NEAR = 64 << 10 };
    const char *end = stack_pointer(context);
    const char *at = info->si_addr;

    return number == SIGSEGV && end != NULL && at >= end - NEAR &&
           at < end + NEAR;
}

static void add_reason(ds__text *text, int number, const siginfo_t *info,
                       const ucontext_t *context)
{
    if (is_full(number, info, context))
        ds__text_add(text, "its stack is full; --stack=8M gives it more");
    else if (number == SIGSEGV || number == SIGBUS)
        ds__text_add(text,
                     "%s: there is nothing at address %#tx that it may use",
                     text_of(number), (ptrdiff_t)info->si_addr);
    else
        ds__text_add(text, "%s", text_of(number));
}

static void add_lines(ds__text *text, const ds__rank *r,
                      const ucontext_t *context)
{
    void *frames[DS__FRAMES];
    size_t n;

    n = ds__image_frames(r->image, frames, DS__FRAMES);
    if (n == 0)
        return;
    if (frames[0] == program_counter(context))
        frames[0] = (char *)frames[0] + 1; /* it returns to nowhere */
    ds__text_add(text, " at ");
    ds__mpi_add_lines(text, r->image, frames, n);
}

static void tell(int number, const siginfo_t *info, const ucontext_t *context)
{
    const ds__rank *r = ds__me();
    assert(r->image == ds__image_current);
    char buf[1024];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "%s: rank %d", ds__the_world.program, r->number);
    add_lines(&text, r, context);
    ds__text_add(&text, ": ");
    add_reason(&text, number, info, context);
    fflush(stdout);
    fprintf(stderr, "%s\n", buf);
    ds__findings_tell(true);
}

static void handle(int number, siginfo_t *info, void *context);

static void catch_one(int number, bool always)
{
    struct sigaction old;
    struct sigaction new = {
        .sa_sigaction = handle,
        .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER,
    };

    assert(number > 0);
    sigemptyset(&new.sa_mask);
    if (sigaction(number, NULL, &old) != 0)
        return;
    if (always ||
        ((old.sa_flags & SA_SIGINFO) == 0 && old.sa_handler == SIG_DFL))
        sigaction(number, &new, NULL);
}

static void handle(int number, siginfo_t *info, void *context)
{
    assert(number > 0 && context != NULL);
    if (caught != 0 || ds__image_current == NULL)
        tell_rank(caught != 0 ? caught : number);
    caught = number;
    catch_one(SIGALRM, true);
    alarm(PATIENCE);
    tell(number, info, context);
    _exit(128 + number);
}

/* ---- Catching -------------------------------------------------------------*/

void ds__signals_catch(void)
{
    for (size_t i = 0; i < SIGNALS; i++)
        catch_one(signals[i].number, false);
}

void ds__signals_make_room(void)
{
    stack_t old;

    if (sigaltstack(NULL, &old) != 0 || (old.ss_flags & SS_DISABLE) == 0)
        return;
    sigaltstack(&(stack_t){ .ss_sp = ds__mpi_room(ROOM), .ss_size = ROOM },
                NULL);
}
