/* The stream allreduce: how long it takes, and what it sends.  What it computes
 * is in test_allreduce.c. */

#include "stage.h"

#include "coll/mailbox.h"
#include "sim.h"

/* A byte a second, so that elements take 8 and acknowledgements 1. */
static double seconds(const ds_allreduce *algorithm, size_t nodes, size_t len)
{
    return sim_allreduce((sim_config){ .nodes = nodes, .rate = 1 }, algorithm,
                         DS_COMM_ASYNC, len);
}

START_TEST(one_element_goes_round_twice)
{
    /* REDUCE and BCAST have 9 bytes.  Rank 1's REDUCE shares its way with an
     * acknowledgement, and so does the BCAST: 10 bytes each. */
    ck_assert_double_eq_tol(seconds(&ds_allreduce_stream, 2, 1),
                            9.5 + 10.5 + 10.5 + 1.5, 1e-8);
}
END_TEST

START_TEST(the_input_is_the_result_without_elements_or_others)
{
    ck_assert_double_eq(seconds(&ds_allreduce_stream, 5, 0), 0);
    ck_assert_double_eq(seconds(&ds_allreduce_stream, 1, 1000), 0);
}
END_TEST

START_TEST(chunks_are_never_empty)
{
    ds_allreduce fine = ds_allreduce_stream;

    fine.granularity = 1000;
    ck_assert_double_eq_tol(seconds(&fine, 5, 3),
                            seconds(&ds_allreduce_stream, 5, 3), 1e-9);
}
END_TEST

START_TEST(granularity_makes_chunks_smaller)
{
    ds_allreduce fine = ds_allreduce_stream;

    fine.granularity = 4;
    ck_assert_double_lt(seconds(&fine, 4, 16000),
                        seconds(&ds_allreduce_stream, 4, 16000));
}
END_TEST

START_TEST(no_granularity_is_one)
{
    ds_allreduce one = ds_allreduce_stream;

    one.granularity = 1;
    ck_assert_double_eq(seconds(&one, 4, 100),
                        seconds(&ds_allreduce_stream, 4, 100));
}
END_TEST

START_TEST(what_is_received_is_reduced_with_ones_own_behind_it)
{
    sim_order(&ds_allreduce_stream, 4, "1+2 3+4 7+8 ");
}
END_TEST

/* ---- A network that listens -----------------------------------------------*/

/* Everything takes a second. */
enum { MAX_NODES = 5, KINDS = 4 };

static const char *const kinds[] = { "reduce", "reduce-ack", "bcast",
                                     "bcast-ack" };

static struct wire {
    ds_net base;
    size_t nodes;
    bool noting;
    double chunk;      /* elements in all but the last */
    double last_chunk; /* in that */
    /* Of a rank and a kind of data: when its latest packet may be known to
     * have been acknowledged; infinity while it has not been. */
    double clear[MAX_NODES][KINDS];
} wire;

static void check_acknowledgement(const ds_msg *msg, size_t from, size_t to,
                                  uint32_t kind)
{
    ck_assert_double_eq(msg->size, 1);
    ck_assert_uint_eq(to, (from + wire.nodes - 1) % wire.nodes);
    ck_assert_double_eq(wire.clear[to][kind - 1], INFINITY);
    wire.clear[to][kind - 1] = ds_net_now(&wire.base) + 1;
}

static void check_data(const ds_msg *msg, size_t from, size_t to, uint32_t kind)
{
    ck_assert(msg->size == 8 * wire.chunk + 1 ||
              msg->size == 8 * wire.last_chunk + 1);
    ck_assert_uint_eq(to, (from + 1) % wire.nodes);
    ck_assert_double_le(wire.clear[from][kind], ds_net_now(&wire.base));
    wire.clear[from][kind] = INFINITY;
}

static void listen(ds_net *net, const ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const ds__packet *packet = msgs[i].data;
        size_t from = ds_node_number(ds_port_node(msgs[i].source));
        size_t to = ds_node_number(ds_port_node(msgs[i].dest));

        if (wire.noting)
            note("%.0f: %zu>%zu %s %g\n", ds_net_now(net), from, to,
                 kinds[packet->kind], msgs[i].size);
        if (packet->vec == NULL)
            check_acknowledgement(&msgs[i], from, to, packet->kind);
        else
            check_data(&msgs[i], from, to, packet->kind);
        ds_net_deliver(net, 1, msgs[i]);
    }
}

static const ds_net_ops wire_ops = { .name = "wire", .send = listen };

typedef struct job {
    ds_allreduce algorithm;
    size_t len;
    double done[MAX_NODES];
} job;

static void take_part(ds_comm *c, void *arg)
{
    job *j = arg;
    ds_vec *mine = ds_vec_phantom(j->len);

    ds_vec_unref(ds_allreduce_run(&j->algorithm, c, mine, &ds_sum));
    ds_vec_unref(mine);
    j->done[ds_comm_rank(c)] = ds_now(ds_comm_handle(c));
}

static void run_over_wire(job *j, size_t nodes, size_t pieces, bool noting)
{
    size_t chunk = j->len < pieces ? 1 : j->len / pieces;
    ds_loop *loop = loop_fifo();
    ds_node *list[MAX_NODES];

    wire = (struct wire){ .nodes = nodes, .noting = noting };
    wire.chunk = (double)chunk;
    wire.last_chunk = (double)(j->len % chunk == 0 ? chunk : j->len % chunk);
    for (size_t i = 0; i < nodes; i++)
        list[i] = ds_node_new(loop);
    ds_comm_spawn(loop, ds_net_init(&wire.base, loop, &wire_ops), list, nodes,
                  take_part, j);
    ck_run_once(loop, DS_OK, NULL);
}

START_TEST(each_packet_is_acknowledged_at_once_and_then_passed_on)
{
    job j = { .algorithm = ds_allreduce_stream, .len = 1 };

    run_over_wire(&j, 3, 3, true);
    ck_noted("0: 0>1 reduce 9\n"
             "1: 1>0 reduce-ack 1\n"
             "1: 1>2 reduce 9\n"
             "2: 2>1 reduce-ack 1\n"
             "2: 2>0 reduce 9\n"
             "3: 0>2 reduce-ack 1\n"
             "3: 0>1 bcast 9\n"
             "4: 1>0 bcast-ack 1\n"
             "4: 1>2 bcast 9\n"
             "5: 2>1 bcast-ack 1\n");
}
END_TEST

START_TEST(only_rank_0_waits_for_its_last_acknowledgement)
{
    job j = { .algorithm = ds_allreduce_stream, .len = 1 };

    run_over_wire(&j, 3, 3, false);
    ck_assert_double_eq_tol(j.done[0], 5, 1e-6);
    ck_assert_double_eq_tol(j.done[1], 4, 1e-6);
    ck_assert_double_eq_tol(j.done[2], 5, 1e-6);
}
END_TEST

/* The wire looks at every packet: its size, its way, and whether the one before
 * it of its kind has been acknowledged. */
START_TEST(one_packet_of_a_kind_is_under_way_at_a_time)
{
    for (size_t nodes = 2; nodes <= MAX_NODES; nodes++)
        for (size_t len = 1; len < 40; len += 3)
            for (unsigned granularity = 1; granularity < 4; granularity++) {
                job j = { .algorithm = ds_allreduce_stream, .len = len };
                j.algorithm.granularity = granularity;
                run_over_wire(&j, nodes, nodes * granularity, false);
            }
}
END_TEST

/* The acknowledgement of rank 1's last packet finds it in its next call. */
static void go_on(ds_comm *c, void *arg)
{
    const ds_allreduce *next = arg;
    ds_vec *mine = ds_vec_phantom(1);

    ds_vec_unref(ds_allreduce_run(&ds_allreduce_stream, c, mine, &ds_sum));
    if (next != NULL)
        ds_vec_unref(ds_allreduce_run(next, c, mine, &ds_sum));
    ds_vec_unref(mine);
    ds_sleep(ds_comm_handle(c), 100);
    if (sim_leftovers(c) > 0)
        note("rank %zu has %zu left ", ds_comm_rank(c), sim_leftovers(c));
}

START_TEST(a_late_acknowledgement_is_dropped_in_the_next_call)
{
    const sim_config config = { .nodes = 3 };

    sim_time(config, go_on, NULL);
    ck_noted("rank 1 has 1 left ");
    sim_time(config, go_on, (void *)&ds_allreduce_tree);
    ck_noted("");
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, one_element_goes_round_twice);
    tcase_add_test(tc, the_input_is_the_result_without_elements_or_others);
    tcase_add_test(tc, chunks_are_never_empty);
    tcase_add_test(tc, granularity_makes_chunks_smaller);
    tcase_add_test(tc, no_granularity_is_one);
    tcase_add_test(tc, what_is_received_is_reduced_with_ones_own_behind_it);
    tcase_add_test(tc, each_packet_is_acknowledged_at_once_and_then_passed_on);
    tcase_add_test(tc, only_rank_0_waits_for_its_last_acknowledgement);
    tcase_add_test(tc, one_packet_of_a_kind_is_under_way_at_a_time);
    tcase_add_test(tc, a_late_acknowledgement_is_dropped_in_the_next_call);
}

int main(void)
{
    return harness_main("stream_allreduce", add);
}
