/* Work for fibers: every job is done once, and is done when it is said to be.
 */

#include "stage.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "loop/exec/pool.h"

enum { STACK = 256 * 1024 };

static ds__pool *pool_new(void)
{
    ds__pool *pool = NULL;

    ck_assert_int_eq(ds__pool_new(&pool, STACK), 0);
    return pool;
}

static void count(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
}

START_TEST(every_job_is_done_once)
{
    ds__pool *pool = pool_new();
    atomic_int counts[100] = { 0 };
    ds__job jobs[100];

    for (int i = 0; i < 100; i++) {
        jobs[i] = (ds__job){ .fn = count, .arg = &counts[i] };
        ds__pool_add(pool, &jobs[i]);
    }
    for (int i = 99; i >= 0; i--) {
        ds__pool_finish(pool, &jobs[i]);
        ck_assert_int_eq(atomic_load(&counts[i]), 1);
    }
    ds__pool_free(pool);
}
END_TEST

START_TEST(no_pool_can_be_freed)
{
    ds__pool_free(NULL);
    ds__pool_free(pool_new());
}
END_TEST

static atomic_bool slow_taken, slow_done, may_end;

static void take_long(void *arg)
{
    atomic_store(&slow_taken, true);
    while (!atomic_load(&may_end))
        usleep(1000);
    atomic_store(&slow_done, true);
}

static void take_a_moment(void *arg)
{
    usleep(1000);
}

/* Ends quick jobs while the slow one is waited for. */
static void *end_others_and_then_the_slow_one(void *arg)
{
    ds__pool *pool = arg;
    ds__job jobs[20];

    for (int i = 0; i < 20; i++) {
        jobs[i] = (ds__job){ .fn = take_a_moment };
        ds__pool_add(pool, &jobs[i]);
        usleep(2000);
    }
    atomic_store(&may_end, true);
    for (int i = 0; i < 20; i++)
        ds__pool_finish(pool, &jobs[i]);
    return NULL;
}

/* Needs a second processor to be able to fail: a pool has a thread for each. */
START_TEST(the_end_of_another_job_is_not_that_of_the_one_waited_for)
{
    ds__pool *pool = pool_new();
    ds__job slow = { .fn = take_long };
    pthread_t thread;

    ds__pool_add(pool, &slow);
    while (!atomic_load(&slow_taken))
        usleep(1000);
    ck_assert_int_eq(
        pthread_create(&thread, NULL, end_others_and_then_the_slow_one, pool),
        0);
    ds__pool_finish(pool, &slow);
    ck_assert(atomic_load(&slow_done));
    pthread_join(thread, NULL);
    ds__pool_free(pool);
}
END_TEST

static void wait_until_all_may_end(void *arg)
{
    atomic_fetch_add((atomic_int *)arg, 1);
    while (!atomic_load(&may_end))
        usleep(1000);
}

/* Every thread of the pool is busy, so nobody else would ever do it. */
START_TEST(a_job_that_nobody_has_taken_is_done_by_who_waits_for_it)
{
    enum { MORE_THAN_PROCESSORS = CPU_SETSIZE + 1 };
    static ds__job busy[MORE_THAN_PROCESSORS];
    ds__pool *pool = pool_new();
    cpu_set_t allowed;
    atomic_int taken = 0, done = 0;
    ds__job last = { .fn = count, .arg = &done };

    ck_assert_int_eq(sched_getaffinity(0, sizeof(allowed), &allowed), 0);
    const int threads = CPU_COUNT(&allowed);
    for (int i = 0; i < threads; i++) {
        busy[i] = (ds__job){ .fn = wait_until_all_may_end, .arg = &taken };
        ds__pool_add(pool, &busy[i]);
    }
    while (atomic_load(&taken) < threads)
        usleep(1000);
    ds__pool_add(pool, &last);
    ds__pool_finish(pool, &last);
    ck_assert_int_eq(atomic_load(&done), 1);
    atomic_store(&may_end, true);
    for (int i = 0; i < threads; i++)
        ds__pool_finish(pool, &busy[i]);
    ds__pool_free(pool);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, every_job_is_done_once);
    tcase_add_test(tc, a_job_that_nobody_has_taken_is_done_by_who_waits_for_it);
    tcase_add_test(tc, no_pool_can_be_freed);
    tcase_add_test(tc,
                   the_end_of_another_job_is_not_that_of_the_one_waited_for);
}

int main(void)
{
    return harness_main("pool", add);
}
