/* Waiting for events: on one stream and on several, with and without a
 * timeout. */

#include "stage.h"

/* What happened to a body that polled: the data of the event, "time" for a
 * timeout, "over", and when. */
static void note_event(ds_handle *h, bool on, const ds_event *event)
{
    if (!on)
        note("over@%g ", ds_now(h));
    else if (event->stream == NULL)
        note("time@%g ", ds_now(h));
    else
        note("%s@%g ", (const char *)event->data, ds_now(h));
}

/* A stage for every test: three streams, and two bodies that know them. */
static ds_loop *loop;
static ds_stream *streams[3];
static ds_stream *const nowhere[1];

static void setup(void)
{
    loop = loop_fifo();
    for (int i = 0; i < 3; i++)
        streams[i] = ds_stream_new(loop);
}

static void teardown(void)
{
    ds_loop_free(loop);
}

static void play(ds_thread_fn *first, ds_thread_fn *second)
{
    ds_spawn(loop, first, NULL);
    if (second != NULL)
        ds_spawn(loop, second, NULL);
    ck_run(loop, DS_OK, NULL);
}

/* ---- One stream -----------------------------------------------------------*/

static void send_at_2(ds_handle *h, void *arg)
{
    ds_schedule(h, streams[0], 2, "x", NULL);
}

static void poll_one(ds_handle *h, void *arg)
{
    ds_event event;
    note_event(h, ds_poll(h, streams[0], &event), &event);
}

START_TEST(a_poll_waits_until_an_event_happens)
{
    play(poll_one, send_at_2);
    ck_noted("x@2 ");
}
END_TEST

static void poll_filled(ds_handle *h, void *arg)
{
    int data;
    ds_event event = { 0 };

    ds_schedule(h, streams[1], 1, &data, count_free);
    ck_assert(ds_poll(h, streams[1], &event));
    ck_assert_ptr_eq(event.stream, streams[1]);
    ck_assert_ptr_eq(event.data, &data);
    ck_assert(event.free == count_free);
}

START_TEST(an_event_has_its_stream_data_and_free_function)
{
    play(poll_filled, NULL);
}
END_TEST

static void say_child(ds_handle *h, void *arg)
{
    note("child ");
}

static void poll_pending(ds_handle *h, void *arg)
{
    ds_event event;

    ds_schedule(h, streams[0], 1, "x", NULL);
    ds_sleep(h, 2);
    ds_spawn(loop, say_child, NULL);
    note_event(h, ds_poll(h, streams[0], &event), &event);
}

START_TEST(a_pending_event_is_received_at_once_and_nobody_else_runs)
{
    play(poll_pending, NULL);
    ck_noted("x@2 child ");
}
END_TEST

static void any_pending(ds_handle *h, void *arg)
{
    ds_event event;

    ds_schedule(h, streams[0], 1, "x", NULL);
    ds_schedule(h, streams[0], 1.5, "y", NULL);
    ds_sleep(h, 2);
    ds_spawn(loop, say_child, NULL);
    note_event(h, ds_poll_any(h, streams, 3, &event), &event);
    note_event(h, ds_poll_timeout(h, streams, 3, 0, &event), &event);
}

START_TEST(so_do_polls_of_several_streams_and_with_a_timeout)
{
    play(any_pending, NULL);
    ck_noted("x@2 y@2 child ");
}
END_TEST

static void send_disordered(ds_handle *h, void *arg)
{
    ds_schedule(h, streams[0], 3, "c", NULL);
    ds_schedule(h, streams[0], 1, "a", NULL);
    ds_schedule(h, streams[0], 4, "d", NULL);
    ds_schedule(h, streams[0], 2, "b", NULL);
}

static void poll_four(ds_handle *h, void *arg)
{
    for (int i = 0; i < 4; i++)
        poll_one(h, arg);
}

static void poll_four_late(ds_handle *h, void *arg)
{
    ds_sleep(h, 5);
    poll_four(h, arg);
}

START_TEST(a_waiting_thread_gets_events_when_they_happen)
{
    play(send_disordered, poll_four);
    ck_noted("a@1 b@2 c@3 d@4 ");
}
END_TEST

START_TEST(pending_events_are_received_in_the_order_they_happened)
{
    play(send_disordered, poll_four_late);
    ck_noted("a@5 b@5 c@5 d@5 ");
}
END_TEST

static void send_to_myself(ds_handle *h, void *arg)
{
    ds_event event;

    ds_schedule(h, streams[0], 0, "x", NULL);
    note_event(h, ds_poll(h, streams[0], &event), &event);
}

START_TEST(a_thread_may_send_to_itself)
{
    play(send_to_myself, NULL);
    ck_noted("x@0 ");
}
END_TEST

/* ---- Several streams ------------------------------------------------------*/

static void send_to_all(ds_handle *h, void *arg)
{
    ds_schedule(h, streams[0], 3, "0", NULL);
    ds_schedule(h, streams[1], 2, "1", NULL);
    ds_schedule(h, streams[2], 1, "2", NULL);
}

static void any_three(ds_handle *h, void *arg)
{
    ds_event event;
    for (int i = 0; i < 3; i++) {
        note_event(h, ds_poll_any(h, streams, 3, &event), &event);
        note("from %d ", event.stream == streams[0]   ? 0
                         : event.stream == streams[1] ? 1
                                                      : 2);
    }
}

static void any_three_late(ds_handle *h, void *arg)
{
    ds_sleep(h, 5);
    any_three(h, arg);
}

START_TEST(the_first_event_to_happen_on_any_stream_is_received)
{
    play(send_to_all, any_three);
    ck_noted("2@1 from 2 1@2 from 1 0@3 from 0 ");
}
END_TEST

START_TEST(among_pending_events_that_of_the_earliest_stream_wins)
{
    play(send_to_all, any_three_late);
    ck_noted("0@5 from 0 1@5 from 1 2@5 from 2 ");
}
END_TEST

static void any_reversed_late(ds_handle *h, void *arg)
{
    ds_stream *const reversed[] = { streams[2], streams[1], streams[0] };
    ds_event event;

    ds_sleep(h, 5);
    for (int i = 0; i < 3; i++)
        note_event(h, ds_poll_any(h, reversed, 3, &event), &event);
}

START_TEST(earlier_means_the_order_of_the_array_not_of_making)
{
    play(send_to_all, any_reversed_late);
    ck_noted("2@5 1@5 0@5 ");
}
END_TEST

static void any_then_rest(ds_handle *h, void *arg)
{
    ds_event event;

    note_event(h, ds_poll_any(h, streams, 3, &event), &event);
    ds_sleep(h, 10);
    note_event(h, ds_poll(h, streams[0], &event), &event);
    note_event(h, ds_poll(h, streams[1], &event), &event);
}

START_TEST(events_of_the_other_streams_stay_where_they_are)
{
    play(send_to_all, any_then_rest);
    ck_noted("2@1 0@11 1@11 ");
}
END_TEST

static void any_of_one_twice(ds_handle *h, void *arg)
{
    ds_stream *const twice[] = { streams[0], streams[0] };
    ds_event event;

    for (int i = 0; i < 2; i++)
        note_event(h, ds_poll_any(h, twice, 2, &event), &event);
    note_event(h, ds_poll_timeout(h, twice, 2, 1, &event), &event);
}

static void send_two(ds_handle *h, void *arg)
{
    ds_schedule(h, streams[0], 1, "a", NULL);
    ds_schedule(h, streams[0], 2, "b", NULL);
}

START_TEST(a_stream_may_be_named_twice)
{
    play(any_of_one_twice, send_two);
    ck_noted("a@1 b@2 time@3 ");
}
END_TEST

enum { many = 300 };

static void any_of_many(ds_handle *h, void *arg)
{
    ds_stream *all[many];
    ds_event event;

    for (int i = 0; i < many; i++) {
        all[i] = ds_stream_new(loop);
        ring(h, all[i], many - i);
    }
    for (int i = 0; i < many; i++) {
        ck_assert(ds_poll_any(h, all, many, &event));
        ck_assert_ptr_eq(event.stream, all[many - 1 - i]);
        ck_assert(ds_now(h) == i + 1);
    }
}

START_TEST(hundreds_of_streams_can_be_polled_at_once)
{
    play(any_of_many, NULL);
}
END_TEST

/* ---- Timeouts -------------------------------------------------------------*/

static double seconds;

static void poll_for(ds_handle *h, void *arg)
{
    ds_event event = { .stream = streams[1], .data = &event };

    const bool on = ds_poll_timeout(h, streams, 3, seconds, &event);
    note_event(h, on, &event);
    if (event.stream == NULL) {
        ck_assert_ptr_null(event.data);
        ck_assert(event.free == NULL);
    }
}

START_TEST(without_an_event_the_time_runs_out)
{
    seconds = 1.5;
    play(poll_for, NULL);
    ck_noted("time@1.5 ");
}
END_TEST

START_TEST(an_event_before_the_timeout_is_received_when_it_happens)
{
    seconds = 2.5;
    play(poll_for, send_at_2);
    ck_noted("x@2 ");
    ck_assert(ds_loop_now(loop) == 2);
}
END_TEST

START_TEST(an_event_after_the_timeout_stays)
{
    seconds = 1.5;
    play(poll_for, send_at_2);
    ck_noted("time@1.5 ");
    play(poll_one, NULL);
    ck_noted("x@2 ");
}
END_TEST

START_TEST(an_event_due_at_the_instant_of_the_timeout_wins)
{
    seconds = 2;
    play(poll_for, send_at_2);
    ck_noted("x@2 ");
    play(send_at_2, poll_for);
    ck_noted("x@4 ");
}
END_TEST

/* Scheduled at the instant itself, when the timeout has long been queued. */
static void send_just_in_time(ds_handle *h, void *arg)
{
    ds_sleep(h, 2);
    ds_schedule(h, streams[2], 0, "x", NULL);
}

START_TEST(so_does_an_event_scheduled_at_the_very_instant)
{
    seconds = 2;
    play(poll_for, send_just_in_time);
    ck_noted("x@2 ");
    play(send_just_in_time, poll_for);
    ck_noted("x@4 ");
}
END_TEST

static void send_in_steps(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    for (int i = 0; i < 5; i++)
        ds_sleep(h, 0.2);
    for (int i = 0; i < 5; i++)
        ds_sleep(h, 0);
    ds_schedule(h, streams[0], 0, "x", NULL);
}

START_TEST(however_many_steps_of_the_instant_it_takes)
{
    seconds = 1 + 0.2 + 0.2 + 0.2 + 0.2 + 0.2;
    play(poll_for, send_in_steps);
    ck_noted("x@2 ");
}
END_TEST

static void draw_wins(uint64_t seed)
{
    ds_loop_free(loop);
    loop = loop_seeded(seed);
    for (int i = 0; i < 3; i++)
        streams[i] = ds_stream_new(loop);
    seconds = 2;
    play(poll_for, send_at_2);
}

START_TEST(it_wins_whatever_the_seed)
{
    draw_wins((uint64_t)_i + 1);
    ck_noted("x@2 ");
}
END_TEST

static void sleep_2(ds_handle *h, void *arg)
{
    ds_sleep(h, 2);
    note("slept@%g ", ds_now(h));
}

START_TEST(a_wake_up_at_the_instant_of_a_timeout_comes_before_it)
{
    seconds = 2;
    play(poll_for, sleep_2);
    ck_noted("slept@2 time@2 ");
}
END_TEST

START_TEST(zero_seconds_let_no_time_pass)
{
    seconds = 0;
    play(poll_for, send_at_2);
    ck_noted("time@0 ");
}
END_TEST

static void send_at_0(ds_handle *h, void *arg)
{
    ds_schedule(h, streams[1], 0, "x", NULL);
}

START_TEST(zero_seconds_are_enough_for_events_of_this_instant)
{
    seconds = 0;
    play(poll_for, send_at_0);
    ck_noted("x@0 ");
}
END_TEST

START_TEST(negative_zero_seconds_are_zero)
{
    seconds = -0.0;
    play(poll_for, send_at_0);
    ck_noted("x@0 ");
}
END_TEST

START_TEST(infinite_seconds_wait_for_the_event)
{
    seconds = INFINITY;
    play(poll_for, send_at_2);
    ck_noted("x@2 ");
}
END_TEST

START_TEST(infinite_seconds_without_an_event_are_a_deadlock)
{
    seconds = INFINITY;
    ds_spawn(loop, poll_for, NULL);
    ck_run(loop, DS_DEADLOCK, NULL);
    ck_noted("over@0 ");
}
END_TEST

static void time_out_often(ds_handle *h, void *arg)
{
    ds_event event;

    for (int i = 0; i < 3; i++) {
        const bool on = ds_poll_timeout(h, streams, 3, 1, &event);
        note_event(h, on, &event);
    }
    note_event(h, ds_poll(h, streams[0], &event), &event);
}

static void send_at_1_and_9(ds_handle *h, void *arg)
{
    ds_schedule(h, streams[0], 0.5, "x", NULL);
    ds_schedule(h, streams[0], 9, "y", NULL);
}

START_TEST(a_timeout_that_was_not_needed_never_rings)
{
    play(time_out_often, send_at_1_and_9);
    ck_noted("x@0.5 time@1.5 time@2.5 y@9 ");
}
END_TEST

/* ---- No streams: a sleep --------------------------------------------------*/

static void poll_nothing(ds_handle *h, void *arg)
{
    ds_event event = { .stream = streams[0] };

    const bool on = ds_poll_timeout(h, nowhere, 0, seconds, &event);
    note_event(h, on, &event);
}

static void poll_null(ds_handle *h, void *arg)
{
    ds_event event = { .stream = streams[0] };

    const bool on = ds_poll_timeout(h, NULL, 0, seconds, &event);
    note_event(h, on, &event);
}

START_TEST(no_streams_and_a_timeout_are_a_sleep)
{
    seconds = 3;
    play(poll_nothing, poll_null);
    ck_noted("time@3 time@3 ");
}
END_TEST

START_TEST(such_a_sleep_may_last_0_seconds)
{
    seconds = 0;
    play(poll_nothing, NULL);
    ck_noted("time@0 ");
}
END_TEST

START_TEST(such_a_sleep_comes_before_timeouts_of_its_instant_as_sleeps_do)
{
    seconds = 2;
    play(poll_for, poll_nothing);
    ck_noted("time@2 time@2 ");
    /* The digest tells who came first. */
    const uint64_t slept = ds_loop_digest(loop);
    teardown();
    setup();
    play(poll_for, sleep_2);
    ck_assert(ds_loop_digest(loop) == slept);
    note_clear();
}
END_TEST

START_TEST(a_sleep_for_ever_is_a_deadlock)
{
    seconds = INFINITY;
    ds_spawn(loop, poll_nothing, NULL);
    ck_run(loop, DS_DEADLOCK, NULL);
    ck_noted("over@0 ");
}
END_TEST

/* ---- Sleeping -------------------------------------------------------------*/

static void sleep_some(ds_handle *h, void *arg)
{
    static const double parts[] = { 0, 1, 0.5, 1e-9, 1e9 };
    double now = 0;

    for (int i = 0; i < 5; i++) {
        ck_assert(ds_sleep(h, parts[i]));
        now += parts[i];
        ck_assert(ds_now(h) == now);
    }
}

START_TEST(a_sleep_lasts_exactly_its_seconds)
{
    play(sleep_some, NULL);
}
END_TEST

static void sleep_0_and_say(ds_handle *h, void *arg)
{
    note("a ");
    ds_sleep(h, 0);
    note("a ");
}

static void say_b(ds_handle *h, void *arg)
{
    note("b ");
}

START_TEST(a_sleep_of_0_seconds_lets_others_run)
{
    play(sleep_0_and_say, say_b);
    ck_noted("a b a ");
}
END_TEST

static void hold_the_clock(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    for (int i = 0; i < 1000; i++)
        ring(h, streams[0], 0.5);
    ck_assert(ds_now(h) == 1);
}

START_TEST(the_clock_stands_still_between_blocking_calls)
{
    play(hold_the_clock, NULL);
    ck_assert(ds_loop_now(loop) == 1);
}
END_TEST

/* ---- Several threads on one stream ----------------------------------------*/

static void send_one_more(ds_handle *h, void *arg)
{
    ds_schedule(h, streams[0], 1, "x", NULL);
}

static void poll_short(ds_handle *h, void *arg)
{
    ds_event event;
    const bool on = ds_poll_timeout(h, streams, 1, 3, &event);
    note_event(h, on, &event);
}

START_TEST(an_event_goes_to_one_receiver_only)
{
    ds_spawn(loop, poll_short, NULL);
    ds_spawn(loop, poll_short, NULL);
    ds_spawn(loop, send_one_more, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("x@1 time@3 ");
}
END_TEST

static void poll_very_short(ds_handle *h, void *arg)
{
    ds_event event;
    const bool on = ds_poll_timeout(h, streams, 1, 0.5, &event);
    note_event(h, on, &event);
}

START_TEST(a_thread_whose_time_ran_out_waits_no_more)
{
    ds_spawn(loop, poll_very_short, NULL);
    ds_spawn(loop, poll_short, NULL);
    ds_spawn(loop, send_one_more, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("time@0.5 x@1 ");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);

    tcase_add_test(tc, a_poll_waits_until_an_event_happens);
    tcase_add_test(tc, an_event_has_its_stream_data_and_free_function);
    tcase_add_test(tc,
                   a_pending_event_is_received_at_once_and_nobody_else_runs);
    tcase_add_test(tc, so_do_polls_of_several_streams_and_with_a_timeout);
    tcase_add_test(tc, a_waiting_thread_gets_events_when_they_happen);
    tcase_add_test(tc, pending_events_are_received_in_the_order_they_happened);
    tcase_add_test(tc, a_thread_may_send_to_itself);

    tcase_add_test(tc, the_first_event_to_happen_on_any_stream_is_received);
    tcase_add_test(tc, among_pending_events_that_of_the_earliest_stream_wins);
    tcase_add_test(tc, earlier_means_the_order_of_the_array_not_of_making);
    tcase_add_test(tc, events_of_the_other_streams_stay_where_they_are);
    tcase_add_test(tc, a_stream_may_be_named_twice);
    tcase_add_test(tc, hundreds_of_streams_can_be_polled_at_once);

    tcase_add_test(tc, without_an_event_the_time_runs_out);
    tcase_add_test(tc, an_event_before_the_timeout_is_received_when_it_happens);
    tcase_add_test(tc, an_event_after_the_timeout_stays);
    tcase_add_test(tc, an_event_due_at_the_instant_of_the_timeout_wins);
    tcase_add_test(tc, so_does_an_event_scheduled_at_the_very_instant);
    tcase_add_test(tc, however_many_steps_of_the_instant_it_takes);
    tcase_add_loop_test(tc, it_wins_whatever_the_seed, 0, 20);
    tcase_add_test(tc, a_wake_up_at_the_instant_of_a_timeout_comes_before_it);
    tcase_add_test(tc, zero_seconds_let_no_time_pass);
    tcase_add_test(tc, zero_seconds_are_enough_for_events_of_this_instant);
    tcase_add_test(tc, negative_zero_seconds_are_zero);
    tcase_add_test(tc, infinite_seconds_wait_for_the_event);
    tcase_add_test(tc, infinite_seconds_without_an_event_are_a_deadlock);
    tcase_add_test(tc, a_timeout_that_was_not_needed_never_rings);

    tcase_add_test(tc, no_streams_and_a_timeout_are_a_sleep);
    tcase_add_test(tc, such_a_sleep_may_last_0_seconds);
    tcase_add_test(
        tc, such_a_sleep_comes_before_timeouts_of_its_instant_as_sleeps_do);
    tcase_add_test(tc, a_sleep_for_ever_is_a_deadlock);

    tcase_add_test(tc, a_sleep_lasts_exactly_its_seconds);
    tcase_add_test(tc, a_sleep_of_0_seconds_lets_others_run);
    tcase_add_test(tc, the_clock_stands_still_between_blocking_calls);

    tcase_add_test(tc, an_event_goes_to_one_receiver_only);
    tcase_add_test(tc, a_thread_whose_time_ran_out_waits_no_more);
}

int main(void)
{
    return harness_main("poll", add);
}
