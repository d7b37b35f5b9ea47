/* What is special about fibers: stacks of their own, many of them, and a word
 * before one overflows. */

#include "stage.h"

#include <errno.h>
#include <fenv.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static ds_loop *loop_on_fibers(size_t stack_size)
{
    unsetenv("DISTSYS_EXEC");
    return ds_loop_new(&(ds_loop_config){
        .exec = DS_FIBERS,
        .stack_size = stack_size,
    });
}

static pid_t first_thread;

static void check_thread(ds_handle *h, void *arg)
{
    ck_assert_int_eq(gettid(), first_thread);
    ck_assert(ds_sleep(h, 1));
    ck_assert_int_eq(gettid(), first_thread);
}

START_TEST(all_fibers_run_on_the_thread_that_runs_the_loop)
{
    ds_loop *loop = loop_on_fibers(0);

    first_thread = gettid();
    for (int i = 0; i < 10; i++)
        ds_spawn(loop, check_thread, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void sleep_some(ds_handle *h, void *arg)
{
    for (int i = 0; i < 3; i++)
        if (!ds_sleep(h, 1 + ds_random(h)))
            return;
    ++*(size_t *)arg;
}

START_TEST(thousands_of_fibers_run_and_end)
{
    size_t n = harness_full() ? 100000 : SANITIZED ? 2000 : 20000;
    size_t done = 0;
    ds_loop *loop = loop_on_fibers(0);

    for (size_t i = 0; i < n; i++)
        ds_spawn(loop, sleep_some, &done);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_uint_eq(done, n);
}
END_TEST

static char *lowest, *highest; /* where bodies had a variable */

static void chain(ds_handle *h, void *arg)
{
    size_t *left = arg;
    char here;

    if (lowest == NULL || &here < lowest)
        lowest = &here;
    if (highest == NULL || &here > highest)
        highest = &here;
    ck_assert(ds_sleep(h, 0.25));
    if (--*left > 0)
        ds_spawn(ds_handle_loop(h), chain, left);
}

/* Each starts when the one before it has ended. */
START_TEST(stacks_of_ended_fibers_are_used_again)
{
    const size_t stack_size = 64 * 1024 * 1024;
    size_t left = 5000;
    ds_loop *loop = loop_on_fibers(stack_size);

    ds_spawn(loop, chain, &left);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_uint_eq(left, 0);
    ck_assert_uint_le((size_t)(highest - lowest), 2 * stack_size);
}
END_TEST

/* ---- What a switch must keep ----------------------------------------------*/

static void keep_rounding(ds_handle *h, void *arg)
{
    int mode = *(int *)arg;

    fesetround(mode);
    for (int i = 0; i < 5; i++) {
        ck_assert(ds_sleep(h, 1));
        ck_assert_int_eq(fegetround(), mode);
    }
}

START_TEST(each_fiber_keeps_its_rounding_mode)
{
    static int modes[] = { FE_UPWARD, FE_DOWNWARD, FE_TONEAREST };
    ds_loop *loop = loop_on_fibers(0);

    for (int i = 0; i < 3; i++)
        ds_spawn(loop, keep_rounding, &modes[i]);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_int_eq(fegetround(), FE_TONEAREST);
}
END_TEST

static void keep_errno(ds_handle *h, void *arg)
{
    int mine = *(int *)arg;

    ck_assert_int_eq(errno, 0); /* as on a new thread */
    errno = mine;
    for (int i = 0; i < 5; i++) {
        ck_assert(ds_sleep(h, 1));
        ck_assert_int_eq(errno, mine);
    }
}

START_TEST(each_fiber_keeps_its_errno)
{
    static int values[] = { ENOENT, EINTR, EDOM };
    ds_loop *loop = loop_on_fibers(0);

    for (int i = 0; i < 3; i++)
        ds_spawn(loop, keep_errno, &values[i]);
    errno = ERANGE;
    ds_status status = ds_loop_run(loop);
    ck_assert_int_eq(errno, ERANGE);
    ck_assert_int_eq(status, DS_OK);
    ds_loop_free(loop);
}
END_TEST

static void print_doubles(ds_handle *h, void *arg)
{
    char text[64];

    ck_assert(ds_sleep(h, 1));
    snprintf(text, sizeof(text), "%.3f %Lg", ds_now(h), 2.5L);
    ck_assert_str_eq(text, "1.000 2.5");
}

START_TEST(a_stack_is_aligned_for_every_call)
{
    ds_loop *loop = loop_on_fibers(0);

    ds_spawn(loop, print_doubles, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

/* ---- Loops within loops ---------------------------------------------------*/

static void run_inner(ds_handle *h, void *arg)
{
    size_t *done = arg;
    ds_loop *inner = loop_on_fibers(0);

    ck_assert(ds_sleep(h, 1));
    ds_spawn(inner, sleep_some, done);
    ds_spawn(inner, sleep_some, done);
    ck_run_once(inner, DS_OK, NULL);
    ck_assert(ds_sleep(h, 1));
    ck_assert_double_eq(ds_now(h), 2);
}

START_TEST(a_fiber_may_run_a_loop_of_fibers)
{
    size_t done = 0;
    ds_loop *loop = loop_on_fibers(0);

    ds_spawn(loop, run_inner, &done);
    ds_spawn(loop, run_inner, &done);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_uint_eq(done, 4);
}
END_TEST

/* ---- Overflow -------------------------------------------------------------*/

#if !SANITIZED

/* No compiler may turn this into a loop, or prove that it never ends. */
static int recurse(volatile char *above)
{
    volatile char here[1024];

    here[0] = above[0];
    return above[0] == 'x' ? 0 : recurse(here) + here[0];
}

static void overflow(ds_handle *h, void *arg)
{
    char start = 'a';

    ds_set_name(h, "deep");
    recurse(&start);
}

/* Runs body on a fiber of a child process; returns how that ended. */
static int run_child(ds_thread_fn *body, char *said, size_t size)
{
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        ds_loop *loop = loop_on_fibers(64 * 1024);
        ds_spawn(loop, body, NULL);
        _exit(ds_loop_run(loop) == DS_OK ? 0 : 1);
    }
    close(ends[1]);
    ssize_t n = read(ends[0], said, size - 1);
    said[n < 0 ? 0 : n] = '\0';
    for (ssize_t more = n; more > 0 && n < (ssize_t)size - 1; n += more) {
        more = read(ends[0], said + n, size - 1 - (size_t)n);
        said[more < 0 ? n : n + more] = '\0';
    }
    close(ends[0]);

    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    return status;
}

START_TEST(an_overflow_names_the_thread_and_its_stack_and_kills)
{
    char said[512];
    int status = run_child(overflow, said, sizeof(said));

    ck_assert(WIFSIGNALED(status));
    ck_assert_int_eq(WTERMSIG(status), SIGSEGV);
    ck_contains(said, "stack overflow in thread 1 \"deep\"");
    ck_contains(said, "65536 bytes");
}
END_TEST

static void on_fault(int number)
{
    _exit(42);
}

static void overflow_with_handler(ds_handle *h, void *arg)
{
    raise(SIGSEGV);
}

START_TEST(a_handler_of_the_programs_own_is_left_alone)
{
    char said[512];

    signal(SIGSEGV, on_fault); /* the child has it too */
    int status = run_child(overflow_with_handler, said, sizeof(said));
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 42);
    ck_assert_str_eq(said, "");
}
END_TEST

static void fault_elsewhere(ds_handle *h, void *arg)
{
    raise(SIGSEGV);
}

START_TEST(another_fault_is_no_overflow)
{
    char said[512];
    int status = run_child(fault_elsewhere, said, sizeof(said));

    ck_assert(WIFSIGNALED(status));
    ck_assert_str_eq(said, "");
}
END_TEST

#endif

START_TEST(the_handler_goes_with_the_run)
{
    struct sigaction before, after;
    ds_loop *loop = loop_on_fibers(0);

    sigaction(SIGSEGV, NULL, &before);
    ds_spawn(loop, print_doubles, NULL);
    ck_run_once(loop, DS_OK, NULL);
    sigaction(SIGSEGV, NULL, &after);
    ck_assert(before.sa_handler == after.sa_handler);
}
END_TEST

static char own_stack[64 * 1024];

static void take_signal_stack(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1));
    ck_assert_int_eq(sigaltstack(&(stack_t){ .ss_sp = own_stack,
                                             .ss_size = sizeof(own_stack) },
                                 NULL),
                     0);
}

START_TEST(a_signal_stack_that_a_body_sets_up_stays)
{
    stack_t now;
    ds_loop *loop = loop_on_fibers(0);

    ds_spawn(loop, take_signal_stack, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_int_eq(sigaltstack(NULL, &now), 0);
    ck_assert_ptr_eq(now.ss_sp, own_stack);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, all_fibers_run_on_the_thread_that_runs_the_loop);
    tcase_add_test(tc, thousands_of_fibers_run_and_end);
    tcase_add_test(tc, stacks_of_ended_fibers_are_used_again);
    tcase_add_test(tc, each_fiber_keeps_its_rounding_mode);
    tcase_add_test(tc, each_fiber_keeps_its_errno);
    tcase_add_test(tc, a_stack_is_aligned_for_every_call);
    tcase_add_test(tc, a_fiber_may_run_a_loop_of_fibers);
#if !SANITIZED
    tcase_add_test(tc, an_overflow_names_the_thread_and_its_stack_and_kills);
    tcase_add_test(tc, a_handler_of_the_programs_own_is_left_alone);
    tcase_add_test(tc, another_fault_is_no_overflow);
#endif
    tcase_add_test(tc, the_handler_goes_with_the_run);
    tcase_add_test(tc, a_signal_stack_that_a_body_sets_up_stays);
}

int main(void)
{
    return harness_main("fibers", add);
}
