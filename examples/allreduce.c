/* Four nodes, each with a vector of its own, find the sum of all of them. */
#include <stdio.h>
#include <distsys.h>

enum { NODES = 4, LENGTH = 3 };

static void member(ds_comm *c, void *arg)
{
    ds_vec *mine = ds_vec_new(LENGTH);

    for (size_t i = 0; mine != NULL && i < LENGTH; i++)
        mine->data[i] = (double)((ds_comm_rank(c) + 1) * (i + 1));

    ds_vec *sum = ds_allreduce_run(arg, c, mine, &ds_sum);
    if (sum != NULL && ds_comm_rank(c) == 0)
        printf("%g %g %g at %g\n", sum->data[0], sum->data[1], sum->data[2],
               ds_now(ds_comm_handle(c)));
    ds_vec_unref(sum);
    ds_vec_unref(mine);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_node *nodes[NODES];

    for (size_t i = 0; i < NODES; i++)
        nodes[i] = ds_node_new(loop);

    ds_greedy_switch ports = ds_greedy_switch_uniform(NODES, 24e3);
    ds_net *net = ds_switched_net_new(loop, &(ds_switched_net_config){
                                                .nodes = nodes,
                                                .num_nodes = NODES,
                                                .model = &ports.base,
                                                .latency = 0.01,
                                            });
    ds_comm_spawn(loop, net, nodes, NODES, member, (void *)&ds_allreduce_tree);

    return ds_loop_finish(loop);
}
