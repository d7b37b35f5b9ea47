/* A program of tests, each of which is wrong in one way, or in none; what is
 * said of them is looked at by tests/test_runner.sh. */

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

/* ---- The tests ------------------------------------------------------------*/

static void build(ds_trial *t, void *arg)
{
    ds_thread_fn *const *body = arg;

    for (int i = 0; i < 2; i++)
        ds_node_boot(ds_node_new(ds_trial_loop(t)), *body, NULL);
}

static ds_thread_fn *bodies[] = { well, wrong, endless, stale };

static const ds_test tests[] = {
    { .name = "well", .build = build, .arg = &bodies[0] },
    { .name = "wrong", .build = build, .arg = &bodies[1] },
    { .name = "endless", .build = build, .arg = &bodies[2] },
    { .name = "stale",
      .build = build,
      .arg = &bodies[3],
      .model = &ds_register_model },
    { .name = "exposed",
      .build = build,
      .arg = &bodies[0],
      .hazards = DS_HAZARD_DROP },
};

enum { TESTS = sizeof(tests) / sizeof(*tests) };

int main(int argc, char **argv)
{
    const ds_test *all[TESTS];

    for (size_t i = 0; i < TESTS; i++)
        all[i] = &tests[i];
    return ds_test_main(argc, argv, all, TESTS);
}
