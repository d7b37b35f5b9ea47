/* Which threads start, when, and in which order; and daemons. */

#include "stage.h"

#include <fenv.h>

static void say(ds_handle *h, void *arg)
{
    note("%s@%g ", (const char *)arg, ds_now(h));
}

static void say_after_1(ds_handle *h, void *arg)
{
    if (ds_sleep(h, 1))
        say(h, arg);
}

static void wait_for_ever(ds_handle *h, void *arg)
{
    ds_event event;
    if (!ds_poll(h, arg, &event))
        note("told@%g ", ds_now(h));
}

/* ---- Order ----------------------------------------------------------------*/

START_TEST(threads_start_in_the_order_they_were_spawned)
{
    ds_loop *loop = loop_seeded((uint64_t)_i + 1);

    ds_spawn(loop, say, "a");
    ds_spawn_daemon(loop, say, "b");
    ds_spawn(loop, say, "c");
    ds_spawn(loop, say, "d");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a@0 b@0 c@0 d@0 ");
}
END_TEST

static void check_arg(ds_handle *h, void *arg)
{
    ck_assert_ptr_eq(arg, &freed[3]);
}

START_TEST(a_body_gets_the_argument_of_its_spawning)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, check_arg, &freed[3]);
    ds_spawn_daemon(loop, check_arg, &freed[3]);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void check_rounding(ds_handle *h, void *arg)
{
    ck_assert_int_eq(fegetround(), FE_UPWARD);
    fesetround(FE_DOWNWARD);
    if (arg != NULL)
        ds_spawn(ds_handle_loop(h), check_rounding, NULL);
    ck_assert(ds_sleep(h, 1));
    ck_assert_int_eq(fegetround(), FE_DOWNWARD);
}

/* Not that of whoever spawned it, or gave it the baton. */
START_TEST(a_body_starts_with_the_rounding_of_the_caller_of_the_run)
{
    static char spawn;
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, check_rounding, &spawn);
    ds_spawn(loop, check_rounding, NULL);
    fesetround(FE_UPWARD);
    ds_status status = ds_loop_run(loop);
    ck_assert_int_eq(fegetround(), FE_UPWARD);
    fesetround(FE_TONEAREST);
    ck_assert_int_eq(status, DS_OK);
    ds_loop_free(loop);
}
END_TEST

static void spawn_two(ds_handle *h, void *arg)
{
    note("p ");
    ds_spawn(ds_handle_loop(h), say, "c1");
    ds_spawn(ds_handle_loop(h), say, "c2");
    note("p ");
}

START_TEST(a_thread_spawned_by_another_waits_for_the_baton_and_its_turn)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, spawn_two, NULL);
    ds_spawn(loop, say, "b");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("p p b@0 c1@0 c2@0 ");
}
END_TEST

static void spawn_late(ds_handle *h, void *arg)
{
    ds_sleep(h, 2.5);
    ds_spawn(ds_handle_loop(h), say, arg);
    ds_sleep(h, 1);
    note("parent@%g ", ds_now(h));
}

START_TEST(a_thread_spawned_during_the_run_starts_at_that_instant)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, spawn_late, "late");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("late@2.5 parent@3.5 ");
}
END_TEST

static void spawn_and_wait_for_now(ds_handle *h, void *arg)
{
    ds_event event;

    ring(h, arg, 0);
    ds_spawn(ds_handle_loop(h), say, "child");
    ds_poll(h, arg, &event);
    note("event@%g ", ds_now(h));
}

START_TEST(a_new_thread_starts_before_any_event_even_of_its_instant)
{
    ds_loop *loop = loop_seeded((uint64_t)_i + 1);

    ds_spawn(loop, spawn_and_wait_for_now, ds_stream_new(loop));
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("child@0 event@0 ");
}
END_TEST

/* Each generation spawns the next; all of it happens at one instant. */
static void beget(ds_handle *h, void *arg)
{
    int *left = arg;

    if ((*left)-- > 0)
        ds_spawn(ds_handle_loop(h), beget, left);
    else
        note("last@%g ", ds_now(h));
}

START_TEST(threads_beget_threads_at_one_instant)
{
    int left = 100;
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, beget, &left);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("last@0 ");
}
END_TEST

/* ---- How many -------------------------------------------------------------*/

static void count_at_1(ds_handle *h, void *arg)
{
    if (ds_sleep(h, 1))
        ++*(int *)arg;
}

START_TEST(two_thousand_threads_live_at_one_time)
{
    const int n = harness_max_threads() < 2000 ? 400 : 2000;
    int count = 0;
    ds_loop *loop = ds_loop_new(NULL);

    for (int i = 0; i < n; i++)
        ds_spawn(loop, count_at_1, &count);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_int_eq(count, n);
}
END_TEST

static void spawn_successor(ds_handle *h, void *arg)
{
    int *left = arg;

    if (ds_sleep(h, 1) && --*left > 0)
        ds_spawn(ds_handle_loop(h), spawn_successor, left);
}

START_TEST(threads_that_ended_make_room_for_others)
{
    const int n = harness_max_threads() < 2000 ? 400 : 5000;
    int left = n;
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, spawn_successor, &left);
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == n);
    ds_loop_free(loop);
}
END_TEST

/* ---- Threads that never start ---------------------------------------------*/

static void spawn_and_stop(ds_handle *h, void *arg)
{
    ds_spawn(ds_handle_loop(h), say, arg);
    ds_stop(h);
    ds_spawn(ds_handle_loop(h), say, arg);
}

START_TEST(a_thread_not_started_when_the_run_ends_never_starts)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, spawn_and_stop, "never");
    ds_spawn(loop, say, "never");
    ds_spawn_daemon(loop, say, "never");
    ck_run(loop, DS_STOPPED, NULL);
    ck_run(loop, DS_OK, NULL);
    ds_spawn(loop, say, "new");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("new@0 ");
}
END_TEST

/* ---- Daemons --------------------------------------------------------------*/

START_TEST(a_daemon_does_not_keep_the_run_alive)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn_daemon(loop, wait_for_ever, ds_stream_new(loop));
    ds_spawn(loop, say_after_1, "a");
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == 1);
    ds_loop_free(loop);
    ck_noted("a@1 told@1 ");
}
END_TEST

static void tick_for_ever(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 0.4))
        note("%s@%g ", (const char *)arg, ds_now(h));
    note("%s over@%g ", (const char *)arg, ds_now(h));
}

START_TEST(time_stops_when_only_daemons_are_left)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn_daemon(loop, tick_for_ever, "d");
    ds_spawn(loop, say_after_1, "a");
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == 1);
    ds_loop_free(loop);
    ck_noted("d@0.4 d@0.8 a@1 d over@1 ");
}
END_TEST

START_TEST(daemons_are_told_in_the_order_of_their_spawning)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn_daemon(loop, tick_for_ever, "d");
    ds_spawn_daemon(loop, tick_for_ever, "e");
    ds_spawn(loop, say, "a");
    ds_spawn_daemon(loop, tick_for_ever, "f");
    ck_run_once(loop, DS_OK, NULL);
    /* f may have started or not: nobody was left to wait for it. */
    ck_assert(strncmp(noted(), "a@0 d over@0 e over@0 ", 22) == 0);
}
END_TEST

START_TEST(a_daemon_may_return_early)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn_daemon(loop, say, "d");
    ds_spawn(loop, say_after_1, "a");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("d@0 a@1 ");
}
END_TEST

START_TEST(a_run_with_nothing_but_daemons_succeeds_and_takes_no_time)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn_daemon(loop, tick_for_ever, "d");
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == 0);
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_run_of_nothing_says_so)
{
    ds_loop *loop = ds_loop_new(NULL);

    ck_run(loop, DS_OK, "nothing has run: no thread was spawned");
    ds_spawn_daemon(loop, tick_for_ever, "d");
    ck_run(loop, DS_OK, "nothing has run: only daemons were spawned");
    ck_noted("");
    ds_spawn_daemon(loop, tick_for_ever, "d");
    ds_spawn(loop, say, "a");
    ck_run(loop, DS_OK, NULL);
    ck_assert_str_eq(ds_loop_error(loop), "");
    ds_loop_free(loop);
    note_clear();
}
END_TEST

START_TEST(a_daemon_does_not_start_where_nobody_needs_it)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn_daemon(loop, say, "d");
    ck_run(loop, DS_OK, NULL);
    ds_spawn(loop, say, "a");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a@0 ");
}
END_TEST

static void serve(ds_handle *h, void *arg)
{
    ds_event event;
    while (ds_poll(h, arg, &event))
        ring(h, event.data, 1);
}

static void ask(ds_handle *h, void *arg)
{
    ds_stream *requests = arg;
    ds_stream *answer = ds_stream_new(ds_handle_loop(h));
    ds_event event;

    for (int i = 0; i < 3; i++) {
        ds_schedule(h, requests, 1, answer, NULL);
        if (ds_poll(h, answer, &event))
            note("%g ", ds_now(h));
    }
}

START_TEST(a_daemon_serves_as_long_as_others_ask)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_stream *requests = ds_stream_new(loop);

    ds_spawn_daemon(loop, serve, requests);
    ds_spawn(loop, ask, requests);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("2 4 6 ");
}
END_TEST

static void spawn_worker(ds_handle *h, void *arg)
{
    if (ds_sleep(h, 1))
        ds_spawn(ds_handle_loop(h), say_after_1, arg);
    ds_sleep(h, 100);
}

/* The daemon, spawned first, wakes first at the instant when a returns. */
START_TEST(a_thread_that_a_daemon_spawned_keeps_the_run_alive)
{
    ds_loop *loop = loop_fifo();

    ds_spawn_daemon(loop, spawn_worker, "worker");
    ds_spawn(loop, say_after_1, "a");
    ck_run(loop, DS_OK, NULL);
    ck_assert(ds_loop_now(loop) == 2);
    ds_loop_free(loop);
    ck_noted("a@1 worker@2 ");
}
END_TEST

START_TEST(a_daemon_cannot_keep_others_from_a_deadlock)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn_daemon(loop, wait_for_ever, ds_stream_new(loop));
    ds_spawn(loop, wait_for_ever, ds_stream_new(loop));
    ck_run_once(loop, DS_DEADLOCK, NULL);
    ck_noted("told@0 told@0 ");
}
END_TEST

static void poll_after_the_end(ds_handle *h, void *arg)
{
    ds_event event = { .data = &event };

    ck_assert(!ds_sleep(h, 100));
    ck_assert(!ds_sleep(h, 1));
    ck_assert(!ds_poll(h, arg, &event));
    ck_assert_ptr_null(event.data);
    note("done@%g ", ds_now(h));
}

START_TEST(every_later_call_of_a_daemon_tells_it_that_it_is_over)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn_daemon(loop, poll_after_the_end, ds_stream_new(loop));
    ds_spawn(loop, say_after_1, "a");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a@1 done@1 ");
}
END_TEST

/* ---- Threads that have ended ----------------------------------------------*/

static ds_handle *last;
static size_t num_handles;
static double drawn[3];

static void request(ds_handle *h, void *arg)
{
    num_handles += h != last;
    last = h;
    ds_set_name(h, "request");
    ds_random(h);
    ds_sleep(h, 1e-3);
}

static void serve_requests(ds_handle *h, void *arg)
{
    ds_sleep(h, 7);
    for (int i = 0; i < 1000; i++) {
        ds_spawn(ds_handle_loop(h), request, NULL);
        ds_sleep(h, 1e-2);
    }
}

/* Loop test: on threads, on fibers. */
START_TEST(threads_one_after_the_other_share_one_handle)
{
    setenv("DISTSYS_EXEC", _i == 0 ? "threads" : "fibers", 1);
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, serve_requests, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_assert_uint_eq(num_handles, 1);
    ds_spawn(loop, serve_requests, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_uint_le(num_handles, 2);
}
END_TEST

static void draw(ds_handle *h, void *arg)
{
    *(double *)arg = ds_random(h);
}

static void spawn_both(ds_handle *h, void *arg)
{
    ds_spawn(ds_handle_loop(h), request, NULL);
    if (arg != NULL)
        ds_sleep(h, 1); /* the second one may have the handle of the first */
    ds_spawn(ds_handle_loop(h), draw, arg == NULL ? &drawn[0] : &drawn[1]);
    ds_sleep(h, 1);
}

START_TEST(a_handle_used_again_has_no_past)
{
    for (int i = 0; i < 2; i++) {
        ds_loop *loop = ds_loop_new(&(ds_loop_config){ .seed = 11 });
        ds_spawn(loop, spawn_both, i == 0 ? NULL : "");
        ck_run_once(loop, DS_OK, NULL);
    }
    ck_assert(drawn[0] == drawn[1]);
}
END_TEST

static void use_a_stale_one(ds_handle *h, void *arg)
{
    ds_spawn(ds_handle_loop(h), request, NULL);
    ds_sleep(h, 1);
    ds_handle *stale = last;
    ds_spawn(ds_handle_loop(h), serve_requests, NULL);
    ds_sleep(h, 1);
    ck_assert(!ds_sleep(stale, 1));
}

START_TEST(a_handle_that_another_thread_has_now_is_misuse)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, use_a_stale_one, NULL);
    ck_run_once(loop, DS_EMISUSE,
                "ds_sleep: the handle of thread 3 is used by another thread, "
                "or after its own has ended (thread 1, at 2 s)");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, threads_one_after_the_other_share_one_handle, 0, 2);
    tcase_add_test(tc, a_handle_used_again_has_no_past);
    tcase_add_test(tc, a_handle_that_another_thread_has_now_is_misuse);
    tcase_add_loop_test(tc, threads_start_in_the_order_they_were_spawned, 0,
                        10);
    tcase_add_test(tc, a_body_gets_the_argument_of_its_spawning);
    tcase_add_test(tc,
                   a_body_starts_with_the_rounding_of_the_caller_of_the_run);
    tcase_add_test(
        tc, a_thread_spawned_by_another_waits_for_the_baton_and_its_turn);
    tcase_add_test(tc, a_thread_spawned_during_the_run_starts_at_that_instant);
    tcase_add_loop_test(
        tc, a_new_thread_starts_before_any_event_even_of_its_instant, 0, 10);
    tcase_add_test(tc, threads_beget_threads_at_one_instant);

    tcase_add_test(tc, two_thousand_threads_live_at_one_time);
    tcase_add_test(tc, threads_that_ended_make_room_for_others);

    tcase_add_test(tc, a_thread_not_started_when_the_run_ends_never_starts);

    tcase_add_test(tc, a_daemon_does_not_keep_the_run_alive);
    tcase_add_test(tc, time_stops_when_only_daemons_are_left);
    tcase_add_test(tc, daemons_are_told_in_the_order_of_their_spawning);
    tcase_add_test(tc, a_daemon_may_return_early);
    tcase_add_test(tc,
                   a_run_with_nothing_but_daemons_succeeds_and_takes_no_time);
    tcase_add_test(tc, a_run_of_nothing_says_so);
    tcase_add_test(tc, a_daemon_does_not_start_where_nobody_needs_it);
    tcase_add_test(tc, a_daemon_serves_as_long_as_others_ask);
    tcase_add_test(tc, a_thread_that_a_daemon_spawned_keeps_the_run_alive);
    tcase_add_test(tc, a_daemon_cannot_keep_others_from_a_deadlock);
    tcase_add_test(tc, every_later_call_of_a_daemon_tells_it_that_it_is_over);
}

int main(void)
{
    return harness_main("spawn", add);
}
