/* Kinds of links: where one leads, by how far from the hosts the switches at
 * its ends are. */
#ifndef BENCH_KIND_H
#define BENCH_KIND_H

#include "bench/common/fabric.h"

/* In the order in which they are shown. */
typedef enum kind {
    KIND_HOST_UP,
    KIND_HOST_DOWN,
    KIND_HOST,   /* both of these */
    KIND_DIRECT, /* between hosts */
    KIND_UP,     /* to a switch that is further from all hosts */
    KIND_DOWN,
    KIND_TIER,  /* both of these */
    KIND_LOCAL, /* between switches that are equally far, in a group */
    KIND_GLOBAL,
    KIND_ALONE, /* it leads from no place to no place */
    KIND_THERE, /* besides: of the cut from the lower half of hosts, ... */
    KIND_BACK,  /* ... and of the one to it */
    KINDS,
} kind;

extern const char *const kind_names[KINDS];

/* What is known of places.  Invariant: depths of hosts are 0, and that of a
 * switch is 1 more than the least of its neighbours'; SIZE_MAX: it has none. */
typedef struct atlas {
    const ds_topology *topology;
    size_t num_hosts;
    size_t num_places;
    size_t *depths;
    size_t group; /* switches of a group of a dragonfly; 0: it is none */
} atlas;

atlas atlas_new(const fabric *f);
void atlas_free(atlas *a);

kind kind_of(const atlas *a, size_t link);

#endif
