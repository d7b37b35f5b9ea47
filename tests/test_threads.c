/* What is special about POSIX threads: one each, where they run, and many of
 * them.  What the report says when the system has no more is in test_limits. */

#include "stage.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static ds_loop *loop_with_stacks(size_t stack_size)
{
    unsetenv("DISTSYS_EXEC");
    return ds_loop_new(&(ds_loop_config){ .stack_size = stack_size });
}

static pid_t ids[4];

static void keep_id(ds_handle *h, void *arg)
{
    *(pid_t *)arg = gettid();
    ds_sleep(h, 1);
    ck_assert_int_eq(*(pid_t *)arg, gettid());
}

START_TEST(each_body_has_a_thread_of_its_own)
{
    ds_loop *loop = loop_with_stacks(0);

    for (int i = 0; i < 4; i++)
        ds_spawn(loop, keep_id, &ids[i]);
    ck_run_once(loop, DS_OK, NULL);
    for (int i = 0; i < 4; i++) {
        ck_assert_int_ne(ids[i], gettid());
        for (int k = 0; k < i; k++)
            ck_assert_int_ne(ids[i], ids[k]);
    }
}
END_TEST

/* ---- Where they run -------------------------------------------------------*/

static cpu_set_t seen[2];

static void keep_mask(ds_handle *h, void *arg)
{
    ck_assert_int_eq(sched_getaffinity(0, sizeof(cpu_set_t), arg), 0);
}

static void keep_both_masks(ds_handle *h, void *arg)
{
    keep_mask(h, &seen[0]);
    ds_spawn(ds_handle_loop(h), keep_mask, arg);
}

START_TEST(the_baton_is_passed_on_one_processor)
{
    ds_loop *loop = loop_with_stacks(0);

    ds_spawn(loop, keep_both_masks, &seen[1]);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_int_eq(CPU_COUNT(&seen[0]), 1);
    ck_assert(CPU_EQUAL(&seen[0], &seen[1]));
}
END_TEST

/* Only one loop of a process pins its threads, until its run is over. */
START_TEST(the_next_run_keeps_to_one_processor_too)
{
    for (int i = 0; i < 2; i++) {
        ds_loop *loop = loop_with_stacks(0);
        ds_spawn(loop, keep_mask, &seen[i]);
        ck_run_once(loop, DS_OK, NULL);
        ck_assert_int_eq(CPU_COUNT(&seen[i]), 1);
    }
}
END_TEST

START_TEST(the_callers_own_processors_are_left_alone)
{
    cpu_set_t before, after;
    ds_loop *loop = loop_with_stacks(0);

    sched_getaffinity(0, sizeof(before), &before);
    ds_spawn(loop, keep_mask, &seen[0]);
    ck_run_once(loop, DS_OK, NULL);
    sched_getaffinity(0, sizeof(after), &after);
    ck_assert(CPU_EQUAL(&before, &after));
}
END_TEST

static void read_mask(void *arg)
{
    sched_getaffinity(0, sizeof(cpu_set_t), arg);
}

static void compute_mask(ds_handle *h, void *arg)
{
    ck_assert(ds_compute(h, 1, read_mask, arg));
    keep_mask(h, &seen[1]);
}

static void sleep_once(ds_handle *h, void *arg)
{
    ds_sleep(h, 0.5);
}

START_TEST(work_uses_every_processor_of_the_caller)
{
    cpu_set_t all;
    ds_loop *loop = loop_with_stacks(0);

    sched_getaffinity(0, sizeof(all), &all);
    ds_spawn(loop, compute_mask, &seen[0]);
    ds_spawn(loop, sleep_once, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert(CPU_EQUAL(&seen[0], &all));
    ck_assert_int_eq(CPU_COUNT(&seen[1]), 1);
}
END_TEST

START_TEST(distsys_pin_0_leaves_every_processor_to_them)
{
    cpu_set_t all;

    setenv("DISTSYS_PIN", "0", 1);
    ds_loop *loop = loop_with_stacks(0);
    sched_getaffinity(0, sizeof(all), &all);
    ds_spawn(loop, keep_mask, &seen[0]);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert(CPU_EQUAL(&seen[0], &all));
}
END_TEST

/* A thread of its own, made before the first loop pins anything, runs the
 * other loop while the first one has a body in the middle of its work. */
static sem_t is_pinned, is_done;

static void *run_when_pinned(void *arg)
{
    sem_wait(&is_pinned);
    ck_run(arg, DS_OK, NULL);
    sem_post(&is_done);
    return NULL;
}

static void let_another_run(ds_handle *h, void *arg)
{
    keep_mask(h, arg);
    sem_post(&is_pinned);
    sem_wait(&is_done);
}

START_TEST(a_second_loop_beside_leaves_every_processor_to_its_threads)
{
    cpu_set_t all;
    pthread_t thread;
    ds_loop *first = loop_with_stacks(0);
    ds_loop *second = loop_with_stacks(0);

    sched_getaffinity(0, sizeof(all), &all);
    sem_init(&is_pinned, 0, 0);
    sem_init(&is_done, 0, 0);
    ds_spawn(first, let_another_run, &seen[0]);
    ds_spawn(second, keep_mask, &seen[1]);
    pthread_create(&thread, NULL, run_when_pinned, second);
    ck_run_once(first, DS_OK, NULL);
    pthread_join(thread, NULL);
    ds_loop_free(second);
    ck_assert_int_eq(CPU_COUNT(&seen[0]), 1);
    ck_assert(CPU_EQUAL(&seen[1], &all));
}
END_TEST

static atomic_int inside;

static void look_around(ds_handle *h, void *arg)
{
    for (int i = 0; i < 20; i++) {
        ck_assert_int_eq(atomic_fetch_add(&inside, 1), 0);
        usleep(100);
        atomic_fetch_sub(&inside, 1);
        ds_sleep(h, i % 3);
    }
}

START_TEST(one_body_at_a_time_runs_whatever_processors_there_are)
{
    setenv("DISTSYS_PIN", "0", 1);
    ds_loop *loop = loop_with_stacks(0);

    for (int i = 0; i < 8; i++)
        ds_spawn(loop, look_around, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

/* ---- Many -----------------------------------------------------------------*/

static void count(ds_handle *h, void *arg)
{
    if (ds_sleep(h, 1))
        ++*(size_t *)arg;
}

START_TEST(thousands_of_threads_run_and_end)
{
    size_t n = harness_full() ? 10000 : 3000;
    size_t done = 0;
    ds_loop *loop = loop_with_stacks(0);

    if (n > harness_max_threads())
        n = harness_max_threads();
    for (size_t i = 0; i < n; i++)
        ds_spawn(loop, count, &done);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_uint_eq(done, n);
}
END_TEST

static void chain(ds_handle *h, void *arg)
{
    size_t *left = arg;

    if (--*left > 0)
        ds_spawn(ds_handle_loop(h), chain, left);
}

static void count_in_the_end(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    *(size_t *)arg = count_tasks();
}

START_TEST(threads_that_have_ended_are_joined_during_the_run)
{
    size_t left = harness_max_threads() < 1000 ? 200 : 1000;
    size_t tasks = 0;
    ds_loop *loop = loop_with_stacks(0);

    ds_spawn(loop, count_in_the_end, &tasks);
    ds_spawn(loop, chain, &left);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert_uint_eq(left, 0);
    /* A sanitizer may have one of its own, and the system may still list some
     * that have just been joined. */
    ck_assert_uint_le(tasks, 10);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, each_body_has_a_thread_of_its_own);
    tcase_add_test(tc, the_baton_is_passed_on_one_processor);
    tcase_add_test(tc, the_next_run_keeps_to_one_processor_too);
    tcase_add_test(tc, the_callers_own_processors_are_left_alone);
    tcase_add_test(tc, work_uses_every_processor_of_the_caller);
    tcase_add_test(tc, distsys_pin_0_leaves_every_processor_to_them);
    tcase_add_test(tc,
                   a_second_loop_beside_leaves_every_processor_to_its_threads);
    tcase_add_test(tc, one_body_at_a_time_runs_whatever_processors_there_are);
    tcase_add_test(tc, thousands_of_threads_run_and_end);
    tcase_add_test(tc, threads_that_have_ended_are_joined_during_the_run);
}

int main(void)
{
    return harness_main("threads", add);
}
