/* Two banks, whose coordinators crash while three machines wait to be told.  In
 * two phases these wait until theirs is back; with Paxos they find out. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/commit.h>
#include <distsys/fault.h>

enum { COORDINATOR, FIRST, FIRST_ACCEPTOR = 4, CLIENT = 7, NODES = 8 };

static ds_node *nodes[2 * NODES];
static ds_port *ports[2 * NODES];
static ds_commit banks[2];

static void say(ds_handle *h, const char *what)
{
    size_t me = ds_node_number(ds_handle_node(h));

    printf("%.3f s: %s: machine %d %s\n", ds_now(h),
           me < NODES ? "two phases" : "Paxos", (int)(me % NODES), what);
}

static bool prepare(ds_handle *h, uint64_t transaction, void *arg)
{
    say(h, "is ready");
    return true;
}

static void finish(ds_handle *h, uint64_t transaction, bool commit, void *arg)
{
    say(h, commit ? "commits" : "aborts");
}

static void client(ds_handle *h, void *arg)
{
    ds_port *mine = ports[ds_node_number(ds_handle_node(h))];
    ds_commit_client c = ds_commit_client_of(h, arg, mine);
    uint64_t transaction;
    bool committed;

    if (ds_commit_begin(h, &c, &transaction) &&
        ds_commit_end(h, &c, transaction, &committed))
        say(h, committed ? "is told: committed" : "is told: aborted");
}

static void fate(ds_handle *h, void *arg)
{
    ds_sleep(h, 0.25);
    ds_node_crash(nodes[COORDINATOR]);
    ds_node_crash(nodes[NODES + COORDINATOR]);
    ds_sleep(h, 2.75);
    ds_node_restart(nodes[COORDINATOR]);
    ds_node_restart(nodes[NODES + COORDINATOR]);
}

static void make(ds_commit *b, size_t base, ds_loop *loop, ds_net *net)
{
    *b = (ds_commit){ .way = base == 0 ? DS_TWO_PHASES : DS_PAXOS_COMMIT,
                      .coordinator = { net, &ports[base], 1 },
                      .participants = { net, &ports[base + FIRST], 3 },
                      .patience = 0.5,
                      .again = 1,
                      .limit = 20,
                      .prepare = prepare,
                      .finish = finish };
    b->paxos.group = (ds_group){ net, &ports[base + FIRST_ACCEPTOR], 3 };
    b->paxos.pause = 0.2;
    for (size_t i = base; i < base + NODES; i++) {
        nodes[i] = ds_node_new(loop);
        ports[i] = ds_port_new(nodes[i]);
        ds_node_set_disk(nodes[i], &(ds_disk_config){ .sync_time = 0.01 });
    }
    ds_node_boot_daemon(nodes[base], ds_commit_coordinate, b);
    for (size_t i = base; i < base + 3; i++) {
        ds_node_boot_daemon(nodes[i + FIRST], ds_commit_take_part, b);
        ds_node_boot_daemon(nodes[i + FIRST_ACCEPTOR], ds_paxos_accept,
                            &b->paxos);
    }
    ds_node_spawn(nodes[base + CLIENT], client, b);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.1);

    make(&banks[0], 0, loop, net);
    make(&banks[1], NODES, loop, net);
    ds_spawn(loop, fate, NULL);
    ds_status status = ds_loop_run(loop);
    if (status != DS_OK)
        fprintf(stderr, "%s\n", ds_loop_error(loop));
    ds_loop_free(loop);
    return status;
}
