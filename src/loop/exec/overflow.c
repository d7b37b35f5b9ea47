/* Stack overflow, told by name; see the header. */

#include "loop/exec/overflow.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "base/memory.h"
#include "loop/state.h"

/* Below the stack pointer the x86-64 ABI lets a leaf use so many bytes. */
#define RED_ZONE 256

/* A single frame is never larger than this; what is further away from the
 * stack than that is somebody else's stack. */
#define MAX_FRAME ((size_t)1 << 30)

/* The stack of the calling thread itself; all zeros if no body or work of a
 * simulation runs on it.  A signal handler reads it, which must not be the
 * first to ask for it. */
static _Thread_local ds__span own_stack
    __attribute__((tls_model("initial-exec")));

/* ---- The line -------------------------------------------------------------*/

static void say(const char *text)
{
    ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
    (void)ignored;
}

static void say_number(uint64_t n)
{
    char digits[24];
    size_t i = sizeof(digits) - 1;

    digits[i] = '\0';
    do {
        digits[--i] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    say(digits + i);
}

static void report(const ds_handle *h, size_t size)
{
    say("distsys: stack overflow in thread ");
    say_number(h->number);
    if (h->name != NULL) {
        say(" \"");
        say(h->name);
        say("\"");
    }
    say(": its stack has ");
    say_number(size);
    say(h->stack_size == 0
            ? " bytes; ds_loop_config.stack_size makes it larger\n"
            : " bytes; ds_spawn_config.stack_size makes it larger\n");
}

/* ---- The handler ----------------------------------------------------------*/

/* What the stack pointer was at the fault, or the best guess. */
static const char *stack_pointer(const siginfo_t *info, const void *context)
{
    const ucontext_t *uc = context;

#if defined(__x86_64__)
    return (const char *)(uintptr_t)uc->uc_mcontext.gregs[REG_RSP];
#elif defined(__i386__)
    return (const char *)(uintptr_t)uc->uc_mcontext.gregs[REG_ESP];
#elif defined(__aarch64__)
    return (const char *)(uintptr_t)uc->uc_mcontext.sp;
#else
    (void)uc;
    return info->si_addr;
#endif
}

/* Tells whether a body on this stack has left it.  A call or a push faults in
 * the guard before the stack pointer is there; a large frame moves the pointer
 * first and faults anywhere between it and the stack. */
static bool has_left(const ds__span *stack, const char *sp, const char *at)
{
    if (stack->size == 0 || at >= stack->low)
        return false;
    if ((size_t)(stack->low - at) <= stack->guard)
        return true;
    return sp < stack->low && (size_t)(stack->low - sp) <= MAX_FRAME &&
           at >= sp - RED_ZONE;
}

/* How far below the stack somebody is who has left it. */
static size_t distance(const ds__span *stack, const char *sp, const char *at)
{
    return has_left(stack, sp, at) ? (size_t)(stack->low - at) : SIZE_MAX;
}

/* The body's stack is that of a fiber or that of the thread itself; work of
 * ds_compute() may be on the latter although its body is a fiber. */
static void look(const ds_handle *h, const char *sp, const char *at)
{
    ds__span fiber = { 0 };

    if (h->loop->exec->stack != NULL)
        h->loop->exec->stack(h, &fiber);
    size_t below_fiber = distance(&fiber, sp, at);
    size_t below_own = distance(&own_stack, sp, at);
    if (below_fiber < below_own)
        report(h, fiber.size);
    else if (below_own < SIZE_MAX)
        report(h, own_stack.size);
}

/* Afterwards the same access faults again, and the process dies of it. */
static void on_fault(int signal_number, siginfo_t *info, void *context)
{
    const ds_handle *h = ds__self();

    if (h != NULL && info->si_code > 0)
        look(h, stack_pointer(info, context), info->si_addr);
    signal(signal_number, SIG_DFL);
    if (info->si_code <= 0)
        raise(signal_number); /* somebody sent it: nothing will fault again */
}

/* How many runs want the handler, and what was there before. */
static pthread_mutex_t handler_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned handler_users;
static struct sigaction handler_before;

/* A guard page gives SIGBUS on some systems; Linux gives SIGSEGV.  Whoever runs
 * many small loops pays for each call of the system, so one call changes what
 * is there and tells what was, and is taken back in the rare case that it must
 * be.
 */
void ds__overflow_begin(void)
{
    struct sigaction ours = {
        .sa_sigaction = on_fault,
        .sa_flags = SA_SIGINFO | SA_ONSTACK,
    };

    pthread_mutex_lock(&handler_lock);
    if (handler_users++ == 0) {
        sigaction(SIGSEGV, &ours, &handler_before);
        if (handler_before.sa_handler != SIG_DFL)
            sigaction(SIGSEGV, &handler_before, NULL);
    }
    pthread_mutex_unlock(&handler_lock);
}

/* ---- Signal stacks --------------------------------------------------------*/

#define SHELF 64 /* the bits of its map */

/* Signal stacks lie on shelves, since a map of its own for each would use up
 * vm.max_map_count and a page each from malloc() much memory: untouched, they
 * cost neither. */
typedef struct shelf shelf;
struct shelf {
    shelf *next;
    uint64_t used; /* a bit for each place */
    size_t size;   /* of each place */
    char *memory;
};

static shelf *shelves; /* under handler_lock */

/* Where the calling thread's signal stack lies, if it is one of ours; how
 * often it has asked, since runs may be nested. */
static _Thread_local struct {
    shelf *shelf;
    unsigned place;
    unsigned depth;
} seat;

static shelf *new_shelf(void)
{
    shelf *made = malloc(sizeof(*made));
    size_t size = (size_t)SIGSTKSZ + 16384;

    if (made == NULL)
        return NULL;
    void *memory = mmap(NULL, SHELF * size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        free(made);
        return NULL;
    }
    *made = (shelf){ .next = shelves, .size = size, .memory = memory };
    shelves = made;
    return made;
}

static void *take_seat(void)
{
    shelf *s = shelves;

    while (s != NULL && s->used == UINT64_MAX)
        s = s->next;
    if (s == NULL)
        s = new_shelf();
    if (s == NULL)
        return NULL;
    seat.shelf = s;
    seat.place = (unsigned)__builtin_ctzll(~s->used);
    s->used |= UINT64_C(1) << seat.place;
    return s->memory + seat.place * s->size;
}

/* Without memory for one an overflow ends the process without a word. */
void ds__overflow_enter(void)
{
    stack_t now;

    if (seat.depth++ > 0 || sigaltstack(NULL, &now) != 0 ||
        (now.ss_flags & SS_DISABLE) == 0)
        return;
    pthread_mutex_lock(&handler_lock);
    void *memory = take_seat();
    pthread_mutex_unlock(&handler_lock);
    if (memory != NULL)
        sigaltstack(&(stack_t){ .ss_sp = memory, .ss_size = seat.shelf->size },
                    NULL);
}

/* One that the program has put in place meanwhile stays. */
void ds__overflow_leave(void)
{
    stack_t now;

    if (--seat.depth > 0 || seat.shelf == NULL)
        return;
    const void *ours = seat.shelf->memory + seat.place * seat.shelf->size;
    if (sigaltstack(&(stack_t){ .ss_flags = SS_DISABLE }, &now) == 0 &&
        now.ss_sp != ours && (now.ss_flags & SS_DISABLE) == 0)
        sigaltstack(&now, NULL);
    pthread_mutex_lock(&handler_lock);
    seat.shelf->used &= ~(UINT64_C(1) << seat.place);
    pthread_mutex_unlock(&handler_lock);
    seat.shelf = NULL;
}

static void free_shelves(void)
{
    shelf **at = &shelves;

    while (*at != NULL) {
        shelf *s = *at;
        if (s->used != 0) {
            at = &s->next;
            continue;
        }
        *at = s->next;
        munmap(s->memory, SHELF * s->size);
        free(s);
    }
}

void ds__overflow_end(void)
{
    struct sigaction now;

    pthread_mutex_lock(&handler_lock);
    if (--handler_users == 0) {
        sigaction(SIGSEGV, &handler_before, &now);
        if ((now.sa_flags & SA_SIGINFO) == 0 || now.sa_sigaction != on_fault)
            sigaction(SIGSEGV, &now, NULL);
        free_shelves();
    }
    pthread_mutex_unlock(&handler_lock);
}

void ds__overflow_own_stack(void)
{
    pthread_attr_t attr;
    void *low;
    size_t size, guard;

    if (pthread_getattr_np(pthread_self(), &attr) != 0)
        return;
    if (pthread_attr_getstack(&attr, &low, &size) == 0 &&
        pthread_attr_getguardsize(&attr, &guard) == 0)
        own_stack = (ds__span){ low, size, guard };
    pthread_attr_destroy(&attr);
}
