/* The LogGOPS network: what sending, receiving and working take, in which order
 * a processor does it, and when a long message is met. */

#include "stage.h"

#include <distsys.h>

enum { most = 64 };

static ds_loop *loop;
static ds_net *net;
static ds_node *nodes[most];
static ds_port *ports[most];

/* Parameters that tell each other apart. */
static const ds_loggops_net_config apart = {
    .L = 1e-3, .o = 2e-5, .g = 3e-4, .G = 5e-7, .O = 7e-9, .S = INFINITY
};

static void build_on(ds_loop *on, size_t n, ds_loggops_net_config config)
{
    loop = on;
    for (size_t i = 0; i < n; i++) {
        nodes[i] = ds_node_new(loop);
        ports[i] = ds_port_new(nodes[i]);
    }
    config.nodes = nodes;
    config.num_nodes = n;
    net = ds_loggops_net_new(loop, &config);
}

static void build(size_t n, ds_loggops_net_config config)
{
    build_on(loop_fifo(), n, config);
    ck_assert_ptr_nonnull(net);
}

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-12 * fmax(fabs(a), fabs(b));
}

#define ck_near(a, b)                                                          \
    ck_assert_msg(near(a, b), #a " is %.17g, and not %.17g", a, b)

static ds_msg message(size_t from, size_t to, double size)
{
    return (ds_msg){ .source = ports[from], .dest = ports[to], .size = size };
}

/* ---- What it takes --------------------------------------------------------*/

static const double sizes[] = { 0, 0.5, 1, 2, 1000, 123456, 1e9 };
enum { num_sizes = sizeof(sizes) / sizeof(*sizes) };

static double begun;
static double sent;
static double received;

static void send_one(ds_handle *h, void *arg)
{
    ds_sleep(h, 3.25);
    begun = ds_now(h);
    ds_send(h, net, message(0, 1, *(const double *)arg));
    sent = ds_now(h);
}

static void receive_one(ds_handle *h, void *arg)
{
    ds_msg msg;

    ck_assert(ds_recv(h, ports[1], &msg));
    ck_assert(msg.size == *(const double *)arg);
    received = ds_now(h);
}

static double rest_of(double size)
{
    return size > 1 ? size - 1 : 0;
}

static void exchange(double size, ds_loggops_net_config config)
{
    build(2, config);
    ds_spawn(loop, send_one, &size);
    ds_spawn(loop, receive_one, &size);
    ck_run_once(loop, DS_OK, NULL);
}

START_TEST(a_send_takes_the_overhead_of_the_sender)
{
    exchange(sizes[_i], apart);
    ck_near(sent - begun + 1, apart.o + rest_of(sizes[_i]) * apart.O + 1);
}
END_TEST

START_TEST(a_message_takes_latency_both_overheads_and_its_bytes)
{
    exchange(sizes[_i], apart);
    ck_near(received - begun + 1,
            apart.L + 2 * apart.o + rest_of(sizes[_i]) * apart.G + 1);
}
END_TEST

START_TEST(bytes_that_cost_the_processor_more_take_that_at_the_receiver)
{
    ds_loggops_net_config slow = apart;

    slow.O = 10 * apart.G;
    exchange(sizes[_i], slow);
    ck_near(received - begun + 1,
            slow.L + 2 * slow.o + rest_of(sizes[_i]) * slow.O + 1);
}
END_TEST

static void send_thrice(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    for (int i = 0; i < 3; i++) {
        ds_send(h, net, message(0, 1, *(const double *)arg));
        note("%.4f ", ds_now(h));
    }
}

static void receive_thrice(ds_handle *h, void *arg)
{
    ds_msg msg;

    for (int i = 0; i < 3 && ds_recv(h, ports[1], &msg); i++)
        note("got %.4f ", ds_now(h));
}

START_TEST(messages_follow_each_other_by_the_gap_if_that_is_longer)
{
    double size = 1;

    build(2, (ds_loggops_net_config){ .L = 100, .o = 1, .g = 5, .S = 1 });
    ds_spawn(loop, send_thrice, &size);
    ds_spawn(loop, receive_thrice, &size);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("2.0000 7.0000 12.0000 "
             "got 103.0000 got 108.0000 got 113.0000 ");
}
END_TEST

START_TEST(messages_follow_each_other_by_the_overhead_if_that_is_longer)
{
    double size = 1;

    build(2, (ds_loggops_net_config){ .L = 100, .o = 5, .g = 1, .S = 1 });
    ds_spawn(loop, send_thrice, &size);
    ds_spawn(loop, receive_thrice, &size);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("6.0000 11.0000 16.0000 "
             "got 111.0000 got 116.0000 got 121.0000 ");
}
END_TEST

START_TEST(messages_follow_each_other_by_their_bytes)
{
    double size = 11;

    build(2,
          (ds_loggops_net_config){ .L = 100, .o = 1, .g = 2, .G = 1, .S = 99 });
    ds_spawn(loop, send_thrice, &size);
    ds_spawn(loop, receive_thrice, &size);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("2.0000 14.0000 26.0000 "
             "got 113.0000 got 125.0000 got 137.0000 ");
}
END_TEST

static void send_batch(ds_handle *h, void *arg)
{
    const ds_msg msgs[] = { message(0, 1, 1), message(0, 1, 1),
                            message(0, 1, 1) };

    ds_sleep(h, 1);
    ds_send_all(h, net, msgs, 3);
    note("%.4f ", ds_now(h));
    ds_send_all(h, net, msgs, 0);
    note("%.4f ", ds_now(h));
}

START_TEST(a_batch_takes_what_its_messages_take)
{
    build(2, (ds_loggops_net_config){ .L = 100, .o = 1, .g = 5, .S = 1 });
    ds_spawn(loop, send_batch, NULL);
    ds_spawn(loop, receive_thrice, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("12.0000 12.0000 "
             "got 103.0000 got 108.0000 got 113.0000 ");
}
END_TEST

/* ---- Order ----------------------------------------------------------------*/

static void send_to_2(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    ds_send(h, net, message(*(const size_t *)arg, 2, 11));
}

static void receive_two(ds_handle *h, void *arg)
{
    ds_msg msg;

    for (int i = 0; i < 2 && ds_recv(h, ports[2], &msg); i++)
        note("%zu at %.4f ", ds_node_number(ds_port_node(msg.source)),
             ds_now(h));
}

static const size_t numbers[] = { 0, 1, 2, 3 };

START_TEST(what_arrives_together_is_worked_on_one_by_one)
{
    build(3,
          (ds_loggops_net_config){ .L = 100, .o = 1, .g = 2, .G = 1, .S = 99 });
    ds_spawn(loop, send_to_2, (void *)&numbers[1]);
    ds_spawn(loop, send_to_2, (void *)&numbers[0]);
    ds_spawn(loop, receive_two, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("1 at 113.0000 0 at 125.0000 ");
}
END_TEST

static void work_long(ds_handle *h, void *arg)
{
    ds_sleep(h, 100);
    ck_assert(ds_loggops_work(h, net, nodes[1], 20, NULL));
    note("worked %.4f ", ds_now(h));
}

static void receive_plainly(ds_handle *h, void *arg)
{
    ds_msg msg;

    ck_assert(ds_recv(h, ports[1], &msg));
    note("got %.4f ", ds_now(h));
}

START_TEST(a_message_waits_while_its_receiver_works)
{
    double size = 1;

    build(2, (ds_loggops_net_config){ .L = 100, .o = 1, .S = 99 });
    ds_spawn(loop, work_long, NULL);
    ds_spawn(loop, send_one, &size);
    ds_spawn(loop, receive_plainly, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("worked 120.0000 got 121.0000 ");
}
END_TEST

static void work_after_sleeping(ds_handle *h, void *arg)
{
    ds_sleep(h, 104.75);
    ck_assert(ds_loggops_work(h, net, nodes[1], 20, NULL));
    note("worked %.4f ", ds_now(h));
}

START_TEST(work_waits_while_a_message_is_worked_on)
{
    double size = 1;

    build(2, (ds_loggops_net_config){ .L = 100, .o = 1, .S = 99 });
    ds_spawn(loop, work_after_sleeping, NULL);
    ds_spawn(loop, send_one, &size);
    ds_spawn(loop, receive_plainly, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("got 105.2500 worked 125.2500 ");
}
END_TEST

static void work_thrice(ds_handle *h, void *arg)
{
    ds_sleep(h, 100);
    for (int i = 0; i < 3; i++) {
        ck_assert(ds_loggops_work(h, net, nodes[1], 4, NULL));
        note("worked %.4f ", ds_now(h));
    }
}

/* Its first work begins at 100, its second stands in line from then on, and the
 * message since it was sent at 3.25. */
START_TEST(a_message_goes_before_what_follows_what_began_after_its_sending)
{
    double size = 1;

    build(2, (ds_loggops_net_config){ .L = 97, .o = 1, .S = 99 });
    ds_spawn(loop, work_thrice, NULL);
    ds_spawn(loop, send_one, &size);
    ds_spawn(loop, receive_plainly, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("worked 104.0000 got 105.0000 worked 109.0000 worked 113.0000 ");
}
END_TEST

static void work_early(ds_handle *h, void *arg)
{
    ds_sleep(h, 3);
    for (int i = 0; i < 3; i++) {
        ck_assert(ds_loggops_work(h, net, nodes[1], 4, NULL));
        note("worked %.4f ", ds_now(h));
    }
}

/* The first work has begun at 3, and the message is sent at 3.25. */
START_TEST(what_follows_goes_before_a_message_that_was_sent_later)
{
    double size = 1;

    build(2, (ds_loggops_net_config){ .L = 1, .o = 0.5, .S = 99 });
    ds_spawn(loop, work_early, NULL);
    ds_spawn(loop, send_one, &size);
    ds_spawn(loop, receive_plainly, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("worked 7.0000 worked 11.0000 got 11.5000 worked 15.5000 ");
}
END_TEST

static void send_and_note(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    ds_send(h, net, message(0, 1, 1));
    note("sent %.4f ", ds_now(h));
}

static void work_and_note(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    ck_assert(ds_loggops_work(h, net, nodes[0], *(const double *)arg, NULL));
    note("worked %.4f ", ds_now(h));
}

/* The second send waits for the gap until 6, and the work does not. */
START_TEST(a_send_that_waits_for_its_side_lets_others_work)
{
    double seconds = 2;

    build(2, (ds_loggops_net_config){ .L = 1, .o = 0.5, .g = 5, .S = 99 });
    ds_spawn(loop, send_and_note, NULL);
    ds_spawn(loop, send_and_note, NULL);
    ds_spawn(loop, work_and_note, &seconds);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("sent 1.5000 worked 3.5000 sent 6.5000 ");
}
END_TEST

START_TEST(without_overheads_all_happens_at_once)
{
    double seconds = 0;

    build(2, (ds_loggops_net_config){ .S = 99 });
    ds_spawn(loop, send_and_note, NULL);
    ds_spawn(loop, work_and_note, &seconds);
    ds_spawn(loop, receive_plainly, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("sent 1.0000 worked 1.0000 got 1.0000 ");
}
END_TEST

/* ---- Being told -----------------------------------------------------------*/

static ds_stream *begun_stream;

static void note_beginnings(ds_handle *h, void *arg)
{
    ds_event event;

    for (int i = 0; i < 2 && ds_poll(h, begun_stream, &event); i++)
        note("begun %.4f ", ds_now(h));
}

static void work_and_tell(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    ck_assert(ds_loggops_work(h, net, nodes[0], 4, begun_stream));
    note("worked %.4f ", ds_now(h));
}

static void send_and_tell(ds_handle *h, void *arg)
{
    ds_sleep(h, 2);
    ds_loggops_send(h, net, message(0, 1, 1), begun_stream);
    note("sent %.4f ", ds_now(h));
}

START_TEST(who_asks_is_told_when_the_processor_begins)
{
    build(2, (ds_loggops_net_config){ .L = 1, .o = 0.5, .S = 99 });
    begun_stream = ds_stream_new(loop);
    ds_spawn(loop, note_beginnings, NULL);
    ds_spawn(loop, work_and_tell, NULL);
    ds_spawn(loop, send_and_tell, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("begun 1.0000 worked 5.0000 begun 5.0000 sent 5.5000 ");
}
END_TEST

static void take_turns(ds_handle *h, void *arg)
{
    ck_assert(ds_loggops_turn(h, net, nodes[0], NULL));
    note("turn %.4f ", ds_now(h));
    ds_sleep(h, 3);
    ck_assert(ds_loggops_turn(h, net, nodes[0], NULL));
    note("turn %.4f ", ds_now(h));
}

/* The send begins at 5, when the turn has been waited for. */
START_TEST(a_turn_takes_nothing_and_waits_for_what_is_at_work)
{
    build(2, (ds_loggops_net_config){ .L = 1, .o = 0.5, .S = 99 });
    ds_spawn(loop, take_turns, NULL);
    begun_stream = ds_stream_new(loop);
    ds_spawn(loop, work_and_tell, NULL);
    ds_spawn(loop, send_and_tell, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("turn 0.0000 worked 5.0000 turn 5.0000 sent 5.5000 ");
}
END_TEST

static ds_stream *passed_stream;

static void take_a_turn(ds_handle *h, void *arg)
{
    ck_assert(ds_loggops_turn(h, net, nodes[0], passed_stream));
    note("turn ");
    ds_sleep(h, 1);
}

static void send_now(ds_handle *h, void *arg)
{
    ds_loggops_send(h, net, message(0, 1, 1), begun_stream);
}

static void note_event(ds_handle *h, void *arg)
{
    ds_event event;

    ck_assert(ds_poll(h, *(ds_stream **)arg, &event));
    note("%s ", arg == &passed_stream ? "passed" : "begun");
}

START_TEST(a_turn_has_passed_before_anything_else_begins)
{
    build(2, (ds_loggops_net_config){ .L = 1, .o = 0.5, .S = 99 });
    begun_stream = ds_stream_new(loop);
    passed_stream = ds_stream_new(loop);
    ds_spawn(loop, note_event, &begun_stream);
    ds_spawn(loop, note_event, &passed_stream);
    ds_spawn(loop, take_a_turn, NULL);
    ds_spawn(loop, send_now, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("turn passed begun ");
}
END_TEST

/* ---- Long messages --------------------------------------------------------*/

static const ds_loggops_net_config meeting = {
    .L = 10, .o = 1, .g = 2, .G = 0.5, .S = 100
};

static void send_long(ds_handle *h, void *arg)
{
    ds_sleep(h, 2);
    ds_send(h, net, message(0, 1, *(const double *)arg));
    note("sent %.4f ", ds_now(h));
}

static void receive_late(ds_handle *h, void *arg)
{
    ds_msg msg;

    ds_sleep(h, 500);
    ck_assert(ds_recv(h, ports[1], &msg));
    ck_assert_ptr_null(msg.done);
    note("got %.4f ", ds_now(h));
}

static void meet(ds_thread_fn *sender, double size, ds_thread_fn *receiver)
{
    build(2, meeting);
    ds_spawn(loop, sender, &size);
    ds_spawn(loop, receiver, NULL);
    ck_run_once(loop, DS_OK, NULL);
}

START_TEST(a_send_of_up_to_S_waits_for_nobody)
{
    meet(send_long, 100, receive_late);
    ck_noted("sent 3.0000 got 500.0000 ");
}
END_TEST

START_TEST(a_longer_one_waits_until_it_is_received)
{
    meet(send_long, 101, receive_late);
    ck_noted("got 500.0000 sent 500.0000 ");
}
END_TEST

START_TEST(a_longer_one_is_met_as_soon_as_it_is_there_if_it_is_awaited)
{
    meet(send_long, 101, receive_plainly);
    ck_noted("sent 13.0000 got 64.0000 ");
}
END_TEST

static void send_long_and_be_told(ds_handle *h, void *arg)
{
    ds_stream *done = ds_stream_new(loop);
    ds_msg msg = message(0, 1, *(const double *)arg);
    ds_event event;

    ds_sleep(h, 2);
    msg.done = done;
    ds_send(h, net, msg);
    note("sent %.4f ", ds_now(h));
    ck_assert(ds_poll(h, done, &event));
    note("done %.4f ", ds_now(h));
}

START_TEST(who_is_told_does_not_wait_in_the_send)
{
    meet(send_long_and_be_told, 101, receive_late);
    ck_noted("sent 3.0000 got 500.0000 done 500.0000 ");
}
END_TEST

START_TEST(a_short_one_is_done_when_it_has_arrived)
{
    meet(send_long_and_be_told, 100, receive_late);
    ck_noted("sent 3.0000 done 63.5000 got 500.0000 ");
}
END_TEST

static void cut_in_time(ds_handle *h, void *arg)
{
    ds_sleep(h, 5);
    ds_net_cut(net, NULL, NULL);
}

START_TEST(a_sender_goes_on_when_its_long_message_is_lost)
{
    double size = 101;

    build(2, meeting);
    ds_net_heal(net);
    ds_spawn(loop, send_long, &size);
    ds_spawn(loop, cut_in_time, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("sent 64.0000 ");
}
END_TEST

START_TEST(a_long_message_that_nobody_receives_is_a_deadlock)
{
    double size = 101;

    build(2, meeting);
    ds_spawn(loop, send_long, &size);
    ck_run_once(loop, DS_DEADLOCK, "ds_send");
    ck_noted("sent 64.0000 ");
}
END_TEST

static void reduce_once(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(4096);

    mine->data[0] = 1;
    ds_vec *sum = ds_allreduce_run(&ds_allreduce_ring, c, mine, &ds_sum);
    if (sum != NULL)
        *(double *)arg += sum->data[0];
    ds_vec_unref(sum);
    ds_vec_unref(mine);
}

/* Each member sends before it receives, and all of it is longer than S. */
START_TEST(collectives_send_ahead_of_their_receivers)
{
    double sum = 0;

    build(8, meeting);
    ds_comm_spawn(loop, net, nodes, 8, reduce_once, &sum);
    ck_run_once(loop, DS_OK, NULL);
    ck_assert(sum == 8 * 8);
}
END_TEST

/* ---- Trees ----------------------------------------------------------------*/

static double done_at[most];
static size_t num_ranks;
static double tree_size;

static size_t top_of(size_t rank)
{
    size_t top = 1;

    while (top <= rank)
        top *= 2;
    return top;
}

/* Rank r hears from r without its highest bit, and tells r + 2^k for each
 * higher k. */
static void broadcast(ds_handle *h, void *arg)
{
    const size_t rank = *(const size_t *)arg;
    ds_msg msg;

    if (rank > 0 && !ds_recv(h, ports[rank], &msg))
        return;
    done_at[rank] = ds_now(h);
    for (size_t k = top_of(rank); rank + k < num_ranks; k *= 2)
        ds_send(h, net, message(rank, rank + k, tree_size));
}

static size_t ranks[most];

static void run_tree(ds_exec exec, ds_thread_fn *body,
                     ds_loggops_net_config config)
{
    build_on(ds_loop_new(&(ds_loop_config){ .exec = exec,
                                            .ties = DS_TIES_FIFO,
                                            .ignore_environment = true }),
             num_ranks, config);
    for (size_t i = 0; i < num_ranks; i++) {
        ranks[i] = i;
        ds_spawn(loop, body, &ranks[i]);
    }
    ck_run(loop, DS_OK, NULL);
}

static const ds_loggops_net_config trees[] = {
    { .L = 2500e-9, .o = 1500e-9, .g = 1000e-9, .G = 6e-9, .S = 65535 },
    { .L = 2500e-9, .o = 100e-9, .g = 5000e-9, .G = 6e-9, .S = 65535 },
    { .L = 1e-3, .o = 2e-5, .g = 3e-4, .G = 5e-7, .O = 7e-9, .S = 1e9 },
    { .L = 0, .o = 1, .g = 0, .G = 0.25, .O = 0.5, .S = 1e9 },
};
static const double tree_sizes[] = { 1, 1024 };
enum {
    num_trees = sizeof(trees) / sizeof(*trees),
    num_tree_sizes = sizeof(tree_sizes) / sizeof(*tree_sizes),
};

/* Every one of a rank's bits is a message, and every 0 below the highest of
 * them is one that its senders have sent before. */
static double broadcast_formula(size_t rank, const ds_loggops_net_config *c)
{
    const double rest = tree_size - 1;
    const double way = c->L + 2 * c->o + rest * fmax(c->O, c->G);
    const double gap = fmax(c->o + rest * c->O, c->g + rest * c->G);
    double time = 0;

    for (; rank > 0; rank /= 2)
        time += rank % 2 == 1 ? way : gap;
    return time;
}

START_TEST(a_broadcast_takes_what_LogGP_says_on_any_number_of_nodes)
{
    const ds_loggops_net_config *c = &trees[_i / num_tree_sizes];

    tree_size = tree_sizes[_i % num_tree_sizes];
    for (num_ranks = 1; num_ranks <= most; num_ranks++) {
        run_tree(DS_FIBERS, broadcast, *c);
        for (size_t i = 0; i < num_ranks; i++)
            ck_near(done_at[i], broadcast_formula(i, c));
        ds_loop_free(loop);
    }
}
END_TEST

/* And back: rank r hears from each r + 2^k, then tells r without its highest
 * bit. */
static void reduce(ds_handle *h, void *arg)
{
    const size_t rank = *(const size_t *)arg;
    ds_msg msg;

    for (size_t k = top_of(rank); rank + k < num_ranks; k *= 2)
        if (!ds_recv(h, ports[rank], &msg))
            return;
    done_at[rank] = ds_now(h);
    if (rank > 0)
        ds_send(h, net, message(rank, rank - top_of(rank) / 2, tree_size));
}

/* With 2^k ranks and no gap to wait for, each round takes one message. */
START_TEST(a_reduction_of_2_to_the_k_takes_k_messages)
{
    const ds_loggops_net_config *c = &trees[0];
    size_t rounds = 0;

    tree_size = tree_sizes[_i];
    for (num_ranks = 1; num_ranks <= most; num_ranks *= 2) {
        run_tree(DS_FIBERS, reduce, *c);
        ck_near(done_at[0] + 1,
                (double)rounds * (c->L + 2 * c->o + (tree_size - 1) * c->G) +
                    1);
        ds_loop_free(loop);
        rounds++;
    }
}
END_TEST

START_TEST(threads_and_fibers_see_the_same)
{
    double before[most];

    num_ranks = harness_nodes(most);
    tree_size = 1024;
    run_tree(DS_FIBERS, broadcast, trees[_i]);
    const uint64_t digest = ds_loop_digest(loop);
    memcpy(before, done_at, sizeof(before));
    ds_loop_free(loop);
    run_tree(DS_THREADS, broadcast, trees[_i]);
    ck_assert(ds_loop_digest(loop) == digest);
    ck_assert_mem_eq(before, done_at, num_ranks * sizeof(*before));
    ds_loop_free(loop);
}
END_TEST

/* ---- Machines that crash --------------------------------------------------*/

static void send_from_machine(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    for (int i = 0; i < 3; i++)
        ds_send(h, net,
                (ds_msg){ .source = ports[0],
                          .dest = ports[1],
                          .size = 1,
                          .data = &freed[i],
                          .free = count_free });
}

static void crash_in_time(ds_handle *h, void *arg)
{
    ds_sleep(h, *(const double *)arg);
    ds_node_crash(nodes[0]);
}

static void receive_and_count(ds_handle *h, void *arg)
{
    ds_msg msg;

    while (ds_recv_timeout(h, ports[1], 1000, &msg) && msg.dest != NULL) {
        note("got %.4f ", ds_now(h));
        ds_msg_drop(&msg);
    }
}

/* The first send takes from 1 to 5, the second from 5 to 9. */
START_TEST(a_machine_that_crashes_sends_what_it_had_begun_to)
{
    double when = 6;

    build(2, (ds_loggops_net_config){ .L = 100, .o = 4, .S = 99 });
    ds_node_spawn(nodes[0], send_from_machine, NULL);
    ds_spawn(loop, crash_in_time, &when);
    ds_spawn(loop, receive_and_count, NULL);
    ck_run_once(loop, DS_OK, NULL);
    ck_noted("got 109.0000 got 113.0000 ");
    ck_each_freed_once(3);
}
END_TEST

static void send_when_busy(ds_handle *h, void *arg)
{
    ds_sleep(h, 2);
    ds_send(h, net,
            (ds_msg){ .source = ports[0],
                      .dest = ports[1],
                      .data = &freed[0],
                      .free = count_free });
    if (ds_sleep(h, 0))
        note("never ");
}

static void work_for_it(ds_handle *h, void *arg)
{
    ds_sleep(h, 1);
    ds_loggops_work(h, net, nodes[0], 10, NULL);
}

START_TEST(what_a_crashed_machine_had_not_begun_to_send_is_lost)
{
    double when = 6;

    build(2, (ds_loggops_net_config){ .L = 100, .o = 4, .S = 99 });
    ds_node_spawn(nodes[0], work_for_it, NULL);
    ds_node_spawn(nodes[0], send_when_busy, NULL);
    ds_spawn(loop, crash_in_time, &when);
    ds_spawn(loop, receive_and_count, NULL);
    ck_run(loop, DS_OK, NULL);
    ck_assert_int_eq((int)ds_net_get_stats(net).lost, 1);
    ds_loop_free(loop);
    ck_each_freed_once(1);
    ck_noted("");
}
END_TEST

static void send_and_end(ds_handle *h, void *arg)
{
    send_from_machine(h, arg);
    ds_stop(h);
}

START_TEST(what_is_under_way_at_the_end_is_freed_once)
{
    build(2, (ds_loggops_net_config){ .L = 100, .o = 4, .S = 99 });
    ds_spawn(loop, send_and_end, NULL);
    ds_spawn(loop, receive_and_count, NULL);
    ds_spawn(loop, send_when_busy, NULL);
    ck_run_once(loop, DS_STOPPED, NULL);
    ck_assert_int_eq(freed[1], 1);
    ck_assert_int_eq(freed[2], 1);
}
END_TEST

/* ---- Misuse ---------------------------------------------------------------*/

static const struct {
    const char *name;
    size_t at;
} parameters[] = {
    { "config->L", offsetof(ds_loggops_net_config, L) },
    { "config->o", offsetof(ds_loggops_net_config, o) },
    { "config->g", offsetof(ds_loggops_net_config, g) },
    { "config->G", offsetof(ds_loggops_net_config, G) },
    { "config->O", offsetof(ds_loggops_net_config, O) },
    { "config->S", offsetof(ds_loggops_net_config, S) },
};
enum { num_parameters = sizeof(parameters) / sizeof(*parameters) };

static void refuse(ds_loggops_net_config config, const char *text)
{
    build_on(loop_fifo(), 2, config);
    ck_assert_ptr_null(net);
    ck_run_once(loop, DS_EMISUSE, text);
}

static void set(ds_loggops_net_config *config, size_t at, double value)
{
    memcpy((char *)config + at, &value, sizeof(value));
}

START_TEST(a_parameter_that_is_no_number_from_0_is_named)
{
    static const double wrong[] = { -1, -1e-300, NAN, -INFINITY };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        ds_loggops_net_config config = apart;
        set(&config, parameters[_i].at, wrong[i]);
        refuse(config, parameters[_i].name);
    }
}
END_TEST

START_TEST(only_S_may_be_infinite)
{
    ds_loggops_net_config config = apart;

    set(&config, parameters[_i].at, INFINITY);
    if (parameters[_i].at != offsetof(ds_loggops_net_config, S)) {
        refuse(config, "it must be finite and at least 0");
        return;
    }
    build(2, config);
    ds_loop_free(loop);
}
END_TEST

static void try_nodes(ds_node *const *list, size_t n, const char *text)
{
    ck_assert_ptr_null(ds_loggops_net_new(
        loop, &(ds_loggops_net_config){ .nodes = list, .num_nodes = n }));
    ck_run_once(loop, DS_EMISUSE, text);
}

START_TEST(a_node_that_is_none_or_listed_twice_or_elsewhere_is_named)
{
    ds_loop *other = loop_fifo();
    ds_node *stranger = ds_node_new(other);

    loop = loop_fifo();
    try_nodes((ds_node *[]){ ds_node_new(loop), NULL }, 2,
              "config->nodes[1] is NULL");
    loop = loop_fifo();
    try_nodes((ds_node *[]){ stranger }, 1,
              "config->nodes[0] belongs to another loop");
    loop = loop_fifo();
    ds_node *one = ds_node_new(loop);
    try_nodes((ds_node *[]){ one, one }, 2,
              "config->nodes[1] is nodes[0] already");
    loop = loop_fifo();
    try_nodes(NULL, 2, "config->nodes is NULL");
    ds_loop_free(other);
}
END_TEST

START_TEST(no_config_and_no_loop_are_refused)
{
    loop = loop_fifo();
    ck_assert_ptr_null(ds_loggops_net_new(loop, NULL));
    ck_run_once(loop, DS_EMISUSE, "ds_loggops_net_new: config is NULL");
    ck_assert_ptr_null(ds_loggops_net_new(NULL, NULL));
}
END_TEST

static void act(ds_thread_fn *body, const char *text)
{
    build(2, apart);
    nodes[2] = ds_node_new(loop);
    ports[2] = ds_port_new(nodes[2]);
    ds_spawn(loop, body, NULL);
    ck_run_once(loop, DS_EMISUSE, text);
}

static void send_from_outside(ds_handle *h, void *arg)
{
    ds_send(h, net, message(2, 1, 1));
}

static void send_to_outside(ds_handle *h, void *arg)
{
    const ds_msg msgs[] = { message(0, 1, 1), message(0, 2, 1) };

    ds_send_all(h, net, msgs, 2);
}

START_TEST(nodes_that_are_not_listed_are_named)
{
    act(send_from_outside, "ds_send: the source node of message 0 is not on "
                           "this network");
    act(send_to_outside, "ds_send: the destination node of message 1 is not "
                         "on this network");
}
END_TEST

static void work_outside(ds_handle *h, void *arg)
{
    ck_assert(!ds_loggops_work(h, net, nodes[2], 1, NULL));
}

static void work_nowhere(ds_handle *h, void *arg)
{
    ck_assert(!ds_loggops_work(h, net, NULL, 1, NULL));
}

static void work_backwards(ds_handle *h, void *arg)
{
    ck_assert(!ds_loggops_work(h, net, nodes[0], -1, NULL));
}

static void work_for_nan(ds_handle *h, void *arg)
{
    ck_assert(!ds_loggops_work(h, net, nodes[0], NAN, NULL));
}

static void work_without_net(ds_handle *h, void *arg)
{
    ck_assert(!ds_loggops_work(h, NULL, nodes[0], 1, NULL));
}

static void work_on_another(ds_handle *h, void *arg)
{
    ck_assert(
        !ds_loggops_work(h, ds_random_net_new(loop, 1), nodes[0], 1, NULL));
}

static void tell_a_port(ds_handle *h, void *arg)
{
    ck_assert(!ds_loggops_work(h, net, nodes[0], 1, ds_port_stream(ports[1])));
}

static void turn_outside(ds_handle *h, void *arg)
{
    ck_assert(!ds_loggops_turn(h, net, nodes[2], NULL));
}

static void send_on_another(ds_handle *h, void *arg)
{
    ds_loggops_send(h, ds_random_net_new(loop, 1), message(0, 1, 1), NULL);
}

static void send_for_a_port(ds_handle *h, void *arg)
{
    ds_msg msg = message(0, 1, 1);

    msg.data = &freed[0];
    msg.free = count_free;
    ds_loggops_send(h, net, msg, ds_port_stream(ports[1]));
}

START_TEST(being_told_by_what_cannot_be_is_misuse)
{
    act(tell_a_port, "ds_loggops_work: the stream is a port's or of another");
    act(turn_outside, "ds_loggops_turn: the node is not on this network");
    act(send_on_another, "ds_loggops_send: the network is not one of");
    act(send_for_a_port, "ds_loggops_send: the stream is a port's or of");
    ck_each_freed_once(1);
}
END_TEST

START_TEST(work_that_cannot_be_is_misuse)
{
    act(work_outside, "ds_loggops_work: the node is not on this network");
    act(work_nowhere, "ds_loggops_work: the node is NULL");
    act(work_backwards, "ds_loggops_work: seconds is -1");
    act(work_for_nan, "ds_loggops_work: seconds is nan");
    act(work_without_net, "ds_loggops_work: the network is NULL");
    act(work_on_another, "ds_loggops_work: the network is not one of");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, a_send_takes_the_overhead_of_the_sender, 0,
                        num_sizes);
    tcase_add_loop_test(
        tc, a_message_takes_latency_both_overheads_and_its_bytes, 0, num_sizes);
    tcase_add_loop_test(
        tc, bytes_that_cost_the_processor_more_take_that_at_the_receiver, 0,
        num_sizes);
    tcase_add_test(tc, messages_follow_each_other_by_the_gap_if_that_is_longer);
    tcase_add_test(
        tc, messages_follow_each_other_by_the_overhead_if_that_is_longer);
    tcase_add_test(tc, messages_follow_each_other_by_their_bytes);
    tcase_add_test(tc, a_batch_takes_what_its_messages_take);

    tcase_add_test(tc, what_arrives_together_is_worked_on_one_by_one);
    tcase_add_test(tc, a_message_waits_while_its_receiver_works);
    tcase_add_test(tc, work_waits_while_a_message_is_worked_on);
    tcase_add_test(
        tc, a_message_goes_before_what_follows_what_began_after_its_sending);
    tcase_add_test(tc, what_follows_goes_before_a_message_that_was_sent_later);
    tcase_add_test(tc, a_send_that_waits_for_its_side_lets_others_work);
    tcase_add_test(tc, without_overheads_all_happens_at_once);

    tcase_add_test(tc, who_asks_is_told_when_the_processor_begins);
    tcase_add_test(tc, a_turn_takes_nothing_and_waits_for_what_is_at_work);
    tcase_add_test(tc, a_turn_has_passed_before_anything_else_begins);

    tcase_add_test(tc, a_send_of_up_to_S_waits_for_nobody);
    tcase_add_test(tc, a_longer_one_waits_until_it_is_received);
    tcase_add_test(tc,
                   a_longer_one_is_met_as_soon_as_it_is_there_if_it_is_awaited);
    tcase_add_test(tc, who_is_told_does_not_wait_in_the_send);
    tcase_add_test(tc, a_short_one_is_done_when_it_has_arrived);
    tcase_add_test(tc, a_sender_goes_on_when_its_long_message_is_lost);
    tcase_add_test(tc, a_long_message_that_nobody_receives_is_a_deadlock);
    tcase_add_test(tc, collectives_send_ahead_of_their_receivers);

    tcase_add_loop_test(
        tc, a_broadcast_takes_what_LogGP_says_on_any_number_of_nodes, 0,
        num_trees * num_tree_sizes);
    tcase_add_loop_test(tc, a_reduction_of_2_to_the_k_takes_k_messages, 0,
                        num_tree_sizes);
    tcase_add_loop_test(tc, threads_and_fibers_see_the_same, 0, num_trees);

    tcase_add_test(tc, a_machine_that_crashes_sends_what_it_had_begun_to);
    tcase_add_test(tc, what_a_crashed_machine_had_not_begun_to_send_is_lost);
    tcase_add_test(tc, what_is_under_way_at_the_end_is_freed_once);

    tcase_add_loop_test(tc, a_parameter_that_is_no_number_from_0_is_named, 0,
                        num_parameters);
    tcase_add_loop_test(tc, only_S_may_be_infinite, 0, num_parameters);
    tcase_add_test(tc,
                   a_node_that_is_none_or_listed_twice_or_elsewhere_is_named);
    tcase_add_test(tc, no_config_and_no_loop_are_refused);
    tcase_add_test(tc, nodes_that_are_not_listed_are_named);
    tcase_add_test(tc, being_told_by_what_cannot_be_is_misuse);
    tcase_add_test(tc, work_that_cannot_be_is_misuse);
}

int main(void)
{
    return harness_main("loggops", add);
}
