/* Replicated data types: every member changes an object and tells all others,
 * by a message to each or by gossip, and all know what all have done. */
#include <distsys/crdt.h>

#include "bench/algorithms/rows.h"

enum { OBJECT = 1 };

typedef struct replicas {
    bool (*change)(ds_crdt *c, size_t me);
} replicas;

static void hear_all(ds_handle *h, scene *s, ds_crdt *c)
{
    size_t me = scene_me(s, h), missing = s->setting.members - 1;
    ds_msg m;

    if (missing == 0)
        scene_decide(h, s);
    while (ds_recv(h, s->ports[me], &m)) {
        bool heard = ds_crdt_hear(h, c, &m);
        ds_msg_drop(&m);
        if (heard && --missing == 0)
            scene_decide(h, s);
    }
}

static void take_part(ds_handle *h, void *arg)
{
    scene *s = arg;
    const replicas *own = s->own;
    size_t me = scene_me(s, h);
    ds_entries *state = ds_entries_new();
    ds_crdt *c = state == NULL ? NULL : ds_crdt_new(me, state);

    if (c == NULL || !own->change(c, me) ||
        !ds_crdt_tell(h, c, &s->group, false))
        ds_fail(h, "there is no memory for a replica");
    else
        hear_all(h, s, c);
    ds_crdt_free(c);
    ds_entries_free(state);
}

static void start(scene *s, bool (*change)(ds_crdt *c, size_t me))
{
    replicas *own = scene_own(s, sizeof(*own));

    own->change = change;
    scene_spawn(s, take_part);
}

static bool count(ds_crdt *c, size_t me)
{
    return ds_g_counter_add(c, OBJECT, 1);
}

static bool count_both_ways(ds_crdt *c, size_t me)
{
    return ds_pn_counter_add(c, OBJECT, 2) && ds_pn_counter_add(c, OBJECT, -1);
}

static bool add(ds_crdt *c, size_t me)
{
    return ds_g_set_add(c, OBJECT, (int64_t)me);
}

static bool add_and_remove(ds_crdt *c, size_t me)
{
    return add(c, me) && ds_two_phase_set_remove(c, OBJECT, (int64_t)me);
}

static bool add_and_remove_and_add(ds_crdt *c, size_t me)
{
    return ds_or_set_add(c, OBJECT, 0) && ds_or_set_remove(c, OBJECT, 0) &&
           ds_or_set_add(c, OBJECT, 0);
}

static bool write_last(ds_crdt *c, size_t me)
{
    return ds_lww_write(c, OBJECT, 0, 1) && ds_lww_write(c, OBJECT, 0, 2);
}

static bool write_beside(ds_crdt *c, size_t me)
{
    return ds_mv_write(c, OBJECT, 1) && ds_mv_write(c, OBJECT, 2);
}

static bool type(ds_crdt *c, size_t me)
{
    ds_key key;

    return ds_rga_insert(c, OBJECT, NULL, 'h', &key) &&
           ds_rga_insert(c, OBJECT, &key, 'i', NULL);
}

#define REPLICATED(row, called, what, change)                                  \
    static void start_##row(scene *s)                                          \
    {                                                                          \
        start(s, change);                                                      \
    }                                                                          \
    const algorithm algorithm_crdt_##row = {                                   \
        .name = "crdt-" called,                                                \
        .decision = "all members know what all have " what,                    \
        .least = 1,                                                            \
        .by_all = true,                                                        \
        .start = start_##row,                                                  \
    }

REPLICATED(g_counter, "g-counter", "counted", count);
REPLICATED(pn_counter, "pn-counter", "counted, up and down", count_both_ways);
REPLICATED(g_set, "g-set", "added", add);
REPLICATED(2p_set, "2p-set", "added and removed for ever", add_and_remove);
REPLICATED(or_set, "or-set", "added, removed, and added again",
           add_and_remove_and_add);
REPLICATED(lww, "lww", "written twice: the last stays", write_last);
REPLICATED(mv, "mv", "written twice: what was concurrent stays", write_beside);
REPLICATED(rga, "rga", "typed, two characters each", type);

/* ---- By gossip ------------------------------------------------------------*/

typedef struct gossips {
    ds_gossip gossip;
    struct ds_gossip_member *members[];
} gossips;

static bool knows_all(const scene *s, const ds_crdt *c)
{
    return ds_set_read(c, OBJECT, NULL, 0) == s->setting.members;
}

static void add_and_sync(ds_handle *h, void *arg)
{
    scene *s = arg;
    const ds_gossip *g = &((const gossips *)s->own)->gossip;
    ds_entries *state = ds_entries_new();
    ds_crdt *c = state == NULL ? NULL : ds_crdt_new(scene_me(s, h), state);
    bool well = c != NULL && ds_or_set_add(c, OBJECT, (int64_t)scene_me(s, h));

    while (well && (well = ds_crdt_sync(h, c, g)) && !knows_all(s, c))
        if (!ds_sleep(h, s->setting.latency))
            break;
    if (!well)
        ds_fail(h, "there is no memory for a replica");
    else if (knows_all(s, c))
        scene_decide(h, s);
    ds_crdt_free(c);
    ds_entries_free(state);
}

/* Rumours are fast, and anti-entropy misses nobody. */
static void start_gossip(scene *s)
{
    size_t n = s->setting.members;
    gossips *own = scene_own(s, sizeof(*own) + n * sizeof(*own->members));

    own->gossip = (ds_gossip){
        .group = s->group,
        .ways = DS_GOSSIP_PUSH_PULL | DS_GOSSIP_ANTI_ENTROPY,
        .period = 4 * s->setting.latency,
        .fanout = 1,
        .hot = 3,
        .members = own->members,
    };
    scene_serve(s, ds_gossip_serve, &own->gossip);
    scene_spawn(s, add_and_sync);
}

const algorithm algorithm_crdt_or_set_gossip = {
    .name = "crdt-or-set-gossip",
    .decision = "all members know by gossip what all have added, in periods of "
                "four latencies",
    .least = 1,
    .by_all = true,
    .start = start_gossip,
};
