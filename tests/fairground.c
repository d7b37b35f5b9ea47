/* A program that uses a bit of everything and prints what it came to: the
 * digest, the time and a sum, to the last bit.  tests/test_determinism.sh runs
 * it in many ways and compares.
 *
 * With the argument "dawdle", bodies also sleep for real, a random while. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <distsys.h>

enum { num_walkers = 7, num_members = 6, length = 501 };

static struct {
    ds_stream *common;
    ds_stream *own[num_walkers];
    ds_net *random;
    ds_net *switched;
    ds_port *ports[num_members];
    double sum;
    bool dawdle;
} fair;

static void dawdle(void)
{
    if (fair.dawdle)
        usleep((useconds_t)(rand() % 50));
}

/* Ties, timeouts and cancelled events; receivers that are drawn. */
static void walk(ds_handle *h, void *arg)
{
    ds_stream *const streams[] = { *(ds_stream **)arg, fair.common };
    ds_event event;

    for (int i = 0; i < 40; i++) {
        dawdle();
        ds_timer timer =
            ds_schedule(h, streams[i % 2], (int)(ds_random(h) * 4), NULL, NULL);
        if (ds_random(h) < 0.25)
            ds_cancel(h, timer);
        if (!ds_poll_timeout(h, streams, 2, 2, &event))
            return;
        if (event.stream == NULL && !ds_sleep(h, ds_random(h)))
            return;
    }
}

/* Messages of uneven sizes over both networks, to oneself as well. */
static void chat(ds_handle *h, void *arg)
{
    ds_port *mine = *(ds_port **)arg;
    ds_msg msg;

    for (int i = 0; i < 25; i++) {
        dawdle();
        ds_send(h, i % 3 == 0 ? fair.random : fair.switched,
                (ds_msg){
                    .source = mine,
                    .dest = fair.ports[(int)(ds_random(h) * num_members)],
                    .size = ds_random(h) * 1000 / 7,
                });
        if (!ds_recv_timeout(h, mine, ds_random(h), &msg))
            return;
    }
}

/* Sums whose last bits depend on the order of addition. */
static void reduce(ds_comm *c, void *arg)
{
    static const ds_allreduce *const algorithms[] = { &ds_allreduce_naive,
                                                      &ds_allreduce_tree,
                                                      &ds_allreduce_stream };

    for (size_t i = 0; i < 3; i++) {
        ds_vec *mine = ds_vec_new(length);
        for (size_t k = 0; mine != NULL && k < length; k++)
            mine->data[k] = 1.0 / (double)(1 + k + 3 * ds_comm_rank(c));
        ds_vec *all = ds_allreduce_run(algorithms[i], c, mine, &ds_sum);
        for (size_t k = 0; all != NULL && k < length; k++)
            fair.sum += all->data[k] * all->data[k];
        ds_vec_unref(all);
        ds_vec_unref(mine);
    }
}

int main(int argc, char **argv)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *nodes[num_members];
    double send_rates[num_members], recv_rates[num_members];

    fair.dawdle = argc > 1 && strcmp(argv[1], "dawdle") == 0;
    fair.common = ds_stream_new(loop);
    for (int i = 0; i < num_members; i++) {
        nodes[i] = ds_node_new(loop);
        fair.ports[i] = ds_port_new(nodes[i]);
        send_rates[i] = 1000.0 / (3 + i);
        recv_rates[i] = 1000.0 / (7 - i);
    }
    ds_greedy_switch ports = ds_greedy_switch_uniform(num_members, 1);
    ports.send_rates = send_rates;
    ports.recv_rates = recv_rates;
    fair.random = ds_random_net_new(loop, 1.5);
    fair.switched = ds_switched_net_new(
        loop, &(ds_switched_net_config){ .nodes = nodes,
                                         .num_nodes = num_members,
                                         .model = &ports.base,
                                         .latency = 0.1 });

    for (int i = 0; i < num_walkers; i++) {
        fair.own[i] = ds_stream_new(loop);
        ds_spawn(loop, walk, &fair.own[i]);
    }
    for (int i = 0; i < num_members; i++)
        ds_spawn(loop, chat, &fair.ports[i]);
    ds_comm_spawn(loop, fair.switched, nodes, num_members, reduce, NULL);

    const ds_status status = ds_loop_run(loop);
    if (status != DS_OK)
        fprintf(stderr, "%s\n", ds_loop_error(loop));
    printf("%016llx %a %a\n", (unsigned long long)ds_loop_digest(loop),
           ds_loop_now(loop), fair.sum);
    ds_loop_free(loop);
    return status;
}
