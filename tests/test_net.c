/* Nodes, ports, and what a network of one's own may do. */

#include "stage.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include "loop/state.h"
#include "net/net.h"

/* ---- A network with everything --------------------------------------------*/

/* Keeps messages until its alarm rings, which it sets to delay at each send. */
typedef struct keeper {
    ds_net base;
    double delay;
    double deliver_after;
    ds_msg kept[64];
    size_t num_kept;
    int alarms;
    int frees;
    ds_status failure; /* at the alarm; DS_OK: none */
} keeper;

static keeper *keeper_of(ds_net *net)
{
    return (keeper *)net;
}

static void keep(ds_net *net, const ds_msg *msgs, size_t n)
{
    keeper *k = keeper_of(net);

    note("send[%zu]@%g ", n, ds_net_now(net));
    for (size_t i = 0; i < n; i++)
        k->kept[k->num_kept++] = msgs[i];
    ds_net_set_alarm(net, k->delay);
}

static void release(ds_net *net)
{
    keeper *k = keeper_of(net);

    note("alarm@%g ", ds_net_now(net));
    k->alarms++;
    if (k->failure != DS_OK) {
        ds_net_fail(net, k->failure, "cable %d is broken", 42);
        return;
    }
    for (size_t i = 0; i < k->num_kept; i++)
        ds_net_deliver(net, k->deliver_after, k->kept[i]);
    k->num_kept = 0;
}

static void drop_kept(ds_net *net)
{
    keeper *k = keeper_of(net);

    k->frees++;
    for (size_t i = 0; i < k->num_kept; i++)
        ds_msg_drop(&k->kept[i]);
    k->num_kept = 0;
}

static const ds_net_ops keeper_ops = { "keeper", keep, release, drop_kept };

static ds_loop *loop;
static ds_stream *stream;
static ds_node *node;
static ds_port *a, *b;
static keeper net;

static void setup(void)
{
    loop = loop_fifo();
    stream = ds_stream_new(loop);
    node = ds_node_new(loop);
    a = ds_port_new(node);
    b = ds_port_new(ds_node_new(loop));
    net = (keeper){ 0 };
    ck_assert_ptr_eq(ds_net_init(&net.base, loop, &keeper_ops), &net.base);
}

static void teardown(void)
{
    ds_loop_free(loop);
}

static void play(ds_thread_fn *first, ds_thread_fn *second)
{
    ds_spawn(loop, first, NULL);
    if (second != NULL)
        ds_spawn(loop, second, NULL);
    ck_run(loop, DS_OK, NULL);
}

/* A message from a to b whose payload counts. */
static ds_msg payload(int i)
{
    return (ds_msg){
        .source = a,
        .dest = b,
        .data = &freed[i],
        .free = count_free,
        .size = 1,
    };
}

/* ---- Nodes and ports ------------------------------------------------------*/

START_TEST(a_port_knows_its_node)
{
    ck_assert_ptr_eq(ds_port_node(a), node);
    ck_assert_ptr_ne(ds_port_node(b), node);
}
END_TEST

START_TEST(a_node_knows_its_loop_and_its_number)
{
    ck_assert_ptr_eq(ds_node_loop(node), loop);
    ck_assert_uint_eq(ds_node_number(node), 0);
    ck_assert_uint_eq(ds_node_number(ds_port_node(b)), 1);
}
END_TEST

START_TEST(every_port_has_a_stream_of_its_own)
{
    ds_port *second = ds_port_new(node);

    ck_assert_ptr_nonnull(ds_port_stream(a));
    ck_assert_ptr_eq(ds_port_stream(a), ds_port_stream(a));
    ck_assert_ptr_ne(ds_port_stream(a), ds_port_stream(b));
    ck_assert_ptr_ne(ds_port_stream(a), ds_port_stream(second));
}
END_TEST

static void build_during_run(ds_handle *h, void *arg)
{
    ds_port *late = ds_port_new(ds_node_new(loop));
    ds_net *random = ds_random_net_new(loop, 1);
    ds_msg msg;

    ds_send(h, random, (ds_msg){ .source = late, .dest = late });
    ck_assert(ds_recv(h, late, &msg));
    ck_assert_ptr_eq(msg.dest, late);
}

START_TEST(nodes_ports_and_networks_can_be_made_during_a_run)
{
    play(build_during_run, NULL);
}
END_TEST

/* ---- Operations -----------------------------------------------------------*/

START_TEST(an_initialised_network_knows_its_loop_and_operations)
{
    ck_assert_ptr_eq(net.base.loop, loop);
    ck_assert_ptr_eq(net.base.ops, &keeper_ops);
    ck_assert(ds_net_now(&net.base) == 0);
}
END_TEST

static void send_two(ds_handle *h, void *arg)
{
    for (int i = 0; i < 2; i++)
        ds_send(h, &net.base, payload(i));
}

static void receive_two(ds_handle *h, void *arg)
{
    ds_msg msg;

    for (int i = 0; i < 2 && ds_recv(h, b, &msg); i++) {
        note("recv@%g ", ds_now(h));
        ds_msg_drop(&msg);
    }
}

START_TEST(an_alarm_rings_once_at_its_time)
{
    net.delay = 2;
    net.deliver_after = 0.5;
    play(receive_two, send_two);
    ck_noted("send[1]@0 send[1]@0 alarm@2 recv@2.5 recv@2.5 ");
    ck_assert_int_eq(net.alarms, 1);
    ck_each_freed_once(2);
}
END_TEST

static void send_in_turn(ds_handle *h, void *arg)
{
    send_two(h, arg);
    ds_sleep(h, 1);
    ds_send(h, &net.base, (ds_msg){ .source = a, .dest = a });
}

START_TEST(a_new_alarm_replaces_the_one_before)
{
    net.delay = 2;
    play(receive_two, send_in_turn);
    ck_noted("send[1]@0 send[1]@0 send[1]@1 alarm@3 recv@3 recv@3 ");
}
END_TEST

static void set_and_unset(ds_handle *h, void *arg)
{
    ds_net_set_alarm(&net.base, 1);
    ds_net_set_alarm(&net.base, INFINITY);
    ds_net_set_alarm(&net.base, INFINITY);
    ds_sleep(h, 2);
}

START_TEST(an_alarm_at_infinity_is_none)
{
    play(set_and_unset, NULL);
    ck_noted("");
}
END_TEST

static void set_earlier(ds_handle *h, void *arg)
{
    ds_net_set_alarm(&net.base, 3);
    ds_net_set_alarm(&net.base, 1);
    ds_sleep(h, 5);
}

START_TEST(an_alarm_may_be_set_to_an_earlier_time)
{
    play(set_earlier, NULL);
    ck_noted("alarm@1 ");
}
END_TEST

static void ring_again(ds_net *self)
{
    note("ring@%g ", ds_net_now(self));
    if (ds_net_now(self) < 3)
        ds_net_set_alarm(self, 1);
}

static const ds_net_ops ringing_ops = { "ringing", keep, ring_again,
                                        drop_kept };
static keeper ringing;

static void set_ringing(ds_handle *h, void *arg)
{
    ds_net_set_alarm(&ringing.base, 1);
    ds_sleep(h, 9);
}

START_TEST(an_alarm_may_set_the_next)
{
    ds_net_init(&ringing.base, loop, &ringing_ops);
    play(set_ringing, NULL);
    ck_noted("ring@1 ring@2 ring@3 ");
}
END_TEST

static void three_senders(ds_handle *h, void *arg)
{
    ds_send(h, &net.base, (ds_msg){ .source = a, .dest = b });
    ds_sleep(h, 0);
    ds_send(h, &net.base, (ds_msg){ .source = a, .dest = b });
}

START_TEST(an_alarm_at_0_rings_once_after_everything_of_its_instant)
{
    net.delay = 0;
    ds_spawn(loop, three_senders, NULL);
    ds_spawn(loop, three_senders, NULL);
    ds_spawn(loop, receive_two, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_noted("send[1]@0 send[1]@0 send[1]@0 send[1]@0 alarm@0 recv@0 recv@0 ");
}
END_TEST

static void set_both(ds_handle *h, void *arg)
{
    ds_net_set_alarm(&ringing.base, 3);
    ds_net_set_alarm(&net.base, 3);
    ds_sleep(h, 3);
    note("slept ");
    ds_sleep(h, 1);
}

START_TEST(alarms_of_one_instant_ring_in_a_reproducible_order)
{
    ds_net_init(&ringing.base, loop, &ringing_ops);
    play(set_both, NULL);
    ck_noted("slept alarm@3 ring@3 ");
}
END_TEST

static void receive_until_alarm(ds_handle *h, void *arg)
{
    ds_msg msg;

    ck_assert(ds_recv_timeout(h, b, 2, &msg));
    note(msg.dest == NULL ? "timeout@%g " : "recv@%g ", ds_now(h));
    ds_msg_drop(&msg);
}

static void send_one(ds_handle *h, void *arg)
{
    ds_send(h, &net.base, payload(0));
}

START_TEST(what_an_alarm_delivers_at_the_instant_of_a_timeout_wins)
{
    net.delay = 2;
    play(receive_until_alarm, send_one);
    ck_noted("send[1]@0 alarm@2 recv@2 ");
}
END_TEST

static void stop_after_send(ds_handle *h, void *arg)
{
    send_one(h, arg);
    ds_stop(h);
}

START_TEST(an_alarm_set_before_the_end_of_a_run_rings_in_the_next)
{
    net.delay = 2;
    ds_spawn(loop, stop_after_send, NULL);
    ck_run(loop, DS_STOPPED, NULL);
    play(receive_until_alarm, NULL);
    ck_noted("send[1]@0 alarm@2 recv@2 ");
}
END_TEST

/* ---- Failing --------------------------------------------------------------*/

START_TEST(a_network_may_end_the_run_with_a_status_and_a_text)
{
    static const ds_status ends[] = { DS_STOPPED, DS_FAILED, DS_ENOMEM,
                                      DS_EMISUSE };

    net.delay = 2;
    net.failure = ends[_i];
    ds_spawn(loop, send_one, NULL);
    ds_spawn(loop, receive_two, NULL);
    ck_run(loop, ends[_i], "cable 42 is broken");
    ck_assert(ds_loop_now(loop) == 2);
    ck_noted("send[1]@0 alarm@2 ");
    teardown();
    ck_each_freed_once(1);
    setup();
}
END_TEST

static void wait_for_ever(ds_handle *h, void *arg)
{
    ck_assert(!ds_poll(h, stream, &(ds_event){ 0 }));
}

START_TEST(a_deadlock_report_tells_what_a_network_has_kept)
{
    net.delay = INFINITY;
    ds_spawn(loop, send_one, NULL);
    ds_spawn(loop, wait_for_ever, NULL);
    ck_run(loop, DS_DEADLOCK,
           "\n  network 0 \"keeper\" has neither delivered nor lost 1 message");
    note_clear();
}
END_TEST

START_TEST(what_a_network_has_delivered_is_not_in_the_report)
{
    net.delay = 1;
    ds_spawn(loop, send_one, NULL);
    ds_spawn(loop, wait_for_ever, NULL);
    ck_run(loop, DS_DEADLOCK, NULL);
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "network"));
    note_clear();
}
END_TEST

static void send_unread(ds_handle *h, void *arg)
{
    for (size_t i = 0; i < 7; i++) {
        ds_port *late = ds_port_new(node);
        for (size_t k = 0; k <= i; k++)
            ds_send(h, &net.base,
                    (ds_msg){
                        .source = b, .dest = late, .size = 12.5 + (double)i });
    }
    net.delay = 0;
    ds_stream_set_name(ds_port_stream(a), "letters");
    ds_send(h, &net.base, payload(0));
    wait_for_ever(h, NULL);
}

START_TEST(a_deadlock_report_lists_the_first_ports_with_unread_messages)
{
    net.delay = 1;
    ds_spawn(loop, send_unread, NULL);
    ck_run(loop, DS_DEADLOCK,
           "\n  port 0 of node 1 has 1 message that nobody has received, of 1 "
           "bytes from node 0"
           "\n  port 1 of node 0 has 1 message that nobody has received, of "
           "12.5 bytes from node 1"
           "\n  port 2 of node 0 has 2 messages that nobody has received, the "
           "first of 13.5 bytes from node 1"
           "\n  port 3 of node 0");
    ck_contains(ds_loop_error(loop), "\n  and 3 more ports have messages");
    note_clear();
}
END_TEST

/* Whatever ends a run, what is in flight is still on its way in the next. */
static void fail_once(ds_net *self)
{
    keeper *k = keeper_of(self);

    if (k->alarms++ == 0) {
        ds_net_fail(self, DS_FAILED, "a hiccup");
        ds_net_set_alarm(self, 3);
        return;
    }
    for (size_t i = 0; i < k->num_kept; i++)
        ds_net_deliver(self, 0, k->kept[i]);
    k->num_kept = 0;
}

static const ds_net_ops hiccup_ops = { "hiccup", keep, fail_once, drop_kept };

static void send_into_hiccup(ds_handle *h, void *arg)
{
    keeper *hiccup = arg;

    ds_send(h, &hiccup->base, payload(0));
    ck_assert(!ds_sleep(h, 10));
}

static void receive_after_hiccup(ds_handle *h, void *arg)
{
    ds_msg msg;

    ck_assert(ds_recv(h, b, &msg));
    ck_assert_double_eq(ds_now(h), 5);
    ds_msg_drop(&msg);
}

START_TEST(an_alarm_set_by_a_network_that_fails_rings_in_the_next_run)
{
    static keeper hiccup;

    hiccup = (keeper){ .delay = 2 };
    ds_net_init(&hiccup.base, loop, &hiccup_ops);
    ds_spawn(loop, send_into_hiccup, &hiccup);
    ck_run(loop, DS_FAILED, "a hiccup");
    play(receive_after_hiccup, NULL);
    ck_each_freed_once(1);
}
END_TEST

static void receive_two_later(ds_handle *h, void *arg)
{
    ds_msg msg;

    for (int i = 0; i < 2; i++) {
        ck_assert(ds_recv(h, b, &msg));
        note("got@%g ", ds_now(h));
        ds_msg_drop(&msg);
    }
}

START_TEST(a_network_may_deliver_while_the_loop_does_not_run)
{
    const ds_msg msg = { .source = a, .dest = b };

    ds_net_deliver(&net.base, 1, msg);
    ds_net_deliver(&net.base, 2, msg);
    play(receive_two_later, NULL);
    ds_net_deliver(&net.base, 1, msg);
    ds_net_deliver(&net.base, 2, msg);
    play(receive_two_later, NULL);
    ck_noted("got@1 got@2 got@3 got@4 ");
}
END_TEST

/* ---- Each message leaves once ---------------------------------------------*/

/* Lets go of each message twice, the second time in this way. */
static bool loses;

static void let_go_twice(ds_net *self, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ds_net_deliver(self, 1, msgs[i]);
        if (loses)
            ds_net_lose(self, msgs[i]);
        else
            ds_net_deliver(self, 2, msgs[i]);
    }
}

static const ds_net_ops twice_ops = { .name = "twice", .send = let_go_twice };
static ds_net twice;

static void send_twice(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_sleep(h, 3);
    ds_send(h, &twice, payload(0));
    ck_assert(!ds_recv(h, b, &msg));
}

START_TEST(a_message_that_leaves_twice_is_misuse_and_freed_once)
{
    loses = _i == 1;
    ds_net_init(&twice, loop, &twice_ops);
    ds_spawn(loop, send_twice, NULL);
    ck_run(loop, DS_EMISUSE,
           loses
               ? "ds_net_lose: message 1 leaves network 1 \"twice\" twice"
               : "ds_net_deliver: message 1 leaves network 1 \"twice\" twice");
    teardown();
    ck_each_freed_once(1);
    setup();
}
END_TEST

/* Delivers again what has been received already. */
static void deliver_late_again(ds_net *self)
{
    keeper *k = keeper_of(self);

    ds_net_deliver(self, 0, k->kept[0]);
    ds_net_set_alarm(self, 5);
}

static const ds_net_ops again_ops = { .name = "again",
                                      .send = keep,
                                      .alarm = deliver_late_again };
static keeper again;

static void send_and_wait(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_send(h, &again.base, payload(0));
    ck_assert(ds_recv(h, b, &msg));
    ds_msg_drop(&msg);
    ck_assert(!ds_recv(h, b, &msg));
}

START_TEST(a_message_that_was_received_does_not_leave_again)
{
    again = (keeper){ .delay = 2 };
    ds_net_init(&again.base, loop, &again_ops);
    ds_spawn(loop, send_and_wait, NULL);
    ck_run(loop, DS_EMISUSE, "leaves network 1 \"again\" twice");
    note_clear();
    ck_each_freed_once(1);
}
END_TEST

static void deliver_unknown(ds_handle *h, void *arg)
{
    ds_msg msg = payload(0);

    msg.id = 77;
    ds_net_deliver(&net.base, 1, msg);
}

START_TEST(a_message_that_was_never_sent_is_misuse_if_it_has_a_name)
{
    ds_spawn(loop, deliver_unknown, NULL);
    ck_run(loop, DS_EMISUSE,
           "ds_net_deliver: message 77 leaves network 0 "
           "\"keeper\", which was never given it");
    ck_each_freed_once(1);
}
END_TEST

/* Copies have no name, nor have messages that a network makes anew. */
static void deliver_copies(ds_net *self, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        for (int k = 1; k <= 3; k++)
            ds_net_deliver(self, k,
                           (ds_msg){ .source = a, .dest = b, .size = 1 });
}

static const ds_net_ops copies_ops = { .name = "copies",
                                       .send = deliver_copies };
static ds_net copies;

static void send_to_copies(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_send(h, &copies, (ds_msg){ .source = a, .dest = b });
    for (int i = 0; i < 3; i++)
        ck_assert(ds_recv(h, b, &msg));
    ds__net_check(ds__loop_annex(loop));
    ds_poll(h, stream, &(ds_event){ 0 });
}

START_TEST(a_network_may_make_copies_without_a_name)
{
    ds_net_init(&copies, loop, &copies_ops);
    ds_spawn(loop, send_to_copies, NULL);
    ck_run(loop, DS_DEADLOCK, NULL);
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "network"));
}
END_TEST

/* ---- Threads of the program's own -----------------------------------------*/

static int call; /* which one */

static void *call_from_outside(void *arg)
{
    switch (call) {
    case 0:
        ds_net_deliver(&net.base, 1, payload(0));
        break;
    case 1:
        ds_net_lose(&net.base, payload(0));
        break;
    case 2:
        ds_net_set_alarm(&net.base, 1);
        break;
    case 3:
        ds_net_fail(&net.base, DS_FAILED, "from outside");
        break;
    default:
        ck_assert(ds_net_random(&net.base) == 0);
        break;
    }
    return arg;
}

static void start_outsider(ds_handle *h, void *arg)
{
    pthread_t thread;

    ck_assert_int_eq(pthread_create(&thread, NULL, call_from_outside, NULL), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert(!ds_sleep(h, 10));
}

START_TEST(a_thread_from_outside_may_not_call_for_a_network)
{
    static const char *const texts[] = {
        "ds_net_deliver: the loop is running", "ds_net_lose: the loop is",
        "ds_net_set_alarm: the loop is",       "ds_net_fail: the loop is",
        "ds_net_random: the loop is",
    };

    call = _i;
    ds_spawn(loop, start_outsider, NULL);
    ck_run(loop, DS_EMISUSE, texts[_i]);
    ck_each_freed_once(call < 2);
}
END_TEST

static atomic_bool stopped;

static void *deliver_all_the_time(void *arg)
{
    while (!atomic_load(&stopped))
        ds_net_deliver(&net.base, 0.5, (ds_msg){ .source = a, .dest = a });
    return arg;
}

static void chat_with_itself(ds_handle *h, void *arg)
{
    ds_net *random = arg;
    ds_msg msg;

    for (;;) {
        ds_send(h, random, (ds_msg){ .source = b, .dest = b });
        if (!ds_recv(h, b, &msg))
            return;
    }
}

/* It may come between anything, also before the run begins. */
START_TEST(a_thread_from_outside_may_deliver_until_the_run_begins)
{
    pthread_t thread;

    atomic_store(&stopped, false);
    ds_spawn(loop, chat_with_itself, ds_random_net_new(loop, 1));
    ck_assert_int_eq(pthread_create(&thread, NULL, deliver_all_the_time, NULL),
                     0);
    ck_run(loop, DS_EMISUSE, "ds_net_deliver: the loop is running");
    atomic_store(&stopped, true);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
}
END_TEST

/* ---- The walk -------------------------------------------------------------*/

static void wrong_account(void)
{
    net.base.state->account.left++;
}

static void wrong_ledger(void)
{
    net.base.state->annex->ledger.last++;
}

static void wrong_box(void)
{
    ((ds__box *)ds__queue_at(&b->stream.queue, 0)->data)->event.payload.data =
        NULL;
}

static void wrong_event(void)
{
    ds__queue_at(&b->stream.queue, 0)->stream = stream;
}

static void wrong_number(void)
{
    net.base.state->number = 5;
}

static void (*const spoils[])(void) = {
    wrong_account, wrong_ledger, wrong_box, wrong_event, wrong_number,
};

static void spoil(ds_handle *h, void *arg)
{
    send_two(h, NULL);
    ds_sleep(h, 10);
    ds__net_check(ds__loop_annex(loop));
    fclose(stderr); /* what assert() says */
    spoils[(size_t)(uintptr_t)arg]();
    ds__net_check(ds__loop_annex(loop));
}

START_TEST(the_walk_finds_what_is_spoiled)
{
    net.delay = 1;
    ds_spawn(loop, spoil, (void *)(uintptr_t)_i);
    ds_loop_run(loop);
}
END_TEST

/* ---- Random numbers -------------------------------------------------------*/

static void draw_in_net(ds_handle *h, void *arg)
{
    double sum = 0;

    for (int i = 0; i < 10000; i++) {
        const double x = ds_net_random(&net.base);
        ck_assert(x >= 0 && x < 1);
        sum += x;
    }
    ck_assert_double_eq_tol(sum / 10000, 0.5, 0.02);
}

START_TEST(a_network_draws_uniform_random_numbers)
{
    play(draw_in_net, NULL);
}
END_TEST

/* ---- The end --------------------------------------------------------------*/

START_TEST(a_network_is_freed_once_with_its_loop_and_drops_what_is_in_flight)
{
    net.delay = 2;
    play(send_two, NULL);
    ck_assert_int_eq(net.frees, 0);
    teardown();
    ck_assert_int_eq(net.frees, 1);
    ck_each_freed_once(2);
    setup();
}
END_TEST

static void drop_late(ds_net *self)
{
    keeper *k = keeper_of(self);

    /* Whatever a network does at its end must be harmless. */
    ds_net_set_alarm(self, 1);
    for (size_t i = 0; i < k->num_kept; i++)
        if (i % 2 == 0)
            ds_net_lose(self, k->kept[i]);
        else
            ds_net_deliver(self, 1, k->kept[i]);
}

static const ds_net_ops late_ops = { "late", keep, release, drop_late };

static void send_two_late(ds_handle *h, void *arg)
{
    for (int i = 0; i < 2; i++) {
        ds_msg msg = payload(i);
        msg.done = stream;
        ds_send(h, &ringing.base, msg);
    }
}

START_TEST(a_network_may_lose_or_deliver_at_its_end)
{
    ringing = (keeper){ .delay = 2 };
    ds_net_init(&ringing.base, loop, &late_ops);
    play(send_two_late, NULL);
    teardown();
    ck_each_freed_once(2);
    setup();
}
END_TEST

static const ds_net_ops freeless_ops = { .name = "freeless", .send = keep };
static keeper freeless;

START_TEST(a_network_needs_no_free_function)
{
    ck_assert_ptr_nonnull(ds_net_init(&freeless.base, loop, &freeless_ops));
    ck_run(loop, DS_OK, NULL);
}
END_TEST

START_TEST(a_network_of_a_failed_construction_is_freed_by_its_maker)
{
    ck_assert_ptr_null(ds_random_net_new(loop, -1));
    ck_run(loop, DS_EMISUSE, NULL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);

    tcase_add_test(tc, a_port_knows_its_node);
    tcase_add_test(tc, a_node_knows_its_loop_and_its_number);
    tcase_add_test(tc, every_port_has_a_stream_of_its_own);
    tcase_add_test(tc, nodes_ports_and_networks_can_be_made_during_a_run);

    tcase_add_test(tc, an_initialised_network_knows_its_loop_and_operations);
    tcase_add_test(tc, an_alarm_rings_once_at_its_time);
    tcase_add_test(tc, a_new_alarm_replaces_the_one_before);
    tcase_add_test(tc, an_alarm_at_infinity_is_none);
    tcase_add_test(tc, an_alarm_may_be_set_to_an_earlier_time);
    tcase_add_test(tc, an_alarm_may_set_the_next);
    tcase_add_test(tc,
                   an_alarm_at_0_rings_once_after_everything_of_its_instant);
    tcase_add_test(tc, alarms_of_one_instant_ring_in_a_reproducible_order);
    tcase_add_test(tc, what_an_alarm_delivers_at_the_instant_of_a_timeout_wins);
    tcase_add_test(tc, an_alarm_set_before_the_end_of_a_run_rings_in_the_next);

    tcase_add_test(tc, a_deadlock_report_tells_what_a_network_has_kept);
    tcase_add_test(tc, what_a_network_has_delivered_is_not_in_the_report);
    tcase_add_test(
        tc, a_deadlock_report_lists_the_first_ports_with_unread_messages);
    tcase_add_test(tc,
                   an_alarm_set_by_a_network_that_fails_rings_in_the_next_run);
    tcase_add_test(tc, a_network_may_deliver_while_the_loop_does_not_run);
    tcase_add_loop_test(tc, a_network_may_end_the_run_with_a_status_and_a_text,
                        0, 4);

    tcase_add_loop_test(
        tc, a_message_that_leaves_twice_is_misuse_and_freed_once, 0, 2);
    tcase_add_test(tc, a_message_that_was_received_does_not_leave_again);
    tcase_add_test(tc,
                   a_message_that_was_never_sent_is_misuse_if_it_has_a_name);
    tcase_add_test(tc, a_network_may_make_copies_without_a_name);

    tcase_add_loop_test(tc, a_thread_from_outside_may_not_call_for_a_network, 0,
                        5);
    tcase_add_loop_test(
        tc, a_thread_from_outside_may_deliver_until_the_run_begins, 0, 10);

    tcase_add_loop_test_raise_signal(tc, the_walk_finds_what_is_spoiled,
                                     SIGABRT, 0,
                                     sizeof(spoils) / sizeof(*spoils));

    tcase_add_test(tc, a_network_draws_uniform_random_numbers);

    tcase_add_test(
        tc, a_network_is_freed_once_with_its_loop_and_drops_what_is_in_flight);
    tcase_add_test(tc, a_network_may_lose_or_deliver_at_its_end);
    tcase_add_test(tc, a_network_needs_no_free_function);
    tcase_add_test(tc,
                   a_network_of_a_failed_construction_is_freed_by_its_maker);
}

int main(void)
{
    return harness_main("net", add);
}
