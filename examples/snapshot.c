/* Three banks send money to each other, and one of them finds out how much
 * there is, while it moves. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/snapshot.h>

enum { BANKS = 3 };

static ds_snapshot snapshot;
static ds_snapshot_member *members[BANKS];
static int balance[BANKS] = { 100, 100, 100 };
static int total;

static size_t me(const ds_handle *h)
{
    return ds_group_me(&snapshot.group, h);
}

static void record(ds_handle *h, uint64_t number, void *arg)
{
    printf("%.3f s: bank %zu has %d\n", ds_now(h), me(h), balance[me(h)]);
    total += balance[me(h)];
}

static void record_message(ds_handle *h, uint64_t number, const ds_msg *m,
                           void *arg)
{
    int amount = *(const int *)m->data;

    printf("%.3f s: %d was on its way from bank %zu to bank %zu\n", ds_now(h),
           amount, ds_group_sender(&snapshot.group, m), me(h));
    total += amount;
}

static void receive(ds_handle *h, void *arg)
{
    members[me(h)] = ds_snapshot_join(h, &snapshot);
    for (ds_msg m; ds_snapshot_recv(h, members[me(h)], &m); ds_msg_drop(&m))
        balance[me(h)] += *(const int *)m.data;
}

static void trade(ds_handle *h, void *arg)
{
    const int amount = 10 * (int)(me(h) + 1);
    uint64_t number;

    for (int i = 0; i < 6; i++) {
        balance[me(h)] -= amount;
        ds_snapshot_send(h, members[me(h)], (me(h) + 1) % BANKS, &amount,
                         sizeof(amount));
        if (me(h) == 0 && i == 3 && ds_snapshot_take(h, members[0], &number))
            printf("%.3f s: there is %d\n", ds_now(h), total);
        ds_sleep(h, 0.05);
    }
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.1);
    ds_node *nodes[BANKS];
    ds_port *ports[BANKS];

    for (size_t i = 0; i < BANKS; i++) {
        nodes[i] = ds_node_new(loop);
        ds_node_boot_daemon(nodes[i], receive, NULL);
        ds_node_spawn(nodes[i], trade, NULL);
    }
    snapshot = (ds_snapshot){ .group = ds_group_of(net, nodes, ports, BANKS),
                              .record = record,
                              .record_message = record_message };
    return ds_loop_finish(loop);
}
