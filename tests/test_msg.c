/* Messages: sending, receiving, unpacking, and who frees what. */

#include "stage.h"

/* A network that takes size seconds for each message, and loses those that
 * are larger than 99 bytes. */
static void send_by_size(ds_net *net, const ds_msg *msgs, size_t n)
{
    note("[%zu] ", n);
    for (size_t i = 0; i < n; i++)
        if (msgs[i].size > 99)
            ds_net_lose(net, msgs[i]);
        else
            ds_net_deliver(net, msgs[i].size, msgs[i]);
}

static void no_free(ds_net *net)
{
}

static const ds_net_ops slow_ops = { .name = "slow",
                                     .send = send_by_size,
                                     .free = no_free };
static ds_net slow;

static ds_loop *loop;
static ds_stream *stream;
static ds_port *a, *b;

static void setup(void)
{
    loop = loop_fifo();
    stream = ds_stream_new(loop);
    a = ds_port_new(ds_node_new(loop));
    b = ds_port_new(ds_node_new(loop));
    ck_assert_ptr_eq(ds_net_init(&slow, loop, &slow_ops), &slow);
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

static ds_msg counted(int i, double size)
{
    return (ds_msg){ .source = a,
                     .dest = b,
                     .data = &freed[i],
                     .free = count_free,
                     .size = size };
}

static int index_of(const void *data)
{
    return (int)((const int *)data - freed);
}

/* ---- Sending and receiving ------------------------------------------------*/

static void send_one(ds_handle *h, void *arg)
{
    ds_send(h, &slow,
            (ds_msg){ .source = a,
                      .dest = b,
                      .data = &freed[7],
                      .free = count_free,
                      .size = 2.5,
                      .done = stream });
    note("sent@%g ", ds_now(h));
}

static void receive_one(ds_handle *h, void *arg)
{
    ds_msg msg;

    ck_assert(ds_recv(h, b, &msg));
    ck_assert_ptr_eq(msg.source, a);
    ck_assert_ptr_eq(msg.dest, b);
    ck_assert_ptr_eq(msg.data, &freed[7]);
    ck_assert(msg.free == count_free);
    ck_assert(msg.size == 2.5);
    ck_assert_ptr_null(msg.done);
    note("received@%g ", ds_now(h));
}

START_TEST(a_message_arrives_as_it_was_sent_but_without_its_done_stream)
{
    play(receive_one, send_one);
    ck_noted("[1] sent@0 received@2.5 ");
}
END_TEST

START_TEST(a_message_received_belongs_to_the_receiver)
{
    play(receive_one, send_one);
    teardown();
    ck_assert_int_eq(freed[7], 0);
    setup();
}
END_TEST

START_TEST(dropping_a_message_frees_its_payload_once_and_clears_it)
{
    ds_msg msg = counted(0, 3);

    ds_msg_drop(&msg);
    ck_each_freed_once(1);
    ck_assert_ptr_null(msg.data);
    ck_assert_ptr_null(msg.source);
    ck_assert_ptr_null(msg.dest);
    ds_msg_drop(&msg);
    ck_each_freed_once(1);
}
END_TEST

static void send_big(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_send(h, &slow, (ds_msg){ .source = a, .dest = b, .size = 50 });
    ds_send(h, &slow, (ds_msg){ .source = a, .dest = b });
    ck_assert(ds_recv(h, b, &msg));
    ck_assert(msg.size == 0 && ds_now(h) == 0);
    ck_assert(ds_recv(h, b, &msg));
    ck_assert_ptr_null(msg.data);
    ck_assert(msg.size == 50 && ds_now(h) == 50);
}

START_TEST(a_message_needs_no_data_and_no_size)
{
    play(send_big, NULL);
}
END_TEST

static void send_to_self(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_send(h, &slow, (ds_msg){ .source = a, .dest = a, .size = 1 });
    ck_assert(ds_recv(h, a, &msg));
    ck_assert_ptr_eq(msg.source, msg.dest);
    ck_assert(ds_now(h) == 1);
}

START_TEST(a_port_may_send_to_itself)
{
    play(send_to_self, NULL);
}
END_TEST

static void send_several(ds_handle *h, void *arg)
{
    ds_send(h, &slow, counted(0, 3));
    ds_send(h, &slow, counted(1, 1));
    ds_send(h, &slow, counted(2, 2));
}

static void receive_three(ds_handle *h, void *arg)
{
    ds_msg msg;

    for (int i = 0; i < 3 && ds_recv(h, b, &msg); i++) {
        note("%d@%g ", index_of(msg.data), ds_now(h));
        ds_msg_drop(&msg);
    }
}

static void receive_three_late(ds_handle *h, void *arg)
{
    ds_sleep(h, 5);
    receive_three(h, arg);
}

START_TEST(messages_are_received_in_the_order_of_their_arrival)
{
    play(receive_three, send_several);
    ck_noted("[1] [1] [1] 1@1 2@2 0@3 ");
    ck_each_freed_once(3);
}
END_TEST

START_TEST(messages_wait_at_their_port)
{
    play(receive_three_late, send_several);
    ck_noted("[1] [1] [1] 1@5 2@5 0@5 ");
    ck_each_freed_once(3);
}
END_TEST

static void answer(ds_handle *h, void *arg)
{
    ds_msg msg;

    ck_assert(ds_recv(h, b, &msg));
    msg.dest = msg.source;
    msg.source = b;
    ds_send(h, &slow, msg);
}

static void ask(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_send(h, &slow, counted(0, 2));
    ck_assert(ds_recv(h, a, &msg));
    ck_assert_ptr_eq(msg.data, &freed[0]);
    ck_assert(ds_now(h) == 4);
    ds_msg_drop(&msg);
}

START_TEST(a_message_received_can_be_sent_on)
{
    play(answer, ask);
    ck_each_freed_once(1);
}
END_TEST

static void two_ports(ds_handle *h, void *arg)
{
    ds_port *other = ds_port_new(ds_port_node(b));
    ds_msg msg;

    ds_send(h, &slow, (ds_msg){ .source = a, .dest = b, .size = 1 });
    ds_send(h, &slow, (ds_msg){ .source = a, .dest = other, .size = 2 });
    ck_assert(ds_recv(h, other, &msg));
    ck_assert(ds_now(h) == 2);
    ck_assert_ptr_eq(msg.dest, other);
    ck_assert(ds_recv(h, b, &msg));
    ck_assert_ptr_eq(msg.dest, b);
}

START_TEST(ports_of_one_node_do_not_share_messages)
{
    play(two_ports, NULL);
}
END_TEST

/* ---- Batches --------------------------------------------------------------*/

static void send_batch(ds_handle *h, void *arg)
{
    const ds_msg batch[] = { counted(0, 3), counted(1, 1), counted(2, 2) };

    ds_send_all(h, &slow, batch, 3);
}

START_TEST(a_batch_reaches_the_network_in_one_piece)
{
    play(receive_three, send_batch);
    ck_noted("[3] 1@1 2@2 0@3 ");
    ck_each_freed_once(3);
}
END_TEST

static void send_empty_batch(ds_handle *h, void *arg)
{
    ds_send_all(h, &slow, NULL, 0);
}

START_TEST(an_empty_batch_is_nothing)
{
    play(send_empty_batch, NULL);
    ck_noted("");
}
END_TEST

static int bad_one;

static void send_bad_batch(ds_handle *h, void *arg)
{
    ds_msg batch[] = { counted(0, 1), counted(1, 1), counted(2, 1) };

    batch[bad_one].size = NAN;
    ds_send_all(h, &slow, batch, 3);
    ck_each_freed_once(3);
}

START_TEST(one_bad_message_refuses_the_whole_batch)
{
    char part[32];

    bad_one = _i;
    snprintf(part, sizeof(part), "message %d", _i);
    ds_spawn(loop, send_bad_batch, NULL);
    ck_run(loop, DS_EMISUSE, part);
    ck_noted("");
    /* Nothing of it arrives later. */
    ds_spawn(loop, receive_three, NULL);
    ck_run(loop, DS_DEADLOCK, NULL);
    ck_noted("");
}
END_TEST

/* ---- Names ----------------------------------------------------------------*/

static void send_five(ds_handle *h, void *arg)
{
    ds_msg batch[3];

    ds_sleep(h, 2);
    for (int i = 0; i < 3; i++) {
        batch[i] = counted(i, 1 + i);
        batch[i].id = 99;
    }
    ds_send_all(h, &slow, batch, 3);
    ck_assert_uint_eq(batch[0].id, 99);
    ds_sleep(h, 100);
    for (int i = 3; i < 5; i++) {
        ds_msg msg = counted(i, 1);
        msg.id = 99;
        msg.damaged = true;
        ds_send(h, &slow, msg);
        ds_sleep(h, 1);
    }
}

static void receive_names(ds_handle *h, void *arg)
{
    ds_msg msg;

    for (int i = 0; i < 5; i++) {
        ck_assert(ds_recv(h, b, &msg));
        ck_assert(!msg.damaged);
        note("%llu ", (unsigned long long)msg.id);
        ds_msg_drop(&msg);
    }
}

START_TEST(messages_are_numbered_in_the_order_of_sending)
{
    play(receive_names, send_five);
    ck_noted("[3] 1 2 3 [1] 4 [1] 5 ");
    ck_each_freed_once(5);
}
END_TEST

/* ---- Done -----------------------------------------------------------------*/

static void send_and_wait(ds_handle *h, void *arg)
{
    ds_event event = { .data = &event };
    ds_msg msg = counted(0, 2.5);

    msg.done = stream;
    ds_send(h, &slow, msg);
    ck_assert(ds_poll(h, stream, &event));
    ck_assert_ptr_eq(event.stream, stream);
    ck_assert_ptr_null(event.data);
    note("done@%g ", ds_now(h));
}

START_TEST(done_gets_an_event_without_data_when_the_message_has_arrived)
{
    play(send_and_wait, NULL);
    ck_noted("[1] done@2.5 ");
    teardown();
    ck_each_freed_once(1);
    setup();
}
END_TEST

static void lose_and_wait(ds_handle *h, void *arg)
{
    ds_event event;
    ds_msg msg = counted(0, 100);

    msg.done = stream;
    ds_send(h, &slow, msg);
    ck_assert_int_eq(freed[0], 1);
    ck_assert(ds_poll(h, stream, &event));
    ck_assert_ptr_null(event.data);
    note("done@%g ", ds_now(h));
}

START_TEST(done_gets_an_event_when_the_message_is_lost)
{
    play(lose_and_wait, NULL);
    ck_noted("[1] done@0 ");
    ck_each_freed_once(1);
}
END_TEST

/* Loses those of more than 99 bytes, and keeps the others for ever. */
static void lose_or_keep(ds_net *net, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (msgs[i].size > 99)
            ds_net_lose(net, msgs[i]);
}

static const ds_net_ops hole_ops = { .name = "hole",
                                     .send = lose_or_keep,
                                     .free = no_free };

static void send_and_wait_for_ever(ds_handle *h, void *arg)
{
    ds_msg msg;

    for (int i = 0; i < 5; i++)
        ds_send(h, arg, (ds_msg){ .source = a, .dest = b, .size = 30.0 * i });
    ck_assert(!ds_recv(h, b, &msg));
}

START_TEST(lost_messages_are_not_among_those_that_a_network_keeps)
{
    ds_net hole;

    ds_net_init(&hole, loop, &hole_ops);
    ds_spawn(loop, send_and_wait_for_ever, &hole);
    ck_run(loop, DS_DEADLOCK,
           "network 1 \"hole\" has neither delivered nor lost 4 messages");
    teardown();
    setup();
}
END_TEST

static void lose_quietly_and_wait(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_send(h, &slow, counted(0, 100));
    ck_assert(!ds_recv(h, b, &msg));
}

START_TEST(a_network_that_lost_everything_keeps_nothing)
{
    ds_spawn(loop, lose_quietly_and_wait, NULL);
    ck_run(loop, DS_DEADLOCK, "ds_recv");
    ck_assert_ptr_null(strstr(ds_loop_error(loop), "network"));
}
END_TEST

static void lose_quietly(ds_handle *h, void *arg)
{
    ds_send(h, &slow, counted(0, 100));
    ds_sleep(h, 1);
}

START_TEST(a_lost_message_is_freed_once_and_nobody_need_be_told)
{
    play(lose_quietly, NULL);
    ck_each_freed_once(1);
}
END_TEST

static void send_windowed(ds_handle *h, void *arg)
{
    ds_event event;

    for (int i = 0; i < 3; i++) {
        ds_msg msg = counted(i, 1);
        msg.done = stream;
        ds_send(h, &slow, msg);
        ck_assert(ds_poll(h, stream, &event));
    }
}

START_TEST(done_lets_a_sender_send_one_after_the_other)
{
    play(send_windowed, receive_three);
    ck_noted("[1] 0@1 [1] 1@2 [1] 2@3 ");
    ck_each_freed_once(3);
}
END_TEST

/* ---- With a timeout -------------------------------------------------------*/

static double seconds;

static void receive_for(ds_handle *h, void *arg)
{
    ds_msg msg = { .dest = a, .data = &msg };

    ck_assert(ds_recv_timeout(h, b, seconds, &msg));
    if (msg.dest == NULL) {
        ck_assert_ptr_null(msg.data);
        note("time@%g ", ds_now(h));
    } else {
        note("%d@%g ", index_of(msg.data), ds_now(h));
        ds_msg_drop(&msg);
    }
}

static void send_2(ds_handle *h, void *arg)
{
    ds_send(h, &slow, counted(0, 2));
    note_clear();
}

START_TEST(without_a_message_the_time_runs_out)
{
    seconds = 1.5;
    play(receive_for, send_2);
    ck_noted("time@1.5 ");
}
END_TEST

START_TEST(a_message_in_time_is_received_when_it_arrives)
{
    seconds = 2.5;
    play(receive_for, send_2);
    ck_noted("0@2 ");
}
END_TEST

START_TEST(a_message_that_arrives_at_the_very_instant_wins)
{
    seconds = 2;
    play(receive_for, send_2);
    ck_noted("0@2 ");
    freed[0] = 0;
    play(send_2, receive_for);
    ck_noted("0@4 ");
    ck_each_freed_once(1);
}
END_TEST

START_TEST(infinite_seconds_wait_for_the_message)
{
    seconds = INFINITY;
    play(receive_for, send_2);
    ck_noted("0@2 ");
}
END_TEST

START_TEST(zero_seconds_let_no_time_pass)
{
    seconds = 0;
    play(receive_for, send_2);
    ck_noted("time@0 ");
}
END_TEST

/* ---- Polling ports --------------------------------------------------------*/

static void poll_port_or_stream(ds_handle *h, void *arg)
{
    ds_stream *const both[] = { ds_port_stream(b), stream };
    ds_event event;
    ds_msg msg = { .size = 77 };

    for (int i = 0; i < 2; i++) {
        ck_assert(ds_poll_any(h, both, 2, &event));
        ck_assert_ptr_eq(event.stream, both[1 - i]);
        if (i == 0) {
            ck_assert(!ds_unpack(&event, &msg));
            ck_assert_ptr_eq(event.data, &freed[1]);
            ck_assert_ptr_eq(event.stream, stream);
            ck_assert(msg.size == 77);
            ds_event_drop(&event);
        } else {
            ck_assert(ds_unpack(&event, &msg));
            ck_assert_ptr_eq(msg.data, &freed[0]);
            ck_assert(msg.size == 2);
            ck_assert_ptr_null(event.data);
            ck_assert(event.free == NULL);
            ds_event_drop(&event);
            ck_assert_int_eq(freed[0], 0);
            ds_msg_drop(&msg);
        }
    }
}

static void send_both(ds_handle *h, void *arg)
{
    ds_send(h, &slow, counted(0, 2));
    ds_schedule(h, stream, 1, &freed[1], count_free);
}

START_TEST(unpack_tells_messages_from_other_events_and_takes_them_over)
{
    play(poll_port_or_stream, send_both);
    ck_each_freed_once(2);
}
END_TEST

static void poll_and_drop(ds_handle *h, void *arg)
{
    ds_event event;

    ck_assert(ds_poll(h, ds_port_stream(b), &event));
    ds_event_drop(&event);
}

START_TEST(dropping_the_event_of_a_message_drops_the_message)
{
    play(poll_and_drop, send_2);
    ck_each_freed_once(1);
}
END_TEST

static void unpack_twice(ds_handle *h, void *arg)
{
    ds_event event;
    ds_msg msg;

    ck_assert(ds_poll(h, ds_port_stream(b), &event));
    ds_event again = event;
    ck_assert(ds_unpack(&event, &msg));
    ck_assert(!ds_unpack(&again, &msg));
    ds_msg_drop(&msg);
}

START_TEST(unpacking_an_event_twice_is_misuse)
{
    ds_spawn(loop, unpack_twice, NULL);
    ds_spawn(loop, send_2, NULL);
    ck_run(loop, DS_EMISUSE, "ds_unpack: the message");
    ck_each_freed_once(1);
}
END_TEST

static ds_event kept[2];

static void poll_and_keep(ds_handle *h, void *arg)
{
    for (int i = 0; i < 2; i++)
        ck_assert(ds_poll(h, ds_port_stream(b), &kept[i]));
}

static void send_2_twice(ds_handle *h, void *arg)
{
    ds_send(h, &slow, counted(0, 2));
    ds_send(h, &slow, counted(1, 2));
}

START_TEST(the_event_of_a_message_may_be_dropped_when_the_loop_has_gone)
{
    play(poll_and_keep, send_2_twice);
    ds_event_drop(&kept[0]);
    teardown();
    ds_event_drop(&kept[1]);
    setup();
    ck_each_freed_once(2);
}
END_TEST

static void time_out_and_unpack(ds_handle *h, void *arg)
{
    ds_stream *const port[] = { ds_port_stream(b) };
    ds_event event;
    ds_msg msg = { .size = 77 };

    ck_assert(ds_poll_timeout(h, port, 1, 1, &event));
    ck_assert(!ds_unpack(&event, &msg));
    ck_assert(msg.size == 77);
}

START_TEST(a_timeout_is_no_message)
{
    play(time_out_and_unpack, NULL);
}
END_TEST

/* ---- In flight ------------------------------------------------------------*/

static void send_several_and_sleep(ds_handle *h, void *arg)
{
    send_several(h, arg);
    ds_sleep(h, 1.5);
}

/* One has arrived by then, and nobody has received any. */
START_TEST(messages_in_flight_and_at_ports_are_freed_once_with_the_loop)
{
    play(send_several_and_sleep, NULL);
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(freed[i], 0);
    teardown();
    ck_each_freed_once(3);
    setup();
}
END_TEST

START_TEST(messages_in_flight_survive_the_run)
{
    play(send_several_and_sleep, NULL);
    ck_noted("[1] [1] [1] ");
    play(receive_three, NULL);
    ck_noted("1@1.5 2@2 0@3 ");
    ck_each_freed_once(3);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_checked_fixture(tc, setup, teardown);

    tcase_add_test(
        tc, a_message_arrives_as_it_was_sent_but_without_its_done_stream);
    tcase_add_test(tc, a_message_received_belongs_to_the_receiver);
    tcase_add_test(tc, dropping_a_message_frees_its_payload_once_and_clears_it);
    tcase_add_test(tc, a_message_needs_no_data_and_no_size);
    tcase_add_test(tc, a_port_may_send_to_itself);
    tcase_add_test(tc, messages_are_received_in_the_order_of_their_arrival);
    tcase_add_test(tc, messages_wait_at_their_port);
    tcase_add_test(tc, a_message_received_can_be_sent_on);
    tcase_add_test(tc, ports_of_one_node_do_not_share_messages);

    tcase_add_test(tc, a_batch_reaches_the_network_in_one_piece);
    tcase_add_test(tc, an_empty_batch_is_nothing);
    tcase_add_loop_test(tc, one_bad_message_refuses_the_whole_batch, 0, 3);

    tcase_add_test(
        tc, done_gets_an_event_without_data_when_the_message_has_arrived);
    tcase_add_test(tc, done_gets_an_event_when_the_message_is_lost);
    tcase_add_test(tc, lost_messages_are_not_among_those_that_a_network_keeps);
    tcase_add_test(tc, a_network_that_lost_everything_keeps_nothing);
    tcase_add_test(tc, a_lost_message_is_freed_once_and_nobody_need_be_told);
    tcase_add_test(tc, done_lets_a_sender_send_one_after_the_other);

    tcase_add_test(tc, without_a_message_the_time_runs_out);
    tcase_add_test(tc, a_message_in_time_is_received_when_it_arrives);
    tcase_add_test(tc, a_message_that_arrives_at_the_very_instant_wins);
    tcase_add_test(tc, infinite_seconds_wait_for_the_message);
    tcase_add_test(tc, zero_seconds_let_no_time_pass);

    tcase_add_test(tc,
                   unpack_tells_messages_from_other_events_and_takes_them_over);
    tcase_add_test(tc, dropping_the_event_of_a_message_drops_the_message);
    tcase_add_test(tc, unpacking_an_event_twice_is_misuse);
    tcase_add_test(
        tc, the_event_of_a_message_may_be_dropped_when_the_loop_has_gone);
    tcase_add_test(tc, a_timeout_is_no_message);
    tcase_add_test(tc, messages_are_numbered_in_the_order_of_sending);

    tcase_add_test(
        tc, messages_in_flight_and_at_ports_are_freed_once_with_the_loop);
    tcase_add_test(tc, messages_in_flight_survive_the_run);
}

int main(void)
{
    return harness_main("msg", add);
}
