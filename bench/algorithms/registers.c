/* A register of a quorum: one write, and one read. */
#include <distsys/quorum.h>

#include "bench/algorithms/rows.h"

static void start(scene *s, ds_thread_fn *client)
{
    ds_quorum *q = scene_own(s, sizeof(*q));

    *q = (ds_quorum){ .group = s->group, .again = 20 * s->setting.latency };
    scene_serve(s, ds_quorum_serve, q);
    scene_ask(s, client);
}

static void write_once(ds_handle *h, void *arg)
{
    scene *s = arg;
    ds_quorum_client c = ds_quorum_client_of(h, s->own, scene_client_port(s));

    if (ds_quorum_write(h, &c, 1))
        scene_decide(h, s);
}

static void read_once(ds_handle *h, void *arg)
{
    scene *s = arg;
    ds_quorum_client c = ds_quorum_client_of(h, s->own, scene_client_port(s));
    int64_t value;

    if (!ds_quorum_write(h, &c, 1))
        return;
    ds_sleep(h, 2 * s->setting.latency);
    scene_begin(h, s);
    if (ds_quorum_read(h, &c, &value))
        scene_decide(h, s);
}

static void start_write(scene *s)
{
    start(s, write_once);
}

static void start_read(scene *s)
{
    start(s, read_once);
}

const algorithm algorithm_abd = {
    .name = "abd",
    .decision = "a client writes a register of replicas",
    .least = 1,
    .clients = 1,
    .start = start_write,
};

const algorithm algorithm_abd_read = {
    .name = "abd-read",
    .decision = "a client reads a register of replicas that agree",
    .least = 1,
    .clients = 1,
    .start = start_read,
};
