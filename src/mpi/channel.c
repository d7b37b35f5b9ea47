/* Lanes by communicator and call, and those that nobody uses. */

#include "mpi/channel.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/table.h"
#include "coll/comm.h"
#include "mpi/call.h"

/* Invariants: it is listed with its communicator as long as not all have
 * released it, and with its ranks afterwards. */
struct ds__lane {
    ds__lane *next;
    ds__group *ranks; /* held */
    ds_comm_group *group;
    unsigned call;
    int released;
};

/* The first rank tells sides of one context apart. */
typedef struct list {
    ds__entry entry;
    ds__lane *first;
} list;

static list *find(ds__table *table, uint64_t a, uint64_t b)
{
    if (table->size == 0)
        ds__table_init(table, sizeof(list));
    list *found = ds__table_put(table, (ds__table_key){ a, b, 0 });
    if (found == NULL)
        ds__mpi_die(1, "there is no memory");
    return found;
}

/* Those in use. */
static list *used_by(const ds__comm *comm)
{
    static ds__table table;

    return find(&table, (uint64_t)comm->context,
                (uint64_t)comm->group->world[0]);
}

/* Those of as many ranks that are likely to be the same ones. */
static list *idle_of(const ds__group *ranks)
{
    static ds__table table;
    uint64_t hash = 0;

    for (int i = 0; i < ranks->size; i++)
        hash = ds__mix(hash ^ (uint64_t)ranks->world[i]);
    return find(&table, hash, (uint64_t)ranks->size);
}

static bool are_same(const ds__group *a, const ds__group *b)
{
    return a->size == b->size &&
           (a == b ||
            memcmp(a->world, b->world, (size_t)a->size * sizeof(int)) == 0);
}

static ds__lane *lane_new(ds__group *ranks)
{
    ds__lane *lane = ds__mpi_alloc(1, sizeof(*lane));
    const size_t n = (size_t)ranks->size;
    ds_node **nodes = ds__mpi_alloc(n, sizeof(ds_node *));

    for (size_t i = 0; i < n; i++)
        nodes[i] = ds_port_node(ds__the_world.ranks[ranks->world[i]].port);
    lane->group = ds_comm_group_new(ds__the_world.loop, ds__the_world.net,
                                    (ds_node *const *)nodes, n);
    free(nodes);
    if (lane->group == NULL)
        ds__mpi_die(1, "there is no memory");
    lane->ranks = ds__object_hold(ranks);
    return lane;
}

static ds__lane *take_idle(ds__group *ranks)
{
    ds__lane **at = &idle_of(ranks)->first;

    while (*at != NULL && !are_same((*at)->ranks, ranks))
        at = &(*at)->next;
    ds__lane *lane = *at;
    if (lane == NULL)
        return lane_new(ranks);
    *at = lane->next;
    return lane;
}

ds__lane *ds__lane_take(const ds__comm *comm, unsigned call)
{
    list *used = used_by(comm);
    assert(comm->local == NULL);
    ds__lane *lane = used->first;

    while (lane != NULL && lane->call != call)
        lane = lane->next;
    if (lane != NULL)
        return lane;
    lane = take_idle(comm->group);
    lane->call = call;
    lane->released = 0;
    lane->next = used->first;
    used->first = lane;
    return lane;
}

void ds__lane_release(const ds__comm *comm, ds__lane *lane)
{
    ds__lane **at = &used_by(comm)->first;

    assert(lane->released < lane->ranks->size);
    if (++lane->released < lane->ranks->size)
        return;
    while (*at != lane)
        at = &(*at)->next;
    *at = lane->next;
    list *idle = idle_of(lane->ranks);
    lane->next = idle->first;
    idle->first = lane;
}

ds_comm *ds__comm_member(ds__comm *comm)
{
    if (comm->lane == NULL)
        comm->lane = ds__lane_take(comm, comm->part);
    assert(comm->lane->call == comm->part && comm->lane->released >= 0);
    comm->calls++;
    return &comm->lane->group->members[comm->rank];
}
