/* Whether an engine of max-min fairness is as it should be. */

#include <assert.h>
#include <math.h>

#include "net/fluid/maxmin.h"

/* Returns what the messages of a lane get. */
static double check_lane(const ds__maxmin *self, uint32_t l, size_t i)
{
    const ds__maxmin_link *link = &self->links[l];
    const ds__maxmin_lane lane = link->lanes[i];
    const ds__pair *pair = &link->pairs[i]->base;
    ds__side side = l < self->base.num_ports ? DS__SOURCE : DS__DEST;
    const ds__maxmin_lane *there = ds__lane_of(self, pair, !side);
    const ds__maxmin_link *other = &self->links[lane.other];

    assert(ds__link_of(self, pair, side) == l && link->pairs[i]->at[side] == i);
    assert(ds__link_of(self, pair, !side) == lane.other && there->other == l);
    assert(lane.messages == pair->open && pair->open > 0);
    assert(lane.held != there->held);
    if (lane.held) {
        assert(ds__heap_contains(&pair->in_heap) == (pair->first != NULL));
        assert(pair->first == NULL ||
               link->heap.entries[pair->in_heap.at - 1].node == &pair->in_heap);
        assert(link->level <= other->level * (1 + 1e-9));
    }
    (void)there;
    return lane.messages * fmin(link->level, other->level);
}

/* Asserts that the levels are those of the definition: a link is full or holds
 * nothing. */
static void check_level(const ds__maxmin *self, uint32_t l, double sum,
                        size_t held)
{
    const ds__maxmin_link *link = &self->links[l];

    if (link->level == INFINITY) {
        assert(held == 0 && !self->alone[l]);
        assert(sum <= link->capacity * (1 + 1e-9));
        return;
    }
    assert(held > 0);
    assert(ds__is_near(sum, link->capacity));
    if (!self->alone[l])
        return;
    assert(held == link->held);
    assert(link->level <= link->ceiling * (1 + 1e-9));
    assert(link->level >= link->floor * (1 - 1e-9));
    assert(ds__is_near(link->level, ds__alone_level(link)));
}

static size_t check_link(const ds__maxmin *self, uint32_t l)
{
    const ds__maxmin_link *link = &self->links[l];
    size_t messages = 0;
    size_t held = 0;
    double sum = 0;

    for (size_t i = 0; i < link->num_lanes; i++) {
        sum += check_lane(self, l, i);
        messages += link->lanes[i].messages;
        held += link->lanes[i].held ? link->lanes[i].messages : 0;
    }
    check_level(self, l, sum, held);
    assert(messages == link->messages && link->seen <= self->base.now);
    assert(link->heap.count <= link->num_lanes);
    assert(link->num_lanes <= link->room);
    assert(!link->changed && !self->undecided[l] && !self->seen[l]);
    assert(ds__is_near(self->arrivals.keys[self->arrivals.inner + l],
                       ds__link_next(link)));
    ds__heap_check(&link->heap);
    (void)messages;
    return link->num_lanes;
}

void ds__maxmin_check(const ds__fluid *fluid)
{
    const ds__maxmin *self = (const ds__maxmin *)fluid;
    size_t lanes = 0;
    size_t active = 0;

    assert(self->num_changed == 0);
    for (uint32_t l = 0; l < self->num_links; l++) {
        size_t count = check_link(self, l);
        lanes += count;
        active += count > 0;
    }
    assert(lanes == 2 * self->pairs.count && active == self->num_active);
    (void)active;
    ds__pairs_check(&self->pairs);
    ds__mintree_check(&self->arrivals);
}
