/* Scenes: one simulation of an algorithm among machines, and what its decision
 * takes.
 *
 * The one idea: an algorithm is a function that puts its threads on the
 * machines of a scene.  They say when the counting begins, if not with the run,
 * and when they have decided; time, messages and bytes are the scene's affair,
 * and so are the network and what fails. */
#ifndef BENCH_SCENE_H
#define BENCH_SCENE_H

#include <assert.h>

#include <distsys.h>
#include <distsys/disk.h>
#include <distsys/explore.h>
#include <distsys/fault.h>
#include <distsys/group.h>

#include "bench/common/failure.h"
#include "bench/common/model.h"

typedef struct scene scene;

typedef struct algorithm {
    const char *name;     /* as the literature has it */
    const char *decision; /* what is done once, for --list */
    size_t least;         /* members that it needs */
    size_t most;          /* that it bears; 0: any number */
    size_t clients;       /* machines besides the members; the last one is who
                           * asks, and others are of the algorithm's own */
    bool by_all;          /* it is done when every member has said so; else
                           * when one thread has */
    void (*start)(scene *s);
} algorithm;

/* The end of the list is NULL; n may be NULL. */
const algorithm *const *algorithm_all(size_t *n);

/* What a scene is to be like. */
typedef struct scene_setting {
    const algorithm *algorithm;
    size_t members;
    double latency; /* seconds of each message */
    double rate;    /* of every port, bytes a second */
    size_t model;   /* of the switch: index of its name */
    uint64_t seed;
    size_t exec;         /* index of its name */
    double limit;        /* virtual seconds until it has failed */
    const ds_plan *plan; /* what fails; NULL: nothing */
} scene_setting;

/* What came out of it. */
typedef struct scene_result {
    bool decided;
    double seconds;  /* from the beginning until the decision */
    double messages; /* sent from the beginning until two latencies after the
                      * decision, so that answers to the last ones count too */
    double bytes;
    uint64_t digest;
} scene_result;

/* Invariant: missing is how many machines have yet to say that they have
 * decided; 0: it is over. */
struct scene {
    scene_setting setting;
    ds_loop *loop;
    ds_net *net;
    ds_node **nodes; /* the members, and then the clients */
    ds_port **ports; /* one of each */
    ds_group group;  /* of the members */
    void *own;       /* of the algorithm, see scene_own() */
    bool *said;      /* of each machine: that it has decided */
    size_t missing;
    double began;
    ds_net_stats before;
    scene_result result;
    model_room room;
};

/* Zeroed memory of the algorithm's own, which goes with the scene. */
void *scene_own(scene *s, size_t size);

/* Boots fn as a daemon on every member, for a server, or spawns it there, or on
 * who asks; these two get the scene. */
void scene_serve(scene *s, ds_thread_fn *fn, void *arg);
void scene_spawn(scene *s, ds_thread_fn *fn);
void scene_ask(scene *s, ds_thread_fn *fn);

/* Which member is the caller's machine, and what is its port? */
static inline size_t scene_me(const scene *s, const ds_handle *h)
{
    return ds_group_me(&s->group, h);
}

static inline ds_port *scene_client_port(const scene *s)
{
    assert(s->setting.algorithm->clients > 0);
    return s->ports[s->setting.members + s->setting.algorithm->clients - 1];
}

/* The machines of the algorithm's own, as a group: n of them from the first. */
static inline ds_group scene_others(const scene *s, size_t first, size_t n)
{
    return (ds_group){ s->net, &s->ports[s->setting.members + first], n };
}

/* Counting begins here; without it, with the run. */
void scene_begin(ds_handle *h, scene *s);

/* The caller has decided. */
void scene_decide(ds_handle *h, scene *s);

/* Runs one.  That it has not decided in time is no failure. */
failure scene_run(const scene_setting *setting, scene_result *result);

#endif
