/* Every way of calling the interface wrongly: nothing happens, payloads are
 * dropped once, and the run ends with a text that names call and argument. */

#include "stage.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- The stage ------------------------------------------------------------*/

/* A loop with one of everything, and another one to take foreign things from.
 */
static struct stage {
    ds_loop *loop;
    ds_stream *stream;
    ds_node *node;
    ds_port *port;
    ds_net *net;
} here, there;

static void build(struct stage *s)
{
    s->loop = ds_loop_new(NULL);
    s->stream = ds_stream_new(s->loop);
    s->node = ds_node_new(s->loop);
    s->port = ds_port_new(s->node);
    s->net = ds_random_net_new(s->loop, 1);
    ck_assert_ptr_nonnull(s->net);
}

static void setup(void)
{
    build(&here);
    build(&there);
}

static void teardown(void)
{
    ds_loop_free(here.loop);
    ds_loop_free(there.loop);
}

/* ---- Wrong arguments ------------------------------------------------------*/

static ds_event event;
static ds_msg msg;
static ds_stream *const no_streams[1];

static void poll_null(ds_handle *h)
{
    ck_assert(!ds_poll(h, NULL, &event));
}

static void poll_foreign(ds_handle *h)
{
    ck_assert(!ds_poll(h, there.stream, &event));
}

static void poll_without_event(ds_handle *h)
{
    ck_assert(!ds_poll(h, here.stream, NULL));
}

static void any_of_none(ds_handle *h)
{
    ck_assert(!ds_poll_any(h, &here.stream, 0, &event));
}

static void any_of_null_array(ds_handle *h)
{
    ck_assert(!ds_poll_any(h, NULL, 2, &event));
}

static void any_of_null_stream(ds_handle *h)
{
    ck_assert(!ds_poll_any(h, no_streams, 1, &event));
}

static void any_with_foreign(ds_handle *h)
{
    ds_stream *const both[] = { here.stream, there.stream };
    ck_assert(!ds_poll_any(h, both, 2, &event));
}

static void any_without_event(ds_handle *h)
{
    ck_assert(!ds_poll_any(h, &here.stream, 1, NULL));
}

static void timeout_negative(ds_handle *h)
{
    ck_assert(!ds_poll_timeout(h, &here.stream, 1, -1.5, &event));
}

static void timeout_nan(ds_handle *h)
{
    ck_assert(!ds_poll_timeout(h, &here.stream, 1, NAN, &event));
}

static void timeout_minus_infinity(ds_handle *h)
{
    ck_assert(!ds_poll_timeout(h, NULL, 0, -INFINITY, &event));
}

static void timeout_null_array(ds_handle *h)
{
    ck_assert(!ds_poll_timeout(h, NULL, 1, 1, &event));
}

static void timeout_foreign(ds_handle *h)
{
    ck_assert(!ds_poll_timeout(h, &there.stream, 1, 1, &event));
}

static void timeout_without_event(ds_handle *h)
{
    ck_assert(!ds_poll_timeout(h, &here.stream, 1, 1, NULL));
}

static void sleep_negative(ds_handle *h)
{
    ck_assert(!ds_sleep(h, -1.5));
}

static void sleep_nan(ds_handle *h)
{
    ck_assert(!ds_sleep(h, NAN));
}

static void sleep_infinite(ds_handle *h)
{
    ck_assert(!ds_sleep(h, INFINITY));
}

static void sleep_beyond(ds_handle *h)
{
    ck_assert(ds_sleep(h, 1.7e308));
    ck_assert(!ds_sleep(h, 1.7e308));
}

static int computed;

static void work(void *arg)
{
    computed++;
}

static void compute_nothing(ds_handle *h)
{
    ck_assert(!ds_compute(h, 1, NULL, NULL));
}

static void compute_negative(ds_handle *h)
{
    ck_assert(!ds_compute(h, -1.5, work, NULL));
    ck_assert_int_eq(computed, 0);
}

static void compute_nan(ds_handle *h)
{
    ck_assert(!ds_compute(h, NAN, work, NULL));
    ck_assert_int_eq(computed, 0);
}

static void compute_infinite(ds_handle *h)
{
    ck_assert(!ds_compute(h, INFINITY, work, NULL));
    ck_assert_int_eq(computed, 0);
}

/* The payloads of what is refused from here on count. */
static void schedule_to(ds_handle *h, ds_stream *to)
{
    const ds_timer timer = ds_schedule(h, to, 1, &freed[0], count_free);
    ck_assert(timer.id == 0 && timer.time == 0);
    ck_assert_int_eq(freed[0], 1);
}

static void schedule_to_null(ds_handle *h)
{
    schedule_to(h, NULL);
}

static void schedule_to_foreign(ds_handle *h)
{
    schedule_to(h, there.stream);
}

static void schedule_to_port(ds_handle *h)
{
    schedule_to(h, ds_port_stream(here.port));
}

static void send(ds_handle *h, ds_net *net, ds_port *source, ds_port *dest,
                 double size, ds_stream *done)
{
    ds_send(h, net,
            (ds_msg){ .source = source,
                      .dest = dest,
                      .data = &freed[0],
                      .free = count_free,
                      .size = size,
                      .done = done });
    ck_assert_int_eq(freed[0], 1);
}

static void send_over_null(ds_handle *h)
{
    send(h, NULL, here.port, here.port, 1, NULL);
}

static void send_over_foreign(ds_handle *h)
{
    send(h, there.net, here.port, here.port, 1, NULL);
}

static void send_from_null(ds_handle *h)
{
    send(h, here.net, NULL, here.port, 1, NULL);
}

static void send_to_null(ds_handle *h)
{
    send(h, here.net, here.port, NULL, 1, NULL);
}

static void send_from_foreign(ds_handle *h)
{
    send(h, here.net, there.port, here.port, 1, NULL);
}

static void send_to_foreign(ds_handle *h)
{
    send(h, here.net, here.port, there.port, 1, NULL);
}

static void send_negative(ds_handle *h)
{
    send(h, here.net, here.port, here.port, -1.5, NULL);
}

static void send_nan(ds_handle *h)
{
    send(h, here.net, here.port, here.port, NAN, NULL);
}

static void send_infinite(ds_handle *h)
{
    send(h, here.net, here.port, here.port, INFINITY, NULL);
}

static void send_with_foreign_done(ds_handle *h)
{
    send(h, here.net, here.port, here.port, 1, there.stream);
}

static void send_with_port_as_done(ds_handle *h)
{
    send(h, here.net, here.port, here.port, 1, ds_port_stream(here.port));
}

static void send_batch_with_bad_one(ds_handle *h)
{
    ds_msg batch[3];

    for (int i = 0; i < 3; i++)
        batch[i] = (ds_msg){ .source = here.port,
                             .dest = here.port,
                             .data = &freed[i],
                             .free = count_free,
                             .size = 1,
                             .done = here.stream };
    batch[1].size = -1.5;
    ds_send_all(h, here.net, batch, 3);
    ck_each_freed_once(3);
    ck_assert_ptr_eq(batch[0].data, &freed[0]); /* it is const */
}

static void send_batch_at_null(ds_handle *h)
{
    ds_send_all(h, here.net, NULL, 3);
}

static void recv_at_null(ds_handle *h)
{
    ck_assert(!ds_recv(h, NULL, &msg));
}

static void recv_at_foreign(ds_handle *h)
{
    ck_assert(!ds_recv(h, there.port, &msg));
}

static void recv_without_msg(ds_handle *h)
{
    ck_assert(!ds_recv(h, here.port, NULL));
}

static void recv_timeout_negative(ds_handle *h)
{
    ck_assert(!ds_recv_timeout(h, here.port, -1.5, &msg));
}

static void recv_timeout_nan(ds_handle *h)
{
    ck_assert(!ds_recv_timeout(h, here.port, NAN, &msg));
}

static void spawn_null(ds_handle *h)
{
    ds_spawn(ds_handle_loop(h), NULL, NULL);
}

static void spawn_null_daemon(ds_handle *h)
{
    ds_spawn_daemon(ds_handle_loop(h), NULL, NULL);
}

static void name_null(ds_handle *h)
{
    ds_set_name(h, NULL);
}

static void name_stream_null(ds_handle *h)
{
    ds_stream_set_name(here.stream, NULL);
}

/* Without attributes that would let the compiler notice. */
static void fail_with_null(ds_handle *h)
{
    void (*volatile fail_it)(ds_handle *, const char *, ...) = ds_fail;
    fail_it(h, NULL);
}

static void random_net_negative(ds_handle *h)
{
    ck_assert_ptr_null(ds_random_net_new(ds_handle_loop(h), -1.5));
}

static void random_net_nan(ds_handle *h)
{
    ck_assert_ptr_null(ds_random_net_new(ds_handle_loop(h), NAN));
}

static void random_net_infinite(ds_handle *h)
{
    ck_assert_ptr_null(ds_random_net_new(ds_handle_loop(h), INFINITY));
}

/* ---- Wrong networks -------------------------------------------------------*/

static void take(ds_net *net, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_net_deliver(net, 0, msgs[i]);
}

static void no_free(ds_net *net)
{
}

static const ds_net_ops plain_ops = { .name = "plain",
                                      .send = take,
                                      .free = no_free };
static const ds_net_ops sendless_ops = { .name = "sendless", .free = no_free };
static ds_net own;

static void net_without_ops(ds_handle *h)
{
    ck_assert_ptr_null(ds_net_init(&own, ds_handle_loop(h), NULL));
}

static void net_without_send(ds_handle *h)
{
    ck_assert_ptr_null(ds_net_init(&own, ds_handle_loop(h), &sendless_ops));
}

static void alarm_without_function(ds_handle *h)
{
    ds_net_init(&own, ds_handle_loop(h), &plain_ops);
    ds_net_set_alarm(&own, 1);
}

static void deliver(ds_handle *h, double seconds, ds_port *dest)
{
    ds_net_init(&own, ds_handle_loop(h), &plain_ops);
    ds_net_deliver(&own, seconds,
                   (ds_msg){ .source = here.port,
                             .dest = dest,
                             .data = &freed[0],
                             .free = count_free,
                             .size = 1 });
    ck_assert_int_eq(freed[0], 1);
}

static void deliver_negative(ds_handle *h)
{
    deliver(h, -1.5, here.port);
}

static void deliver_nan(ds_handle *h)
{
    deliver(h, NAN, here.port);
}

static void deliver_to_null(ds_handle *h)
{
    deliver(h, 1, NULL);
}

static void deliver_to_foreign(ds_handle *h)
{
    deliver(h, 1, there.port);
}

static void net_fails_with_ok(ds_handle *h)
{
    ds_net_init(&own, ds_handle_loop(h), &plain_ops);
    ds_net_fail(&own, DS_OK, "fine");
}

static void net_fails_with_no_status(ds_handle *h)
{
    ds_net_init(&own, ds_handle_loop(h), &plain_ops);
    ds_net_fail(&own, (ds_status)99, "fine");
}

static void net_fails_with_null(ds_handle *h)
{
    void (*volatile fail_it)(ds_net *, ds_status, const char *, ...) =
        ds_net_fail;
    ds_net_init(&own, ds_handle_loop(h), &plain_ops);
    fail_it(&own, DS_FAILED, NULL);
}

static void net_twice(ds_handle *h)
{
    ck_assert_ptr_eq(ds_net_init(&own, ds_handle_loop(h), &plain_ops), &own);
    ck_assert_ptr_null(ds_net_init(&own, ds_handle_loop(h), &plain_ops));
}

static void deliver_with_foreign_done(ds_handle *h)
{
    ds_net_init(&own, ds_handle_loop(h), &plain_ops);
    ds_net_deliver(&own, 1,
                   (ds_msg){ .source = here.port,
                             .dest = here.port,
                             .data = &freed[0],
                             .free = count_free,
                             .size = 1,
                             .done = there.stream });
    ck_assert_int_eq(freed[0], 1);
}

static void lose_with_foreign_done(ds_handle *h)
{
    ds_net_init(&own, ds_handle_loop(h), &plain_ops);
    ds_net_lose(&own, (ds_msg){ .source = here.port,
                                .dest = here.port,
                                .data = &freed[0],
                                .free = count_free,
                                .size = 1,
                                .done = there.stream });
    ck_assert_int_eq(freed[0], 1);
}

static ds_stream *freed_stream(void)
{
    ds_stream *stream = ds_stream_new(here.loop);

    ds_stream_free(stream);
    return stream;
}

static void poll_freed(ds_handle *h)
{
    ck_assert(!ds_poll(h, freed_stream(), &event));
}

static void schedule_to_freed(ds_handle *h)
{
    ds_schedule(h, freed_stream(), 1, NULL, NULL);
}

static void name_freed(ds_handle *h)
{
    ds_stream_set_name(freed_stream(), "late");
}

static void free_twice(ds_handle *h)
{
    ds_stream_free(freed_stream());
}

static void free_of_port(ds_handle *h)
{
    ds_stream_free(ds_port_stream(here.port));
}

static void wait_here(ds_handle *h, void *arg)
{
    ds_set_name(h, "waiter");
    ds_poll(h, here.stream, &event);
}

static void free_awaited(ds_handle *h)
{
    ds_spawn(here.loop, wait_here, NULL);
    ds_sleep(h, 0.25);
    ds_stream_free(here.stream);
}

static const struct {
    void (*fn)(ds_handle *h);
    const char *call;
    const char *argument;
} wrong[] = {
    { poll_freed, "ds_poll:", "the stream has been freed" },
    { schedule_to_freed, "ds_schedule:", "has been freed" },
    { name_freed, "ds_stream_set_name:", "has been freed" },
    { free_twice, "ds_stream_free:", "has been freed" },
    { free_of_port, "ds_stream_free:", "a port's" },
    { free_awaited, "ds_stream_free:", "thread 2 \"waiter\" waits for" },
    { poll_null, "ds_poll:", "stream is NULL" },
    { poll_foreign, "ds_poll:", "another loop" },
    { poll_without_event, "ds_poll:", "event is NULL" },
    { any_of_none, "ds_poll_any:", "n is 0" },
    { any_of_null_array, "ds_poll_any:", "NULL" },
    { any_of_null_stream, "ds_poll_any:", "NULL" },
    { any_with_foreign, "ds_poll_any:", "stream 1" },
    { any_without_event, "ds_poll_any:", "event is NULL" },
    { timeout_negative, "ds_poll_timeout:", "seconds is -1.5" },
    { timeout_nan, "ds_poll_timeout:", "seconds is nan" },
    { timeout_minus_infinity, "ds_poll_timeout:", "seconds is -inf" },
    { timeout_null_array, "ds_poll_timeout:", "NULL" },
    { timeout_foreign, "ds_poll_timeout:", "another loop" },
    { timeout_without_event, "ds_poll_timeout:", "event is NULL" },
    { sleep_negative, "ds_sleep:", "seconds is -1.5" },
    { sleep_nan, "ds_sleep:", "seconds is nan" },
    { sleep_infinite, "ds_sleep:", "seconds is inf" },
    { sleep_beyond, "ds_sleep:", "seconds is 1.7e+308" },
    { compute_nothing, "ds_compute:", "function is NULL" },
    { compute_negative, "ds_compute:", "seconds is -1.5" },
    { compute_nan, "ds_compute:", "seconds is nan" },
    { compute_infinite, "ds_compute:", "seconds is inf" },
    { schedule_to_null, "ds_schedule:", "stream is NULL" },
    { schedule_to_foreign, "ds_schedule:", "another loop" },
    { schedule_to_port, "ds_schedule:", "port" },
    { send_over_null, "ds_send:", "network is NULL" },
    { send_over_foreign, "ds_send:", "network belongs to another loop" },
    { send_from_null, "ds_send:", "source" },
    { send_to_null, "ds_send:", "dest" },
    { send_from_foreign, "ds_send:", "source" },
    { send_to_foreign, "ds_send:", "dest" },
    { send_negative, "ds_send:", "size" },
    { send_negative, "ds_send:", "-1.5" },
    { send_nan, "ds_send:", "nan" },
    { send_infinite, "ds_send:", "inf" },
    { send_with_foreign_done, "ds_send:", "done" },
    { send_with_port_as_done, "ds_send:", "done" },
    { send_batch_with_bad_one, "ds_send_all:", "message 1" },
    { send_batch_at_null, "ds_send_all:", "NULL" },
    { recv_at_null, "ds_recv:", "port is NULL" },
    { recv_at_foreign, "ds_recv:", "another loop" },
    { recv_without_msg, "ds_recv:", "message is NULL" },
    { recv_timeout_negative, "ds_recv_timeout:", "seconds is -1.5" },
    { recv_timeout_nan, "ds_recv_timeout:", "seconds is nan" },
    { spawn_null, "ds_spawn:", "NULL" },
    { spawn_null_daemon, "ds_spawn_daemon:", "NULL" },
    { name_null, "ds_set_name:", "NULL" },
    { name_stream_null, "ds_stream_set_name:", "NULL" },
    { fail_with_null, "ds_fail:", "format is NULL" },
    { random_net_negative, "ds_random_net_new:", "max is -1.5" },
    { random_net_nan, "ds_random_net_new:", "max is nan" },
    { random_net_infinite, "ds_random_net_new:", "max is inf" },
    { net_without_ops, "ds_net_init:", "operations" },
    { net_without_send, "ds_net_init:", "send" },
    { alarm_without_function, "ds_net_set_alarm:", "alarm" },
    { deliver_negative, "ds_net_deliver:", "seconds is -1.5" },
    { deliver_nan, "ds_net_deliver:", "seconds is nan" },
    { deliver_to_null, "ds_net_deliver:", "destination" },
    { deliver_to_foreign, "ds_net_deliver:", "destination" },
    { deliver_with_foreign_done, "ds_net_deliver:", "done" },
    { lose_with_foreign_done, "ds_net_lose:", "done" },
    { net_twice, "ds_net_init:", "already" },
    { net_fails_with_ok, "ds_net_fail:", "DS_OK" },
    { net_fails_with_no_status, "ds_net_fail:", "status" },
    { net_fails_with_null, "ds_net_fail:", "format is NULL" },
};
enum { num_wrong = sizeof(wrong) / sizeof(*wrong) };

static void do_wrong(ds_handle *h, void *arg)
{
    const int *i = arg;

    ds_set_name(h, "server");
    ds_sleep(h, 1);
    wrong[*i].fn(h);
    ck_assert_msg(!ds_sleep(h, 1), "it goes on");
}

START_TEST(a_wrong_argument_ends_the_run_and_is_named)
{
    ds_spawn(here.loop, do_wrong, &_i);
    ck_run(here.loop, DS_EMISUSE, wrong[_i].call);
    ck_contains(ds_loop_error(here.loop), wrong[_i].argument);
    ck_contains(ds_loop_error(here.loop), " (thread 1 \"server\", at 1");
    /* The other loop is not to blame. */
    ck_run(there.loop, DS_OK, NULL);
}
END_TEST

static void wait_for_ever(ds_handle *h, void *arg)
{
    ck_assert(!ds_poll(h, arg, &event));
    note("told ");
}

/* A name may be longer than any text; the time is there all the same. */
static void misuse_under_a_long_name(ds_handle *h, void *arg)
{
    static char name[20000];

    memset(name, 'x', sizeof(name) - 1);
    ds_set_name(h, name);
    ds_sleep(h, 0.25);
    ds_sleep(h, -1);
}

START_TEST(a_long_name_leaves_room_for_the_time)
{
    ds_spawn(here.loop, misuse_under_a_long_name, NULL);
    ck_run(here.loop, DS_EMISUSE, "xxx, at 0.25 s)");
}
END_TEST

static void fail_in_other_words(ds_handle *h, void *arg)
{
    ds_sleep(h, 2);
    ds_fail(h, "my own %s", "words");
}

START_TEST(a_failure_of_the_programs_own_keeps_its_words)
{
    ds_spawn(here.loop, fail_in_other_words, NULL);
    ck_run(here.loop, DS_FAILED, NULL);
    ck_assert_str_eq(ds_loop_error(here.loop), "my own words");
}
END_TEST

START_TEST(misuse_before_a_run_has_no_thread_and_no_time)
{
    ds_spawn(here.loop, NULL, NULL);
    ck_run(here.loop, DS_EMISUSE, NULL);
    ck_assert_str_eq(ds_loop_error(here.loop), "ds_spawn: the body is NULL");
}
END_TEST

START_TEST(others_are_told_that_it_is_over)
{
    int i = 0;
    ds_spawn(here.loop, wait_for_ever, here.stream);
    ds_spawn(here.loop, do_wrong, &i);
    ck_run(here.loop, DS_EMISUSE, NULL);
    ck_noted("told ");
}
END_TEST

static void say(ds_handle *h, void *arg)
{
    note("%s@%g ", (const char *)arg, ds_now(h));
}

START_TEST(the_loop_runs_again_afterwards)
{
    int i = 0;
    ds_spawn(here.loop, do_wrong, &i);
    ck_run(here.loop, DS_EMISUSE, NULL);
    ds_spawn(here.loop, say, "again");
    ck_run(here.loop, DS_OK, NULL);
    ck_noted("again@1 ");
}
END_TEST

static void message_without_harm(ds_handle *h, void *arg)
{
    ds_send_all(h, here.net, &msg, 0);
    ds_send_all(h, here.net, NULL, 0);
    ds_cancel(h, (ds_timer){ 0 });
    ds_event_drop(NULL);
    ds_msg_drop(NULL);
    ck_assert(!ds_unpack(NULL, &msg));
    ck_assert(!ds_unpack(&event, NULL));
    ck_assert_ptr_null(ds_handle_loop(NULL));
}

START_TEST(what_asks_for_nothing_is_no_misuse)
{
    ds_spawn(here.loop, message_without_harm, NULL);
    ck_run(here.loop, DS_OK, NULL);
}
END_TEST

/* ---- Wrong handles --------------------------------------------------------*/

static void h_poll(ds_handle *h)
{
    ck_assert(!ds_poll(h, here.stream, &event));
}

static void h_poll_any(ds_handle *h)
{
    ck_assert(!ds_poll_any(h, &here.stream, 1, &event));
}

static void h_poll_timeout(ds_handle *h)
{
    ck_assert(!ds_poll_timeout(h, &here.stream, 1, 1, &event));
}

static void h_sleep(ds_handle *h)
{
    ck_assert(!ds_sleep(h, 1));
}

static void h_compute(ds_handle *h)
{
    ck_assert(!ds_compute(h, 1, work, NULL));
    ck_assert_int_eq(computed, 0);
}

static void h_schedule(ds_handle *h)
{
    freed[0] = 0;
    ds_schedule(h, here.stream, 1, &freed[0], count_free);
    ck_assert_int_eq(freed[0], 1);
}

static void h_cancel(ds_handle *h)
{
    ds_cancel(h, (ds_timer){ 0 });
}

static void h_now(ds_handle *h)
{
    (void)ds_now(h);
}

static void h_set_name(ds_handle *h)
{
    ds_set_name(h, "mine");
}

static void h_random(ds_handle *h)
{
    const double x = ds_random(h);
    ck_assert(x >= 0 && x < 1);
}

static void h_stop(ds_handle *h)
{
    ds_stop(h);
}

static void h_fail(ds_handle *h)
{
    ds_fail(h, "it %s", "failed");
}

static void h_send(ds_handle *h)
{
    freed[0] = 0;
    send(h, here.net, here.port, here.port, 1, NULL);
}

static void h_send_all(ds_handle *h)
{
    const ds_msg one = { .source = here.port,
                         .dest = here.port,
                         .data = &freed[0],
                         .free = count_free,
                         .size = 1 };
    freed[0] = 0;
    ds_send_all(h, here.net, &one, 1);
    ck_assert_int_eq(freed[0], 1);
}

static void h_recv(ds_handle *h)
{
    ck_assert(!ds_recv(h, here.port, &msg));
}

static void h_recv_timeout(ds_handle *h)
{
    ck_assert(!ds_recv_timeout(h, here.port, 1, &msg));
}

static const struct {
    void (*fn)(ds_handle *h);
    const char *call;
} by_handle[] = {
    { h_poll, "ds_poll:" },
    { h_poll_any, "ds_poll_any:" },
    { h_poll_timeout, "ds_poll_timeout:" },
    { h_sleep, "ds_sleep:" },
    { h_compute, "ds_compute:" },
    { h_schedule, "ds_schedule:" },
    { h_cancel, "ds_cancel:" },
    { h_now, "ds_now:" },
    { h_set_name, "ds_set_name:" },
    { h_random, "ds_random:" },
    { h_stop, "ds_stop:" },
    { h_fail, "ds_fail:" },
    { h_send, "ds_send:" },
    { h_send_all, "ds_send_all:" },
    { h_recv, "ds_recv:" },
    { h_recv_timeout, "ds_recv_timeout:" },
};
enum { num_by_handle = sizeof(by_handle) / sizeof(*by_handle) };

/* Which of them is called, and with which handle. */
static int which;
static ds_handle *kept;

static void keep_handle(ds_handle *h, void *arg)
{
    kept = h;
}

static void keep_handle_and_sleep(ds_handle *h, void *arg)
{
    kept = h;
    ds_sleep(h, 10);
}

static void use_null(ds_handle *h, void *arg)
{
    by_handle[which].fn(NULL);
    ck_assert(!ds_sleep(h, 1));
}

static void use_kept(ds_handle *h, void *arg)
{
    ck_assert_ptr_ne(kept, h);
    by_handle[which].fn(kept);
    ck_assert(!ds_sleep(h, 1));
}

START_TEST(no_handle_is_misuse)
{
    which = _i;
    ds_spawn(here.loop, use_null, NULL);
    ck_run(here.loop, DS_EMISUSE, by_handle[_i].call);
    ck_contains(ds_loop_error(here.loop), "handle");
}
END_TEST

START_TEST(the_handle_of_another_thread_is_misuse)
{
    which = _i;
    ds_spawn(here.loop, keep_handle_and_sleep, NULL);
    ds_spawn(here.loop, use_kept, NULL);
    ck_run(here.loop, DS_EMISUSE, by_handle[_i].call);
    ck_contains(ds_loop_error(here.loop), "handle of thread 1");
}
END_TEST

START_TEST(the_handle_of_a_thread_that_has_ended_is_misuse)
{
    which = _i;
    ds_spawn(here.loop, keep_handle, NULL);
    ds_spawn(here.loop, use_kept, NULL);
    ck_run(here.loop, DS_EMISUSE, by_handle[_i].call);
    ck_contains(ds_loop_error(here.loop), "handle of thread 1");
}
END_TEST

START_TEST(a_handle_used_after_the_run_is_misuse_that_the_next_run_reports)
{
    ds_spawn(here.loop, keep_handle, NULL);
    ck_run(here.loop, DS_OK, NULL);
    by_handle[_i].fn(kept);
    ds_spawn(here.loop, say, "never");
    ck_run(here.loop, DS_EMISUSE, by_handle[_i].call);
    ck_noted("");
}
END_TEST

START_TEST(no_handle_outside_of_a_run_does_no_harm)
{
    by_handle[_i].fn(NULL);
    ck_run(here.loop, DS_OK, NULL);
}
END_TEST

static void *use_kept_outside(void *arg)
{
    by_handle[which].fn(kept);
    return NULL;
}

static void let_outsider_use_mine(ds_handle *h, void *arg)
{
    pthread_t outsider;

    kept = h;
    ck_assert_int_eq(pthread_create(&outsider, NULL, use_kept_outside, NULL),
                     0);
    ck_assert_int_eq(pthread_join(outsider, NULL), 0);
    ck_assert(!ds_sleep(h, 1));
}

START_TEST(a_handle_used_by_a_thread_of_the_system_is_misuse)
{
    which = _i;
    ds_spawn(here.loop, let_outsider_use_mine, NULL);
    ck_run(here.loop, DS_EMISUSE, by_handle[_i].call);
    ck_contains(ds_loop_error(here.loop), "another thread");
}
END_TEST

static _Atomic(ds_handle *) published;

static void publish_and_sleep(ds_handle *h, void *arg)
{
    atomic_store(&published, h);
    while (ds_sleep(h, 1))
        continue;
}

static void *disturb(void *arg)
{
    ds_handle *h;

    while ((h = atomic_load(&published)) == NULL)
        continue;
    ck_assert(!ds_sleep(h, 1));
    return NULL;
}

START_TEST(such_misuse_ends_a_run_that_goes_on_beside_it)
{
    pthread_t outsider;

    ck_assert_int_eq(pthread_create(&outsider, NULL, disturb, NULL), 0);
    ds_spawn(here.loop, publish_and_sleep, NULL);
    ds_spawn(here.loop, publish_and_sleep, NULL);
    ck_run(here.loop, DS_EMISUSE, "ds_sleep:");
    ck_contains(ds_loop_error(here.loop), " (at ");
    ck_assert_int_eq(pthread_join(outsider, NULL), 0);
}
END_TEST

/* The body of the inner loop sleeps on well with its own handle. */
static void use_outer(ds_handle *h, void *arg)
{
    ck_assert(!ds_sleep(kept, 1));
    ck_assert(ds_sleep(h, 1));
    note("inner@%g ", ds_now(h));
}

static void run_inner(ds_handle *h, void *arg)
{
    kept = h;
    ds_spawn(there.loop, use_outer, NULL);
    ck_assert_int_eq(ds_loop_run(there.loop), DS_OK);
    ck_assert(!ds_sleep(h, 1));
}

START_TEST(the_handle_of_an_outer_loop_is_misuse_there_and_not_here)
{
    ds_spawn(here.loop, run_inner, NULL);
    ck_run(here.loop, DS_EMISUSE, "ds_sleep:");
    ck_noted("inner@1 ");
}
END_TEST

/* ---- Wrong places ---------------------------------------------------------*/

static void build_stream(void)
{
    ck_assert_ptr_null(ds_stream_new(here.loop));
}

static void build_name(void)
{
    ds_stream_set_name(here.stream, "x");
}

static void build_node(void)
{
    ck_assert_ptr_null(ds_node_new(here.loop));
}

static void build_port(void)
{
    ck_assert_ptr_null(ds_port_new(here.node));
}

static void build_net(void)
{
    ck_assert_ptr_null(ds_random_net_new(here.loop, 1));
}

static void build_thread(void)
{
    ds_spawn(here.loop, say, "never");
}

static void build_daemon(void)
{
    ds_spawn_daemon(here.loop, say, "never");
}

static void run_it(void)
{
    ck_assert_int_eq(ds_loop_run(here.loop), DS_EMISUSE);
}

static const struct {
    void (*fn)(void);
    const char *call;
} by_builder[] = {
    { build_stream, "ds_stream_new:" },   { build_name, "ds_stream_set_name:" },
    { build_node, "ds_node_new:" },       { build_port, "ds_port_new:" },
    { build_net, "ds_net_init:" },        { build_thread, "ds_spawn:" },
    { build_daemon, "ds_spawn_daemon:" }, { run_it, "ds_loop_run:" },
};
enum { num_by_builder = sizeof(by_builder) / sizeof(*by_builder) };

static void *build_outside(void *arg)
{
    by_builder[which].fn();
    return NULL;
}

static void let_outsider_build(ds_handle *h, void *arg)
{
    pthread_t outsider;

    ck_assert_int_eq(pthread_create(&outsider, NULL, build_outside, NULL), 0);
    ck_assert_int_eq(pthread_join(outsider, NULL), 0);
    ck_assert(!ds_sleep(h, 1));
}

START_TEST(building_on_a_running_loop_from_outside_is_misuse)
{
    which = _i;
    ds_spawn(here.loop, let_outsider_build, NULL);
    ck_run(here.loop, DS_EMISUSE, by_builder[_i].call);
    ck_noted("");
}
END_TEST

/* A network whose operations use the handle of the thread they run on. */
static void misuse_in_send(ds_net *net, const ds_msg *msgs, size_t n)
{
    take(net, msgs, n);
    by_handle[which].fn(kept);
}

static void misuse_in_alarm(ds_net *net)
{
    by_handle[which].fn(kept);
}

static const ds_net_ops misusing_ops = { "misusing", misuse_in_send,
                                         misuse_in_alarm, no_free };

static void send_over_own(ds_handle *h, void *arg)
{
    kept = h;
    ds_send(h, &own, (ds_msg){ .source = here.port, .dest = here.port });
    ck_assert(!ds_sleep(h, 1));
}

START_TEST(a_call_inside_a_networks_send_is_misuse)
{
    which = _i;
    ds_net_init(&own, here.loop, &misusing_ops);
    ds_spawn(here.loop, send_over_own, NULL);
    ck_run(here.loop, DS_EMISUSE, by_handle[_i].call);
    ck_contains(ds_loop_error(here.loop), "network");
}
END_TEST

static void ring_over_own(ds_handle *h, void *arg)
{
    kept = h;
    ds_net_set_alarm(&own, 1);
    ck_assert(!ds_sleep(h, 2));
}

START_TEST(a_call_inside_a_networks_alarm_is_misuse)
{
    which = _i;
    ds_net_init(&own, here.loop, &misusing_ops);
    ds_spawn(here.loop, ring_over_own, NULL);
    ck_run(here.loop, DS_EMISUSE, by_handle[_i].call);
}
END_TEST

static void misuse_work(void *arg)
{
    by_handle[which].fn(kept);
}

static void compute_wrongly(ds_handle *h, void *arg)
{
    kept = h;
    ds_compute(h, 1, misuse_work, NULL);
    ck_assert(!ds_sleep(h, 1));
}

START_TEST(a_call_inside_computed_work_is_misuse)
{
    which = _i;
    ds_spawn(here.loop, compute_wrongly, NULL);
    ck_run(here.loop, DS_EMISUSE, by_handle[_i].call);
    ck_contains(ds_loop_error(here.loop), " (thread 1, at 0 s)");
}
END_TEST

/* ---- What is no misuse: NULL where a constructor failed -------------------*/

START_TEST(null_in_place_of_what_could_not_be_made_does_no_harm)
{
    ds_node *node = ds_node_new(NULL);
    ds_port *port = ds_port_new(node);
    ds_net *net = ds_net_init(NULL, NULL, &plain_ops);

    ck_assert_ptr_null(port);
    ck_assert_ptr_null(net);
    ck_assert_ptr_null(ds_port_node(port));
    ck_assert_ptr_null(ds_port_stream(port));
    ds_stream_set_name(NULL, "x");
    ck_assert(ds_net_now(net) == 0);
    ck_assert(ds_net_random(net) == 0);
    ds_net_set_alarm(net, 1);
    ds_net_deliver(net, 1, (ds_msg){ .data = &freed[0], .free = count_free });
    ds_net_lose(net, (ds_msg){ .data = &freed[1], .free = count_free });
    ds_net_fail(net, DS_FAILED, "x");
    ck_each_freed_once(2);
    ck_run(here.loop, DS_OK, NULL);
}
END_TEST

START_TEST(no_memory_for_a_network_of_ones_own_is_no_memory)
{
    ck_assert_ptr_null(ds_net_init(NULL, here.loop, &plain_ops));
    ck_run(here.loop, DS_ENOMEM, "ds_net_init");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);

    tcase_add_loop_test(tc, a_wrong_argument_ends_the_run_and_is_named, 0,
                        num_wrong);
    tcase_add_test(tc, a_long_name_leaves_room_for_the_time);
    tcase_add_test(tc, a_failure_of_the_programs_own_keeps_its_words);
    tcase_add_test(tc, misuse_before_a_run_has_no_thread_and_no_time);
    tcase_add_test(tc, others_are_told_that_it_is_over);
    tcase_add_test(tc, the_loop_runs_again_afterwards);
    tcase_add_test(tc, what_asks_for_nothing_is_no_misuse);

    tcase_add_loop_test(tc, no_handle_is_misuse, 0, num_by_handle);
    tcase_add_loop_test(tc, the_handle_of_another_thread_is_misuse, 0,
                        num_by_handle);
    tcase_add_loop_test(tc, the_handle_of_a_thread_that_has_ended_is_misuse, 0,
                        num_by_handle);
    tcase_add_loop_test(
        tc, a_handle_used_after_the_run_is_misuse_that_the_next_run_reports, 0,
        num_by_handle);
    tcase_add_loop_test(tc, no_handle_outside_of_a_run_does_no_harm, 0,
                        num_by_handle);
    tcase_add_loop_test(tc, a_handle_used_by_a_thread_of_the_system_is_misuse,
                        0, num_by_handle);
    tcase_add_test(tc, such_misuse_ends_a_run_that_goes_on_beside_it);
    tcase_add_test(tc,
                   the_handle_of_an_outer_loop_is_misuse_there_and_not_here);

    tcase_add_loop_test(tc, building_on_a_running_loop_from_outside_is_misuse,
                        0, num_by_builder);
    tcase_add_loop_test(tc, a_call_inside_a_networks_send_is_misuse, 0,
                        num_by_handle);
    tcase_add_loop_test(tc, a_call_inside_a_networks_alarm_is_misuse, 0,
                        num_by_handle);
    tcase_add_loop_test(tc, a_call_inside_computed_work_is_misuse, 0,
                        num_by_handle);

    tcase_add_test(tc, null_in_place_of_what_could_not_be_made_does_no_harm);
    tcase_add_test(tc, no_memory_for_a_network_of_ones_own_is_no_memory);
}

int main(void)
{
    return harness_main("misuse", add);
}
