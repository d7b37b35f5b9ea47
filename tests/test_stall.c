/* The watchdog for real time: one line on standard error, that names who keeps
 * the simulation from going on. */

#include "stage.h"

#include <pthread.h>
#include <unistd.h>

static ds_loop *loop_on(int exec, double stall)
{
    unsetenv("DISTSYS_EXEC");
    return ds_loop_new(&(ds_loop_config){
        .exec = (ds_exec)exec,
        .stall = stall,
    });
}

static int count_lines(const char *text)
{
    int lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* ---- Each case ------------------------------------------------------------*/

static void work_too_long(ds_handle *h, void *arg)
{
    ds_set_name(h, "worker");
    ck_assert(ds_sleep(h, 1.5));
    usleep(*(useconds_t *)arg);
    ck_assert(ds_sleep(h, 1));
    usleep(*(useconds_t *)arg);
}

START_TEST(a_body_that_never_blocks_is_named_with_its_last_call)
{
    useconds_t real = 150000;
    ds_loop *loop = loop_on(_i, 0.05);

    ds_spawn(loop, work_too_long, &real);
    const char *said = run_and_listen(loop, DS_OK);
    ck_contains(said, "thread 1 \"worker\" has had the baton since 1.5 s");
    ck_contains(said, "last call was ds_sleep()");
    ck_assert_int_eq(count_lines(said), 1); /* once, though it stalls twice */
    ds_loop_free(loop);
}
END_TEST

static void go_on_for_ever(ds_handle *h, void *arg)
{
    ds_stop(h);
    for (int i = 0; i < 30; i++) {
        ck_assert(!ds_sleep(h, 1));
        usleep(*(useconds_t *)arg / 30);
    }
}

START_TEST(a_body_that_loops_although_it_is_over_is_named)
{
    useconds_t real = 200000;
    ds_loop *loop = loop_on(_i, 0.05);

    ds_spawn(loop, go_on_for_ever, &real);
    const char *said = run_and_listen(loop, DS_STOPPED);
    ck_contains(said, "over since 0 s, but thread 1 does not return");
    ds_loop_free(loop);
}
END_TEST

static void real_nap(void *arg)
{
    usleep(*(useconds_t *)arg);
}

static void compute_too_long(ds_handle *h, void *arg)
{
    ds_set_name(h, "solver");
    ck_assert(ds_compute(h, 2, real_nap, arg));
}

static void tick(ds_handle *h, void *arg)
{
    for (int i = 0; i < 3; i++)
        ck_assert(ds_sleep(h, 0.6));
}

START_TEST(work_that_the_clock_waits_for_is_named)
{
    useconds_t real = 200000;
    ds_loop *loop = loop_on(_i, 0.05);

    ds_spawn(loop, compute_too_long, &real);
    ds_spawn(loop, tick, NULL);
    const char *said = run_and_listen(loop, DS_OK);
    ck_contains(said, "the clock waits at 2 s for the work that thread 1 "
                      "\"solver\" does in ds_compute()");
    ds_loop_free(loop);
}
END_TEST

static void compute_beyond_the_end(ds_handle *h, void *arg)
{
    ds_set_name(h, "solver");
    ck_assert(!ds_compute(h, 2, real_nap, arg));
}

static void stop_at_1(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1));
    ds_stop(h);
}

START_TEST(work_that_the_end_waits_for_is_named)
{
    useconds_t real = 200000;
    ds_loop *loop = loop_on(_i, 0.05);

    ds_spawn(loop, compute_beyond_the_end, &real);
    ds_spawn(loop, stop_at_1, NULL);
    const char *said = run_and_listen(loop, DS_STOPPED);
    ck_contains(said, "over since 1 s, but waits for the work that thread 1 "
                      "\"solver\" does in ds_compute()");
    ds_loop_free(loop);
}
END_TEST

static void sleep_in_vain(ds_handle *h, void *arg)
{
    usleep(*(useconds_t *)arg);
}

START_TEST(a_body_that_has_called_nothing_is_named_without_a_call)
{
    useconds_t real = 150000;
    ds_loop *loop = loop_on(_i, 0.05);

    ds_spawn(loop, sleep_in_vain, &real);
    const char *said = run_and_listen(loop, DS_OK);
    ck_contains(said, "; it has called nothing yet");
    ds_loop_free(loop);
}
END_TEST

static void name_at_length(ds_handle *h, void *arg)
{
    char name[2000];

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    ds_set_name(h, name);
    usleep(*(useconds_t *)arg);
}

START_TEST(a_long_name_leaves_room_for_the_rest)
{
    useconds_t real = 150000;
    ds_loop *loop = loop_on(_i, 0.05);

    ds_spawn(loop, name_at_length, &real);
    const char *said = run_and_listen(loop, DS_OK);
    ck_contains(said, "thread 1 \"xxxx");
    ck_contains(said, "last call was ds_set_name()\n");
    ck_assert_int_eq(count_lines(said), 1);
    ds_loop_free(loop);
}
END_TEST

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void hold_and_sleep(ds_handle *h, void *arg)
{
    pthread_mutex_lock(&mutex);
    ds_sleep(h, 1);
    pthread_mutex_unlock(&mutex);
}

static void wait_for_lock(ds_handle *h, void *arg)
{
    struct timespec until;

    ds_set_name(h, "second");
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += 200000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    ck_assert_int_ne(pthread_mutex_timedlock(&mutex, &until), 0);
}

START_TEST(a_body_stuck_in_a_lock_whose_owner_polls_is_named)
{
    ds_loop *loop = loop_on(_i, 0.05);

    ds_spawn(loop, hold_and_sleep, NULL);
    ds_spawn(loop, wait_for_lock, NULL);
    const char *said = run_and_listen(loop, DS_OK);
    ck_contains(said, "thread 2 \"second\" has had the baton since 0 s");
    ck_contains(said, "last call was ds_set_name()");
    ds_loop_free(loop);
}
END_TEST

/* ---- Otherwise silent -----------------------------------------------------*/

static void sleep_often(ds_handle *h, void *arg)
{
    for (int i = 0; i < 100; i++) {
        usleep(*(useconds_t *)arg);
        ck_assert(ds_sleep(h, 1));
    }
}

START_TEST(a_run_in_which_things_happen_is_not_a_stall)
{
    useconds_t real = 2000;
    ds_loop *loop = loop_on(_i, 0.1);

    ds_spawn(loop, sleep_often, &real);
    const char *said = run_and_listen(loop, DS_OK);
    ck_assert_str_eq(said, "");
    ds_loop_free(loop);
}
END_TEST

static void sleep_now_and_then(ds_handle *h, void *arg)
{
    for (int i = 0; i < 3; i++) {
        usleep(*(useconds_t *)arg);
        ck_assert(ds_sleep(h, 1));
    }
}

/* More than half of the span lies between two. */
START_TEST(a_single_event_is_a_sign_of_life)
{
    useconds_t real = 900000;
    ds_loop *loop = loop_on(DS_FIBERS, 1.5);

    ds_spawn(loop, sleep_now_and_then, &real);
    const char *said = run_and_listen(loop, DS_OK);
    ck_assert_str_eq(said, "");
    ds_loop_free(loop);
}
END_TEST

START_TEST(without_a_span_nobody_watches)
{
    useconds_t real = 100000;
    ds_loop *loop = loop_on(_i, 0);

    ds_spawn(loop, work_too_long, &real);
    const char *said = run_and_listen(loop, DS_OK);
    ck_assert_str_eq(said, "");
    ds_loop_free(loop);
}
END_TEST

START_TEST(the_environment_sets_the_span)
{
    useconds_t real = 150000;

    setenv("DISTSYS_STALL", "0.05", 1);
    ds_loop *loop = loop_on(_i, 0);
    ds_spawn(loop, work_too_long, &real);
    const char *said = run_and_listen(loop, DS_OK);
    ck_contains(said, "nothing has happened for 0.05 s");
    ds_loop_free(loop);
}
END_TEST

static const double long_spans[] = { 1e9, 1e19, 1e300, 1.7e308 };

START_TEST(a_span_may_be_longer_than_any_clock_goes)
{
    useconds_t real = 0;
    ds_loop *loop = loop_on(DS_THREADS, long_spans[_i]);

    ds_spawn(loop, sleep_often, &real);
    const char *said = run_and_listen(loop, DS_OK);
    ck_assert_str_eq(said, "");
    ds_loop_free(loop);
}
END_TEST

static const char *const bad_values[] = { "", "x", "-1", "1s", "inf", "nan" };

START_TEST(a_span_that_is_no_time_is_misuse)
{
    setenv("DISTSYS_STALL", bad_values[_i], 1);
    ds_loop *loop = loop_on(DS_THREADS, 0);
    ck_run_once(loop, DS_EMISUSE, "DISTSYS_STALL");
}
END_TEST

static const double bad_spans[] = { -1, INFINITY, NAN };

START_TEST(a_configured_span_that_is_no_time_is_misuse)
{
    ck_run_once(loop_on(DS_THREADS, bad_spans[_i]), DS_EMISUSE,
                "ds_loop_new: stall");
}
END_TEST

START_TEST(the_digest_is_the_same_with_and_without)
{
    uint64_t digests[2];
    useconds_t real = 0;

    for (int i = 0; i < 2; i++) {
        ds_loop *loop = loop_on(_i, i * 0.5);
        ds_spawn(loop, sleep_often, &real);
        ck_run(loop, DS_OK, NULL);
        digests[i] = ds_loop_digest(loop);
        ds_loop_free(loop);
    }
    ck_assert_uint_eq(digests[0], digests[1]);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(
        tc, a_body_that_never_blocks_is_named_with_its_last_call, 0, 2);
    tcase_add_loop_test(tc, a_body_that_loops_although_it_is_over_is_named, 0,
                        2);
    tcase_add_loop_test(tc, work_that_the_clock_waits_for_is_named, 0, 2);
    tcase_add_loop_test(tc, work_that_the_end_waits_for_is_named, 0, 2);
    tcase_add_loop_test(
        tc, a_body_that_has_called_nothing_is_named_without_a_call, 0, 2);
    tcase_add_loop_test(tc, a_long_name_leaves_room_for_the_rest, 0, 2);
    tcase_add_loop_test(tc, a_body_stuck_in_a_lock_whose_owner_polls_is_named,
                        0, 2);
    tcase_add_loop_test(tc, a_run_in_which_things_happen_is_not_a_stall, 0, 2);
    tcase_add_test(tc, a_single_event_is_a_sign_of_life);
    tcase_add_loop_test(tc, without_a_span_nobody_watches, 0, 2);
    tcase_add_loop_test(tc, the_environment_sets_the_span, 0, 2);
    tcase_add_loop_test(tc, a_span_may_be_longer_than_any_clock_goes, 0, 4);
    tcase_add_loop_test(tc, a_span_that_is_no_time_is_misuse, 0, 6);
    tcase_add_loop_test(tc, a_configured_span_that_is_no_time_is_misuse, 0, 3);
    tcase_add_loop_test(tc, the_digest_is_the_same_with_and_without, 0, 2);
}

int main(void)
{
    return harness_main("stall", add);
}
