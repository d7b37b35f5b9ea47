/* Three machines enter in the order of their requests, after Ricart and
 * Agrawala. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/fault.h>
#include <distsys/mutex.h>

enum { MEMBERS = 3 };

static ds_node *nodes[MEMBERS];
static ds_port *ports[MEMBERS];
static struct ds_mutex_member *members[MEMBERS];
static ds_mutex mutex;

static void visitor(ds_handle *h, void *arg)
{
    size_t me = ds_group_me(&mutex.group, h);

    ds_set_name(h, "visitor");
    for (int i = 0; i < 2; i++) {
        if (!ds_mutex_lock(h, &mutex))
            return;
        printf("%.3f s: %zu enters\n", ds_now(h), me);
        ds_sleep(h, 0.1);
        printf("%.3f s: %zu leaves\n", ds_now(h), me);
        ds_mutex_unlock(h, &mutex);
    }
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.1);

    for (size_t i = 0; i < MEMBERS; i++) {
        char name[] = "machine 0";
        nodes[i] = ds_node_new(loop);
        name[sizeof(name) - 2] += (char)i;
        ds_node_set_name(nodes[i], name);
    }
    mutex = (ds_mutex){ .group = ds_group_of(net, nodes, ports, MEMBERS),
                        .kind = &ds_mutex_ricart_agrawala,
                        .members = members };
    for (size_t i = 0; i < MEMBERS; i++) {
        ds_node_boot_daemon(nodes[i], ds_mutex_serve, &mutex);
        ds_node_spawn(nodes[i], visitor, NULL);
    }
    return ds_loop_finish(loop);
}
