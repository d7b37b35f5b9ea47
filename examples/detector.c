/* How likely is it that a machine that was not heard of for so long is down? */
#include <stdio.h>

#include <distsys.h>
#include <distsys/detector.h>
#include <distsys/fault.h>

enum { MEMBERS = 3 };

static ds_node *nodes[MEMBERS];
static ds_port *ports[MEMBERS];
static struct ds_detector_member *members[MEMBERS];
static ds_detector detector;

static void watcher(ds_handle *h, void *arg)
{
    ds_set_name(h, "watcher");
    ds_sleep(h, 1.2);
    for (int i = 0; i < 8; i++) {
        printf("%.2f s: machine 1 is at level %.1f%s\n", ds_now(h),
               ds_detector_level(h, &detector, 1),
               ds_detector_suspects(h, &detector, 1) ? ", and suspected" : "");
        if (i == 1)
            ds_node_crash(nodes[1]);
        if (i == 5)
            ds_node_restart(nodes[1]);
        ds_sleep(h, 0.05);
    }
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.05);

    for (size_t i = 0; i < MEMBERS; i++) {
        char name[] = "machine 0";
        nodes[i] = ds_node_new(loop);
        name[sizeof(name) - 2] += (char)i;
        ds_node_set_name(nodes[i], name);
    }
    detector = (ds_detector){ .group = ds_group_of(net, nodes, ports, MEMBERS),
                              .kind = &ds_detector_phi,
                              .period = 0.1,
                              .threshold = 3,
                              .members = members };
    for (size_t i = 0; i < MEMBERS; i++)
        ds_node_boot_daemon(nodes[i], ds_detector_serve, &detector);
    ds_node_spawn(nodes[0], watcher, NULL);
    return ds_loop_finish(loop);
}
