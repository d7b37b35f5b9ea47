/* Two banks, whose coordinators crash while three machines are ready.  In two
 * phases these wait until theirs is back; with Paxos they find out. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/commit.h>
#include <distsys/explore.h>

enum { COORDINATOR, FIRST, ACCEPTOR = 4, CLIENT = 7, NODES };

static void say(ds_handle *h, const char *what)
{
    size_t me = ds_node_number(ds_handle_node(h));

    printf("%.3f s: %s: machine %zu %s\n", ds_now(h),
           me < NODES ? "two phases" : "Paxos", me % NODES, what);
}

static void finish(ds_handle *h, uint64_t transaction, bool commit, void *arg)
{
    say(h, commit ? "commits" : "aborts");
}

static void client(ds_handle *h, void *bank)
{
    ds_port *mine = ds_port_new(ds_handle_node(h));
    ds_commit_client c = ds_commit_client_of(h, bank, mine);
    uint64_t transaction;
    bool committed;

    if (ds_commit_begin(h, &c, &transaction) &&
        ds_commit_end(h, &c, transaction, &committed))
        say(h, committed ? "is told: committed" : "is told: aborted");
}

static void open_bank(ds_commit *b, ds_net *net, ds_node **n, ds_port **p)
{
    *b = (ds_commit){ .way = b->way,
                      .coordinator = ds_group_of(net, n, p, 1),
                      .participants = ds_group_of(net, n + FIRST, p + FIRST, 3),
                      .paxos.group =
                          ds_group_of(net, n + ACCEPTOR, p + ACCEPTOR, 3),
                      .paxos.pause = 0.2,
                      .patience = 0.5,
                      .again = 1,
                      .finish = finish };
    ds_node_boot_daemon(n[COORDINATOR], ds_commit_coordinate, b);
    for (size_t i = 0; i < 3; i++) {
        ds_node_boot_daemon(n[FIRST + i], ds_commit_take_part, b);
        ds_node_boot_daemon(n[ACCEPTOR + i], ds_paxos_accept, &b->paxos);
    }
    ds_node_spawn(n[CLIENT], client, b);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.1);
    ds_commit banks[2] = { { .way = DS_TWO_PHASES },
                           { .way = DS_PAXOS_COMMIT } };
    ds_node *nodes[2 * NODES];
    ds_port *ports[2 * NODES];

    for (size_t i = 0; i < 2 * NODES; i++) {
        nodes[i] = ds_node_new(loop);
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.01 });
    }
    open_bank(&banks[0], net, nodes, ports);
    open_bank(&banks[1], net, nodes + NODES, ports + NODES);
    ds_plan *fate =
        ds_plan_parse("0.25 crash 0 until 3\n0.25 crash 8 until 3", NULL, 0);
    ds_plan_apply(fate, loop, net, nodes, 2 * NODES);
    ds_status status = ds_loop_run(loop);
    if (status != DS_OK)
        fprintf(stderr, "%s\n", ds_loop_error(loop));
    ds_loop_free(loop);
    ds_plan_free(fate);
    return status;
}
