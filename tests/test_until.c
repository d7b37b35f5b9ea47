/* Waiting until a moment: it comes exactly, on the clock of whoever waits. */

#include "stage.h"

#include <distsys/fault.h>

#include "base/rng.h"

static double moment(uint64_t i, double decades)
{
    return pow(10, decades * ds__rng_uniform(ds__mix(i)));
}

static void step(ds_handle *h, void *arg)
{
    for (uint64_t i = 0; i < 2000; i++) {
        const double time = ds_now(h) + moment(i, 9) * 1e-6;
        ck_assert(ds_sleep_until(h, time));
        ck_assert_msg(ds_now(h) == time, "%.17g for %.17g", ds_now(h), time);
    }
}

START_TEST(a_sleep_ends_at_the_very_moment)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, step, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void far_steps(ds_handle *h, void *arg)
{
    double times[] = { 5e-324, 1e-300, 0.1, 0.3, 1e15, 1e300 };

    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        ck_assert(ds_sleep_until(h, times[i]));
        ck_assert(ds_now(h) == times[i]);
    }
}

START_TEST(moments_may_be_as_far_as_doubles_are)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, far_steps, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void sleep_into_past(ds_handle *h, void *arg)
{
    ck_assert(ds_sleep(h, 3));
    ck_assert(ds_sleep_until(h, 2) && ds_sleep_until(h, -INFINITY));
    ck_assert(ds_now(h) == 3);
}

START_TEST(a_moment_that_has_passed_takes_no_time)
{
    ds_loop *loop = ds_loop_new(NULL);

    ds_spawn(loop, sleep_into_past, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static ds_stream *line;

static void wait_for_two(ds_handle *h, void *arg)
{
    ds_event event;

    ring(h, line, 1.5);
    ck_assert(ds_poll_until(h, &line, 1, 2.5, &event));
    ck_assert(event.stream == line && ds_now(h) == 1.5);
    ck_assert(ds_poll_until(h, &line, 1, 2.5, &event));
    ck_assert(event.stream == NULL && ds_now(h) == 2.5);
    ring(h, line, 7);
    ck_assert(ds_poll_until(h, &line, 1, INFINITY, &event));
    ck_assert(event.stream == line && ds_now(h) == 9.5);
}

START_TEST(a_poll_ends_then_unless_something_comes)
{
    ds_loop *loop = ds_loop_new(NULL);

    line = ds_stream_new(loop);
    ds_spawn(loop, wait_for_two, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static ds_net *net;
static ds_port *port;

static void receive_until(ds_handle *h, void *arg)
{
    ds_msg m;

    ds_send_bytes(h, net, port, port, "x", 1);
    ck_assert(ds_recv_until(h, port, 4, &m) && m.dest == port);
    ds_msg_drop(&m);
    ck_assert(ds_recv_until(h, port, 4, &m) && m.dest == NULL);
    ck_assert(ds_now(h) == 4);
}

START_TEST(so_does_a_receive)
{
    ds_loop *loop = ds_loop_new(NULL);

    net = ds_random_net_new(loop, 3);
    port = ds_port_new(ds_node_new(loop));
    ds_spawn(loop, receive_until, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void sleep_on_own_clock(ds_handle *h, void *arg)
{
    for (int i = 1; i < 100; i++) {
        ck_assert(ds_sleep_until(h, 10 * i));
        ck_assert_double_eq_tol(ds_now(h), 10 * i, 1e-9);
    }
}

START_TEST(the_clock_is_that_of_the_machine)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *node = ds_node_new(loop);

    ds_node_set_clock(node, 0, 0.25);
    ds_node_spawn(node, sleep_on_own_clock, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_assert_double_eq_tol(ds_loop_now(loop), 990 / 1.25, 1e-9);
    ds_loop_free(loop);
}
END_TEST

static void sleep_for_ever(ds_handle *h, void *arg)
{
    ck_assert(!ds_sleep_until(h, INFINITY));
}

static void sleep_until_nan(ds_handle *h, void *arg)
{
    ck_assert(!ds_sleep_until(h, NAN));
}

static void poll_until_nan(ds_handle *h, void *arg)
{
    ds_event event;

    ck_assert(!ds_poll_until(h, &line, 1, NAN, &event));
    ck_assert_ptr_null(event.stream);
}

static void receive_until_nan(ds_handle *h, void *arg)
{
    ds_msg m;

    ck_assert(!ds_recv_until(h, port, NAN, &m));
    ck_assert_ptr_null(m.dest);
}

static const struct {
    ds_thread_fn *fn;
    const char *text;
} wrong[] = {
    { sleep_for_ever, "ds_sleep_until: time is inf; it must be finite" },
    { sleep_until_nan, "ds_sleep_until: time is nan; it must be finite" },
    { poll_until_nan, "ds_poll_until: time is nan; it must be a number" },
    { receive_until_nan, "ds_recv_until: time is nan; it must be a number" },
};

START_TEST(what_is_no_moment_is_misuse)
{
    ds_loop *loop = ds_loop_new(NULL);

    line = ds_stream_new(loop);
    port = ds_port_new(ds_node_new(loop));
    ds_spawn(loop, wrong[_i].fn, NULL);
    ck_run_once(loop, DS_EMISUSE, wrong[_i].text);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_sleep_ends_at_the_very_moment);
    tcase_add_test(tc, moments_may_be_as_far_as_doubles_are);
    tcase_add_test(tc, a_moment_that_has_passed_takes_no_time);
    tcase_add_test(tc, a_poll_ends_then_unless_something_comes);
    tcase_add_test(tc, so_does_a_receive);
    tcase_add_test(tc, the_clock_is_that_of_the_machine);
    tcase_add_loop_test(tc, what_is_no_moment_is_misuse, 0, 4);
}

int main(void)
{
    return harness_main("until", add);
}
