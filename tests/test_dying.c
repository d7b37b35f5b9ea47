/* What kills the program, or would leave it hanging, says so by name first. */

#include "stage.h"

#include <errno.h>
#include <signal.h>
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

static void add(TCase *tc)
{
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
