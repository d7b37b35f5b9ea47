/* The random network: each message takes its own time in [0, max). */

#include "stage.h"

static ds_loop *loop;
static ds_net *net;
static ds_port *ports[3];

static void build(uint64_t seed, double max)
{
    loop = loop_seeded(seed);
    for (int i = 0; i < 3; i++)
        ports[i] = ds_port_new(ds_node_new(loop));
    net = ds_random_net_new(loop, max);
    ck_assert_ptr_nonnull(net);
}

enum { many = 2000 };
static double arrived[many];
static int order[many];
static int num_arrived;

static void send_many(ds_handle *h, void *arg)
{
    for (int i = 0; i < many; i++)
        ds_send(h, net,
                (ds_msg){ .source = ports[0],
                          .dest = ports[1],
                          .data = &arrived[i],
                          .size = i });
}

static void receive_many(ds_handle *h, void *arg)
{
    ds_msg msg;

    for (num_arrived = 0; num_arrived < many; num_arrived++) {
        if (!ds_recv(h, ports[1], &msg))
            return;
        *(double *)msg.data = ds_now(h);
        order[num_arrived] = (int)msg.size;
    }
}

static void exchange(uint64_t seed, double max)
{
    build(seed, max);
    ds_spawn(loop, receive_many, NULL);
    ds_spawn(loop, send_many, NULL);
    ck_run_once(loop, DS_OK, NULL);
}

START_TEST(every_message_arrives_within_the_time)
{
    exchange(1, 3);
    ck_assert_int_eq(num_arrived, many);
    for (int i = 0; i < many; i++)
        ck_assert(arrived[i] >= 0 && arrived[i] < 3);
}
END_TEST

START_TEST(the_times_are_uniform)
{
    int count[10] = { 0 };

    exchange(1, 10);
    for (int i = 0; i < many; i++)
        count[(int)arrived[i]]++;
    for (int i = 0; i < 10; i++) {
        ck_assert_int_gt(count[i], many / 10 - 70);
        ck_assert_int_lt(count[i], many / 10 + 70);
    }
}
END_TEST

START_TEST(messages_overtake_each_other)
{
    int overtaken = 0;

    exchange(1, 1);
    for (int i = 1; i < many; i++)
        overtaken += order[i] < order[i - 1];
    ck_assert_int_gt(overtaken, many / 4);
}
END_TEST

START_TEST(the_times_follow_the_seed)
{
    double before[many];

    exchange(1, 1);
    memcpy(before, arrived, sizeof(before));
    exchange(1, 1);
    ck_assert(memcmp(before, arrived, sizeof(before)) == 0);
    exchange(2, 1);
    for (int i = 0; i < many; i++)
        ck_assert(before[i] != arrived[i]);
}
END_TEST

START_TEST(a_time_of_0_is_no_time)
{
    exchange(1, 0);
    ck_assert_int_eq(num_arrived, many);
    for (int i = 0; i < many; i++)
        ck_assert(arrived[i] == 0);
}
END_TEST

START_TEST(all_orders_of_two_messages_appear)
{
    int first = 0;

    for (uint64_t seed = 1; seed <= 100; seed++) {
        exchange(seed, 1);
        first += arrived[0] < arrived[1];
    }
    ck_assert_int_gt(first, 30);
    ck_assert_int_lt(first, 70);
}
END_TEST

/* ---- Independence ---------------------------------------------------------*/

static bool draw_between;

static void send_and_draw(ds_handle *h, void *arg)
{
    for (int i = 0; i < many; i++) {
        if (draw_between)
            ds_random(h);
        ds_send(h, net,
                (ds_msg){ .source = ports[0],
                          .dest = ports[1],
                          .data = &arrived[i] });
    }
}

START_TEST(draws_of_threads_shift_nothing_in_the_network)
{
    double before[many];

    for (int round = 0; round < 2; round++) {
        draw_between = round == 1;
        build(1, 1);
        ds_spawn(loop, receive_many, NULL);
        ds_spawn(loop, send_and_draw, NULL);
        ck_run_once(loop, DS_OK, NULL);
        if (round == 0)
            memcpy(before, arrived, sizeof(before));
    }
    ck_assert(memcmp(before, arrived, sizeof(before)) == 0);
}
END_TEST

static void send_over(ds_handle *h, void *arg)
{
    ds_net *const *nets = arg;
    ds_msg msg;
    double times[2];

    for (int i = 0; i < 2; i++) {
        const double start = ds_now(h);
        ds_send(h, nets[i], (ds_msg){ .source = ports[0], .dest = ports[1] });
        ck_assert(ds_recv(h, ports[1], &msg));
        times[i] = ds_now(h) - start;
    }
    ck_assert(times[0] != times[1]);
}

START_TEST(two_networks_have_random_times_of_their_own)
{
    build(1, 1);
    ds_net *nets[] = { net, ds_random_net_new(loop, 1) };
    ds_spawn(loop, send_over, nets);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

/* ---- Payloads -------------------------------------------------------------*/

static void send_counted(ds_handle *h, void *arg)
{
    for (int i = 0; i < num_freed; i++)
        ds_send(h, net,
                (ds_msg){ .source = ports[0],
                          .dest = ports[2],
                          .data = &freed[i],
                          .free = count_free,
                          .size = 1 });
    ds_sleep(h, 0.5);
}

START_TEST(messages_under_way_are_freed_once_with_the_loop)
{
    build(1, 1);
    ds_spawn(loop, send_counted, NULL);
    ck_run(loop, DS_OK, NULL);
    for (int i = 0; i < num_freed; i++)
        ck_assert_int_eq(freed[i], 0);
    ds_loop_free(loop);
    ck_each_freed_once(num_freed);
}
END_TEST

static void send_and_wait_for_done(ds_handle *h, void *arg)
{
    ds_stream *done = ds_stream_new(loop);
    ds_event event;
    ds_msg msg;

    for (int i = 0; i < 20; i++) {
        ds_send(h, net,
                (ds_msg){ .source = ports[0], .dest = ports[1], .done = done });
        ck_assert(ds_poll(h, done, &event));
        const double now = ds_now(h);
        ck_assert(ds_recv_timeout(h, ports[1], 0, &msg));
        ck_assert_ptr_eq(msg.dest, ports[1]);
        ck_assert(ds_now(h) == now);
    }
}

START_TEST(done_comes_at_the_instant_of_the_arrival)
{
    build((uint64_t)_i, 1);
    ds_spawn(loop, send_and_wait_for_done, NULL);
    ck_run_once(loop, DS_OK, NULL);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, every_message_arrives_within_the_time);
    tcase_add_test(tc, the_times_are_uniform);
    tcase_add_test(tc, messages_overtake_each_other);
    tcase_add_test(tc, the_times_follow_the_seed);
    tcase_add_test(tc, a_time_of_0_is_no_time);
    tcase_add_test(tc, all_orders_of_two_messages_appear);

    tcase_add_test(tc, draws_of_threads_shift_nothing_in_the_network);
    tcase_add_test(tc, two_networks_have_random_times_of_their_own);

    tcase_add_test(tc, messages_under_way_are_freed_once_with_the_loop);
    tcase_add_loop_test(tc, done_comes_at_the_instant_of_the_arrival, 0, 5);
}

int main(void)
{
    return harness_main("random_net", add);
}
