/* Runs that rest at a time and go on: what happens is what would have happened
 * at once, and in between the loop is the caller's. */

#include "stage.h"

#include <pthread.h>
#include <unistd.h>

#include <distsys/fault.h>
#include <distsys/switch.h>

static const ds_exec execs[] = { DS_THREADS, DS_FIBERS };

static ds_loop *loop_on(int exec, uint64_t seed)
{
    return ds_loop_new(&(ds_loop_config){
        .seed = seed, .exec = execs[exec], .ignore_environment = true });
}

static void ck_rest(ds_loop *loop, double time)
{
    ds_status status = ds_loop_run_until(loop, time);

    ck_assert_msg(status == DS_OK, "%s", ds_loop_error(loop));
    ck_assert_str_eq(ds_loop_error(loop), "");
    ck_assert(ds_loop_now(loop) == time);
}

/* ---- In parts -------------------------------------------------------------*/

enum { WALKERS = 7, STEPS = 40 };

static ds_stream *lines[WALKERS];

/* Sleeps, computes, is sent something and sends on, for times of many sizes. */
static void work(void *arg)
{
    ++*(int *)arg;
}

static void walk(ds_handle *h, void *arg)
{
    const size_t me = (size_t)((ds_stream **)arg - lines);
    ds_event event;
    int done = 0;

    for (int i = 0; i < STEPS; i++) {
        const double scale = pow(10, -3 * ds_random(h));
        ring(h, lines[(me + 1 + (size_t)(ds_random(h) * 3)) % WALKERS],
             ds_random(h) * scale);
        if (ds_random(h) < 0.3)
            ds_sleep(h, ds_random(h));
        if (ds_random(h) < 0.1)
            ds_compute(h, scale, work, &done);
        if (ds_poll_timeout(h, &lines[me], 1, scale, &event))
            note("%zu%s%.9g ", me, event.stream == NULL ? "-" : "+", ds_now(h));
        ds_event_drop(&event);
    }
}

static ds_loop *walkers_on(int exec)
{
    ds_loop *loop = loop_on(exec, 5);

    for (size_t i = 0; i < WALKERS; i++) {
        lines[i] = ds_stream_new(loop);
        ds_spawn(loop, walk, &lines[i]);
    }
    return loop;
}

START_TEST(a_run_in_parts_is_the_run_at_once)
{
    static const double parts[] = { 1e-3, 0.02, 0.7, 5, 1000 };
    ds_loop *whole = walkers_on(_i), *cut;

    ck_run(whole, DS_OK, NULL);
    char *want = strdup(noted());
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        note_clear();
        cut = walkers_on(_i);
        for (double t = parts[i]; t < 10; t += parts[i])
            ck_rest(cut, t);
        ck_run(cut, DS_OK, NULL);
        ck_assert_str_eq(noted(), want);
        ck_assert(ds_loop_digest(cut) == ds_loop_digest(whole));
        ds_loop_free(cut);
    }
    free(want);
    ds_loop_free(whole);
}
END_TEST

static void tick(ds_handle *h, void *arg)
{
    while (ds_sleep(h, 1))
        note("%g ", ds_now(h));
    note("over@%g ", ds_now(h));
}

START_TEST(what_is_due_at_the_moment_of_rest_has_happened)
{
    ds_loop *loop = loop_on(_i, 1);

    ds_spawn(loop, tick, NULL);
    ck_rest(loop, 2);
    ck_noted("1 2 ");
    ck_rest(loop, 2);
    ck_rest(loop, 2.75);
    ck_noted("");
    ck_rest(loop, 3);
    ck_noted("3 ");
    ds_loop_free(loop);
    ck_noted("over@3 ");
}
END_TEST

static void count_some(ds_handle *h, void *arg)
{
    for (int i = 0; i < 3; i++)
        ds_sleep(h, 0);
    note("%g ", ds_now(h));
}

START_TEST(a_rest_at_once_lets_happen_what_takes_no_time)
{
    ds_loop *loop = loop_on(_i, 1);

    ds_spawn(loop, count_some, NULL);
    ck_rest(loop, 0);
    ck_noted("0 ");
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

/* ---- In between -----------------------------------------------------------*/

static void listen(ds_handle *h, void *arg)
{
    ds_event event;

    while (ds_poll(h, arg, &event)) {
        note("got@%g ", ds_now(h));
        ds_event_drop(&event);
    }
    note("over@%g ", ds_now(h));
}

START_TEST(who_can_not_go_on_waits_for_what_comes_from_outside)
{
    ds_loop *loop = loop_on(_i, 1);
    ds_stream *line = ds_stream_new(loop);

    ds_spawn(loop, listen, line);
    ck_rest(loop, 1.5);
    ds_stream_post(line, &freed[0], count_free);
    ck_rest(loop, 4);
    ck_noted("got@1.5 ");
    ck_each_freed_once(1);
    ck_run(loop, DS_DEADLOCK, "thread 1 waits in ds_poll");
    ck_noted("over@4 ");
    ds_loop_free(loop);
}
END_TEST

static void send_late(ds_handle *h, void *arg)
{
    note("began@%g ", ds_now(h));
    ring(h, arg, 0.5);
}

START_TEST(who_is_spawned_in_between_starts_then)
{
    ds_loop *loop = loop_on(_i, 1);
    ds_stream *line = ds_stream_new(loop);

    ds_spawn_daemon(loop, listen, line);
    ck_rest(loop, 7);
    ds_spawn(loop, send_late, line);
    ck_noted("");
    ck_rest(loop, 7.25);
    ck_noted("began@7 ");
    ck_rest(loop, 8);
    ck_noted("got@7.5 ");
    ck_run(loop, DS_OK, NULL); /* there are only daemons */
    ck_noted("over@8 ");
    ds_loop_free(loop);
}
END_TEST

static ds_node *machine;

static void live(ds_handle *h, void *arg)
{
    note("up@%g ", ds_now(h));
    while (ds_sleep(h, 1))
        note("%g ", ds_now(h));
    note("down@%g ", ds_now(h));
}

START_TEST(machines_can_be_crashed_and_restarted_in_between)
{
    ds_loop *loop = loop_on(_i, 1);

    machine = ds_node_new(loop);
    ds_node_boot(machine, live, NULL);
    ck_rest(loop, 1.5);
    ds_node_crash(machine);
    ck_rest(loop, 3);
    ck_noted("up@0 1 down@1.5 ");
    ds_node_restart(machine);
    ck_rest(loop, 4.25);
    ck_noted("up@3 4 ");
    ds_loop_free(loop);
}
END_TEST

static void slowly(void *arg)
{
    for (volatile int i = 0; i < 1000000; i++) {
    }
    *(bool *)arg = true;
}

static void compute(ds_handle *h, void *arg)
{
    bool done = false;

    ck_assert(ds_compute(h, 3, slowly, &done));
    ck_assert(done);
    note("computed@%g ", ds_now(h));
}

START_TEST(work_goes_on_while_the_run_rests)
{
    ds_loop *loop = loop_on(_i, 1);

    ds_spawn(loop, compute, NULL);
    ds_spawn(loop, compute, NULL);
    ck_rest(loop, 1);
    ck_rest(loop, 2);
    ck_noted("");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("computed@3 computed@3 ");
}
END_TEST

START_TEST(two_loops_take_turns)
{
    ds_loop *a = loop_on(_i, 1), *b = loop_on(1 - _i, 1);

    ds_spawn(a, tick, NULL);
    ds_spawn(b, tick, NULL);
    ck_rest(a, 1);
    ck_rest(b, 2);
    ck_rest(a, 3);
    ds_loop_free(b);
    ck_rest(a, 4);
    ds_loop_free(a);
    ck_noted("1 1 2 2 3 over@2 4 over@4 ");
}
END_TEST

static void step_another(ds_handle *h, void *arg)
{
    ds_loop *inner = loop_on(*(int *)arg, 1);

    ds_spawn(inner, tick, NULL);
    for (int i = 1; i < 4; i++) {
        ck_rest(inner, i);
        ds_sleep(h, 10);
        note("outer@%g ", ds_now(h));
    }
    ds_loop_free(inner);
}

START_TEST(a_body_can_step_another_loop)
{
    int other = 1 - _i;
    ds_loop *loop = loop_on(_i, 1);

    ds_spawn(loop, step_another, &other);
    ck_rest(loop, 15);
    ck_noted("1 outer@10 2 ");
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("outer@20 3 outer@30 over@3 ");
}
END_TEST

static char *contents(const char *path)
{
    static char bytes[1 << 16];
    FILE *f = fopen(path, "rb");

    ck_assert_ptr_nonnull(f);
    size_t n = fread(bytes, 1, sizeof(bytes) - 1, f);
    ck_assert(n > 100);
    bytes[n] = '\0';
    fclose(f);
    return strndup(bytes, n);
}

static char *traced(int exec, const char *path, double part)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){
        .exec = execs[exec], .ignore_environment = true, .trace = path });

    for (size_t i = 0; i < WALKERS; i++) {
        lines[i] = ds_stream_new(loop);
        ds_spawn(loop, walk, &lines[i]);
    }
    for (double t = part; t < 10; t += part)
        ck_rest(loop, t);
    ck_run_once(loop, DS_OK, NULL);
    return contents(path);
}

START_TEST(a_trace_does_not_show_rests)
{
    char path[] = "/tmp/distsys-rest-XXXXXX";
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    char *whole = traced(_i, path, 100), *cut = traced(_i, path, 0.3);
    ck_assert_str_eq(whole, cut);
    free(whole);
    free(cut);
    close(fd);
    unlink(path);
}
END_TEST

/* ---- Ends -----------------------------------------------------------------*/

static void break_down(ds_handle *h, void *arg)
{
    ds_sleep(h, 2.5);
    ds_fail(h, "broken at %g", ds_now(h));
}

START_TEST(a_failure_ends_it_and_the_loop_can_be_run_again)
{
    ds_loop *loop = loop_on(_i, 1);

    ds_spawn(loop, break_down, NULL);
    ds_spawn(loop, tick, NULL);
    ck_rest(loop, 1);
    ck_assert_int_eq(ds_loop_run_until(loop, 9), DS_FAILED);
    ck_assert_str_eq(ds_loop_error(loop), "broken at 2.5");
    ck_noted("1 2 over@2.5 ");
    ds_spawn(loop, tick, NULL);
    ck_rest(loop, 4);
    ck_noted("3.5 ");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_limit_before_it_ends_the_run)
{
    ds_loop *loop = ds_loop_new(&(ds_loop_config){
        .exec = execs[_i], .time_limit = 2.5, .ignore_environment = true });

    ds_spawn(loop, tick, NULL);
    ck_rest(loop, 1.5);
    ck_assert_int_eq(ds_loop_run_until(loop, 4), DS_LIMIT);
    ck_noted("1 2 over@2 ");
    ds_loop_free(loop);
}
END_TEST

START_TEST(a_loop_without_threads_rests_too)
{
    ds_loop *loop = loop_on(_i, 1);

    ck_rest(loop, 3);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static const double wrong[] = { -1, 0.5, INFINITY, NAN };

START_TEST(a_time_before_now_or_none_is_misuse)
{
    ds_loop *loop = loop_on(1, 1);

    ds_spawn(loop, tick, NULL);
    ck_rest(loop, 1);
    ck_assert_int_eq(ds_loop_run_until(loop, wrong[_i]), DS_EMISUSE);
    ck_contains(ds_loop_error(loop), "ds_loop_run_until: time is ");
    ck_contains(ds_loop_error(loop), "at least 1, which the clock shows");
    ck_noted("1 over@1 ");
    ds_loop_free(loop);
}
END_TEST

static void *go_on_here(void *loop)
{
    ck_assert_int_eq(ds_loop_run_until(loop, 5), DS_EMISUSE);
    ck_assert_int_eq(ds_loop_run(loop), DS_EMISUSE);
    ds_loop_free(loop); /* which does nothing */
    return NULL;
}

START_TEST(another_thread_of_the_system_cannot_wake_it)
{
    ds_loop *loop = loop_on(_i, 1);
    pthread_t other;

    ds_spawn(loop, tick, NULL);
    ck_rest(loop, 1);
    ck_assert_int_eq(pthread_create(&other, NULL, go_on_here, loop), 0);
    pthread_join(other, NULL);
    ck_noted("1 ");
    ck_run_once(loop, DS_EMISUSE, "ds_loop_run_until: the loop rests since");
    ck_noted("over@1 ");
}
END_TEST

static void run_own(ds_handle *h, void *arg)
{
    ck_assert_int_eq(ds_loop_run_until(arg, 5), DS_EMISUSE);
}

START_TEST(a_body_cannot_run_its_own_loop)
{
    ds_loop *loop = loop_on(_i, 1);

    ds_spawn(loop, run_own, loop);
    ck_run_once(loop, DS_EMISUSE, "ds_loop_run_until: the loop is running");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_run_in_parts_is_the_run_at_once, 0, 2);
    tcase_add_loop_test(tc, what_is_due_at_the_moment_of_rest_has_happened, 0,
                        2);
    tcase_add_loop_test(tc, a_rest_at_once_lets_happen_what_takes_no_time, 0,
                        2);
    tcase_add_loop_test(tc, who_can_not_go_on_waits_for_what_comes_from_outside,
                        0, 2);
    tcase_add_loop_test(tc, who_is_spawned_in_between_starts_then, 0, 2);
    tcase_add_loop_test(tc, machines_can_be_crashed_and_restarted_in_between, 0,
                        2);
    tcase_add_loop_test(tc, work_goes_on_while_the_run_rests, 0, 2);
    tcase_add_loop_test(tc, two_loops_take_turns, 0, 2);
    tcase_add_loop_test(tc, a_body_can_step_another_loop, 0, 2);
    tcase_add_loop_test(tc, a_trace_does_not_show_rests, 0, 2);
    tcase_add_loop_test(tc, a_failure_ends_it_and_the_loop_can_be_run_again, 0,
                        2);
    tcase_add_loop_test(tc, a_limit_before_it_ends_the_run, 0, 2);
    tcase_add_loop_test(tc, a_loop_without_threads_rests_too, 0, 2);
    tcase_add_loop_test(tc, a_time_before_now_or_none_is_misuse, 0, 4);
    tcase_add_loop_test(tc, another_thread_of_the_system_cannot_wake_it, 0, 2);
    tcase_add_loop_test(tc, a_body_cannot_run_its_own_loop, 0, 2);
}

int main(void)
{
    return harness_main("rest", add);
}
