/* Scopes: the threads of one machine end, pause and have a clock of their own
 * while the others go on.  And what a probe is told of it. */

#include "stage.h"

#include "loop/state.h"

static ds_loop *loop;
static ds__scope machine;
static ds_stream *stream;

/* A loop with a machine on it, whose invariants are checked at every event. */
static void begin(void)
{
    setenv("DISTSYS_CHECK", "1", 1);
    loop = loop_fifo();
    ds__scope_init(&machine, loop);
    stream = ds_stream_new(loop);
}

static void put(ds_thread_fn *fn, void *arg)
{
    ds__scope_spawn(&machine, fn, arg, false, "test");
}

/* ---- Bodies ---------------------------------------------------------------*/

/* Notes each second that it lives, and when it is over. */
static void tick(ds_handle *h, void *name)
{
    while (ds_sleep(h, 1))
        note("%s%g ", (char *)name, ds_now(h));
    note("%s:over ", (char *)name);
}

static void tick_thrice(ds_handle *h, void *name)
{
    for (int i = 0; i < 3 && ds_sleep(h, 1); i++)
        note("%s%g ", (char *)name, ds_now(h));
}

static void end_machine_at_2(ds_handle *h, void *arg)
{
    ds_sleep(h, 2.5);
    ds__scope_end(&machine);
    note("end ");
    ds_sleep(h, 1);
    note("on%g ", ds_now(h));
}

/* ---- The end --------------------------------------------------------------*/

START_TEST(the_threads_of_a_scope_end_and_others_go_on)
{
    begin();
    put(tick, "a");
    put(tick, "b");
    ds_spawn(loop, end_machine_at_2, NULL);
    ds_spawn(loop, tick_thrice, "x");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a1 b1 x1 a2 b2 x2 end a:over b:over x3 on3.5 ");
}
END_TEST

static void end_own_machine(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    ds__scope_end(&machine);
    note("still ");
    note("%s ", ds_sleep(h, 1) ? "awake" : "over");
    ds_schedule(h, stream, 0, "x", NULL);
    note("back ");
}

static void wait_for_stream(ds_handle *h, void *arg)
{
    ds_event event;

    ck_assert(ds_poll_timeout(h, &stream, 1, 5, &event));
    note("%s%g ", event.stream == NULL ? "none" : "event", ds_now(h));
}

START_TEST(a_thread_that_ends_its_own_scope_goes_on_until_it_blocks)
{
    begin();
    put(tick, "a");
    put(end_own_machine, NULL);
    ds_spawn(loop, wait_for_stream, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a1 still over back a:over none5 ");
}
END_TEST

static void end_at_0(ds_handle *h, void *arg)
{
    ds__scope_end(&machine);
}

START_TEST(a_thread_that_has_not_started_never_does)
{
    begin();
    ds_spawn(loop, end_at_0, NULL);
    put(tick, "a");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("");
}
END_TEST

START_TEST(a_thread_spawned_into_an_ended_scope_never_starts)
{
    begin();
    ds__scope_end(&machine);
    put(tick, "a");
    ds_spawn(loop, tick_thrice, "x");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("x1 x2 x3 ");
}
END_TEST

static void spawn_child(ds_handle *h, void *arg)
{
    ds_spawn(ds_handle_loop(h), tick, "child");
    ds_sleep(h, 100);
}

START_TEST(what_a_thread_spawns_is_in_its_scope)
{
    begin();
    put(spawn_child, NULL);
    ds_spawn(loop, end_machine_at_2, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("child1 child2 end child:over on3.5 ");
}
END_TEST

static void count_work(void *arg)
{
    ++*(int *)arg;
}

static int worked;

static void compute(ds_handle *h, void *arg)
{
    note("%s ", ds_compute(h, 5, count_work, &worked) ? "done" : "over");
}

START_TEST(a_thread_that_computes_is_unwound_when_its_work_is_done)
{
    begin();
    put(compute, NULL);
    ds_spawn(loop, end_machine_at_2, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("end over on3.5 ");
    ck_assert_int_eq(worked, 1);
}
END_TEST

static void two_lives(ds_handle *h, void *arg)
{
    ds_sleep(h, 1.5);
    ds__scope_end(&machine);
    ds_sleep(h, 1);
    ds__scope_renew(&machine);
    put(tick_thrice, "b");
}

START_TEST(a_scope_can_be_used_again)
{
    begin();
    put(tick, "a");
    ds_spawn(loop, two_lives, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a1 a:over b3.5 b4.5 b5.5 ");
}
END_TEST

/* One ends while another is being unwound. */
static ds__scope second;

static void end_other_when_over(ds_handle *h, void *arg)
{
    ds_sleep(h, 100);
    ds__scope_end(&second);
    note("first ");
}

START_TEST(a_scope_may_end_while_another_is_unwound)
{
    begin();
    ds__scope_init(&second, loop);
    put(end_other_when_over, NULL);
    put(tick, "a");
    ds__scope_spawn(&second, tick, "s", false, "test");
    ds_spawn(loop, end_machine_at_2, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a1 s1 a2 s2 end first a:over s:over on3.5 ");
}
END_TEST

static void stop_at_2(ds_handle *h, void *arg)
{
    ds_sleep(h, 2.5);
    ds__scope_end(&machine);
    ds_stop(h);
}

START_TEST(the_end_of_the_run_and_of_a_scope_are_one)
{
    begin();
    ds_spawn(loop, tick, "x");
    put(tick, "a");
    ds_spawn(loop, stop_at_2, NULL);
    ck_run_once(loop, DS_STOPPED, NULL);
    ck_noted("x1 a1 x2 a2 a:over x:over ");
}
END_TEST

/* ---- Pauses ---------------------------------------------------------------*/

static void pause_for_a_while(ds_handle *h, void *arg)
{
    ds_sleep(h, 1.5);
    ds__scope_pause(&machine);
    ds_sleep(h, 2);
    note("resume%g ", ds_now(h));
    ds__scope_resume(&machine);
}

START_TEST(a_paused_thread_goes_on_when_it_is_resumed)
{
    begin();
    put(tick_thrice, "a");
    ds_spawn(loop, tick_thrice, "x");
    ds_spawn(loop, pause_for_a_while, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a1 x1 x2 x3 resume3.5 a3.5 a4.5 ");
}
END_TEST

static void send_at(ds_handle *h, void *seconds)
{
    ds_sleep(h, *(double *)seconds);
    ds_schedule(h, stream, 0, &freed[0], count_free);
    ds_schedule(h, stream, 0, &freed[1], count_free);
    ds_sleep(h, 10);
}

static void wait_two_seconds(ds_handle *h, void *arg)
{
    ds_event event;
    bool more = true;

    for (int i = 0; i < 3 && more; i++) {
        more = ds_poll_timeout(h, &stream, 1, 2, &event);
        note("%s%g ",
             !more                  ? "over"
             : event.stream == NULL ? "late"
                                    : "event",
             ds_now(h));
        ds_event_drop(&event);
    }
}

START_TEST(of_an_event_and_a_timeout_the_first_one_counts)
{
    static double before = 1.9, after = 2.1;
    static const char *want[] = { "resume3.5 event3.5 event3.5 late5.5 ",
                                  "resume3.5 late3.5 event3.5 event3.5 " };

    for (int i = 0; i < 2; i++) {
        begin();
        put(wait_two_seconds, NULL);
        ds_spawn(loop, send_at, i == 0 ? &before : &after);
        ds_spawn(loop, pause_for_a_while, NULL);
        ck_run_once(loop, DS_OK, NULL);
        ck_noted(want[i]);
        ck_each_freed_once(2);
        freed[0] = freed[1] = 0;
    }
}
END_TEST

static void pause_then_end(ds_handle *h, void *arg)
{
    ds_sleep(h, 1.5);
    ds__scope_pause(&machine);
    ds_sleep(h, 2);
    ds__scope_end(&machine);
    note("end ");
}

START_TEST(a_paused_thread_never_sees_what_came_before_its_end)
{
    static double at = 1.9;

    begin();
    put(wait_two_seconds, NULL);
    ds_spawn(loop, send_at, &at);
    ds_spawn(loop, pause_then_end, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("end over3.5 ");
    ck_each_freed_once(2);
}
END_TEST

static void pause_and_stop(ds_handle *h, void *arg)
{
    ds_sleep(h, 1.5);
    ds__scope_pause(&machine);
    ds_sleep(h, 2);
    ds_stop(h);
}

START_TEST(a_run_may_end_while_a_scope_is_paused)
{
    static double at = 1.9;

    begin();
    put(wait_two_seconds, NULL);
    put(tick, "a");
    ds_spawn(loop, send_at, &at);
    ds_spawn(loop, pause_and_stop, NULL);
    ck_run_once(loop, DS_STOPPED, NULL);
    ck_noted("a1 over3.5 a:over ");
    ck_each_freed_once(2);
}
END_TEST

static void pause_spawn_resume(ds_handle *h, void *arg)
{
    ds__scope_pause(&machine);
    put(tick_thrice, "a");
    ds_sleep(h, 2);
    ds__scope_resume(&machine);
}

START_TEST(a_thread_of_a_paused_scope_starts_when_it_is_resumed)
{
    begin();
    ds_spawn(loop, pause_spawn_resume, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a3 a4 a5 ");
}
END_TEST

/* ---- Clocks ---------------------------------------------------------------*/

static void deadline(ds_handle *h, void *arg)
{
    const double end = ds_now(h) + 3;
    ds_event event;

    ck_assert(ds_poll_timeout(h, &stream, 1, end - ds_now(h), &event));
    ck_assert_double_eq_tol(ds_now(h), end, 1e-9);
    note("%.9g ", ds_loop_now(loop));
    ck_assert(ds_sleep(h, 1));
    ck_assert_double_eq_tol(ds_now(h), end + 1, 1e-9);
    note("%.9g ", ds_loop_now(loop));
}

static const double drifts[] = { -0.75, -0.5, 0, 1, 3 };

START_TEST(all_that_is_asked_for_in_seconds_is_measured_by_the_clock)
{
    char want[64];
    const double rate = 1 + drifts[_i];

    begin();
    ds__scope_set_clock(&machine, 1000, drifts[_i]);
    put(deadline, NULL);
    ck_run_once(loop, DS_OK, NULL);
    snprintf(want, sizeof(want), "%.9g %.9g ", 3 / rate, 4 / rate);
    ck_noted(want);
}
END_TEST

static void schedule_by_clock(ds_handle *h, void *arg)
{
    ds_event event;

    ds_schedule(h, stream, 6, NULL, NULL);
    ck_assert(ds_poll(h, stream, &event));
    note("%g %g ", ds_now(h), ds_loop_now(loop));
}

START_TEST(delays_are_measured_by_the_clock_too)
{
    begin();
    ds__scope_set_clock(&machine, 0, 2);
    put(schedule_by_clock, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("6 2 ");
}
END_TEST

/* ---- What is told ---------------------------------------------------------*/

static void record(ds__probe *self, const ds__record *r)
{
    static const char *const names[] = {
        [DS__TELL_SPAWN] = "spawn",     [DS__TELL_START] = "start",
        [DS__TELL_END] = "end",         [DS__TELL_WAIT] = "wait",
        [DS__TELL_COMPUTE] = "compute", [DS__TELL_WAKE] = "wake",
        [DS__TELL_TAKE] = "take",       [DS__TELL_RUN] = "run",
        [DS__TELL_RAN] = "ran",         [DS__TELL_SLEEP] = "sleep",
    };

    note("%s%llu@%g ", names[r->kind], (unsigned long long)r->who, r->time);
}

static bool begin_to_listen(ds__probe *self, ds_loop *of)
{
    note("begin ");
    return true;
}

static void stop_to_listen(ds__probe *self)
{
    note("end ");
}

static void go_away(ds__probe *self)
{
    note("free ");
}

static void talk(ds_handle *h, void *arg)
{
    ds_event event;

    ds_schedule(h, stream, 1, NULL, NULL);
    ds_schedule(h, stream, 1, NULL, NULL);
    ds_sleep(h, 2);
    ds_poll(h, stream, &event);
    ds_compute(h, 1, count_work, &worked);
    ds_stop(h);
}

START_TEST(a_probe_is_told_what_happens_in_order)
{
    ds__probe probe = {
        .record = record,
        .begin = begin_to_listen,
        .end = stop_to_listen,
        .free = go_away,
    };

    begin();
    ds__loop_watch(loop, &probe);
    ds_spawn(loop, talk, NULL);
    put(wait_for_stream, NULL);
    ck_run_once(loop, DS_STOPPED, NULL);
    ck_noted("spawn1@0 spawn2@0 begin run0@0 start1@0 sleep1@0 start2@0 "
             "wait2@0 wake2@1 event1 end2@1 wake1@2 take1@2 compute1@2 wake1@3 "
             "end1@3 ran0@3 end free ");
}
END_TEST

/* ---- Crash points, speed, and who wants to know ---------------------------*/

static void strike(ds__scope *scope, ds_handle *h)
{
    note("struck ");
    ds__scope_end(scope);
}

/* Calls that have an effect, and questions, which do not count. */
static void make_calls(ds_handle *h, void *arg)
{
    ds_event event;

    note("%g ", ds_now(h));
    ds_random(h);
    ds_set_name(h, "caller");
    ds_schedule(h, stream, 0, &freed[0], count_free);
    note("%d ", ds_poll(h, stream, &event));
    ds_event_drop(&event);
    note("%d ", ds_sleep(h, 1));
    ds_stop(h);
    note("end ");
}

START_TEST(the_kth_call_has_no_effect_and_ends_the_scope)
{
    static const char *const want[] = {
        "0 struck 0 0 end x1 x2 x3 ", /* to set a name */
        "0 struck 0 0 end x1 x2 x3 ", /* to schedule */
        "0 struck 0 0 end x1 x2 x3 ", /* to poll */
        "0 1 struck 0 end x1 x2 x3 ", /* to sleep */
        "0 1 x1 1 struck end x2 x3 ", /* to stop */
    };

    begin();
    ds__scope_count_calls(&machine, (uint64_t)_i + 1, strike);
    ds_spawn(loop, tick_thrice, "x");
    put(make_calls, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted(want[_i]);
    ck_each_freed_once(1);
}
END_TEST

START_TEST(a_scope_that_counts_in_vain_changes_nothing)
{
    begin();
    ds__scope_count_calls(&machine, 6, strike);
    put(make_calls, NULL);
    ck_run_once(loop, DS_STOPPED, NULL);
    ck_noted("0 1 1 end ");
}
END_TEST

static void say_empty(ds__scope *scope)
{
    note("empty%zu ", scope->num_live);
}

START_TEST(who_wants_to_know_hears_when_the_last_thread_has_returned)
{
    begin();
    machine.emptied = say_empty;
    put(tick, "a");
    put(tick_thrice, "b");
    ds_spawn(loop, end_machine_at_2, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("a1 b1 a2 b2 end a:over empty0 on3.5 ");
}
END_TEST

static void compute_twice(ds_handle *h, void *arg)
{
    ds_compute(h, 3, count_work, &worked);
    note("%g ", ds_now(h));
    ds_sleep(h, 1);
    note("%g ", ds_now(h));
}

START_TEST(speed_is_about_computing_alone)
{
    begin();
    machine.speed = 0.5;
    put(compute_twice, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("6 7 ");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, the_threads_of_a_scope_end_and_others_go_on);
    tcase_add_test(tc,
                   a_thread_that_ends_its_own_scope_goes_on_until_it_blocks);
    tcase_add_test(tc, a_thread_that_has_not_started_never_does);
    tcase_add_test(tc, a_thread_spawned_into_an_ended_scope_never_starts);
    tcase_add_test(tc, what_a_thread_spawns_is_in_its_scope);
    tcase_add_test(tc, a_thread_that_computes_is_unwound_when_its_work_is_done);
    tcase_add_test(tc, a_scope_can_be_used_again);
    tcase_add_test(tc, a_scope_may_end_while_another_is_unwound);
    tcase_add_test(tc, the_end_of_the_run_and_of_a_scope_are_one);
    tcase_add_test(tc, a_paused_thread_goes_on_when_it_is_resumed);
    tcase_add_test(tc, of_an_event_and_a_timeout_the_first_one_counts);
    tcase_add_test(tc, a_paused_thread_never_sees_what_came_before_its_end);
    tcase_add_test(tc, a_run_may_end_while_a_scope_is_paused);
    tcase_add_test(tc, a_thread_of_a_paused_scope_starts_when_it_is_resumed);
    tcase_add_loop_test(
        tc, all_that_is_asked_for_in_seconds_is_measured_by_the_clock, 0,
        sizeof(drifts) / sizeof(*drifts));
    tcase_add_test(tc, delays_are_measured_by_the_clock_too);
    tcase_add_loop_test(tc, the_kth_call_has_no_effect_and_ends_the_scope, 0,
                        5);
    tcase_add_test(tc, a_scope_that_counts_in_vain_changes_nothing);
    tcase_add_test(tc,
                   who_wants_to_know_hears_when_the_last_thread_has_returned);
    tcase_add_test(tc, speed_is_about_computing_alone);
    tcase_add_test(tc, a_probe_is_told_what_happens_in_order);
}

int main(void)
{
    return harness_main("scope", add);
}
