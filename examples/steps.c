/* A program looks at its simulation once a second, from outside, and takes a
 * hand in it: machines tell each other a number, and one is switched off while
 * nobody looks.  At the end it says how long the numbers took. */
#include <stdio.h>

#include <distsys.h>

enum { MACHINES = 3 };

static const ds_lan *lan;
static ds_histogram *took;
static int heard[MACHINES];

static void talk(ds_handle *h, void *arg)
{
    const size_t me = ds_lan_me(lan, h);

    for (double next = ds_now(h); ds_sleep_until(h, next); next += 0.25) {
        double now = ds_now(h);
        ds_lan_send(h, lan, (me + 1) % lan->n, &now, sizeof(now));
    }
}

static void listen(ds_handle *h, void *arg)
{
    ds_msg m;

    while (ds_lan_recv(h, lan, &m, NULL)) {
        heard[ds_lan_me(lan, h)]++;
        ds_histogram_add(took, ds_now(h) - *(double *)m.data);
        ds_msg_drop(&m);
    }
}

/* What a machine does when it is switched on. */
static void boot(ds_handle *h, void *arg)
{
    ds_node_spawn_daemon(ds_handle_node(h), listen, NULL);
    talk(h, arg);
}

int main(void)
{
    ds_loop *loop = ds_loop_new(NULL);
    ds_status status = DS_OK;

    took = ds_histogram_new();
    lan = ds_lan_new(loop, MACHINES, 0.01, 1000);
    for (size_t i = 0; lan != NULL && i < lan->n; i++)
        ds_node_boot(lan->nodes[i], boot, NULL);

    while (ds_loop_now(loop) < 5) {
        status = ds_loop_run_until(loop, ds_loop_now(loop) + 1);
        if (status != DS_OK)
            break;
        printf("%g s:", ds_loop_now(loop));
        for (size_t i = 0; i < MACHINES; i++)
            printf(" %d%s", heard[i],
                   ds_node_is_up(lan->nodes[i]) ? "" : " (off)");
        printf("\n");
        if (ds_loop_now(loop) == 2)
            ds_node_crash(lan->nodes[0]);
        if (ds_loop_now(loop) == 4)
            ds_node_restart(lan->nodes[0]);
    }
    if (status == DS_OK)
        printf("median %g s, slowest %g s\n", ds_histogram_quantile(took, 0.5),
               ds_histogram_most(took));
    else
        fprintf(stderr, "%s\n", ds_loop_error(loop));
    ds_histogram_free(took);
    ds_loop_free(loop);
    return status;
}
