/* Equal-cost multi-path; see the header. */

#include "topology/ecmp.h"

#include <stdlib.h>

#include "base/rng.h"
#include "topology/topology.h"

typedef struct ecmp {
    ds__rule rule;
    uint64_t seed;
    bool by_message;
} ecmp;

typedef struct hasher {
    ds__chooser chooser;
    uint64_t key;
    uint64_t message;
} hasher;

static uint32_t choose(const ds__chooser *self, size_t place, uint32_t n)
{
    const hasher *h = (const hasher *)self;
    const uint64_t salt = ds__mix(h->key + ds__mix(place + 1));

    return (uint32_t)ds__rng_below(
        ds__rng_bits(salt, DS__RNG_WAY, place, h->message), n);
}

static ds__way ecmp_route(const ds__rule *self, const ds_topology *topology,
                          const ds__question *question, ds__trail *path)
{
    const ecmp *e = (const ecmp *)self;
    const uint64_t who = (uint64_t)question->from << 32 | question->to;
    const hasher h = {
        .chooser = { choose },
        .key = ds__rng_bits(e->seed, DS__RNG_WAY, who, 0),
        .message = e->by_message ? question->message : 0,
    };
    ds__graph *graph = ds__topology_graph(topology);

    if (graph == NULL)
        return DS__WAY_NO_MEMORY;
    return ds__graph_route(graph, question->from, question->to, &h.chooser,
                           path);
}

ds__rule *ds__ecmp_new(uint64_t seed, bool by_message)
{
    ecmp *e = malloc(sizeof(*e));

    if (e == NULL)
        return NULL;
    *e = (ecmp){ { ecmp_route, false }, seed, by_message };
    return &e->rule;
}
