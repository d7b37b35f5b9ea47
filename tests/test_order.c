/* The order of what happens at one instant, and that nothing but the program
 * and its seed decides it. */

#include "stage.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

/* ---- Which orders appear --------------------------------------------------*/

/* Orders of three, as they were noted: "012", "021" and so on, each with the
 * number of seeds that gave it. */
enum { num_orders = 6 };
static const char *const orders[num_orders] = { "012", "021", "102",
                                                "120", "201", "210" };
static int seen[num_orders];

static void count_order(void)
{
    for (int i = 0; i < num_orders; i++)
        if (strcmp(noted(), orders[i]) == 0) {
            seen[i]++;
            note_clear();
            return;
        }
    ck_abort_msg("\"%s\" is no order of three", noted());
}

/* Of 300 seeds, 50 should give each: 20 are five standard deviations off. */
enum { num_seeds = 300, fewest = 20 };

static void ck_all_orders(void)
{
    for (int i = 0; i < num_orders; i++)
        ck_assert_msg(seen[i] >= fewest, "%s: %d times", orders[i], seen[i]);
}

static ds_stream *streams[3];
static ds_stream *shared;

static void make_streams(ds_loop *loop)
{
    shared = ds_stream_new(loop);
    for (int i = 0; i < 3; i++)
        streams[i] = ds_stream_new(loop);
}

/* Runs the three bodies, told their numbers, and another. */
static void play_three(ds_loop *loop, ds_thread_fn *fn, ds_thread_fn *other)
{
    static int number[] = { 0, 1, 2 };

    for (int i = 0; i < 3; i++)
        ds_spawn(loop, fn, &number[i]);
    if (other != NULL)
        ds_spawn(loop, other, NULL);
    ck_run_once(loop, DS_OK, NULL);
}

static void consume(ds_handle *h, void *arg)
{
    ds_event event;
    if (ds_poll(h, shared, &event))
        note("%d", *(int *)arg);
}

static void feed_three(ds_handle *h, void *arg)
{
    for (int i = 1; i <= 3; i++)
        ring(h, shared, i);
}

START_TEST(all_orders_of_three_consumers_of_one_stream_appear)
{
    for (uint64_t seed = 1; seed <= num_seeds; seed++) {
        ds_loop *loop = loop_seeded(seed);
        make_streams(loop);
        play_three(loop, consume, feed_three);
        count_order();
    }
    ck_all_orders();
}
END_TEST

static void poll_own(ds_handle *h, void *arg)
{
    const int i = *(int *)arg;
    ds_event event;
    if (ds_poll(h, streams[i], &event))
        note("%d", i);
}

static void feed_each(ds_handle *h, void *arg)
{
    for (int i = 0; i < 3; i++)
        ring(h, streams[i], 1);
}

START_TEST(all_orders_of_three_events_of_one_instant_appear)
{
    for (uint64_t seed = 1; seed <= num_seeds; seed++) {
        ds_loop *loop = loop_seeded(seed);
        make_streams(loop);
        play_three(loop, poll_own, feed_each);
        count_order();
    }
    ck_all_orders();
}
END_TEST

static void sleep_1(ds_handle *h, void *arg)
{
    if (ds_sleep(h, 1))
        note("%d", *(int *)arg);
}

START_TEST(all_orders_of_three_wake_ups_of_one_instant_appear)
{
    for (uint64_t seed = 1; seed <= num_seeds; seed++) {
        play_three(loop_seeded(seed), sleep_1, NULL);
        count_order();
    }
    ck_all_orders();
}
END_TEST

static void time_out_at_1(ds_handle *h, void *arg)
{
    ds_event event;
    if (ds_poll_timeout(h, &shared, 1, 1, &event))
        note("%d", *(int *)arg);
}

START_TEST(all_orders_of_three_timeouts_of_one_instant_appear)
{
    for (uint64_t seed = 1; seed <= num_seeds; seed++) {
        ds_loop *loop = loop_seeded(seed);
        make_streams(loop);
        play_three(loop, time_out_at_1, NULL);
        count_order();
    }
    ck_all_orders();
}
END_TEST

static void feed_one_stream(ds_handle *h, void *arg)
{
    static char *const names[] = { "0", "1", "2" };
    for (int i = 0; i < 3; i++)
        ds_schedule(h, shared, 1, names[i], NULL);
}

static void read_late(ds_handle *h, void *arg)
{
    ds_event event;
    ds_sleep(h, 2);
    for (int i = 0; i < 3 && ds_poll(h, shared, &event); i++)
        note("%s", (const char *)event.data);
}

START_TEST(events_of_one_instant_queue_up_in_any_order)
{
    for (uint64_t seed = 1; seed <= num_seeds; seed++) {
        ds_loop *loop = loop_seeded(seed);
        make_streams(loop);
        ds_spawn(loop, feed_one_stream, NULL);
        ds_spawn(loop, read_late, NULL);
        ck_run_once(loop, DS_OK, NULL);
        count_order();
    }
    ck_all_orders();
}
END_TEST

/* ---- FIFO ties ------------------------------------------------------------*/

static ds_loop *fifo_of_seed(uint64_t seed)
{
    ds_loop *loop =
        ds_loop_new(&(ds_loop_config){ .seed = seed, .ties = DS_TIES_FIFO });
    make_streams(loop);
    return loop;
}

START_TEST(with_fifo_ties_what_was_scheduled_first_goes_first)
{
    play_three(fifo_of_seed((uint64_t)_i), poll_own, feed_each);
    ck_noted("012");
    play_three(fifo_of_seed((uint64_t)_i), sleep_1, NULL);
    ck_noted("012");
    play_three(fifo_of_seed((uint64_t)_i), time_out_at_1, NULL);
    ck_noted("012");
}
END_TEST

START_TEST(with_fifo_ties_the_longest_waiter_receives)
{
    play_three(fifo_of_seed((uint64_t)_i), consume, feed_three);
    ck_noted("012");
}
END_TEST

/* 0 lines up again and again, so it is never the longest waiter. */
static void consume_restlessly(ds_handle *h, void *arg)
{
    const int i = *(int *)arg;
    ds_event event = { 0 };
    bool on = true;

    if (i > 0)
        on = ds_poll(h, shared, &event);
    else
        while (on && event.stream == NULL)
            on = ds_poll_timeout(h, &shared, 1, 0.3, &event);
    if (on)
        note("%d", i);
}

START_TEST(waiting_again_means_waiting_at_the_end_of_the_line)
{
    play_three(fifo_of_seed((uint64_t)_i), consume_restlessly, feed_three);
    ck_noted("120");
}
END_TEST

/* The seed must not show with FIFO ties, except in random numbers. */
START_TEST(with_fifo_ties_the_seed_decides_nothing)
{
    static int number[] = { 0, 1, 2 };
    uint64_t digests[2];

    for (uint64_t seed = 0; seed < 2; seed++) {
        ds_loop *loop = fifo_of_seed(seed + 1);
        for (int i = 0; i < 3; i++)
            ds_spawn(loop, consume, &number[i]);
        ds_spawn(loop, feed_three, NULL);
        ck_run(loop, DS_OK, NULL);
        digests[seed] = ds_loop_digest(loop);
        ds_loop_free(loop);
    }
    ck_assert(digests[0] == digests[1]);
}
END_TEST

/* ---- Classes --------------------------------------------------------------*/

/* A network that only rings. */
static void ignore(ds_net *net, const ds_msg *msgs, size_t n)
{
}

static void note_alarm(ds_net *net)
{
    note("alarm@%g ", ds_net_now(net));
}

static void stays(ds_net *net)
{
}

static const ds_net_ops bell_ops = { "bell", ignore, note_alarm, stays };
static ds_net bell;

static void set_bell(ds_handle *h, void *arg)
{
    ds_event event;
    ds_net_set_alarm(&bell, 1);
    if (ds_poll_timeout(h, &streams[0], 1, 1, &event))
        note("timeout@%g ", ds_now(h));
}

static void sleep_to_bell(ds_handle *h, void *arg)
{
    ds_event event;
    ds_sleep(h, 0.5);
    ds_sleep(h, 0.5);
    note("wake-up@%g ", ds_now(h));
    ring(h, streams[1], 0);
    ds_poll(h, streams[1], &event);
    note("event@%g ", ds_now(h));
}

START_TEST(events_and_wake_ups_come_before_alarms_and_those_before_timeouts)
{
    ds_loop *loop = loop_seeded((uint64_t)_i);

    make_streams(loop);
    ck_assert_ptr_eq(ds_net_init(&bell, loop, &bell_ops), &bell);
    ds_spawn(loop, set_bell, NULL);
    ds_spawn(loop, sleep_to_bell, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("wake-up@1 event@1 alarm@1 timeout@1 ");
}
END_TEST

/* ---- The same program and seed --------------------------------------------*/

/* A program with ties everywhere, to be run with or without real sleeps. */
static bool restless;

static void dawdle(ds_handle *h)
{
    if (restless)
        usleep((useconds_t)(rand() % 30));
}

static void bustle(ds_handle *h, void *arg)
{
    const int i = *(int *)arg;
    ds_event event;
    ds_timer last = { 0 };

    for (int step = 0; step < 12; step++) {
        dawdle(h);
        const double delay = (int)(ds_random(h) * 3);
        last = ring(h, step % 2 == 0 ? shared : streams[i], delay);
        if (ds_random(h) < 0.2)
            ds_cancel(h, last);
        ds_stream *const both[] = { streams[i], shared };
        if (!ds_poll_timeout(h, both, 2, 2, &event))
            return;
    }
    note("%d", i);
}

static uint64_t digest_of_bustle(uint64_t seed)
{
    static int number[] = { 0, 1, 2 };
    ds_loop *loop = loop_seeded(seed);

    make_streams(loop);
    for (int i = 0; i < 3; i++)
        ds_spawn(loop, bustle, &number[i]);
    ck_run(loop, DS_OK, NULL);
    const uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return digest;
}

static void repeat_bustle(int times)
{
    restless = false;
    const uint64_t digest = digest_of_bustle(5);
    char order[8];
    snprintf(order, sizeof(order), "%s", noted());
    note_clear();

    for (int i = 0; i < times; i++) {
        restless = i % 4 == 0;
        if (digest_of_bustle(5) != digest)
            ck_abort_msg("run %d of %d differs", i, times);
        ck_noted(order);
    }
}

static int a_thousand(void)
{
    return harness_max_threads() < 2000 ? 100 : 1000;
}

START_TEST(the_same_seed_gives_the_same_digest_a_thousand_times)
{
    repeat_bustle(a_thousand());
}
END_TEST

START_TEST(and_so_it_does_on_one_processor)
{
    cpu_set_t all, one;
    int cpu = 0;

    ck_assert_int_eq(sched_getaffinity(0, sizeof(all), &all), 0);
    while (!CPU_ISSET(cpu, &all))
        cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
    repeat_bustle(a_thousand());
}
END_TEST

/* Not as often: another test may want the same processor, and gets it. */
START_TEST(and_so_it_does_at_the_lowest_priority)
{
    ck_assert_int_eq(setpriority(PRIO_PROCESS, 0, 19), 0);
    repeat_bustle(a_thousand() / 10);
}
END_TEST

START_TEST(different_seeds_give_different_digests)
{
    enum { n = 50 };
    uint64_t digests[n];

    for (int i = 0; i < n; i++) {
        digests[i] = digest_of_bustle((uint64_t)i + 1);
        for (int j = 0; j < i; j++)
            ck_assert(digests[i] != digests[j]);
    }
}
END_TEST

/* The digest must not know where things lie in memory. */
START_TEST(the_layout_of_memory_decides_nothing)
{
    const uint64_t digest = digest_of_bustle(9);

    for (int i = 0; i < 30; i++) {
        void *junk[30];
        for (int j = 0; j < 30; j++)
            junk[j] = malloc((size_t)(rand() % 3000));
        for (int j = 0; j < 30; j += 2)
            free(junk[j]);
        ck_assert(digest_of_bustle(9) == digest);
        for (int j = 1; j < 30; j += 2)
            free(junk[j]);
    }
}
END_TEST

static void bustle_with_bell(ds_handle *h, void *arg)
{
    const int i = *(int *)arg;

    for (int step = 0; step < 20; step++) {
        if (bell.loop != NULL)
            ds_net_set_alarm(&bell, step % 3);
        ring(h, streams[(i + 1) % 3], 1);
        ds_event event;
        if (!ds_poll_timeout(h, &streams[i], 1, 1, &event) || !ds_sleep(h, 0))
            return;
    }
}

static uint64_t digest_with_bell(bool with)
{
    static int number[] = { 0, 1, 2 };
    ds_loop *loop = loop_seeded(3);

    make_streams(loop);
    bell = (ds_net){ 0 };
    if (with)
        ds_net_init(&bell, loop, &bell_ops);
    for (int i = 0; i < 3; i++)
        ds_spawn(loop, bustle_with_bell, &number[i]);
    ck_run(loop, DS_OK, NULL);
    const uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return digest;
}

START_TEST(alarms_draw_no_ties_and_are_not_in_the_digest)
{
    ck_assert(digest_with_bell(true) == digest_with_bell(false));
    ck_contains(noted(), "alarm@");
}
END_TEST

/* ---- Random numbers -------------------------------------------------------*/

static int extra_draws;
static double drawn[3][100];

static void draw(ds_handle *h, void *arg)
{
    const int i = *(int *)arg;

    for (int k = 0; k < 100; k++) {
        if (i == 0)
            for (int extra = 0; extra < extra_draws; extra++)
                ds_random(h);
        drawn[i][k] = ds_random(h);
        if (k % 10 == 0)
            ds_sleep(h, 1);
    }
}

START_TEST(random_numbers_do_not_depend_on_the_draws_of_others)
{
    double before[3][100];

    extra_draws = 0;
    play_three(loop_seeded(1), draw, NULL);
    memcpy(before, drawn, sizeof(before));
    extra_draws = 3;
    play_three(loop_seeded(1), draw, NULL);
    ck_assert(memcmp(before[0], drawn[0], sizeof(drawn[0])) != 0);
    ck_assert(memcmp(before[1], drawn[1], sizeof(drawn[1])) == 0);
    ck_assert(memcmp(before[2], drawn[2], sizeof(drawn[2])) == 0);
}
END_TEST

START_TEST(random_numbers_depend_on_how_often_their_thread_asked_only)
{
    double before[3][100];

    extra_draws = 0;
    play_three(loop_seeded(1), draw, NULL);
    memcpy(before, drawn, sizeof(before));
    extra_draws = 1;
    play_three(loop_seeded(1), draw, NULL);
    for (int k = 0; k < 50; k++)
        ck_assert(drawn[0][k] == before[0][2 * k + 1]);
}
END_TEST

START_TEST(threads_have_random_numbers_of_their_own)
{
    extra_draws = 0;
    play_three(loop_seeded(1), draw, NULL);
    for (int k = 0; k < 100; k++) {
        ck_assert(drawn[0][k] != drawn[1][k]);
        ck_assert(drawn[0][k] != drawn[2][k]);
        ck_assert(drawn[1][k] != drawn[2][k]);
    }
}
END_TEST

START_TEST(random_numbers_follow_the_seed)
{
    double before[3][100];

    extra_draws = 0;
    play_three(loop_seeded(1), draw, NULL);
    memcpy(before, drawn, sizeof(before));
    play_three(loop_seeded(1), draw, NULL);
    ck_assert(memcmp(before, drawn, sizeof(before)) == 0);
    play_three(loop_seeded(2), draw, NULL);
    for (int k = 0; k < 100; k++)
        ck_assert(before[0][k] != drawn[0][k]);
}
END_TEST

static void draw_many(ds_handle *h, void *arg)
{
    double sum = 0, squares = 0;
    const int n = 100000;

    for (int i = 0; i < n; i++) {
        const double x = ds_random(h);
        if (!(x >= 0 && x < 1))
            ck_abort_msg("%.17g is outside", x);
        sum += x;
        squares += x * x;
    }
    ck_assert_double_eq_tol(sum / n, 0.5, 0.005);
    ck_assert_double_eq_tol(squares / n, 1.0 / 3, 0.005);
}

START_TEST(random_numbers_are_uniform_from_0_to_1)
{
    ds_loop *loop = loop_seeded(1);
    ds_spawn(loop, draw_many, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, all_orders_of_three_consumers_of_one_stream_appear);
    tcase_add_test(tc, all_orders_of_three_events_of_one_instant_appear);
    tcase_add_test(tc, all_orders_of_three_wake_ups_of_one_instant_appear);
    tcase_add_test(tc, all_orders_of_three_timeouts_of_one_instant_appear);
    tcase_add_test(tc, events_of_one_instant_queue_up_in_any_order);

    tcase_add_loop_test(tc, with_fifo_ties_what_was_scheduled_first_goes_first,
                        0, 10);
    tcase_add_loop_test(tc, with_fifo_ties_the_longest_waiter_receives, 0, 10);
    tcase_add_loop_test(tc, waiting_again_means_waiting_at_the_end_of_the_line,
                        0, 10);
    tcase_add_test(tc, with_fifo_ties_the_seed_decides_nothing);

    tcase_add_loop_test(
        tc, events_and_wake_ups_come_before_alarms_and_those_before_timeouts, 0,
        20);

    tcase_add_test(tc, the_same_seed_gives_the_same_digest_a_thousand_times);
    tcase_add_test(tc, and_so_it_does_on_one_processor);
    tcase_add_test(tc, and_so_it_does_at_the_lowest_priority);
    tcase_add_test(tc, different_seeds_give_different_digests);
    tcase_add_test(tc, the_layout_of_memory_decides_nothing);
    tcase_add_test(tc, alarms_draw_no_ties_and_are_not_in_the_digest);

    tcase_add_test(tc, random_numbers_do_not_depend_on_the_draws_of_others);
    tcase_add_test(tc,
                   random_numbers_depend_on_how_often_their_thread_asked_only);
    tcase_add_test(tc, threads_have_random_numbers_of_their_own);
    tcase_add_test(tc, random_numbers_follow_the_seed);
    tcase_add_test(tc, random_numbers_are_uniform_from_0_to_1);
}

int main(void)
{
    return harness_main("order", add);
}
