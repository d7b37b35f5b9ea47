/* What a routed network tells whoever watches: by which way a message goes, and
 * what that is made of, the first time that one goes by it.  All that is needed
 * to find out later what each link carried, so that rates need not be told. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/table.h"
#include "net/net.h"
#include "net/routed.h"

/* Ways that have been told, by what they are, and links. */
struct ds__routed_told {
    ds__table ways;
    bool *links;
};

typedef struct told_way {
    ds__entry entry; /* first */
    uint32_t number; /* from 1; 0: it has not been told */
} told_way;

static void put(const ds__routed *self, ds__record record)
{
    record.who = self->base.state->number + 1;
    ds__tell_probe(self->base.loop, record);
}

static bool no_memory(ds__routed *self)
{
    ds_net_fail(&self->base, DS_ENOMEM, "the trace: out of memory");
    return false;
}

static bool begin(ds__routed *self)
{
    if (self->told != NULL)
        return true;
    self->told = calloc(1, sizeof(*self->told));
    if (self->told == NULL)
        return false;
    ds__table_init(&self->told->ways, sizeof(told_way));
    self->told->links = calloc(self->num_links + 1, sizeof(bool));
    return self->told->links != NULL;
}

void ds__routed_told_free(ds__routed_told *told)
{
    if (told == NULL)
        return;
    ds__table_free(&told->ways);
    free(told->links);
    free(told);
}

/* ---- Links ----------------------------------------------------------------*/

static void put_link(const ds__routed *self, uint32_t l)
{
    const ds__routed_link *link = &self->links[l];
    const ds_link *given = ds_topology_link(self->topology, l);

    put(self, (ds__record){ .kind = DS__TELL_LINK,
                            .flag = (link->fat ? DS__LINK_FAT : 0u) |
                                    (link->up ? 0u : DS__LINK_OFF),
                            .a = l,
                            .x = link->rate,
                            .text = given->name });
    self->told->links[l] = true;
}

void ds__routed_tell_link(const ds__routed *self, uint32_t l)
{
    if (ds__net_is_watched(self->base.state) && self->told != NULL &&
        self->told->links[l])
        put_link(self, l);
}

/* ---- Ways -----------------------------------------------------------------*/

static uint64_t mix_bits(uint64_t hash, double x)
{
    uint64_t bits;

    memcpy(&bits, &x, sizeof(bits));
    return ds__mix(hash ^ bits);
}

/* Two sums that differ for what differs, but for a chance of 2^-128. */
static ds__table_key key_of(const ds__course *way, double latency)
{
    uint64_t sums[2] = { 1, 2 };

    for (size_t k = 0; k < 2; k++) {
        uint64_t sum = mix_bits(sums[k], way->weight);
        sum = mix_bits(mix_bits(sum, way->factor), way->limit);
        sum = mix_bits(sum, latency);
        for (size_t i = 0; i < way->num_hops; i++) {
            sum = ds__mix(
                sum ^ ((uint64_t)way->hops[i].link << 32 | way->hops[i].times));
            sum = mix_bits(sum, way->hops[i].unit);
        }
        sums[k] = sum;
    }
    return (ds__table_key){ .a = sums[0], .b = sums[1], .c = way->num_hops };
}

static void put_share(const ds__routed *self, uint32_t number, unsigned what,
                      double value, double usual)
{
    if (value != usual)
        put(self, (ds__record){ .kind = DS__TELL_SHARE,
                                .flag = what,
                                .a = number,
                                .x = value });
}

static void put_way(const ds__routed *self, uint32_t number,
                    const ds__course *way, double latency)
{
    for (size_t i = 0; i < way->num_hops; i++)
        if (!self->told->links[way->hops[i].link])
            put_link(self, way->hops[i].link);
    put(self, (ds__record){ .kind = DS__TELL_WAY,
                            .a = number,
                            .b = (uint32_t)way->num_hops,
                            .x = latency });
    for (size_t i = 0; i < way->num_hops; i++)
        put(self, (ds__record){ .kind = DS__TELL_HOP,
                                .a = way->hops[i].link,
                                .b = way->hops[i].times,
                                .x = way->hops[i].unit / way->weight });
    put_share(self, number, DS__SHARE_WEIGHT, way->weight, 1);
    put_share(self, number, DS__SHARE_FACTOR, way->factor, 1);
    put_share(self, number, DS__SHARE_LIMIT, way->limit, INFINITY);
}

void ds__routed_tell_begin(ds__routed *self, const ds__routed_flow *flow,
                           const ds__course *way)
{
    if (!begin(self)) {
        no_memory(self);
        return;
    }
    const uint32_t count = (uint32_t)self->told->ways.count;
    told_way *told =
        ds__table_put(&self->told->ways, key_of(way, flow->latency));
    if (told == NULL) {
        no_memory(self);
        return;
    }
    if (told->number == 0) {
        told->number = count + 1;
        put_way(self, told->number, way, flow->latency);
    }
    ds__tell_probe(self->base.loop,
                   (ds__record){ .kind = DS__TELL_BEGIN,
                                 .a = told->number,
                                 .id = flow->placed.flow.msg.id });
}

/* ---- Other ways -----------------------------------------------------------*/

static bool drains_on(const ds__routed_flow *flow, const ds__path *path)
{
    return flow->placed.flow.msg.dest != NULL && flow->placed.flow.is_open &&
           flow->placed.flow.pair == &path->base;
}

void ds__routed_tell_move(ds__routed *self, const ds__path *from,
                          const ds__course *to)
{
    if (!ds__net_is_watched(self->base.state))
        return;
    for (ds__slab_block *b = self->flows.blocks; b != NULL; b = b->next)
        for (size_t i = 0; i < b->count; i++) {
            const ds__routed_flow *flow = ds__slab_at(&self->flows, b, i);
            if (drains_on(flow, from))
                ds__routed_tell_begin(self, flow, to);
        }
}
