/* The last member enters, and nobody else wants to. */
#include <distsys/mutex.h>

#include "bench/algorithms/rows.h"

typedef struct mutexes {
    ds_mutex mutex;
    struct ds_mutex_member *members[];
} mutexes;

static void enter(ds_handle *h, void *arg)
{
    scene *s = arg;
    const mutexes *own = s->own;

    if (!ds_mutex_lock(h, &own->mutex))
        return;
    ds_mutex_unlock(h, &own->mutex);
    scene_decide(h, s);
}

static void start(scene *s, const ds_mutex_kind *kind)
{
    size_t n = s->setting.members;
    mutexes *own = scene_own(s, sizeof(*own) + n * sizeof(*own->members));

    own->mutex =
        (ds_mutex){ .group = s->group, .kind = kind, .members = own->members };
    scene_serve(s, ds_mutex_serve, &own->mutex);
    ds_node_spawn(s->nodes[n - 1], enter, s);
}

#define KIND(row, member, called, what)                                        \
    static void start_##member(scene *s)                                       \
    {                                                                          \
        start(s, &ds_mutex_##member);                                          \
    }                                                                          \
    const algorithm row = {                                                    \
        .name = called,                                                        \
        .decision = what,                                                      \
        .least = 1,                                                            \
        .start = start_##member,                                               \
    }

KIND(algorithm_lamport, lamport, "lamport",
     "the last member enters and leaves, alone");
KIND(algorithm_ricart_agrawala, ricart_agrawala, "ricart-agrawala",
     "the last member enters and leaves, alone");
KIND(algorithm_maekawa, maekawa, "maekawa",
     "the last member enters and leaves, alone");
KIND(algorithm_token_ring, token_ring, "token-ring",
     "the last member enters and leaves, alone");
KIND(algorithm_raymond, raymond, "raymond",
     "the last member enters and leaves, alone");

/* ---- A lock that runs out -------------------------------------------------*/

/* A server that has just started gives nothing before all that it may have
 * given in another life has run out: so the second one is counted. */
static void acquire(ds_handle *h, void *arg)
{
    scene *s = arg;
    ds_lease_client c = ds_lease_client_of(h, s->own, scene_client_port(s));

    if (!ds_lease_acquire(h, &c) || !ds_lease_release(h, &c))
        return;
    ds_sleep(h, 2 * s->setting.latency);
    scene_begin(h, s);
    if (ds_lease_acquire(h, &c) && ds_lease_release(h, &c))
        scene_decide(h, s);
}

static void start_lease(scene *s)
{
    ds_lease *lease = scene_own(s, sizeof(*lease));

    *lease = (ds_lease){ .group = { s->net, s->ports, 1 },
                         .seconds = 100 * s->setting.latency,
                         .again = 20 * s->setting.latency };
    ds_node_boot_daemon(s->nodes[0], ds_lease_serve, lease);
    scene_ask(s, acquire);
}

const algorithm algorithm_lease = {
    .name = "lease",
    .decision = "a client has a lease of a server, and gives it back",
    .least = 1,
    .clients = 1,
    .start = start_lease,
};
