/* Real work in virtual time: ds_compute(), on threads and on fibers. */

#include "stage.h"

#include <errno.h>
#include <fenv.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

/* Every case runs for both: the environment must not decide. */
static ds_loop *loop_on(int exec)
{
    unsetenv("DISTSYS_EXEC");
    return ds_loop_new(&(ds_loop_config){ .exec = (ds_exec)exec });
}

static void add_one(void *arg)
{
    ++*(int *)arg;
}

static void compute_once(ds_handle *h, void *arg)
{
    ck_assert(ds_compute(h, 2.5, add_one, arg));
    note("%g ", ds_now(h));
}

START_TEST(work_takes_the_virtual_time_it_is_charged_as)
{
    int count = 0;
    ds_loop *loop = loop_on(_i);

    ds_spawn(loop, compute_once, &count);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("2.5 ");
    ck_assert_int_eq(count, 1);
}
END_TEST

/* ---- What others see ------------------------------------------------------*/

static atomic_bool release;

static void wait_for_release(void *arg)
{
    while (!atomic_load(&release))
        usleep(100);
}

static void compute_until_released(ds_handle *h, void *arg)
{
    ck_assert(ds_compute(h, 10, wait_for_release, NULL));
    note("done@%g ", ds_now(h));
}

static void tick_and_release(ds_handle *h, void *arg)
{
    for (int i = 0; i < 9; i++)
        ck_assert(ds_sleep(h, 1));
    note("ticks@%g ", ds_now(h));
    atomic_store(&release, true);
    ck_assert(ds_sleep(h, 2));
    note("late@%g ", ds_now(h));
}

/* The work ends only because the others go on; so they do. */
START_TEST(the_simulation_goes_on_while_work_is_done)
{
    ds_loop *loop = loop_on(_i);

    ds_spawn(loop, compute_until_released, NULL);
    ds_spawn(loop, tick_and_release, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("ticks@9 done@10 late@11 ");
}
END_TEST

static void nap(void *arg)
{
    usleep(30000);
    ++*(int *)arg;
}

static void compute_nap(ds_handle *h, void *arg)
{
    ck_assert(ds_compute(h, 1, nap, arg));
}

static void look_later(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 1.5));
    note("%d@%g ", *(int *)arg, ds_now(h));
}

START_TEST(the_clock_does_not_pass_the_charge_before_the_work_is_done)
{
    int done = 0;
    ds_loop *loop = loop_on(_i);

    ds_spawn(loop, compute_nap, &done);
    ds_spawn(loop, look_later, &done);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("1@1.5 ");
}
END_TEST

/* ---- The same whatever it really takes ------------------------------------*/

static void nap_at_random(void *arg)
{
    usleep((useconds_t)(*(unsigned *)arg % 700));
}

struct worker {
    unsigned random; /* of real time, not of the simulation */
    ds_stream *results;
};

static void work_and_tell(ds_handle *h, void *arg)
{
    struct worker *w = arg;

    for (int i = 0; i < 10; i++) {
        w->random = w->random * 1103515245 + 12345;
        if (!ds_compute(h, 1 + 10 * ds_random(h), nap_at_random, &w->random))
            return;
        ds_schedule(h, w->results, ds_random(h), NULL, NULL);
    }
}

static void collect(ds_handle *h, void *arg)
{
    ds_event event;

    for (int i = 0; i < 80; i++)
        ck_assert(ds_poll(h, arg, &event));
}

static uint64_t digest_with(int exec, unsigned real_seed)
{
    ds_loop *loop = loop_on(exec);
    ds_stream *results = ds_stream_new(loop);
    struct worker workers[8];

    for (unsigned i = 0; i < 8; i++) {
        workers[i] = (struct worker){ real_seed * 8 + i, results };
        ds_spawn(loop, work_and_tell, &workers[i]);
    }
    ds_spawn(loop, collect, results);
    ck_run(loop, DS_OK, NULL);
    uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return digest;
}

START_TEST(the_digest_does_not_depend_on_how_long_the_work_takes)
{
    ck_assert_uint_eq(digest_with(_i, 1), digest_with(_i, 2));
    ck_assert_uint_eq(digest_with(_i, 1), digest_with(!_i, 3));
}
END_TEST

/* ---- On several processors ------------------------------------------------*/

static void spin(void *arg)
{
    double until = 0.05;
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    until += (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    while ((double)t.tv_sec + (double)t.tv_nsec * 1e-9 < until);
}

static atomic_int at_work;
static atomic_int most_at_work;

static void count_at_work(void *arg)
{
    int now = atomic_fetch_add(&at_work, 1) + 1;
    int most = atomic_load(&most_at_work);

    while (now > most &&
           !atomic_compare_exchange_weak(&most_at_work, &most, now))
        continue;
    spin(arg);
    atomic_fetch_sub(&at_work, 1);
}

static void compute_counting(ds_handle *h, void *arg)
{
    ck_assert(ds_compute(h, 1, count_at_work, NULL));
}

START_TEST(work_of_several_threads_is_done_side_by_side)
{
    ds_loop *loop = loop_on(_i);

    for (int i = 0; i < 8; i++)
        ds_spawn(loop, compute_counting, NULL);
    ck_run_once(loop, DS_OK, NULL);
    if (sysconf(_SC_NPROCESSORS_ONLN) >= 2)
        ck_assert_int_ge(atomic_load(&most_at_work), 2);
}
END_TEST

/* ---- As on the body's own thread ------------------------------------------*/

static atomic_bool taken;

/* Whoever has the baton waits until the work is under way, so that on fibers
 * another thread does it. */
static void wait_until_taken(ds_handle *h, void *arg)
{
    while (!atomic_load(&taken))
        usleep(100);
}

static void look_at_modes(void *arg)
{
    atomic_store(&taken, true);
    ((int *)arg)[0] = fegetround();
    ((int *)arg)[1] = errno;
    fesetround(FE_UPWARD);
    errno = EDOM;
}

static void compute_with_modes(ds_handle *h, void *arg)
{
    fesetround(FE_DOWNWARD);
    errno = ERANGE;
    ck_assert(ds_compute(h, 1, look_at_modes, arg));
    ck_assert_int_eq(fegetround(), FE_UPWARD);
    ck_assert_int_eq(errno, EDOM);
}

START_TEST(work_finds_and_leaves_rounding_and_errno_as_the_body_would)
{
    int seen[2];
    ds_loop *loop = loop_on(_i);

    ds_spawn(loop, compute_with_modes, seen);
    ds_spawn(loop, wait_until_taken, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_int_eq(seen[0], FE_DOWNWARD);
    ck_assert_int_eq(seen[1], ERANGE);
}
END_TEST

static void use_much_stack(void *arg)
{
    volatile char large[24 << 20];

    atomic_store(&taken, true);
    for (size_t i = 0; i < sizeof(large); i += 1024)
        large[i] = 1;
    *(int *)arg = large[1024];
}

static void compute_deeply(ds_handle *h, void *arg)
{
    ck_assert(ds_compute(h, 1, use_much_stack, arg));
}

START_TEST(work_has_the_stack_that_was_asked_for)
{
    int done = 0;
    unsetenv("DISTSYS_EXEC");
    ds_loop *loop = ds_loop_new(&(ds_loop_config){
        .exec = (ds_exec)_i,
        .stack_size = 32 << 20,
    });

    ds_spawn(loop, compute_deeply, &done);
    ds_spawn(loop, wait_until_taken, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_int_eq(done, 1);
}
END_TEST

/* ---- The end of the simulation --------------------------------------------*/

static void compute_and_report(ds_handle *h, void *arg)
{
    note(ds_compute(h, 10, nap, arg) ? "true " : "false ");
}

static void stop_at_1(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    ds_stop(h);
}

START_TEST(work_that_has_begun_is_finished_when_the_simulation_ends)
{
    int done = 0;
    ds_loop *loop = loop_on(_i);

    ds_spawn(loop, compute_and_report, &done);
    ds_spawn(loop, stop_at_1, NULL);
    ck_run_once(loop, DS_STOPPED, "ds_stop");
    ck_noted("false ");
    ck_assert_int_eq(done, 1);
}
END_TEST

static void stop_and_compute(ds_handle *h, void *arg)
{
    ds_stop(h);
    ck_assert(!ds_compute(h, 1, add_one, arg));
}

START_TEST(work_does_not_run_if_the_simulation_is_over)
{
    int done = 0;
    ds_loop *loop = loop_on(_i);

    ds_spawn(loop, stop_and_compute, &done);
    ck_run_once(loop, DS_STOPPED, NULL);
    ck_assert_int_eq(done, 0);
}
END_TEST

static void wait_in_vain(ds_handle *h, void *arg)
{
    ds_event event;

    ck_assert(!ds_poll(h, arg, &event));
}

/* One who waits and is unwound first, or nobody. */
START_TEST(work_does_not_run_if_a_limit_ends_the_simulation_at_its_start)
{
    int done = 0;
    unsetenv("DISTSYS_EXEC");
    ds_loop *loop = ds_loop_new(&(ds_loop_config){
        .exec = (ds_exec)(_i % 2),
        .time_limit = 5,
    });

    if (_i >= 2)
        ds_spawn(loop, wait_in_vain, ds_stream_new(loop));
    ds_spawn(loop, compute_and_report, &done);
    ck_run_once(loop, DS_LIMIT, "time limit");
    ck_noted("false ");
    ck_assert_int_eq(done, 0);
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static void compute_null(ds_handle *h, void *arg)
{
    ck_assert(!ds_compute(h, 1, NULL, arg));
}

START_TEST(no_function_is_misuse)
{
    ds_loop *loop = loop_on(_i);

    ds_spawn(loop, compute_null, NULL);
    ck_run_once(loop, DS_EMISUSE, "ds_compute: the function is NULL");
}
END_TEST

static const double bad_seconds[] = { -1, -INFINITY, INFINITY, NAN };

static void compute_badly(ds_handle *h, void *arg)
{
    int done = 0;

    ck_assert(!ds_compute(h, *(const double *)arg, add_one, &done));
    ck_assert_int_eq(done, 0);
}

START_TEST(a_charge_that_is_no_time_is_misuse)
{
    double seconds = bad_seconds[_i / 2];
    ds_loop *loop = loop_on(_i % 2);

    ds_spawn(loop, compute_badly, &seconds);
    ck_run_once(loop, DS_EMISUSE, "ds_compute: seconds is");
}
END_TEST

static void call_home(void *arg)
{
    atomic_store(&taken, true);
    ds_sleep(arg, 1);
}

static void compute_call_home(ds_handle *h, void *arg)
{
    ds_compute(h, 1, call_home, h);
}

/* The text is the same whoever runs the function. */
START_TEST(a_function_that_touches_the_simulation_is_misuse)
{
    ds_loop *loop = loop_on(_i % 2);

    ds_spawn(loop, compute_call_home, NULL);
    ds_spawn(loop, _i < 2 ? stop_at_1 : wait_until_taken, NULL);
    ck_run_once(loop, DS_EMISUSE, "ds_sleep: called from inside ds_compute()");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, work_takes_the_virtual_time_it_is_charged_as, 0, 2);
    tcase_add_loop_test(tc, the_simulation_goes_on_while_work_is_done, 0, 2);
    tcase_add_loop_test(
        tc, the_clock_does_not_pass_the_charge_before_the_work_is_done, 0, 2);
    tcase_add_loop_test(
        tc, the_digest_does_not_depend_on_how_long_the_work_takes, 0, 2);
    tcase_add_loop_test(tc, work_of_several_threads_is_done_side_by_side, 0, 2);
    tcase_add_loop_test(
        tc, work_finds_and_leaves_rounding_and_errno_as_the_body_would, 0, 2);
    tcase_add_loop_test(tc, work_has_the_stack_that_was_asked_for, 0, 2);
    tcase_add_loop_test(
        tc, work_that_has_begun_is_finished_when_the_simulation_ends, 0, 2);
    tcase_add_loop_test(tc, work_does_not_run_if_the_simulation_is_over, 0, 2);
    tcase_add_loop_test(
        tc, work_does_not_run_if_a_limit_ends_the_simulation_at_its_start, 0,
        4);
    tcase_add_loop_test(tc, no_function_is_misuse, 0, 2);
    tcase_add_loop_test(tc, a_charge_that_is_no_time_is_misuse, 0, 8);
    tcase_add_loop_test(tc, a_function_that_touches_the_simulation_is_misuse, 0,
                        4);
}

int main(void)
{
    return harness_main("compute", add);
}
