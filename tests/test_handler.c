/* Handlers at ports: when they are called, what they may do, what becomes of
 * them when machines fail; and the data of done. */

#include "stage.h"
#include "tracing.h"

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/switch.h>

/* Two machines, each with a port, and a network that takes a second for each
 * byte, in the order of sending to one port if times are different. */
static void send_by_size(ds_net *net, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_net_deliver(net, msgs[i].size, msgs[i]);
}

static const ds_net_ops slow_ops = { .name = "slow", .send = send_by_size };

static ds_loop *loop;
static ds_net slow;
static ds_node *nodes[2];
static ds_port *a, *b;
static ds_stream *stream;

static void make(ds_exec exec, ds_ties ties)
{
    loop =
        ds_loop_new(&(ds_loop_config){ .exec = exec, .ties = ties, .seed = 5 });
    stream = ds_stream_new(loop);
    for (int i = 0; i < 2; i++)
        nodes[i] = ds_node_new(loop);
    a = ds_port_new(nodes[0]);
    b = ds_port_new(nodes[1]);
    ds_net_init(&slow, loop, &slow_ops);
}

static void setup(void)
{
    make(DS_FIBERS, DS_TIES_FIFO);
}

static void end(ds_status want, const char *text)
{
    ck_run(loop, want, text);
    ds_loop_free(loop);
}

/* What the sender of the bodies below sends, at 0 s. */
static double sizes[4];
static int num_sizes;

static void send_all(ds_handle *h, void *arg)
{
    for (int i = 0; i < num_sizes; i++)
        ds_send(h, &slow,
                (ds_msg){ .source = a,
                          .dest = b,
                          .data = &freed[i],
                          .free = count_free,
                          .size = sizes[i] });
    ds_sleep(h, 100);
}

static void plan(int n, ...)
{
    va_list args;

    va_start(args, n);
    num_sizes = n;
    for (int i = 0; i < n; i++)
        sizes[i] = va_arg(args, double);
    va_end(args);
    ds_spawn(loop, send_all, NULL);
}

static void say(ds_port *port, ds_msg *msg, void *arg)
{
    ck_assert_ptr_eq(port, msg->dest);
    ck_assert_ptr_null(msg->done);
    note("%s%d@%g ", (const char *)arg, (int)((int *)msg->data - freed),
         ds_loop_now(loop));
    ds_msg_drop(msg);
}

/* ---- When it is called ----------------------------------------------------*/

START_TEST(a_handler_is_called_at_each_arrival)
{
    make((ds_exec)_i, DS_TIES_RANDOM);
    ds_port_set_handler(b, say, "m");
    plan(3, 3.0, 1.0, 2.0);
    end(DS_OK, NULL);
    ck_noted("m1@1 m2@2 m0@3 ");
    ck_each_freed_once(3);
}
END_TEST

static void ask_who_it_is(ds_port *port, ds_msg *msg, void *arg)
{
    ck_assert_ptr_null(ds_current(NULL));
    ds_msg_drop(msg);
    note("none ");
}

static void know_oneself(ds_handle *h, void *arg)
{
    for (int i = 0; i < 5; i++) {
        ds_sleep(h, 1);
        ck_assert_ptr_eq(ds_current(loop), h);
    }
}

START_TEST(a_handler_is_no_thread_and_those_stay_who_they_are)
{
    make((ds_exec)_i, DS_TIES_RANDOM);
    ds_port_set_handler(b, ask_who_it_is, NULL);
    ds_spawn(loop, know_oneself, NULL);
    plan(2, 2.0, 2.0);
    end(DS_OK, NULL);
    ck_noted("none none ");
}
END_TEST

static void set_late(ds_handle *h, void *arg)
{
    ds_sleep(h, 10);
    note("set ");
    ds_port_set_handler(b, say, "m");
    note("go ");
}

START_TEST(what_lies_there_already_is_handled_in_its_order)
{
    make((ds_exec)_i, DS_TIES_RANDOM);
    plan(3, 3.0, 1.0, 10.0);
    ds_spawn(loop, set_late, NULL);
    end(DS_OK, NULL);
    ck_assert_ptr_nonnull(strstr(noted(), "m1@10 m0@10 "));
    ck_contains(noted(), "set go ");
    ck_each_freed_once(3);
}
END_TEST

static void take_away(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_sleep(h, 1.5);
    ds_port_set_handler(b, NULL, NULL);
    while (ds_recv_timeout(h, b, 5, &msg) && msg.dest != NULL)
        say(b, &msg, "r");
}

START_TEST(without_its_handler_a_port_has_receivers_again)
{
    setup();
    ds_port_set_handler(b, say, "m");
    plan(3, 1.0, 2.0, 3.0);
    ds_spawn(loop, take_away, NULL);
    end(DS_OK, NULL);
    ck_noted("m0@1 r1@2 r2@3 ");
}
END_TEST

static void say_once(ds_port *port, ds_msg *msg, void *arg)
{
    say(port, msg, arg);
    ds_port_set_handler(port, arg == NULL ? NULL : say, "n");
}

START_TEST(a_handler_may_set_another)
{
    setup();
    ds_port_set_handler(b, say_once, "m");
    plan(3, 1.0, 2.0, 3.0);
    end(DS_OK, NULL);
    ck_noted("m0@1 n1@2 n2@3 ");
}
END_TEST

START_TEST(the_end_frees_what_no_handler_got)
{
    setup();
    ds_port_set_handler(b, say, "m");
    plan(3, 1.0, 200.0, 300.0);
    end(DS_OK, NULL);
    ck_noted("m0@1 ");
    ck_each_freed_once(3);
}
END_TEST

START_TEST(a_handler_keeps_no_run_alive)
{
    setup();
    ds_port_set_handler(b, say, "m");
    end(DS_OK, "nothing has run");
}
END_TEST

/* ---- What it may do -------------------------------------------------------*/

static void answer(ds_port *port, ds_msg *msg, void *arg)
{
    ds_msg back = *msg;

    note("%c%g ", port == a ? 'a' : 'b', ds_loop_now(loop));
    if (ds_loop_now(loop) >= 4) {
        ds_msg_drop(msg);
        return;
    }
    back.dest = msg->source;
    ds_port_send(port, &slow, back);
}

START_TEST(handlers_answer_each_other)
{
    make((ds_exec)_i, DS_TIES_RANDOM);
    ds_port_set_handler(a, answer, NULL);
    ds_port_set_handler(b, answer, NULL);
    plan(1, 1.0);
    end(DS_OK, NULL);
    ck_noted("b1 a2 b3 a4 ");
    ck_each_freed_once(1);
}
END_TEST

static void hand_on(ds_port *port, ds_msg *msg, void *arg)
{
    ds_port_schedule(port, stream, msg->size / 2, msg->data, msg->free);
}

static void wait_for_two(ds_handle *h, void *arg)
{
    ds_event event;

    for (int i = 0; i < 2 && ds_poll(h, stream, &event); i++) {
        note("%d@%g ", (int)((int *)event.data - freed), ds_now(h));
        ds_event_drop(&event);
    }
}

START_TEST(a_handler_wakes_threads)
{
    make((ds_exec)_i, DS_TIES_RANDOM);
    ds_port_set_handler(b, hand_on, NULL);
    ds_spawn(loop, wait_for_two, NULL);
    plan(2, 4.0, 1.0);
    end(DS_OK, NULL);
    ck_noted("1@1.5 0@6 ");
    ck_each_freed_once(2);
}
END_TEST

static void serve(ds_handle *h, void *arg)
{
    note("%g: ", ds_now(h));
    ds_sleep(h, 0.5);
    note("%g ", ds_now(h));
}

static void spawn_server(ds_port *port, ds_msg *msg, void *arg)
{
    ds_spawn(loop, serve, NULL);
    ds_msg_drop(msg);
}

START_TEST(a_handler_spawns_threads)
{
    make((ds_exec)_i, DS_TIES_RANDOM);
    ds_port_set_handler(b, spawn_server, NULL);
    plan(2, 1.0, 2.0);
    end(DS_OK, NULL);
    ck_noted("1: 1.5 2: 2.5 ");
}
END_TEST

static void give_up(ds_port *port, ds_msg *msg, void *arg)
{
    ds_msg_drop(msg);
    ds_net_fail(&slow, DS_FAILED, "the handler gives up");
}

START_TEST(a_handler_can_fail_the_run)
{
    setup();
    ds_port_set_handler(b, give_up, NULL);
    plan(1, 2.0);
    end(DS_FAILED, "the handler gives up");
}
END_TEST

static ds_handle *sender;

static void remember_sender(ds_handle *h, void *arg)
{
    sender = h;
    send_all(h, arg);
}

static void call_as_sender(ds_port *port, ds_msg *msg, void *arg)
{
    ds_send(sender, &slow, *msg);
}

START_TEST(a_handler_may_not_call_through_a_handle)
{
    make((ds_exec)_i, DS_TIES_FIFO);
    ds_port_set_handler(b, call_as_sender, NULL);
    num_sizes = 1;
    sizes[0] = 1;
    ds_spawn(loop, remember_sender, NULL);
    end(DS_EMISUSE, "ds_send: called from inside the handler of a port");
    ck_each_freed_once(1);
}
END_TEST

static void send_as_another(ds_port *port, ds_msg *msg, void *arg)
{
    ds_port_send(a, &slow, *msg);
}

START_TEST(a_handler_sends_from_its_own_machine_only)
{
    setup();
    ds_port_set_handler(b, send_as_another, NULL);
    plan(1, 1.0);
    end(DS_EMISUSE, "ds_port_send: the port is of another machine");
    ck_each_freed_once(1);
}
END_TEST

static void send_as_handler(ds_handle *h, void *arg)
{
    ds_port_send(a, &slow,
                 (ds_msg){ .dest = b, .data = &freed[0], .free = count_free });
}

static void schedule_as_handler(ds_handle *h, void *arg)
{
    ds_port_schedule(a, stream, 1, &freed[0], count_free);
}

static void wait_at_handled_port(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_port_set_handler(b, say, "m");
    ds_recv(h, b, &msg);
}

static void poll_handled_port(ds_handle *h, void *arg)
{
    ds_stream *both[] = { stream, ds_port_stream(b) };
    ds_event event;

    ds_port_set_handler(b, say, "m");
    ds_poll_timeout(h, both, 2, 7, &event);
}

static void wait_first(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_recv(h, b, &msg);
}

static void set_where_one_waits(ds_handle *h, void *arg)
{
    ds_spawn(loop, wait_first, NULL);
    ds_sleep(h, 1);
    ds_port_set_handler(b, say, "m");
}

static const struct {
    ds_thread_fn *fn;
    const char *text;
    int frees;
} misuses[] = {
    { send_as_handler, "ds_port_send: called elsewhere than in a handler", 1 },
    { schedule_as_handler,
      "ds_port_schedule: called elsewhere than in a handler", 1 },
    { wait_at_handled_port, "ds_recv: the port has a handler", 0 },
    { poll_handled_port, "ds_poll_timeout: the port has a handler", 0 },
    { set_where_one_waits, "ds_port_set_handler: a thread waits at the port",
      0 },
};

START_TEST(what_handlers_forbid_is_misuse)
{
    setup();
    ds_spawn(loop, misuses[_i].fn, NULL);
    end(DS_EMISUSE, misuses[_i].text);
    ck_each_freed_once(misuses[_i].frees);
}
END_TEST

static void send_nowhere(ds_port *port, ds_msg *msg, void *arg)
{
    msg->dest = NULL;
    ds_port_send(port, &slow, *msg);
}

static void schedule_to_port(ds_port *port, ds_msg *msg, void *arg)
{
    ds_port_schedule(port, ds_port_stream(a), 1, msg->data, msg->free);
}

static void schedule_back(ds_port *port, ds_msg *msg, void *arg)
{
    ds_port_schedule(port, stream, -1, msg->data, msg->free);
}

static const struct {
    ds_port_fn *fn;
    const char *text;
} wrongs[] = {
    { send_nowhere,
      "ds_port_send: the message (of size 1) has no destination" },
    { schedule_to_port, "ds_port_schedule: the stream is a port's" },
    { schedule_back, "ds_port_schedule: seconds is -1" },
};

START_TEST(what_a_handler_sends_is_checked)
{
    setup();
    ds_port_set_handler(b, wrongs[_i].fn, NULL);
    plan(1, 1.0);
    end(DS_EMISUSE, wrongs[_i].text);
    ck_each_freed_once(1);
}
END_TEST

/* ---- Machines that fail ---------------------------------------------------*/

static void pause_from_2_to_7(ds_handle *h, void *arg)
{
    ds_sleep(h, 2);
    ds_node_pause(nodes[1]);
    ds_sleep(h, 5);
    ds_node_resume(nodes[1]);
}

START_TEST(what_comes_while_the_machine_is_paused_is_handled_afterwards)
{
    make((ds_exec)_i, DS_TIES_RANDOM);
    ds_port_set_handler(b, say, "m");
    ds_spawn(loop, pause_from_2_to_7, NULL);
    plan(4, 5.0, 1.0, 8.0, 4.0);
    end(DS_OK, NULL);
    ck_noted("m1@1 m3@7 m0@7 m2@8 ");
    ck_each_freed_once(4);
}
END_TEST

static void boot(ds_handle *h, void *arg)
{
    note("boot@%g ", ds_now(h));
    if (ds_now(h) == 0 || ds_sleep(h, 1))
        ds_port_set_handler(b, say, ds_alloc(h, 1));
}

static void crash_from_2_to_4(ds_handle *h, void *arg)
{
    ds_sleep(h, 2);
    ds_node_crash(nodes[1]);
    ds_sleep(h, 2);
    ds_node_restart(nodes[1]);
}

START_TEST(a_crash_takes_the_handler_away_and_what_boots_sets_it_again)
{
    make((ds_exec)_i, DS_TIES_FIFO);
    ds_node_boot_daemon(nodes[1], boot, NULL);
    ds_spawn(loop, crash_from_2_to_4, NULL);
    plan(4, 1.0, 3.0, 4.5, 6.0);
    end(DS_OK, NULL);
    ck_noted("boot@0 0@1 boot@4 2@5 3@6 ");
    ck_each_freed_once(4);
}
END_TEST

/* It crashes its own machine, whose memory it still uses. */
static void crash_oneself(ds_port *port, ds_msg *msg, void *arg)
{
    int *count = arg;

    ds_msg_drop(msg);
    ++*count;
    ds_node_crash(nodes[1]);
    ++*count;
    ds_port_schedule(port, stream, 0, NULL, NULL);
    ds_port_send(port, &slow, (ds_msg){ .dest = a, .size = 1 });
    note("%d ", *count);
}

static void boot_one_that_crashes(ds_handle *h, void *arg)
{
    ds_port_set_handler(b, crash_oneself, ds_alloc(h, sizeof(int)));
}

START_TEST(a_handler_that_crashes_its_machine_ends_first)
{
    make((ds_exec)_i, DS_TIES_FIFO);
    ds_node_boot_daemon(nodes[1], boot_one_that_crashes, NULL);
    ds_port_set_handler(a, say, "never");
    plan(2, 1.0, 2.0);
    end(DS_OK, NULL);
    ck_noted("2 ");
    ck_each_freed_once(2);
}
END_TEST

static void send_two(ds_port *port, ds_msg *msg, void *arg)
{
    ds_msg_drop(msg);
    for (int i = 1; i <= 2; i++)
        ds_port_send(
            port, &slow,
            (ds_msg){
                .dest = a, .data = &freed[i], .free = count_free, .size = i });
}

START_TEST(sends_of_a_handler_are_crash_points)
{
    setup();
    ds_port_set_handler(b, send_two, NULL);
    ds_port_set_handler(a, say, "m");
    ds_node_crash_at(nodes[1], DS_AT_SEND, 2);
    plan(1, 1.0);
    end(DS_OK, NULL);
    ck_noted("m1@2 ");
    ck_each_freed_once(3);
}
END_TEST

START_TEST(what_a_link_loses_is_not_handled)
{
    setup();
    ds_port_set_handler(b, say, "m");
    ds_net_set_faults(&slow, nodes[0], nodes[1], (ds_link_faults){ .drop = 1 });
    plan(2, 1.0, 2.0);
    end(DS_OK, NULL);
    ck_noted("");
    ck_each_freed_once(2);
}
END_TEST

static double put_off(void *arg, ds_net *net, ds_msg *msg)
{
    return ds_net_now(net) < 3 ? 4 : 0;
}

START_TEST(what_a_rule_puts_off_is_handled_when_it_arrives)
{
    setup();
    ds_port_set_handler(b, say, "m");
    ds_net_set_rule(&slow, put_off, NULL);
    plan(2, 1.0, 3.5);
    end(DS_OK, NULL);
    ck_noted("m1@3.5 m0@5 ");
}
END_TEST

/* ---- On other networks ----------------------------------------------------*/

/* A flood between handlers, on the networks of the library. */
static unsigned handled;

static void pass_on(ds_port *port, ds_msg *msg, void *arg)
{
    ds_msg next = *msg;

    next.dest = msg->source;
    next.size = msg->size * 0.75;
    handled++;
    if (next.size > 1)
        ds_port_send(port, arg, next);
}

static void begin_flood(ds_handle *h, void *arg)
{
    for (int i = 0; i < 20; i++)
        ds_send(h, arg, (ds_msg){ .source = a, .dest = b, .size = 1e3 * i });
    ds_sleep(h, 1e4);
}

static uint64_t flood(ds_exec exec, bool random, uint64_t seed)
{
    static ds_maxmin_switch model;
    ds_net *net;

    model = ds_maxmin_switch_uniform(2, 1e4);
    loop = ds_loop_new(&(ds_loop_config){ .exec = exec, .seed = seed });
    for (int i = 0; i < 2; i++)
        nodes[i] = ds_node_new(loop);
    a = ds_port_new(nodes[0]);
    b = ds_port_new(nodes[1]);
    net = random ? ds_random_net_new(loop, 2)
                 : ds_switched_net_new(
                       loop, &(ds_switched_net_config){ .nodes = nodes,
                                                        .num_nodes = 2,
                                                        .model = &model.base,
                                                        .latency = 1e-3,
                                                        .in_order = true });
    handled = 0;
    ds_port_set_handler(a, pass_on, net);
    ds_port_set_handler(b, pass_on, net);
    ds_spawn(loop, begin_flood, net);
    ck_run(loop, DS_OK, NULL);
    const uint64_t digest = ds_loop_digest(loop);
    ds_loop_free(loop);
    return digest;
}

static unsigned arrivals(void)
{
    unsigned n = 0;

    for (int i = 0; i < 20; i++) {
        double size = 1e3 * i;
        do
            n++;
        while ((size *= 0.75) > 1);
    }
    return n;
}

START_TEST(threads_and_fibers_handle_alike)
{
    const uint64_t seed = (uint64_t)_i + 1;
    const uint64_t digest = flood(DS_THREADS, _i % 2, seed);

    ck_assert_uint_eq(handled, arrivals());
    ck_assert_uint_eq(digest, flood(DS_FIBERS, _i % 2, seed));
    ck_assert_uint_ne(digest, 0);
}
END_TEST

/* On LogGOPS a long message is met by who waits for it: a handler always does.
 */
static const ds_loggops_net_config slow_processors = { .L = 1,
                                                       .o = 0.5,
                                                       .S = 10 };

static ds_net *loggops(void)
{
    ds_loggops_net_config config = slow_processors;

    config.nodes = nodes;
    config.num_nodes = 2;
    return ds_loggops_net_new(loop, &config);
}

static void send_long(ds_handle *h, void *arg)
{
    ds_send(h, arg, (ds_msg){ .source = a, .dest = b, .size = 100 });
    note("met@%g ", ds_now(h));
    ds_sleep(h, 10);
}

static void note_arrival(ds_port *port, ds_msg *msg, void *arg)
{
    note("there@%g ", ds_loop_now(loop));
}

START_TEST(a_long_message_meets_a_handler_at_once)
{
    setup();
    ds_port_set_handler(b, note_arrival, NULL);
    ds_spawn(loop, send_long, loggops());
    end(DS_OK, NULL);
    ck_noted("met@1.5 there@2 ");
}
END_TEST

static void send_in_turn(ds_port *port, ds_msg *msg, void *arg)
{
    ds_port_send(port, arg, (ds_msg){ .dest = a });
}

START_TEST(a_handler_has_no_time_to_send_by_loggops)
{
    setup();
    ds_port_set_handler(b, send_in_turn, loggops());
    plan(1, 1.0);
    end(DS_EMISUSE,
        "ds_port_send: on network 1 \"loggops\" sending takes time");
}
END_TEST

/* ---- In traces ------------------------------------------------------------*/

START_TEST(a_trace_tells_that_no_thread_takes_it)
{
    const char *file = tracing_file();

    loop = ds_loop_new(&(ds_loop_config){ .trace = file });
    for (int i = 0; i < 2; i++)
        nodes[i] = ds_node_new(loop);
    a = ds_port_new(nodes[0]);
    b = ds_port_new(nodes[1]);
    ds_net_init(&slow, loop, &slow_ops);
    ds_port_set_handler(a, answer, NULL);
    ds_port_set_handler(b, answer, NULL);
    plan(1, 1.0);
    end(DS_OK, NULL);
    note_clear();

    records r = records_of(file);
    ck_assert_uint_eq(count_of(&r, DS__TELL_TAKE), 4);
    ck_assert_uint_eq(count_of(&r, DS__TELL_ARRIVE), 4);
    for (size_t i = 0; i < 4; i++) {
        const trace_record *taken = nth_of(&r, DS__TELL_TAKE, i);
        ck_assert_uint_eq(taken->who, 0);
        ck_assert_uint_eq(taken->number, i + 1);
        ck_assert_uint_eq(nth_of(&r, DS__TELL_SEND, i)->who, i == 0);
    }
    records_free(&r);
}
END_TEST

/* ---- The data of done -----------------------------------------------------*/

static void wait_for_done(ds_handle *h, void *arg)
{
    ds_event event;

    for (int i = 0; i < num_sizes && ds_poll(h, stream, &event); i++) {
        note("%s@%g ", event.data == NULL ? "-" : (const char *)event.data,
             ds_now(h));
        ck_assert(event.free == NULL);
    }
}

static void send_with_done(ds_handle *h, void *arg)
{
    static char *const names[] = { "x", "y", NULL };

    for (int i = 0; i < num_sizes; i++)
        ds_send(h, &slow,
                (ds_msg){ .source = a,
                          .dest = b,
                          .size = sizes[i],
                          .done = stream,
                          .done_data = names[i] });
    wait_for_done(h, arg);
}

static void play_done(const char *trace)
{
    loop = ds_loop_new(&(ds_loop_config){ .trace = trace });
    stream = ds_stream_new(loop);
    for (int i = 0; i < 2; i++)
        nodes[i] = ds_node_new(loop);
    a = ds_port_new(nodes[0]);
    b = ds_port_new(nodes[1]);
    ds_net_init(&slow, loop, &slow_ops);
    num_sizes = 3;
    sizes[0] = 2;
    sizes[1] = 1;
    sizes[2] = 3;
    ds_spawn(loop, send_with_done, NULL);
}

START_TEST(done_brings_the_data_of_its_message)
{
    play_done(NULL);
    end(DS_OK, NULL);
    ck_noted("y@1 x@2 -@3 ");
}
END_TEST

START_TEST(so_it_does_where_a_trace_is_written)
{
    play_done(tracing_file());
    end(DS_OK, NULL);
    ck_noted("y@1 x@2 -@3 ");
}
END_TEST

START_TEST(so_it_does_where_messages_are_lost)
{
    play_done(NULL);
    ds_net_set_faults(&slow, NULL, NULL, (ds_link_faults){ .drop = 1 });
    end(DS_OK, NULL);
    ck_noted("y@1 x@2 -@3 ");
}
END_TEST

static void see_no_done(ds_port *port, ds_msg *msg, void *arg)
{
    ck_assert_ptr_null(msg->done);
    ck_assert_ptr_null(msg->done_data);
    note("seen ");
}

START_TEST(who_receives_does_not_see_it)
{
    play_done(NULL);
    ds_port_set_handler(b, see_no_done, NULL);
    if (_i == 1)
        ds_net_set_faults(&slow, NULL, NULL, (ds_link_faults){ .drop = 0 });
    end(DS_OK, NULL);
    ck_contains(noted(), "seen ");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_handler_is_called_at_each_arrival, 0, 2);
    tcase_add_loop_test(tc, a_handler_is_no_thread_and_those_stay_who_they_are,
                        0, 2);
    tcase_add_loop_test(tc, what_lies_there_already_is_handled_in_its_order, 0,
                        2);
    tcase_add_test(tc, without_its_handler_a_port_has_receivers_again);
    tcase_add_test(tc, a_handler_may_set_another);
    tcase_add_test(tc, the_end_frees_what_no_handler_got);
    tcase_add_test(tc, a_handler_keeps_no_run_alive);
    tcase_add_loop_test(tc, handlers_answer_each_other, 0, 2);
    tcase_add_loop_test(tc, a_handler_wakes_threads, 0, 2);
    tcase_add_loop_test(tc, a_handler_spawns_threads, 0, 2);
    tcase_add_test(tc, a_handler_can_fail_the_run);
    tcase_add_loop_test(tc, a_handler_may_not_call_through_a_handle, 0, 2);
    tcase_add_test(tc, a_handler_sends_from_its_own_machine_only);
    tcase_add_loop_test(tc, what_handlers_forbid_is_misuse, 0,
                        sizeof(misuses) / sizeof(*misuses));
    tcase_add_loop_test(tc, what_a_handler_sends_is_checked, 0,
                        sizeof(wrongs) / sizeof(*wrongs));
    tcase_add_loop_test(
        tc, what_comes_while_the_machine_is_paused_is_handled_afterwards, 0, 2);
    tcase_add_loop_test(
        tc, a_crash_takes_the_handler_away_and_what_boots_sets_it_again, 0, 2);
    tcase_add_loop_test(tc, a_handler_that_crashes_its_machine_ends_first, 0,
                        2);
    tcase_add_test(tc, sends_of_a_handler_are_crash_points);
    tcase_add_test(tc, what_a_link_loses_is_not_handled);
    tcase_add_test(tc, what_a_rule_puts_off_is_handled_when_it_arrives);
    tcase_add_loop_test(tc, threads_and_fibers_handle_alike, 0, 6);
    tcase_add_test(tc, a_long_message_meets_a_handler_at_once);
    tcase_add_test(tc, a_handler_has_no_time_to_send_by_loggops);
    tcase_add_test(tc, a_trace_tells_that_no_thread_takes_it);
    tcase_add_test(tc, done_brings_the_data_of_its_message);
    tcase_add_test(tc, so_it_does_where_a_trace_is_written);
    tcase_add_test(tc, so_it_does_where_messages_are_lost);
    tcase_add_loop_test(tc, who_receives_does_not_see_it, 0, 2);
}

int main(void)
{
    return harness_main("handler", add);
}
