/* What is true of a whole computation: its state, and that it is over. */
#include <distsys/snapshot.h>

#include "bench/algorithms/rows.h"

/* ---- Snapshots ------------------------------------------------------------*/

/* What is kept is of no interest here. */
static void record(ds_handle *h, uint64_t snapshot, void *arg)
{
}

typedef struct snapshots {
    ds_snapshot snapshot;
    ds_snapshot_member *first;
} snapshots;

static void take_part(ds_handle *h, void *arg)
{
    scene *s = arg;
    snapshots *own = s->own;
    ds_snapshot_member *me = ds_snapshot_join(h, &own->snapshot);
    ds_msg m;

    if (scene_me(s, h) == 0)
        own->first = me;
    while (me != NULL && ds_snapshot_recv(h, me, &m))
        ds_msg_drop(&m);
}

static void take(ds_handle *h, void *arg)
{
    scene *s = arg;
    const snapshots *own = s->own;
    uint64_t number;

    ds_sleep(h, s->setting.latency);
    scene_begin(h, s);
    if (own->first != NULL && ds_snapshot_take(h, own->first, &number))
        scene_decide(h, s);
}

static void start_chandy_lamport(scene *s)
{
    snapshots *own = scene_own(s, sizeof(*own));

    own->snapshot = (ds_snapshot){ .group = s->group, .record = record };
    scene_serve(s, take_part, s);
    ds_node_spawn(s->nodes[0], take, s);
}

const algorithm algorithm_chandy_lamport = {
    .name = "chandy-lamport",
    .decision = "a member knows that all have recorded a snapshot",
    .least = 1,
    .start = start_chandy_lamport,
};

/* ---- Termination ----------------------------------------------------------*/

/* Work is passed on down a binary tree, once. */
static void work(ds_handle *h, void *arg)
{
    scene *s = arg;
    size_t me = scene_me(s, h), n = s->setting.members;
    ds_worker *worker = ds_work_join(h, s->own);
    ds_msg m = { 0 };

    while (worker != NULL) {
        bool has_work = me == 0 || m.dest != NULL;
        for (size_t i = 2 * me + 1; has_work && i <= 2 * me + 2 && i < n; i++)
            ds_work_send(h, worker, i, "work", 5);
        ds_msg_drop(&m);
        if (!ds_work_recv(h, worker, &m))
            break;
    }
    if (worker != NULL && ds_work_is_done(worker))
        scene_decide(h, s);
}

static void start_work(scene *s, ds_termination way)
{
    ds_work *w = scene_own(s, sizeof(*w));

    *w = (ds_work){ .group = s->group, .way = way };
    scene_spawn(s, work);
}

static void start_safra(scene *s)
{
    start_work(s, DS_SAFRA);
}

static void start_dijkstra_scholten(scene *s)
{
    start_work(s, DS_DIJKSTRA_SCHOLTEN);
}

const algorithm algorithm_safra = {
    .name = "safra",
    .decision = "all members know that work, passed down a tree, is done",
    .least = 1,
    .by_all = true,
    .start = start_safra,
};

const algorithm algorithm_dijkstra_scholten = {
    .name = "dijkstra-scholten",
    .decision = "all members know that work, passed down a tree, is done",
    .least = 1,
    .by_all = true,
    .start = start_dijkstra_scholten,
};
