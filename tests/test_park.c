/* Where a thread waits: it goes on when it is called, and only then. */

#include "stage.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "loop/exec/park.h"

static ds__park park;
static atomic_int went_on;

static void *wait_twice(void *arg)
{
    for (int i = 0; i < 2; i++) {
        ds__park_wait(&park);
        atomic_fetch_add(&went_on, 1);
    }
    return NULL;
}

static void wait_until(int n)
{
    while (atomic_load(&went_on) < n)
        usleep(1000);
}

/* POSIX allows a wait on a condition variable to return for no reason, and
 * says that it has to be asked again.  Here a signal that nobody has sent by
 * ds__park_wake() stands for that. */
START_TEST(a_thread_that_wakes_for_no_reason_waits_again)
{
    pthread_t thread;

    ck_assert(ds__park_init(&park));
    ck_assert_int_eq(pthread_create(&thread, NULL, wait_twice, NULL), 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 50; i++) {
            usleep(500);
            pthread_cond_broadcast(&park.wake);
        }
        ck_assert_int_eq(atomic_load(&went_on), round);
        ds__park_wake(&park);
        wait_until(round + 1);
    }
    pthread_join(thread, NULL);
    ds__park_destroy(&park);
}
END_TEST

START_TEST(a_call_before_the_wait_is_not_lost)
{
    ck_assert(ds__park_init(&park));
    for (int i = 0; i < 3; i++) {
        ds__park_wake(&park);
        ck_assert(park.called);
        ds__park_wait(&park);
        ck_assert(!park.called);
    }
    ds__park_destroy(&park);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_thread_that_wakes_for_no_reason_waits_again);
    tcase_add_test(tc, a_call_before_the_wait_is_not_lost);
}

int main(void)
{
    return harness_main("park", add);
}
