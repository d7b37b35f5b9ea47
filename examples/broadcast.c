/* Ann asks, Bob answers, and Carl hears both; but what Ann says takes long to
 * get to Carl.  In causal order he hears no answer before its question. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/broadcast.h>

enum { ANN, BOB, CARL, MEMBERS };

static const char *const names[] = { "Ann", "Bob", "Carl" };
static ds_node *nodes[MEMBERS];
static ds_port *ports[MEMBERS];
static ds_broadcast talk;

static void member(ds_handle *h, void *arg)
{
    ds_broadcaster *me = ds_broadcast_join(h, &talk);
    size_t who = ds_group_me(&talk.group, h);
    ds_msg m;

    ds_set_name(h, names[who]);
    if (who == ANN)
        ds_broadcast_send(h, me, "Where is the key?", 18);
    while (me != NULL && ds_broadcast_recv(h, me, &m)) {
        size_t from = ds_group_sender(&talk.group, &m);
        if (who == CARL)
            printf("  %.3f s: Carl hears %s: %s\n", ds_now(h), names[from],
                   (char *)m.data);
        if (who == BOB && from == ANN)
            ds_broadcast_send(h, me, "Under the mat.", 15);
        ds_msg_drop(&m);
    }
}

static void waiter(ds_handle *h, void *arg)
{
    ds_net_hold(talk.group.net, nodes[ANN], nodes[CARL]);
    ds_sleep(h, 0.5);
    ds_net_heal(talk.group.net);
    ds_sleep(h, 0.5);
}

static ds_status run(const char *title, ds_broadcast_order order)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.1);

    printf("%s:\n", title);
    for (size_t i = 0; i < MEMBERS; i++)
        nodes[i] = ds_node_new(loop);
    talk = (ds_broadcast){ .group = ds_group_of(net, nodes, ports, MEMBERS),
                           .order = order };
    for (size_t i = 0; i < MEMBERS; i++)
        ds_node_boot_daemon(nodes[i], member, NULL);
    ds_spawn(loop, waiter, NULL);

    return ds_loop_finish(loop);
}

int main(void)
{
    ds_status status = run("unordered", DS_BROADCAST_UNORDERED);

    return status != DS_OK ? status : run("causal", DS_BROADCAST_CAUSAL);
}
