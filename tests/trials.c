/* A program of tests, each of which is wrong in one way, or in none; what is
 * said of them is looked at by tests/test_runner.sh. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <distsys/explore.h>

/* ---- What clients do ------------------------------------------------------*/

static void well(ds_handle *h, void *arg)
{
    for (size_t i; ds_next(h, &i);)
        if (ds_random(h) < 0.25)
            ds_sometimes(h, "a number is small");
}

/* Fails with seeds that are odd, from 11 on, after a while. */
static void wrong(ds_handle *h, void *arg)
{
    uint64_t seed = ds_trial_seed(ds_handle_trial(h));

    ds_sleep(h, 1.5);
    if (seed > 10 && seed % 2 == 1)
        ds_fail(h, "seed %d is odd\nand that is odd", (int)seed);
}

static void endless(ds_handle *h, void *arg)
{
    ds_event event;

    ds_set_name(h, "patient");
    if (ds_trial_seed(ds_handle_trial(h)) == 5)
        ds_poll(h, ds_stream_new(ds_handle_loop(h)), &event);
}

/* The second of two reads sees an older value. */
static void stale(ds_handle *h, void *arg)
{
    ds_history *history = ds_trial_history(ds_handle_trial(h));
    ds_loop *loop = ds_handle_loop(h);
    int64_t me = (int64_t)ds_node_number(ds_handle_node(h));
    bool bad = ds_trial_seed(ds_handle_trial(h)) == 7;
    const int64_t values[] = { 1, 2, bad ? 1 : 2 };

    for (size_t i = 0; i < 3; i++) {
        size_t call =
            ds_history_begin(history, ds_loop_now(loop), (uint64_t)me,
                             i < 2 ? DS_WRITE : DS_READ, me, values[i], 0);
        ds_sleep(h, 0.5);
        ds_history_end(history, ds_loop_now(loop), call, i < 2 ? 0 : values[i]);
    }
}

/* ---- How processes die ----------------------------------------------------*/

static bool is_seed(ds_handle *h, uint64_t seed)
{
    ds_sleep(h, 0.25);
    return ds_trial_seed(ds_handle_trial(h)) == seed;
}

static void aborts(ds_handle *h, void *arg)
{
    if (is_seed(h, 21)) {
        fprintf(stderr, "it was the butler\n");
        abort();
    }
}

static void kills(ds_handle *h, void *arg)
{
    if (is_seed(h, 18) || is_seed(h, 20) || is_seed(h, 40))
        raise(SIGKILL);
}

static void exits(ds_handle *h, void *arg)
{
    if (is_seed(h, 22))
        _exit(0);
}

static void starves(ds_handle *h, void *arg)
{
    if (is_seed(h, 23))
        ds_trial_alloc(ds_handle_trial(h), SIZE_MAX / 4);
}

static void hangs(ds_handle *h, void *arg)
{
    ds_set_name(h, "stubborn");
    if (is_seed(h, 24))
        for (;;)
            pause();
}

static void dawdles(ds_handle *h, void *arg)
{
    usleep(20000);
}

static void prints(ds_handle *h, void *arg)
{
    printf("seed %d speaks\n", (int)ds_trial_seed(ds_handle_trial(h)));
}

/* ---- What differs from run to run -----------------------------------------*/

/* Which of two blocks lies lower. */
static void by_address(ds_handle *h, void *arg)
{
    void *a = malloc(40);
    void *b = malloc(40);
    bool rising = (uintptr_t)a < (uintptr_t)b;

    free(a);
    free(b);
    ds_sleep(h, rising ? 1 : 2);
}

/* Memory that nobody has filled, which the compiler must not see. */
static void *(*volatile get)(size_t) = malloc;

static void by_garbage(ds_handle *h, void *arg)
{
    unsigned char *a = get(3000);
    unsigned char found = a[2900];

    free(a);
    ds_sleep(h, 1 + found);
}

static void by_clock(ds_handle *h, void *arg)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    ds_sleep(h, 1 + (double)now.tv_nsec);
}

static void by_rand(ds_handle *h, void *arg)
{
    ds_sleep(h, 1 + rand() % 1000);
}

static int how_many;

static void by_global(ds_handle *h, void *arg)
{
    ds_sleep(h, 1 + how_many++ / 2);
}

/* The threads see the same, and the clients write down something else. */
static void by_history(ds_handle *h, void *arg)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME, &now);
    ds_history_begin(ds_trial_history(ds_handle_trial(h)), 0,
                     ds_node_number(ds_handle_node(h)), DS_WRITE, 0,
                     now.tv_nsec, 0);
    ds_sleep(h, 1);
}

/* Only a thread that comes after others fails. */
static void fails_by_global(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    if (++how_many == 15)
        ds_fail(h, "there were %d before", how_many);
}

/* ---- The tests ------------------------------------------------------------*/

static void build(ds_trial *t, void *arg)
{
    ds_thread_fn *const *body = arg;

    for (int i = 0; i < 2; i++)
        ds_node_boot(ds_node_new(ds_trial_loop(t)), *body, NULL);
}

#define TEST(body)                                                             \
    {                                                                          \
        .name = #body, .build = build, .arg = &(ds_thread_fn *){ body },       \
        .time_limit = 1e10                                                     \
    }

static ds_thread_fn *const bodies[] = { stale, well };

static const ds_test tests[] = {
    TEST(well),
    TEST(wrong),
    TEST(endless),
    { .name = "stale",
      .build = build,
      .arg = (void *)&bodies[0],
      .model = &ds_register_model },
    { .name = "exposed",
      .build = build,
      .arg = (void *)&bodies[1],
      .hazards = DS_HAZARD_DROP },
    TEST(aborts),
    TEST(kills),
    TEST(exits),
    TEST(starves),
    TEST(hangs),
    TEST(dawdles),
    TEST(prints),
    TEST(by_address),
    TEST(by_garbage),
    TEST(by_clock),
    TEST(by_rand),
    TEST(by_global),
    TEST(by_history),
    TEST(fails_by_global),
};

enum { TESTS = sizeof(tests) / sizeof(*tests) };

int main(int argc, char **argv)
{
    const ds_test *all[TESTS];

    for (size_t i = 0; i < TESTS; i++)
        all[i] = &tests[i];
    return ds_test_main(argc, argv, all, TESTS);
}
