/* What kills the program, or would leave it hanging, says so by name first. */

#include "stage.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- A child --------------------------------------------------------------*/

static char said[8192]; /* what the child has written to standard error */
static const char *const execs[] = { "threads", "fibers" };
enum { num_execs = 2 };

static void read_all(int fd)
{
    size_t n = 0;
    ssize_t more;

    while ((more = read(fd, said + n, sizeof(said) - 1 - n)) > 0)
        n += (size_t)more;
    said[n] = '\0';
    close(fd);
}

/* Runs act() in a process of its own on one execution, and returns how that
 * ended, as waitpid() says it. */
static int child(int exec, void (*act)(void))
{
    int ends[2], status;

    ck_assert_int_eq(pipe(ends), 0);
    setenv("DISTSYS_EXEC", execs[exec], 1);
    pid_t pid = fork();
    if (pid == 0) {
        dup2(ends[1], STDERR_FILENO);
        close(ends[0]);
        close(ends[1]);
        act();
        _exit(0);
    }
    close(ends[1]);
    read_all(ends[0]);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return status;
}

#define ck_killed_by(status, number)                                           \
    do {                                                                       \
        ck_assert_msg(WIFSIGNALED(status), "not killed: %#x \"%s\"", status,   \
                      said);                                                   \
        ck_assert_int_eq(WTERMSIG(status), number);                            \
    } while (0)

static void run_one(ds_thread_fn *body)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, body, NULL);
    _exit(ds_loop_run(loop) == DS_OK ? 0 : 1);
}

/* ---- DISTSYS_ABORT --------------------------------------------------------*/

static void misuse(ds_handle *h, void *arg)
{
    ds_set_name(h, "wrong");
    ds_sleep(h, 0.5);
    ds_sleep(h, -1);
}

static void wait_for_ever(ds_handle *h, void *arg)
{
    ds_event event;

    ds_poll(h, ds_stream_new(ds_handle_loop(h)), &event);
}

static void complain(ds_handle *h, void *arg)
{
    ds_fail(h, "it is broken");
}

static void stop(ds_handle *h, void *arg)
{
    ds_stop(h);
}

static void run_misuse(void)
{
    run_one(misuse);
}

static void run_wait(void)
{
    run_one(wait_for_ever);
}

static void run_fail(void)
{
    run_one(complain);
}

static void run_stop(void)
{
    run_one(stop);
}

static void make_wrongly(void)
{
    ds_loop_new(&(ds_loop_config){ .time_limit = -1 });
}

static const struct {
    void (*act)(void);
    const char *text;
} failing[] = {
    { run_misuse, "distsys: ds_sleep: seconds is -1; it must be finite and at "
                  "least 0 (thread 1 \"wrong\", at 0.5 s)\n" },
    { run_wait, "distsys: deadlock at 0 s" },
    { run_fail, "distsys: it is broken\n" },
    { make_wrongly, "distsys: ds_loop_new: time_limit is -1" },
};
enum { num_failing = sizeof(failing) / sizeof(*failing) };

START_TEST(a_failure_stops_the_program_if_asked_to)
{
    setenv("DISTSYS_ABORT", "1", 1);
    int status = child(_i % 2, failing[_i / 2].act);
    ck_killed_by(status, SIGTRAP);
    ck_contains(said, failing[_i / 2].text);
}
END_TEST

START_TEST(a_failure_does_not_stop_the_program_unless_asked_to)
{
    setenv("DISTSYS_ABORT", "0", 1);
    int status = child(_i, run_misuse);
    ck_assert(WIFEXITED(status));
    ck_assert_int_eq(WEXITSTATUS(status), 1);
    ck_assert_str_eq(said, "");
}
END_TEST

START_TEST(a_stop_is_no_failure)
{
    setenv("DISTSYS_ABORT", "1", 1);
    int status = child(_i, run_stop);
    ck_assert(WIFEXITED(status));
    ck_assert_str_eq(said, "");
}
END_TEST

/* ---- Overflow -------------------------------------------------------------*/

/* Compilers may be told to probe large frames; here a body must be named whose
 * compiler was not. */
#if defined(__GNUC__) && !defined(__clang__)
#define PLAIN_FRAME                                                            \
    __attribute__((noinline, optimize("no-stack-clash-protection")))
#else
#define PLAIN_FRAME __attribute__((noinline))
#endif

/* Sanitizers have signal handlers and red zones of their own. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { sanitized = 1 };
#else
enum { sanitized = 0 };
#endif

/* No compiler may turn this into a loop, or prove that it never ends. */
static int recurse(volatile char *above)
{
    volatile char here[1024];

    here[0] = above[0];
    return above[0] == 'x' ? 0 : recurse(here) + here[0];
}

static double sum;

PLAIN_FRAME static void use_300_kb(void)
{
    volatile double window[38000];

    for (int i = 0; i < 4000; i++)
        window[i] = 7;
    sum += window[1];
}

PLAIN_FRAME static void use_1_mib(void)
{
    volatile char window[1 << 20];

    for (int i = 0; i < 4000; i++)
        window[i] = 7;
    sum += window[1];
}

static void use_much(void *arg)
{
    char start = 'a';

    recurse(&start);
}

static void use_300(void *arg)
{
    use_300_kb();
}

static void use_1(void *arg)
{
    use_1_mib();
}

static void (*const greedy[])(void *arg) = { use_much, use_300, use_1 };
enum { num_greedy = sizeof(greedy) / sizeof(*greedy) };
static void (*chosen)(void *arg);

static void innocent(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
}

static void overflow(ds_handle *h, void *arg)
{
    ds_set_name(h, "deep");
    ds_sleep(h, 1);
    chosen(NULL);
    ds_sleep(h, 1);
}

static void overflow_in_work(ds_handle *h, void *arg)
{
    ds_set_name(h, "deep");
    ds_sleep(h, 1);
    ds_compute(h, 5, chosen, NULL); /* others go on meanwhile */
}

static void overflow_inside(ds_handle *h, void *arg)
{
    ds_loop *inner = ds_loop_new(NULL);

    ds_sleep(h, 1);
    ds_spawn(inner, innocent, NULL);
    ds_spawn(inner, overflow, NULL);
    ds_loop_run(inner);
}

static void run_among_innocents(ds_thread_fn *body)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, innocent, NULL);
    ds_spawn(loop, body, NULL);
    ds_spawn(loop, innocent, NULL);
    _exit(ds_loop_run(loop) == DS_OK ? 0 : 1);
}

static void run_overflow(void)
{
    run_among_innocents(overflow);
}

static void run_overflow_in_work(void)
{
    run_among_innocents(overflow_in_work);
}

static void run_overflow_inside(void)
{
    run_among_innocents(overflow_inside);
}

static void (*const overflowing[])(void) = {
    run_overflow,
    run_overflow_in_work,
    run_overflow_inside,
};
enum { num_overflowing = sizeof(overflowing) / sizeof(*overflowing) };

START_TEST(an_overflow_names_the_thread_and_kills)
{
    if (sanitized)
        return;
    chosen = greedy[_i / num_execs % num_greedy];
    int status =
        child(_i % num_execs, overflowing[_i / num_execs / num_greedy]);
    ck_killed_by(status, SIGSEGV);
    ck_contains(said, "distsys: stack overflow in thread 2 \"deep\": its stack "
                      "has 262144 bytes; ds_loop_config.stack_size makes it "
                      "larger\n");
}
END_TEST

/* Guards are small there, so that more stacks find room. */
static void run_overflow_in_little_space(void)
{
    const struct rlimit little = { (rlim_t)1 << 30, (rlim_t)1 << 30 };

    setrlimit(RLIMIT_AS, &little);
    run_among_innocents(overflow);
}

START_TEST(an_overflow_is_named_where_address_space_is_limited)
{
    if (sanitized)
        return;
    chosen = use_much;
    int status = child(_i, run_overflow_in_little_space);
    ck_killed_by(status, SIGSEGV);
    ck_contains(said, "stack overflow in thread 2 \"deep\"");
}
END_TEST

/* ---- pthread_exit() -------------------------------------------------------*/

static void other(ds_handle *h, void *arg)
{
    bool first = ds_sleep(h, 2);
    note(first ? "woken " : "told ");
}

static void exit_body(ds_handle *h, void *arg)
{
    ds_set_name(h, "leaver");
    ds_sleep(h, 1);
    pthread_exit(NULL);
}

static void exit_thread(void *arg)
{
    pthread_exit(NULL);
}

static void exit_work(ds_handle *h, void *arg)
{
    ds_set_name(h, "leaver");
    ds_sleep(h, 1);
    ds_compute(h, 5, exit_thread, NULL);
    note("back ");
}

START_TEST(a_body_that_calls_pthread_exit_is_misuse_on_threads)
{
    ds_loop *loop = loop_on_threads();

    ds_spawn(loop, exit_body, NULL);
    ds_spawn(loop, other, NULL);
    ck_run_once(loop, DS_EMISUSE,
                "pthread_exit: called by a body, which must return instead "
                "(thread 1 \"leaver\", at 1 s)");
    ck_noted("told ");
}
END_TEST

START_TEST(work_that_calls_pthread_exit_is_misuse_on_threads)
{
    ds_loop *loop = loop_on_threads();

    ds_spawn(loop, other, NULL);
    ds_spawn(loop, exit_work, NULL);
    ds_spawn(loop, other, NULL);
    ck_run_once(loop, DS_EMISUSE,
                "pthread_exit: called by a body, which must return instead "
                "(thread 2 \"leaver\", at 1 s)");
    ck_noted("woken woken ");
}
END_TEST

static void run_exit(void)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, exit_body, NULL);
    ds_spawn(loop, other, NULL);
    ds_loop_run(loop);
}

START_TEST(a_body_that_calls_pthread_exit_aborts_by_name_on_fibers)
{
    if (sanitized)
        return;
    int status = child(1, run_exit);
    ck_killed_by(status, SIGABRT);
    ck_contains(said, "distsys: pthread_exit() in thread 1 \"leaver\" ends the "
                      "thread of all bodies");
}
END_TEST

/* Whether a thread of the pool runs the work or, if its turn comes first, the
 * one of all bodies, is not known. */
static void run_exit_work(void)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, exit_work, NULL);
    ds_spawn(loop, other, NULL);
    ds_loop_run(loop);
    fputs(ds_loop_error(loop), stderr);
}

START_TEST(work_that_calls_pthread_exit_has_a_name_on_fibers)
{
    if (sanitized)
        return;
    child(1, run_exit_work);
    ck_contains(said, "pthread_exit()");
    ck_contains(said, "thread 1 \"leaver\"");
}
END_TEST

/* ---- Names for the system -------------------------------------------------*/

static void look_at_names(ds_handle *h, void *arg)
{
    char name[16];

    pthread_getname_np(pthread_self(), name, sizeof(name));
    note("%s ", name);
    ds_set_name(h, "a name of twenty byt");
    pthread_getname_np(pthread_self(), name, sizeof(name));
    note("%s ", name);
}

START_TEST(threads_of_the_system_have_the_names_of_simulated_ones)
{
    ds_loop *loop = loop_on_threads();

    ds_spawn(loop, look_at_names, NULL);
    ds_spawn(loop, look_at_names, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("ds-1 a name of twent ds-2 a name of twent ");
}
END_TEST

START_TEST(the_thread_that_runs_fibers_keeps_its_name)
{
    char before[16], after[16];
    ds_loop *loop = ds_loop_new(&(ds_loop_config){ .exec = DS_FIBERS });

    pthread_getname_np(pthread_self(), before, sizeof(before));
    ds_spawn(loop, look_at_names, NULL);
    ck_run_once(loop, DS_OK, NULL);
    pthread_getname_np(pthread_self(), after, sizeof(after));
    ck_assert_str_eq(before, after);
    note_clear();
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, an_overflow_names_the_thread_and_kills, 0,
                        num_overflowing * num_greedy * num_execs);
    tcase_add_loop_test(tc, an_overflow_is_named_where_address_space_is_limited,
                        0, num_execs);
    tcase_add_test(tc, a_body_that_calls_pthread_exit_is_misuse_on_threads);
    tcase_add_test(tc, work_that_calls_pthread_exit_is_misuse_on_threads);
    tcase_add_test(tc, a_body_that_calls_pthread_exit_aborts_by_name_on_fibers);
    tcase_add_test(tc, work_that_calls_pthread_exit_has_a_name_on_fibers);
    tcase_add_test(tc, threads_of_the_system_have_the_names_of_simulated_ones);
    tcase_add_test(tc, the_thread_that_runs_fibers_keeps_its_name);
    tcase_add_loop_test(tc, a_failure_stops_the_program_if_asked_to, 0,
                        2 * num_failing);
    tcase_add_loop_test(tc, a_failure_does_not_stop_the_program_unless_asked_to,
                        0, num_execs);
    tcase_add_loop_test(tc, a_stop_is_no_failure, 0, num_execs);
}

int main(void)
{
    return harness_main("dying", add);
}
