/* Scheduling and cancelling. */

#include "stage.h"

static ds_loop *loop;
static ds_stream *stream;

static void setup(void)
{
    loop = loop_fifo();
    stream = ds_stream_new(loop);
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

/* Drops what is left on the stream at this instant; says how much it was. */
static int drain(ds_handle *h)
{
    ds_event event;
    int n = 0;

    while (ds_poll_timeout(h, &stream, 1, 0, &event) && event.stream != NULL) {
        ds_event_drop(&event);
        n++;
    }
    return n;
}

/* ---- Scheduling -----------------------------------------------------------*/

static void check_timer(ds_handle *h, void *arg)
{
    ds_sleep(h, 1.25);
    const ds_timer timer = ring(h, stream, 2.5);
    ck_assert(timer.time == 3.75);
    ck_assert(timer.id != 0);
}

START_TEST(a_timer_tells_when_its_event_happens)
{
    play(check_timer, NULL);
}
END_TEST

static void poll_all(ds_handle *h, void *arg)
{
    ds_event event;
    while (ds_poll(h, stream, &event))
        note("%s@%g ", (const char *)event.data, ds_now(h));
}

static void schedule_while_waiting(ds_handle *h, void *arg)
{
    ds_schedule(h, stream, 5, "e", NULL);
    ds_sleep(h, 1);
    ds_schedule(h, stream, 1, "b", NULL);
    ds_schedule(h, stream, 0, "a", NULL);
    ds_sleep(h, 9);
}

START_TEST(a_delay_counts_from_the_moment_of_the_call)
{
    ds_spawn_daemon(loop, poll_all, NULL);
    play(schedule_while_waiting, NULL);
    ck_noted("a@1 b@2 e@5 ");
}
END_TEST

static void schedule_ahead(ds_handle *h, void *arg)
{
    ds_event event;

    for (int i = 0; i < 1000; i++)
        ring(h, stream, (i * 37 % 1000) * 0.5);
    for (int i = 0; i < 1000; i++) {
        ck_assert(ds_poll(h, stream, &event));
        ck_assert(ds_now(h) == i * 0.5);
    }
}

START_TEST(a_thousand_events_happen_in_the_order_of_their_times)
{
    play(schedule_ahead, NULL);
}
END_TEST

static void schedule_tiny(ds_handle *h, void *arg)
{
    ds_event event;

    ds_sleep(h, 1);
    ring(h, stream, 1e-300);
    ck_assert(ds_poll(h, stream, &event));
    ck_assert(ds_now(h) == 1);
    ring(h, stream, 0x1p-1074);
    ck_assert(ds_poll(h, stream, &event));
    ck_assert(ds_now(h) == 1);
}

START_TEST(a_delay_too_small_for_the_clock_is_no_delay)
{
    play(schedule_tiny, NULL);
}
END_TEST

static void schedule_huge(ds_handle *h, void *arg)
{
    ds_event event;

    ring(h, stream, 1e308);
    ck_assert(ds_poll(h, stream, &event));
    ck_assert(ds_now(h) == 1e308);
}

START_TEST(a_huge_delay_is_as_good_as_any)
{
    play(schedule_huge, NULL);
}
END_TEST

static void schedule_beyond(ds_handle *h, void *arg)
{
    ds_event event;

    ck_assert(ds_sleep(h, 1.7e308));
    const ds_timer timer =
        ds_schedule(h, stream, 1.7e308, &freed[0], count_free);
    ck_assert(timer.id == 0);
    ck_assert_int_eq(freed[0], 1);
    ck_assert(!ds_poll(h, stream, &event));
}

START_TEST(a_delay_that_leads_beyond_every_number_is_misuse)
{
    ds_spawn(loop, schedule_beyond, NULL);
    ck_run(loop, DS_EMISUSE, "ds_schedule");
    ck_assert(ds_loop_now(loop) == 1.7e308);
}
END_TEST

static const double bad_delays[] = { NAN, -1, -1e-300, INFINITY, -INFINITY };
static double delay;

static void schedule_bad(ds_handle *h, void *arg)
{
    const ds_timer timer = ds_schedule(h, stream, delay, &freed[0], count_free);
    ck_assert(timer.id == 0);
    ck_assert_int_eq(freed[0], 1);
    ck_assert(!ds_sleep(h, 1));
}

START_TEST(a_delay_that_is_no_finite_number_from_0_is_misuse)
{
    delay = bad_delays[_i];
    ds_spawn(loop, schedule_bad, NULL);
    ck_run(loop, DS_EMISUSE, "ds_schedule");
}
END_TEST

static void schedule_nothing(ds_handle *h, void *arg)
{
    ds_event event = { .data = &event };

    ds_schedule(h, stream, 1, NULL, NULL);
    ck_assert(ds_poll(h, stream, &event));
    ck_assert_ptr_null(event.data);
    ck_assert_ptr_eq(event.stream, stream);
}

START_TEST(an_event_needs_no_data)
{
    play(schedule_nothing, NULL);
}
END_TEST

static int frees_of_null;

static void free_null(void *data)
{
    frees_of_null++;
    ck_assert_ptr_null(data);
}

static void cancel_null(ds_handle *h, void *arg)
{
    ds_cancel(h, ds_schedule(h, stream, 1, NULL, free_null));
}

START_TEST(a_free_function_is_called_even_for_no_data)
{
    play(cancel_null, NULL);
    ck_assert_int_eq(frees_of_null, 1);
}
END_TEST

/* ---- Cancelling -----------------------------------------------------------*/

static void cancel_one(ds_handle *h, void *arg)
{
    const ds_timer timer = ds_schedule(h, stream, 1, &freed[0], count_free);
    ds_schedule(h, stream, 1, &freed[1], count_free);
    ds_cancel(h, timer);
    ck_assert_int_eq(freed[0], 1);
    ds_sleep(h, 2);
    ck_assert_int_eq(drain(h), 1);
}

START_TEST(a_cancelled_event_never_happens_and_its_payload_is_freed_at_once)
{
    play(cancel_one, NULL);
    ck_each_freed_once(2);
}
END_TEST

static void cancel_twice(ds_handle *h, void *arg)
{
    const ds_timer timer = ds_schedule(h, stream, 1, &freed[0], count_free);
    ds_cancel(h, timer);
    ds_cancel(h, timer);
    ds_sleep(h, 2);
    ds_cancel(h, timer);
    ck_assert_int_eq(drain(h), 0);
}

START_TEST(cancelling_twice_does_no_harm)
{
    play(cancel_twice, NULL);
    ck_each_freed_once(1);
}
END_TEST

static void cancel_nothing(ds_handle *h, void *arg)
{
    ds_schedule(h, stream, 0, &freed[0], count_free);
    ds_cancel(h, (ds_timer){ 0 });
    ck_assert_int_eq(drain(h), 1);
}

START_TEST(the_zero_timer_names_no_event)
{
    play(cancel_nothing, NULL);
    ck_each_freed_once(1);
}
END_TEST

static void cancel_invented(ds_handle *h, void *arg)
{
    const ds_timer timer = ds_schedule(h, stream, 0, &freed[0], count_free);

    ds_cancel(h, (ds_timer){ .id = UINT64_MAX, .time = 0 });
    ds_cancel(h, (ds_timer){ .id = timer.id + 1, .time = timer.time });
    ds_cancel(h, (ds_timer){ .id = timer.id ^ UINT64_C(1) << 63 });
    ck_assert_int_eq(drain(h), 1);
}

START_TEST(a_timer_that_nobody_gave_out_names_no_event)
{
    play(cancel_invented, NULL);
    ck_each_freed_once(1);
}
END_TEST

static void cancel_pending(ds_handle *h, void *arg)
{
    const ds_timer timer = ds_schedule(h, stream, 1, &freed[0], count_free);
    ds_sleep(h, 2);
    ds_cancel(h, timer);
    ck_assert_int_eq(freed[0], 0);
    ck_assert_int_eq(drain(h), 1);
}

START_TEST(an_event_that_happened_unread_cannot_be_cancelled)
{
    play(cancel_pending, NULL);
    ck_each_freed_once(1);
}
END_TEST

static void cancel_read(ds_handle *h, void *arg)
{
    ds_event event;

    const ds_timer timer = ds_schedule(h, stream, 1, &freed[0], count_free);
    ck_assert(ds_poll(h, stream, &event));
    ds_cancel(h, timer);
    ck_assert_int_eq(freed[0], 0);
    ds_event_drop(&event);
}

START_TEST(an_event_that_was_read_cannot_be_cancelled)
{
    play(cancel_read, NULL);
    ck_each_freed_once(1);
}
END_TEST

/* Whatever a library reuses for the events that follow. */
static void cancel_stale(ds_handle *h, void *arg)
{
    ds_timer old[num_freed / 2];
    const int n = num_freed / 2;

    for (int i = 0; i < n; i++)
        old[i] = ds_schedule(h, stream, 1, &freed[i], count_free);
    ds_sleep(h, 1);
    ck_assert_int_eq(drain(h), n);
    for (int i = n; i < 2 * n; i++)
        ds_schedule(h, stream, 0, &freed[i], count_free);
    for (int i = 0; i < n; i++)
        ds_cancel(h, old[i]);
    ck_assert_int_eq(drain(h), n);
}

START_TEST(a_timer_kept_after_its_event_names_no_later_one)
{
    play(cancel_stale, NULL);
    ck_each_freed_once(num_freed);
}
END_TEST

static void cancel_half(ds_handle *h, void *arg)
{
    ds_timer timers[1000];
    ds_event event;

    for (int i = 0; i < 1000; i++)
        timers[i] = ring(h, stream, i * 7 % 1000);
    for (int i = 0; i < 1000; i++)
        if ((i * 7 % 1000) % 2 == 0)
            ds_cancel(h, timers[i]);
    for (int i = 0; i < 500; i++) {
        ck_assert(ds_poll(h, stream, &event));
        ck_assert(ds_now(h) == 2 * i + 1);
    }
    ck_assert_int_eq(drain(h), 0);
}

START_TEST(cancelling_from_the_middle_leaves_the_others_in_order)
{
    play(cancel_half, NULL);
}
END_TEST

static ds_timer shared;

static void schedule_shared(ds_handle *h, void *arg)
{
    shared = ds_schedule(h, stream, 5, &freed[0], count_free);
    ds_sleep(h, 9);
}

static void cancel_shared(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    ds_cancel(h, shared);
    ck_assert_int_eq(freed[0], 1);
    ds_sleep(h, 3);
    ck_assert_int_eq(drain(h), 0);
}

START_TEST(another_thread_may_cancel)
{
    play(schedule_shared, cancel_shared);
    ck_each_freed_once(1);
}
END_TEST

static void schedule_and_leave(ds_handle *h, void *arg)
{
    shared = ds_schedule(h, stream, 5, &freed[0], count_free);
    ds_sleep(h, 1);
}

static void cancel_at_once(ds_handle *h, void *arg)
{
    ds_cancel(h, shared);
    ck_assert_int_eq(drain(h), 0);
}

START_TEST(a_timer_of_an_earlier_run_still_names_its_event)
{
    play(schedule_and_leave, NULL);
    play(cancel_at_once, NULL);
    ck_each_freed_once(1);
}
END_TEST

/* ---- Two threads of one instant that cancel each other --------------------*/

static struct duellist {
    ds_stream *stream;
    ds_timer shot;      /* that wakes this one */
    ds_timer *opponent; /* that wakes the other */
} duellists[2];

static void duel(ds_handle *h, void *arg)
{
    const struct duellist *me = arg;
    ds_event event;

    if (ds_poll(h, me->stream, &event)) {
        note("%d ", (int)(me - duellists));
        ds_event_drop(&event);
        ds_cancel(h, *me->opponent);
    }
}

static void fire_both(ds_handle *h, void *arg)
{
    for (int i = 0; i < 2; i++)
        duellists[i].shot =
            ds_schedule(h, duellists[i].stream, 3, &freed[i], count_free);
    ds_sleep(h, 4);
}

/* The winner, 0 or 1. */
static int duel_once(uint64_t seed)
{
    ds_loop *arena = loop_seeded(seed);

    memset(freed, 0, sizeof(freed));
    for (int i = 0; i < 2; i++) {
        duellists[i].stream = ds_stream_new(arena);
        duellists[i].opponent = &duellists[1 - i].shot;
        ds_spawn_daemon(arena, duel, &duellists[i]);
    }
    ds_spawn(arena, fire_both, NULL);
    ck_run_once(arena, DS_OK, NULL);
    ck_each_freed_once(2);

    ck_assert_msg(strlen(noted()) == 2, "fired: \"%s\"", noted());
    const int winner = noted()[0] - '0';
    note_clear();
    return winner;
}

START_TEST(of_two_that_cancel_each_other_at_one_instant_exactly_one_fires)
{
    int wins[2] = { 0 };

    for (uint64_t seed = 1; seed <= 50; seed++)
        wins[duel_once(seed)]++;
    ck_assert_int_gt(wins[0], 5);
    ck_assert_int_gt(wins[1], 5);
}
END_TEST

static void wait_and_cancel(ds_handle *h, void *arg)
{
    ds_timer *other = arg;
    ds_sleep(h, 3);
    ds_cancel(h, *other);
}

START_TEST(a_thread_that_wakes_at_t_can_cancel_what_is_due_at_t)
{
    int cancelled = 0;

    for (uint64_t seed = 1; seed <= 40; seed++) {
        ds_loop *arena = loop_seeded(seed);
        memset(freed, 0, sizeof(freed));
        stream = ds_stream_new(arena);
        duellists[0].stream = stream;
        duellists[1].stream = stream;
        ds_spawn(arena, fire_both, NULL);
        ds_spawn(arena, wait_and_cancel, &duellists[0].shot);
        ck_run(arena, DS_OK, NULL);
        ck_assert_int_le(freed[0], 1);
        ck_assert_int_eq(freed[1], 0);
        cancelled += freed[0];
        ds_loop_free(arena);
        ck_each_freed_once(2);
    }
    ck_assert_int_gt(cancelled, 5);
    ck_assert_int_lt(cancelled, 35);
}
END_TEST

/* ---- Streams given back ---------------------------------------------------*/

/* A stream for each answer; arg says whether it is given back. */
static void ask_often(ds_handle *h, void *arg)
{
    ds_stream *seen[1000];
    size_t different = 0;
    ds_event event;

    ds_sleep(h, 0.25);
    for (int i = 0; i < 1000; i++) {
        ds_stream *reply = ds_stream_new(ds_handle_loop(h));
        size_t k = 0;
        while (k < different && seen[k] != reply)
            k++;
        if (k == different)
            seen[different++] = reply;
        ring(h, reply, 1e-3);
        ds_poll(h, reply, &event);
        if (arg != NULL)
            ds_stream_free(reply);
    }
    ck_assert_uint_eq(different, arg != NULL ? 1 : 1000);
}

static uint64_t digest_of_asking(void *arg)
{
    ds_loop *l = ds_loop_new(NULL);

    ds_spawn(l, ask_often, arg);
    ck_run(l, DS_OK, NULL);
    uint64_t digest = ds_loop_digest(l);
    ds_loop_free(l);
    return digest;
}

START_TEST(streams_given_back_are_used_again_and_change_no_digest)
{
    ck_assert_uint_eq(digest_of_asking(""), digest_of_asking(NULL));
}
END_TEST

static void free_what_is_under_way(ds_handle *h, void *arg)
{
    ds_loop *l = ds_handle_loop(h);
    ds_stream *old = ds_stream_new(l);
    ds_event event;

    ds_schedule(h, old, 0.5, &freed[0], count_free);
    ds_schedule(h, old, 2, &freed[1], count_free);
    ds_timer timer = ds_schedule(h, old, 3, &freed[2], count_free);
    ds_sleep(h, 1);
    ds_stream_free(old);
    ck_assert_int_eq(freed[0], 1);
    ck_assert_int_eq(freed[1], 0);

    ds_stream *other = ds_stream_new(l);
    ck_assert_ptr_ne(other, old); /* which events are still under way to */
    ds_sleep(h, 1);
    ck_assert_int_eq(freed[1], 1);
    ds_cancel(h, timer);
    ck_assert_int_eq(freed[2], 1);
    ck_assert_ptr_eq(ds_stream_new(l), old);
    ck_assert(ds_poll_timeout(h, &old, 1, 5, &event) && event.stream == NULL);
    ds_stream_free(NULL);
}

START_TEST(what_is_under_way_to_a_freed_stream_is_dropped)
{
    play(free_what_is_under_way, NULL);
    ck_each_freed_once(3);
}
END_TEST

static void free_under_a_crowd(ds_handle *h, void *arg)
{
    ds_loop *l = ds_handle_loop(h);
    ds_stream *old = ds_stream_new(l);

    for (int i = 0; i < 70000; i++)
        ring(h, old, 1);
    ds_stream_free(old);
    ds_sleep(h, 2);
    ck_assert_ptr_ne(ds_stream_new(l), old);
}

/* How many are under way is not known beyond 65,534. */
START_TEST(a_stream_with_too_many_under_way_stays_until_the_loop_goes)
{
    play(free_under_a_crowd, NULL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);

    tcase_add_test(tc, a_timer_tells_when_its_event_happens);
    tcase_add_test(tc, a_delay_counts_from_the_moment_of_the_call);
    tcase_add_test(tc, a_thousand_events_happen_in_the_order_of_their_times);
    tcase_add_test(tc, a_delay_too_small_for_the_clock_is_no_delay);
    tcase_add_test(tc, a_huge_delay_is_as_good_as_any);
    tcase_add_test(tc, a_delay_that_leads_beyond_every_number_is_misuse);
    tcase_add_loop_test(tc, a_delay_that_is_no_finite_number_from_0_is_misuse,
                        0, 5);
    tcase_add_test(tc, an_event_needs_no_data);
    tcase_add_test(tc, a_free_function_is_called_even_for_no_data);

    tcase_add_test(
        tc, a_cancelled_event_never_happens_and_its_payload_is_freed_at_once);
    tcase_add_test(tc, cancelling_twice_does_no_harm);
    tcase_add_test(tc, the_zero_timer_names_no_event);
    tcase_add_test(tc, a_timer_that_nobody_gave_out_names_no_event);
    tcase_add_test(tc, an_event_that_happened_unread_cannot_be_cancelled);
    tcase_add_test(tc, an_event_that_was_read_cannot_be_cancelled);
    tcase_add_test(tc, a_timer_kept_after_its_event_names_no_later_one);
    tcase_add_test(tc, cancelling_from_the_middle_leaves_the_others_in_order);
    tcase_add_test(tc, another_thread_may_cancel);
    tcase_add_test(tc, a_timer_of_an_earlier_run_still_names_its_event);

    tcase_add_test(
        tc, of_two_that_cancel_each_other_at_one_instant_exactly_one_fires);
    tcase_add_test(tc, a_thread_that_wakes_at_t_can_cancel_what_is_due_at_t);
    tcase_add_test(tc, streams_given_back_are_used_again_and_change_no_digest);
    tcase_add_test(tc, what_is_under_way_to_a_freed_stream_is_dropped);
    tcase_add_test(tc,
                   a_stream_with_too_many_under_way_stays_until_the_loop_goes);
}

int main(void)
{
    return harness_main("schedule", add);
}
