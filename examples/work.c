/* Machines give each other work, some of it more, and all of them learn when it
 * has been done, by a token or by signals. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/snapshot.h>

enum { WORKERS = 4 };

static const char *const names[] = { "by a token", "by signals" };

static ds_work work;
static int pieces;

static void give(ds_handle *h, ds_worker *me, int more)
{
    size_t to = (size_t)(ds_random(h) * WORKERS);

    ds_work_send(h, me, to, &more, sizeof(more));
}

static void worker(ds_handle *h, void *arg)
{
    ds_worker *me = ds_work_join(h, &work);
    size_t number = ds_group_me(&work.group, h);
    ds_msg m;

    if (number == 0)
        give(h, me, 4);
    while (ds_work_recv(h, me, &m)) {
        int more = *(const int *)m.data;
        pieces++;
        ds_sleep(h, 0.2);
        for (int i = 0; i < more / 2 + 1 && more > 0; i++)
            give(h, me, more - 1);
        ds_msg_drop(&m);
    }
    if (ds_work_is_done(me))
        printf("%.3f s: %s: machine %d knows that all is done\n", ds_now(h),
               names[work.way], (int)number);
}

int main(void)
{
    ds_status status = DS_OK;

    for (int way = DS_SAFRA; way <= DS_DIJKSTRA_SCHOLTEN; way++) {
        ds_loop *loop = ds_loop_new(NULL);
        ds_net *net = ds_random_net_new(loop, 0.1);
        ds_node *nodes[WORKERS];
        ds_port *ports[WORKERS];
        for (size_t i = 0; i < WORKERS; i++)
            nodes[i] = ds_node_new(loop);
        work.way = (ds_termination)way;
        work.group = ds_group_of(net, nodes, ports, WORKERS);
        pieces = 0;
        for (size_t i = 0; i < WORKERS; i++)
            ds_node_spawn(nodes[i], worker, NULL);
        status = ds_loop_run(loop);
        printf("%d pieces of work, %d messages\n", pieces,
               (int)ds_net_get_stats(net).sent);
        if (status != DS_OK)
            fprintf(stderr, "%s\n", ds_loop_error(loop));
        ds_loop_free(loop);
        if (status != DS_OK)
            break;
    }
    return status;
}
