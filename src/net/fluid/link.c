/* The links of max-min fairness, their clocks, and who holds a pair. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "net/fluid/maxmin.h"

/* ---- Lanes ----------------------------------------------------------------*/

/* Makes room for another lane and its pair.  false: no memory. */
static bool reserve(ds__maxmin_link *link)
{
    if (!ds__heap_reserve(&link->heap, link->num_lanes + 1 - link->heap.count))
        return false;
    if (link->num_lanes < link->room)
        return true;

    size_t room = link->room == 0 ? 4 : link->room * 2;
    ds__maxmin_lane *lanes = realloc(link->lanes, room * sizeof(*lanes));
    if (lanes != NULL)
        link->lanes = lanes;
    ds__maxmin_pair **pairs = realloc(link->pairs, room * sizeof(*pairs));
    if (pairs != NULL)
        link->pairs = pairs;
    if (lanes == NULL || pairs == NULL)
        return false;
    link->room = room;
    return true;
}

static void add_lane(ds__maxmin *self, ds__maxmin_pair *pair, ds__side side,
                     bool held)
{
    ds__maxmin_link *link = &self->links[ds__link_of(self, &pair->base, side)];
    uint32_t other = ds__link_of(self, &pair->base, !side);

    if (link->num_lanes == 0)
        self->num_active++;
    pair->at[side] = (uint32_t)link->num_lanes++;
    link->lanes[pair->at[side]] = (ds__maxmin_lane){
        .other = other,
        .held = held,
    };
    link->pairs[pair->at[side]] = pair;
}

static void remove_lane(ds__maxmin *self, ds__maxmin_pair *pair, ds__side side)
{
    ds__maxmin_link *link = &self->links[ds__link_of(self, &pair->base, side)];
    assert(link->num_lanes > 0);
    size_t last = --link->num_lanes;
    uint32_t at = pair->at[side];

    if (last == 0)
        self->num_active--;
    link->lanes[at] = link->lanes[last];
    link->pairs[at] = link->pairs[last];
    link->pairs[at]->at[side] = at;
}

/* Says who holds a new pair until it is settled: a link that is alone, if it
 * can stay so, or else the source. */
static ds__side first_holder(ds__maxmin *self, uint32_t source, uint32_t dest)
{
    if (self->alone[dest] && self->links[source].num_lanes == 0)
        return DS__DEST;
    if (self->alone[source] && self->links[dest].num_lanes == 0)
        return DS__SOURCE;
    self->alone[source] = self->alone[dest] = false;
    return DS__SOURCE;
}

ds__pair *ds__maxmin_add_pair(ds__maxmin *self, const ds__flow *flow)
{
    uint32_t dest = (uint32_t)self->base.num_ports + flow->dst;

    if (!reserve(&self->links[flow->src]) || !reserve(&self->links[dest]))
        return NULL;
    ds__pair *pair = ds__pairs_add(&self->pairs, flow->src, flow->dst);
    if (pair == NULL)
        return NULL;
    ds__side holder = first_holder(self, flow->src, dest);
    add_lane(self, (ds__maxmin_pair *)pair, DS__SOURCE, holder == DS__SOURCE);
    add_lane(self, (ds__maxmin_pair *)pair, DS__DEST, holder == DS__DEST);
    return pair;
}

void ds__maxmin_remove_pair(ds__maxmin *self, ds__pair *pair)
{
    remove_lane(self, (ds__maxmin_pair *)pair, DS__SOURCE);
    remove_lane(self, (ds__maxmin_pair *)pair, DS__DEST);
    ds__pairs_remove(&self->pairs, pair);
}

/* ---- Clocks ---------------------------------------------------------------*/

static bool pair_before(const ds__heap_node *a, const ds__heap_node *b)
{
    const ds__pair *x = ds__container(a, ds__pair, in_heap);
    const ds__pair *y = ds__container(b, ds__pair, in_heap);

    return x->src < y->src || (x->src == y->src && x->dst < y->dst);
}

static double key_of(const ds__maxmin_link *link, const ds__pair *pair)
{
    return link->heap.entries[pair->in_heap.at - 1].key;
}

/* Lets the clock of a link begin again from 0.  Only differences are measured
 * on it, and those to the ends ahead lose nothing that they need. */
static void restart_clock(ds__maxmin_link *link)
{
    for (size_t i = 0; i < link->heap.count; i++)
        link->heap.entries[i].key -= link->clock;
    link->clock = 0;
}

/* Returns where the first flow of a pair ends on the clock of a link, if there
 * are so many bytes to go. */
static double end_on(ds__maxmin_link *link, const ds__pair *pair, double togo)
{
    if (ds__is_coarse(link->clock, pair->first->msg.size))
        restart_clock(link);
    return link->clock + togo;
}

double ds__link_drained(const ds__maxmin_link *holder, const ds__pair *pair)
{
    if (pair->first == NULL)
        return 0;
    return pair->first->key - (key_of(holder, pair) - holder->clock);
}

void ds__maxmin_place(ds__maxmin *self, uint32_t l, ds__pair *pair, double done)
{
    ds__maxmin_link *holder = &self->links[l];

    if (pair->first == NULL) {
        ds__heap_remove(&holder->heap, &pair->in_heap, pair_before);
    } else {
        double key = end_on(holder, pair, pair->first->key - done);
        if (isinf(key))
            self->beyond = pair->first;
        if (ds__heap_contains(&pair->in_heap))
            ds__heap_change(&holder->heap, key, &pair->in_heap, pair_before);
        else
            ds__heap_push(&holder->heap, key, &pair->in_heap, pair_before);
    }
    ds__mintree_set(&self->arrivals, l, ds__link_next(holder));
}

void ds__maxmin_move(ds__maxmin *self, ds__maxmin_pair *pair)
{
    ds__side side = ds__lane_of(self, &pair->base, DS__SOURCE)->held
                        ? DS__DEST
                        : DS__SOURCE;
    uint32_t from = ds__link_of(self, &pair->base, !side);
    uint32_t to = ds__link_of(self, &pair->base, side);
    ds__maxmin_link *old = ds__link_wind(self, from);
    ds__maxmin_link *new = ds__link_wind(self, to);
    ds__heap_node *node = &pair->base.in_heap;

    ds__lane_of(self, &pair->base, side)->held = true;
    ds__lane_of(self, &pair->base, !side)->held = false;
    if (pair->base.first == NULL)
        return;
    double togo = key_of(old, &pair->base) - old->clock;
    double key = end_on(new, &pair->base, togo);
    ds__heap_remove(&old->heap, node, pair_before);
    ds__heap_push(&new->heap, key, node, pair_before);
    ds__mintree_set(&self->arrivals, from, ds__link_next(old));
    ds__mintree_set(&self->arrivals, to, ds__link_next(new));
}
