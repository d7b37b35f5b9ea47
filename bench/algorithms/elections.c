/* All members know who leads. */
#include <distsys/election.h>

#include "bench/algorithms/rows.h"

/* ---- On a ring ------------------------------------------------------------*/

static void stand(ds_handle *h, void *arg)
{
    scene *s = arg;
    ds_leader leader;

    if (ds_ring_elect(h, s->own, 1, &leader))
        scene_decide(h, s);
}

static void start_ring(scene *s, ds_thread_fn *serve)
{
    struct own {
        ds_ring ring;
        struct ds_ring_member *members[];
    } *own =
        scene_own(s, sizeof(*own) + s->setting.members * sizeof(*own->members));

    own->ring = (ds_ring){ .group = s->group, .members = own->members };
    scene_serve(s, serve, &own->ring);
    scene_spawn(s, stand);
}

static void start_chang_roberts(scene *s)
{
    start_ring(s, ds_chang_roberts_serve);
}

static void start_hirschberg_sinclair(scene *s)
{
    start_ring(s, ds_hirschberg_sinclair_serve);
}

const algorithm algorithm_chang_roberts = {
    .name = "chang-roberts",
    .decision = "all members of a ring, who stand, know who leads",
    .least = 1,
    .by_all = true,
    .start = start_chang_roberts,
};

const algorithm algorithm_hirschberg_sinclair = {
    .name = "hirschberg-sinclair",
    .decision = "all members of a ring, who stand, know who leads",
    .least = 1,
    .by_all = true,
    .start = start_hirschberg_sinclair,
};

/* ---- By bullies -----------------------------------------------------------*/

typedef struct bullies {
    ds_bully bully;
    ds_leader leaders[];
} bullies;

/* Nobody tells who waits, and so it looks every now and then. */
static void look(ds_handle *h, void *arg)
{
    scene *s = arg;
    const bullies *own = s->own;

    while (own->leaders[scene_me(s, h)].member == DS_NOBODY)
        if (!ds_sleep(h, s->setting.latency / 16))
            return;
    scene_decide(h, s);
}

static void start_bully(scene *s)
{
    size_t n = s->setting.members;
    bullies *own = scene_own(s, sizeof(*own) + n * sizeof(*own->leaders));

    own->bully = (ds_bully){ .group = s->group,
                             .patience = 4 * s->setting.latency,
                             .leader = own->leaders };
    for (size_t i = 0; i < n; i++)
        own->leaders[i].member = DS_NOBODY;
    scene_serve(s, ds_bully_serve, &own->bully);
    scene_spawn(s, look);
}

const algorithm algorithm_bully = {
    .name = "bully",
    .decision = "all members, started at once, know who leads",
    .least = 1,
    .by_all = true,
    .start = start_bully,
};
