/* SIGQUIT in the middle of a run: who waits for what, and the run goes on. */

#include "stage.h"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <distsys/comm.h>

static ds_loop *loop_on(int exec)
{
    unsetenv("DISTSYS_EXEC");
    setenv("DISTSYS_DUMP", "1", 1);
    signal(SIGQUIT, SIG_DFL);
    return ds_loop_new(&(ds_loop_config){ .exec = (ds_exec)exec });
}

static double real_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- While things happen --------------------------------------------------*/

/* Asks at 2.5 s, and goes on until somebody must have seen that. */
static void ask_and_tick(ds_handle *h, void *arg)
{
    ds_set_name(h, "clock");
    ck_assert(ds_sleep(h, 2.5));
    kill(getpid(), SIGQUIT);
    for (int i = 0; i < 40; i++) {
        usleep(10000);
        ck_assert(ds_sleep(h, 0x1p-20));
    }
}

static void wait_on_stream(ds_handle *h, void *arg)
{
    ds_event event;

    ds_set_name(h, "reader");
    ck_assert(!ds_poll(h, arg, &event));
}

static void fill(ds_loop *loop)
{
    ds_stream *letters = ds_stream_new(loop);

    ds_stream_set_name(letters, "letters");
    ds_spawn_daemon(loop, wait_on_stream, letters);
    ds_spawn(loop, ask_and_tick, NULL);
}

START_TEST(a_dump_says_who_waits_for_what_and_the_run_goes_on)
{
    ds_loop *loop = loop_on(_i);

    fill(loop);
    const char *said = run_and_listen(loop, DS_OK);
    ck_contains(said, "distsys: at 2.5");
    ck_contains(said, " 2 threads\n  daemon 1 \"reader\" waits in ds_poll for "
                      "stream 1 \"letters\", since 0 s\n"
                      "  thread 2 \"clock\" waits in ds_sleep, since 2.5");
    ck_assert_int_eq(said[strlen(said) - 1], '\n');
    ck_assert_ptr_null(strstr(said + 1, "distsys:"));
    ds_loop_free(loop);
}
END_TEST

static void chat(ds_comm *c, void *arg)
{
    ds_vec *vec = ds_vec_phantom(2);

    if (ds_comm_rank(c) == 0) {
        ds_comm_send_tag(c, 1, 7, vec);
        ask_and_tick(ds_comm_handle(c), NULL);
        ds_comm_send_tag(c, 1, 8, vec);
    } else {
        ds_vec_unref(ds_comm_recv_tag(c, 0, 8));
    }
    ds_vec_unref(vec);
}

START_TEST(a_dump_says_what_lies_unread)
{
    ds_loop *loop = loop_on(_i);
    ds_node *nodes[] = { ds_node_new(loop), ds_node_new(loop) };

    ds_comm_spawn(loop, ds_random_net_new(loop, 0.5), nodes, 2, chat, NULL);
    const char *said = run_and_listen(loop, DS_OK);
    ck_contains(said, "\"rank 1\" waits in ds_comm_recv_tag for a message from "
                      "rank 0, tag 8, since ");
    ck_contains(said, "\n  rank 1 has 1 message that it has not received, of "
                      "16 bytes from rank 0, tag 7\n");
    ds_loop_free(loop);
}
END_TEST

/* ---- While a body keeps the baton -----------------------------------------*/

static volatile double spun;

static void loop_for_long(ds_handle *h, void *arg)
{
    const double until = real_time() + 1.6;

    ds_set_name(h, "spinner");
    ck_assert(ds_sleep(h, 1.5));
    kill(getpid(), SIGQUIT);
    while (real_time() < until)
        spun += 1;
    ck_assert(ds_sleep(h, 1));
}

START_TEST(a_body_that_loops_is_named_with_its_last_call)
{
    ds_loop *loop = loop_on(_i);

    ds_spawn(loop, loop_for_long, NULL);
    const char *said = run_and_listen(loop, DS_OK);
    ck_assert_str_eq(said,
                     "distsys: nothing has happened for 1 s: thread 1 "
                     "\"spinner\" has had the baton since 1.5 s and does not "
                     "give it up (it works, loops, or waits for a lock); its "
                     "last call was ds_sleep()\n");
    ds_loop_free(loop);
}
END_TEST

/* ---- Who has asked for it -------------------------------------------------*/

START_TEST(without_the_variable_nobody_listens)
{
    ds_loop *loop;

    unsetenv("DISTSYS_DUMP");
    signal(SIGQUIT, SIG_IGN);
    loop = ds_loop_new(NULL);
    fill(loop);
    const char *said = run_and_listen(loop, DS_OK);
    ck_assert_str_eq(said, "");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_loop_that_ignores_the_environment_does_not_listen)
{
    ds_loop *loop;

    setenv("DISTSYS_DUMP", "1", 1);
    signal(SIGQUIT, SIG_IGN);
    loop = ds_loop_new(&(ds_loop_config){ .ignore_environment = true });
    fill(loop);
    const char *said = run_and_listen(loop, DS_OK);
    ck_assert_str_eq(said, "");
    ds_loop_free(loop);
}
END_TEST

static volatile sig_atomic_t caught;

static void catch (int number)
{
    caught++;
}

START_TEST(a_handler_of_the_program_goes_before)
{
    ds_loop *loop = loop_on(_i);

    signal(SIGQUIT, catch);
    fill(loop);
    const char *said = run_and_listen(loop, DS_OK);
    ck_assert_str_eq(said, "");
    ck_assert_int_eq(caught, 1);
    ck_assert(signal(SIGQUIT, SIG_DFL) == catch);
    ds_loop_free(loop);
}
END_TEST

START_TEST(the_signal_is_as_before_after_a_run)
{
    ds_loop *loop = loop_on(_i);

    fill(loop);
    signal(SIGQUIT, SIG_IGN); /* as in the background of a shell */
    const char *said = run_and_listen(loop, DS_OK);
    ck_contains(said, "\"reader\" waits in ds_poll");
    ck_assert(signal(SIGQUIT, SIG_DFL) == SIG_IGN);
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_value_that_is_no_switch_is_misuse)
{
    setenv("DISTSYS_DUMP", "yes", 1);
    ck_run_once(ds_loop_new(NULL), DS_EMISUSE,
                "DISTSYS_DUMP is \"yes\"; it must be 0 or 1");
}
END_TEST

START_TEST(the_digest_is_the_same_with_and_without)
{
    uint64_t digests[2];

    for (int i = 0; i < 2; i++) {
        ds_loop *loop = loop_on(_i);
        if (i == 1)
            signal(SIGQUIT, catch);
        fill(loop);
        run_and_listen(loop, DS_OK);
        digests[i] = ds_loop_digest(loop);
        ds_loop_free(loop);
    }
    ck_assert_uint_eq(digests[0], digests[1]);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_dump_says_who_waits_for_what_and_the_run_goes_on,
                        0, 2);
    tcase_add_loop_test(tc, a_dump_says_what_lies_unread, 0, 2);
    tcase_add_loop_test(tc, a_body_that_loops_is_named_with_its_last_call, 0,
                        2);
    tcase_add_test(tc, without_the_variable_nobody_listens);
    tcase_add_test(tc, a_loop_that_ignores_the_environment_does_not_listen);
    tcase_add_loop_test(tc, a_handler_of_the_program_goes_before, 0, 2);
    tcase_add_loop_test(tc, the_signal_is_as_before_after_a_run, 0, 2);
    tcase_add_test(tc, a_value_that_is_no_switch_is_misuse);
    tcase_add_loop_test(tc, the_digest_is_the_same_with_and_without, 0, 2);
}

int main(void)
{
    return harness_main("dump", add);
}
