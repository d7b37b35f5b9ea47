/* A machine crashes, is suspected, dead to all, and comes back. */
#include <stdio.h>

#include <distsys.h>
#include <distsys/detector.h>
#include <distsys/fault.h>

enum { MEMBERS = 5 };

static ds_node *nodes[MEMBERS];
static ds_port *ports[MEMBERS];
static ds_report report[MEMBERS * MEMBERS];
static ds_swim swim;

static void print_reports(ds_handle *h, double seconds)
{
    static const char *const names[] = { "alive", "suspect", "dead" };

    ds_sleep(h, seconds);
    printf("%.1f s: to the others 3 is", ds_now(h));
    for (size_t i = 0; i < MEMBERS; i++)
        if (i != 3)
            printf(" %s", names[report[i * MEMBERS + 3].health]);
    printf("\n");
}

static void fate(ds_handle *h, void *arg)
{
    ds_set_name(h, "fate");
    print_reports(h, 0.5);
    ds_node_crash(nodes[3]);
    for (int i = 0; i < 6; i++)
        print_reports(h, 0.3);
    ds_node_restart(nodes[3]);
    for (int i = 0; i < 3; i++)
        print_reports(h, 0.3);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_net *net = ds_random_net_new(loop, 0.04);

    for (size_t i = 0; i < MEMBERS; i++) {
        char name[] = "machine 0";
        nodes[i] = ds_node_new(loop);
        name[sizeof(name) - 2] += (char)i;
        ds_node_set_name(nodes[i], name);
    }
    swim = (ds_swim){ .group = ds_group_of(net, nodes, ports, MEMBERS),
                      .period = 0.3,
                      .patience = 0.1,
                      .helpers = 2,
                      .grace = 0.6,
                      .report = report };
    for (size_t i = 0; i < MEMBERS; i++)
        ds_node_boot_daemon(nodes[i], ds_swim_serve, &swim);
    ds_spawn(loop, fate, NULL);
    return ds_loop_finish(loop);
}
