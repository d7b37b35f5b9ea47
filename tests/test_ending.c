/* The ways in which a run ends, and what each leaves behind: nothing. */

#include "stage.h"

#include <limits.h>
#include <unistd.h>

static ds_loop *loop;
static ds_stream *stream;

static void setup(void)
{
    loop = loop_fifo();
    stream = ds_stream_new(loop);
    ds_stream_set_name(stream, "letters");
}

static void teardown(void)
{
    ds_loop_free(loop);
}

static void nothing(ds_handle *h, void *arg)
{
}

static void say(ds_handle *h, void *arg)
{
    note("%s@%g ", (const char *)arg, ds_now(h));
}

/* Waits, and says when it is told that it is over. */
static void wait_for_ever(ds_handle *h, void *arg)
{
    ds_event event;
    while (ds_poll(h, stream, &event))
        ds_event_drop(&event);
    note("%s@%g ", (const char *)arg, ds_now(h));
}

static void sleep_for_ever(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 10))
        continue;
    note("%s@%g ", (const char *)arg, ds_now(h));
}

static void stop_at_3(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    ds_stop(h);
}

static void fail_at_3(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    ds_fail(h, "%s is %d", (const char *)arg, 42);
}

static void misuse_at_3(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    ds_sleep(h, -1);
}

/* ---- One after another ----------------------------------------------------*/

START_TEST(a_run_succeeds_when_every_thread_has_returned)
{
    ds_spawn(loop, nothing, NULL);
    ds_spawn(loop, nothing, NULL);
    ck_run(loop, DS_OK, NULL);
}
END_TEST

START_TEST(a_run_is_deadlocked_when_all_wait_and_no_event_is_left)
{
    ds_spawn(loop, wait_for_ever, "a");
    ds_spawn(loop, nothing, NULL);
    ck_run(loop, DS_DEADLOCK, NULL);
    ck_noted("a@0 ");
}
END_TEST

static void send_elsewhere(ds_handle *h, void *arg)
{
    ring(h, ds_stream_new(loop), 7);
}

START_TEST(an_event_that_nobody_waits_for_happens_before_the_deadlock)
{
    ds_spawn(loop, wait_for_ever, "a");
    ds_spawn(loop, send_elsewhere, NULL);
    ck_run(loop, DS_DEADLOCK, NULL);
    ck_noted("a@7 ");
}
END_TEST

START_TEST(a_stop_ends_the_run_for_everyone)
{
    ds_spawn(loop, wait_for_ever, "a");
    ds_spawn(loop, stop_at_3, NULL);
    ds_spawn(loop, sleep_for_ever, "b");
    ck_run(loop, DS_STOPPED, NULL);
    ck_assert(ds_loop_now(loop) == 3);
    ck_noted("a@3 b@3 ");
}
END_TEST

START_TEST(a_failure_ends_the_run_for_everyone_and_gives_its_text)
{
    ds_spawn(loop, wait_for_ever, "a");
    ds_spawn(loop, fail_at_3, "answer");
    ds_spawn(loop, sleep_for_ever, "b");
    ck_run(loop, DS_FAILED, NULL);
    ck_assert_str_eq(ds_loop_error(loop), "answer is 42");
    ck_noted("a@3 b@3 ");
}
END_TEST

static void fail_at_length(ds_handle *h, void *arg)
{
    ds_fail(h, "%0100000d", 7);
}

START_TEST(a_text_of_any_length_does_no_harm)
{
    ds_spawn(loop, fail_at_length, NULL);
    ck_run(loop, DS_FAILED, "0000000000");
}
END_TEST

static void fail_twice(ds_handle *h, void *arg)
{
    ds_fail(h, "first");
    ds_fail(h, "second");
    ds_stop(h);
    ds_sleep(h, -1);
}

START_TEST(the_first_reason_sticks)
{
    ds_spawn(loop, fail_twice, NULL);
    ck_run(loop, DS_FAILED, NULL);
    ck_assert_str_eq(ds_loop_error(loop), "first");
}
END_TEST

static void stop_then_fail(ds_handle *h, void *arg)
{
    ds_stop(h);
    ds_fail(h, "late");
}

START_TEST(a_failure_after_a_stop_is_no_failure)
{
    ds_spawn(loop, stop_then_fail, NULL);
    ck_run(loop, DS_STOPPED, NULL);
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "late"));
}
END_TEST

static void fail_when_told(ds_handle *h, void *arg)
{
    ds_event event;
    ds_poll(h, stream, &event);
    ds_fail(h, "late");
}

START_TEST(a_failure_while_the_threads_are_unwound_comes_too_late)
{
    ds_spawn(loop, fail_when_told, NULL);
    ck_run(loop, DS_DEADLOCK, NULL);
    ds_spawn(loop, fail_when_told, NULL);
    ds_spawn(loop, stop_at_3, NULL);
    ck_run(loop, DS_STOPPED, NULL);
}
END_TEST

/* ---- The deadlock report --------------------------------------------------*/

static void wait_named(ds_handle *h, void *arg)
{
    ds_event event;
    ds_set_name(h, arg);
    ds_sleep(h, 2.5);
    ds_poll(h, stream, &event);
}

START_TEST(a_deadlock_names_thread_stream_and_since_when)
{
    ds_spawn(loop, wait_named, "server");
    ck_run(loop, DS_DEADLOCK, "server");
    ck_contains(ds_loop_error(loop), "letters");
    ck_contains(ds_loop_error(loop), "2.5");
}
END_TEST

static void rename_and_wait(ds_handle *h, void *arg)
{
    char name[] = "before";
    ds_event event;

    ds_set_name(h, name);
    strcpy(name, "after");
    ds_set_name(h, name);
    strcpy(name, "xxxxx");
    ds_poll(h, stream, &event);
}

START_TEST(the_name_of_a_thread_is_copied_and_can_change)
{
    ds_spawn(loop, rename_and_wait, NULL);
    ck_run(loop, DS_DEADLOCK, "after");
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "before"));
}
END_TEST

static void wait_without_names(ds_handle *h, void *arg)
{
    ds_event event;
    ds_poll(h, arg, &event);
}

START_TEST(without_names_there_are_numbers)
{
    ds_stream *second = ds_stream_new(loop);

    ds_spawn(loop, nothing, NULL);
    ds_spawn(loop, nothing, NULL);
    ds_spawn(loop, wait_without_names, second);
    ck_run(loop, DS_DEADLOCK, "thread 3");
    ck_contains(ds_loop_error(loop), "stream 2");
}
END_TEST

static void wait_for_two(ds_handle *h, void *arg)
{
    ds_stream *const both[] = { stream, arg };
    ds_event event;
    ds_poll_any(h, both, 2, &event);
}

START_TEST(a_deadlock_names_every_stream_that_a_thread_waits_for)
{
    ds_stream *second = ds_stream_new(loop);

    ds_stream_set_name(second, "parcels");
    ds_spawn(loop, wait_for_two, second);
    ck_run(loop, DS_DEADLOCK, "letters");
    ck_contains(ds_loop_error(loop), "parcels");
}
END_TEST

static void receive(ds_handle *h, void *arg)
{
    ds_msg msg;
    ds_recv(h, arg, &msg);
}

START_TEST(a_deadlock_names_the_port_that_a_thread_waits_for)
{
    ds_node_new(loop);
    ds_node *node = ds_node_new(loop);

    ds_port_new(node);
    ds_spawn(loop, receive, ds_port_new(node));
    ck_run(loop, DS_DEADLOCK, "port 1");
    ck_contains(ds_loop_error(loop), "node 1");
}
END_TEST

START_TEST(a_port_can_have_a_name_of_its_own)
{
    ds_port *port = ds_port_new(ds_node_new(loop));

    ds_stream_set_name(ds_port_stream(port), "inbox");
    ds_spawn(loop, receive, port);
    ck_run(loop, DS_DEADLOCK, "inbox");
}
END_TEST

static void wait_numbered(ds_handle *h, void *arg)
{
    char name[32];
    ds_event event;

    snprintf(name, sizeof(name), "member-%d.", *(int *)arg);
    ds_set_name(h, name);
    ds_poll(h, stream, &event);
}

static int numbers[100];

static void spawn_numbered(int n, ds_thread_fn *fn)
{
    for (int i = 0; i < n; i++) {
        numbers[i] = i + 1;
        ds_spawn(loop, fn, &numbers[i]);
    }
}

static void ck_first_20(int n)
{
    char part[32];
    for (int i = 1; i <= n; i++) {
        snprintf(part, sizeof(part), "member-%d.", i);
        ck_assert_msg((strstr(ds_loop_error(loop), part) != NULL) == (i <= 20),
                      "%s", part);
    }
}

START_TEST(a_deadlock_lists_the_first_20_and_says_how_many_more)
{
    spawn_numbered(33, wait_numbered);
    ck_run(loop, DS_DEADLOCK, "33 threads");
    ck_first_20(33);
    ck_contains(ds_loop_error(loop), "and 13 more");
}
END_TEST

START_TEST(twenty_are_listed_without_more)
{
    spawn_numbered(20, wait_numbered);
    ck_run(loop, DS_DEADLOCK, "20 threads");
    ck_first_20(20);
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "more"));
}
END_TEST

static void wait_for_very_many(ds_handle *h, void *arg)
{
    ds_stream *all[100];
    char name[32];
    ds_event event;

    snprintf(name, sizeof(name), "member-%d.", *(int *)arg);
    ds_set_name(h, name);
    for (int i = 0; i < 100; i++)
        all[i] = ds_stream_new(loop);
    ds_poll_any(h, all, 100, &event);
}

START_TEST(twenty_are_listed_even_if_each_waits_for_a_hundred_streams)
{
    spawn_numbered(25, wait_for_very_many);
    ck_run(loop, DS_DEADLOCK, "25 threads");
    ck_first_20(25);
    ck_contains(ds_loop_error(loop), "\n  and 5 more");
}
END_TEST

static void wait_by_name(ds_handle *h, void *arg)
{
    static char name[5000];
    ds_event event;

    memset(name, 'n', sizeof(name) - 1);
    ds_set_name(h, name);
    ds_poll(h, stream, &event);
}

START_TEST(names_of_any_length_do_no_harm)
{
    for (int i = 0; i < 25; i++)
        ds_spawn(loop, wait_by_name, NULL);
    ck_run(loop, DS_DEADLOCK, "nnnn");
    ck_contains(ds_loop_error(loop), "and 5 more");
}
END_TEST

START_TEST(a_thread_that_has_returned_is_not_in_the_report)
{
    ds_spawn(loop, nothing, NULL);
    ds_spawn(loop, wait_named, "server");
    ck_run(loop, DS_DEADLOCK, "thread 2");
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "thread 1"));
}
END_TEST

/* What a sanitizer adds to every frame does not count. */
static size_t least_stack(void)
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return 0;
#else
    return (size_t)sysconf(_SC_THREAD_STACK_MIN);
#endif
}

/* With the least stack that is accepted, which the reports must fit in too. */
START_TEST(the_smallest_stack_is_enough_for_every_report)
{
    static ds_thread_fn *const bodies[] = { wait_named, fail_at_3,
                                            fail_at_length, stop_at_3,
                                            misuse_at_3 };
    static const ds_status ends[] = { DS_DEADLOCK, DS_FAILED, DS_FAILED,
                                      DS_STOPPED, DS_EMISUSE };

    ds_loop_free(loop);
    loop = ds_loop_new(&(ds_loop_config){ .stack_size = least_stack() });
    stream = ds_stream_new(loop);
    for (int i = 0; i < 25; i++)
        ds_spawn(loop, bodies[_i], "x");
    ck_run(loop, ends[_i], NULL);
}
END_TEST

/* ---- Unwinding ------------------------------------------------------------*/

/* Who holds the baton; only one at a time may. */
static int inside;

static void unwind_slowly(ds_handle *h, void *arg)
{
    ds_event event = { .data = &event };

    ck_assert(!ds_poll(h, stream, &event));
    ck_assert_int_eq(inside++, 0);
    ck_assert_ptr_null(event.data);
    ck_assert(!ds_sleep(h, 1));
    usleep(100);
    ck_assert(!ds_poll(h, stream, &event));
    ck_assert(!ds_poll_any(h, &stream, 1, &event));
    ck_assert(!ds_poll_timeout(h, &stream, 1, 0, &event));
    ck_assert(!ds_poll_timeout(h, NULL, 0, 0, &event));
    ck_assert(!ds_sleep(h, 0));
    ck_assert_int_eq(--inside, 0);
    note("%s@%g ", (const char *)arg, ds_now(h));
}

START_TEST(threads_are_unwound_one_at_a_time_in_the_order_of_spawning)
{
    ds_spawn(loop, unwind_slowly, "a");
    ds_spawn_daemon(loop, unwind_slowly, "b");
    ds_spawn(loop, stop_at_3, NULL);
    ds_spawn(loop, unwind_slowly, "c");
    ds_spawn(loop, unwind_slowly, "d");
    ck_run(loop, DS_STOPPED, NULL);
    ck_noted("a@3 b@3 c@3 d@3 ");
    ck_assert(ds_loop_now(loop) == 3);
}
END_TEST

/* Whoever ends the run goes on until it blocks, and then takes its turn. */
static void stop_and_go_on(ds_handle *h, void *arg)
{
    ds_stop(h);
    note("stopped ");
    ck_assert(!ds_sleep(h, 1));
    note("%s ", (const char *)arg);
}

START_TEST(the_thread_that_stops_goes_on_until_it_returns)
{
    ds_spawn(loop, stop_and_go_on, "b");
    ck_run(loop, DS_STOPPED, NULL);
    ck_noted("stopped b ");
}
END_TEST

static void pending_but_over(ds_handle *h, void *arg)
{
    ds_event event = { .data = &event };

    ds_schedule(h, stream, 0, &freed[0], count_free);
    ck_assert(ds_sleep(h, 1));
    ds_stop(h);
    ck_assert(!ds_poll(h, stream, &event));
    ck_assert_ptr_null(event.data);
    ck_assert_ptr_null(event.stream);
}

START_TEST(once_over_even_a_pending_event_is_not_received)
{
    ds_spawn(loop, pending_but_over, NULL);
    ck_run(loop, DS_STOPPED, NULL);
    ck_assert_int_eq(freed[0], 0);
    ds_loop_free(loop);
    ck_each_freed_once(1);
    setup();
}
END_TEST

static void schedule_when_over(ds_handle *h, void *arg)
{
    ds_stop(h);
    const ds_timer timer = ds_schedule(h, stream, 1, &freed[0], count_free);
    ck_assert(timer.id == 0);
    ck_assert_int_eq(freed[0], 1);
    ds_cancel(h, timer);
}

START_TEST(once_over_schedules_drop_their_payload)
{
    ds_spawn(loop, schedule_when_over, NULL);
    ck_run(loop, DS_STOPPED, NULL);
    ck_each_freed_once(1);
}
END_TEST

static struct {
    ds_net *net;
    ds_port *port;
} lan;

static void send_when_over(ds_handle *h, void *arg)
{
    ds_msg batch[2] = {
        { .source = lan.port,
          .dest = lan.port,
          .data = &freed[1],
          .free = count_free,
          .size = 1 },
        { .source = lan.port,
          .dest = lan.port,
          .data = &freed[2],
          .free = count_free,
          .size = 1 },
    };

    ds_stop(h);
    ds_send(h, lan.net,
            (ds_msg){ .source = lan.port,
                      .dest = lan.port,
                      .data = &freed[0],
                      .free = count_free,
                      .size = 1,
                      .done = stream });
    ds_send_all(h, lan.net, batch, 2);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(freed[i], 1);

    ds_msg msg = { .dest = lan.port };
    ck_assert(!ds_recv(h, lan.port, &msg));
    ck_assert_ptr_null(msg.dest);
    ck_assert(!ds_recv_timeout(h, lan.port, 0, &msg));
}

START_TEST(once_over_sends_drop_their_payload)
{
    lan.net = ds_random_net_new(loop, 1);
    lan.port = ds_port_new(ds_node_new(loop));
    ds_spawn(loop, send_when_over, NULL);
    ck_run(loop, DS_STOPPED, NULL);
    ck_each_freed_once(3);
}
END_TEST

static void spawn_when_over(ds_handle *h, void *arg)
{
    ds_sleep(h, 100);
    ds_spawn(loop, say, "never");
    ds_spawn_daemon(loop, say, "never");
}

START_TEST(a_thread_spawned_while_unwinding_never_starts)
{
    ds_spawn(loop, spawn_when_over, NULL);
    ds_spawn(loop, stop_at_3, NULL);
    ck_run(loop, DS_STOPPED, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("");
}
END_TEST

static void leave_events(ds_handle *h, void *arg)
{
    ds_schedule(h, stream, 1, "pending", NULL);
    ds_schedule(h, stream, 5, "later", NULL);
    ds_sleep(h, 100);
}

static void read_two(ds_handle *h, void *arg)
{
    ds_event event;
    for (int i = 0; i < 2 && ds_poll(h, stream, &event); i++)
        note("%s@%g ", (const char *)event.data, ds_now(h));
}

START_TEST(queued_events_survive_the_end_of_the_run)
{
    ds_spawn(loop, leave_events, NULL);
    ds_spawn(loop, stop_at_3, NULL);
    ck_run(loop, DS_STOPPED, NULL);
    ds_spawn(loop, read_two, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("pending@3 later@5 ");
}
END_TEST

/* A waiter that is gone must neither receive nor be woken. */
START_TEST(unwound_waiters_leave_neither_registrations_nor_wake_ups)
{
    ds_spawn(loop, wait_for_ever, "a");
    ds_spawn(loop, sleep_for_ever, "b");
    ds_spawn(loop, stop_at_3, NULL);
    ck_run(loop, DS_STOPPED, NULL);
    note_clear();

    ds_spawn(loop, leave_events, NULL);
    ds_spawn(loop, read_two, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("pending@4 later@8 ");
    ck_assert(ds_loop_now(loop) == 103);
}
END_TEST

/* ---- Ending in each way, again and again ----------------------------------*/

static void deadlock(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    wait_named(h, arg);
}

static void exceed(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 1))
        continue;
}

static const struct {
    ds_status status;
    ds_thread_fn *fn;
} ways[] = {
    { DS_OK, nothing },        { DS_DEADLOCK, deadlock },
    { DS_STOPPED, stop_at_3 }, { DS_FAILED, fail_at_3 },
    { DS_LIMIT, exceed },      { DS_EMISUSE, misuse_at_3 },
};
enum { num_ways = sizeof(ways) / sizeof(*ways) };

/* On a loop with a limit, beside threads that only the end can wake. */
static void end_in_way(int i)
{
    ds_loop_free(loop);
    loop = ds_loop_new(&(ds_loop_config){ .time_limit = 1000 });
    stream = ds_stream_new(loop);

    ds_spawn_daemon(loop, wait_for_ever, "x");
    for (int k = 0; k < 5; k++)
        ds_spawn(loop, ways[i].fn, "x");
    ck_run(loop, ways[i].status, NULL);
    note_clear();
}

/* A thread that was joined stays listed for another moment. */
START_TEST(no_thread_of_the_system_is_left)
{
    end_in_way(_i); /* whatever a sanitizer starts at the first thread */
    const size_t before = count_tasks();

    end_in_way(_i);
    for (int i = 0; i < 1000 && count_tasks() > before; i++)
        usleep(1000);
    ck_assert_uint_le(count_tasks(), before);
}
END_TEST

START_TEST(the_loop_runs_again)
{
    char want[32];

    end_in_way(_i);
    snprintf(want, sizeof(want), "again@%g ", ds_loop_now(loop));
    ds_spawn(loop, say, "again");
    ck_run(loop, DS_OK, NULL);
    ck_noted(want);
}
END_TEST

START_TEST(a_loop_may_end_in_every_way_one_after_another)
{
    for (int round = 0; round < 3; round++)
        for (int i = 0; i < num_ways; i++) {
            if (ways[i].status == DS_LIMIT)
                continue; /* it would stay reached */
            ds_spawn(loop, ways[i].fn, "x");
            ck_run(loop, ways[i].status, NULL);
        }
}
END_TEST

/* ---- What every thread must see -------------------------------------------*/

static int cleaned;

static void clean_up(ds_handle *h, void *arg)
{
    char *memory = malloc(100);
    while (ds_sleep(h, 1))
        continue;
    free(memory);
    cleaned++;
}

START_TEST(every_thread_leaves_by_its_normal_path)
{
    for (int i = 0; i < 50; i++)
        ds_spawn(loop, clean_up, NULL);
    ds_spawn(loop, stop_at_3, NULL);
    ck_run(loop, DS_STOPPED, NULL);
    ck_assert_int_eq(cleaned, 50);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);

    tcase_add_test(tc, a_run_succeeds_when_every_thread_has_returned);
    tcase_add_test(tc, a_run_is_deadlocked_when_all_wait_and_no_event_is_left);
    tcase_add_test(tc,
                   an_event_that_nobody_waits_for_happens_before_the_deadlock);
    tcase_add_test(tc, a_stop_ends_the_run_for_everyone);
    tcase_add_test(tc, a_failure_ends_the_run_for_everyone_and_gives_its_text);
    tcase_add_test(tc, a_text_of_any_length_does_no_harm);
    tcase_add_test(tc, the_first_reason_sticks);
    tcase_add_test(tc, a_failure_after_a_stop_is_no_failure);
    tcase_add_test(tc, a_failure_while_the_threads_are_unwound_comes_too_late);

    tcase_add_test(tc, a_deadlock_names_thread_stream_and_since_when);
    tcase_add_test(tc, the_name_of_a_thread_is_copied_and_can_change);
    tcase_add_test(tc, without_names_there_are_numbers);
    tcase_add_test(tc, a_deadlock_names_every_stream_that_a_thread_waits_for);
    tcase_add_test(tc, a_deadlock_names_the_port_that_a_thread_waits_for);
    tcase_add_test(tc, a_port_can_have_a_name_of_its_own);
    tcase_add_test(tc, a_deadlock_lists_the_first_20_and_says_how_many_more);
    tcase_add_test(tc, twenty_are_listed_without_more);
    tcase_add_test(tc,
                   twenty_are_listed_even_if_each_waits_for_a_hundred_streams);
    tcase_add_test(tc, names_of_any_length_do_no_harm);
    tcase_add_test(tc, a_thread_that_has_returned_is_not_in_the_report);
    tcase_add_loop_test(tc, the_smallest_stack_is_enough_for_every_report, 0,
                        5);

    tcase_add_test(tc,
                   threads_are_unwound_one_at_a_time_in_the_order_of_spawning);
    tcase_add_test(tc, the_thread_that_stops_goes_on_until_it_returns);
    tcase_add_test(tc, once_over_even_a_pending_event_is_not_received);
    tcase_add_test(tc, once_over_schedules_drop_their_payload);
    tcase_add_test(tc, once_over_sends_drop_their_payload);
    tcase_add_test(tc, a_thread_spawned_while_unwinding_never_starts);
    tcase_add_test(tc, queued_events_survive_the_end_of_the_run);
    tcase_add_test(tc,
                   unwound_waiters_leave_neither_registrations_nor_wake_ups);

    tcase_add_loop_test(tc, no_thread_of_the_system_is_left, 0, num_ways);
    tcase_add_loop_test(tc, the_loop_runs_again, 0, num_ways);
    tcase_add_test(tc, a_loop_may_end_in_every_way_one_after_another);

    tcase_add_test(tc, every_thread_leaves_by_its_normal_path);
}

int main(void)
{
    return harness_main("ending", add);
}
