/* Links that are alone: a change that reaches one link only.
 *
 * A link is alone if it is full and none of the pairs that it holds has another
 * link that is full.  Then a change of its level changes no other one, as long
 * as it stays above the levels of the links that hold its other pairs, which is
 * its floor, and leaves the other links of its own pairs with capacity to
 * spare, which is its ceiling: each of those divides what it has to spare by
 * its messages, so that all of its pairs may rise by that much at once.
 *
 * This is what happens when everyone sends to one port, or one port to
 * everyone.  Such a link has its level changed without a look at its pairs. */

#include <math.h>

#include "net/fluid/maxmin.h"

/* ---- Counting -------------------------------------------------------------*/

double ds__alone_level(const ds__maxmin_link *link)
{
    double left = link->capacity - ds__sum_value(link->taken);

    return left / (double)link->held;
}

void ds__alone_count(ds__maxmin *self, uint32_t l, ds__maxmin_lane lane,
                     bool more)
{
    ds__maxmin_link *link = &self->links[l];

    if (!self->alone[l])
        return;
    if (lane.held) {
        link->held = more ? link->held + 1 : link->held - 1;
    } else {
        double level = self->links[lane.other].level;
        ds__sum_add(&link->taken, more ? level : -level, 0);
    }
}

/* Lowers the ceiling, because the holder must leave more to the other link.
 * That is simple only if the other has no other pair; if it has, it is alone no
 * more. */
void ds__alone_grow(ds__maxmin *self, const ds__pair *pair)
{
    uint32_t l = ds__holder_of(self, pair);
    uint32_t source = ds__link_of(self, pair, DS__SOURCE);
    uint32_t dest = ds__link_of(self, pair, DS__DEST);
    const ds__maxmin_link *other = &self->links[l == source ? dest : source];
    ds__maxmin_link *link = &self->links[l];

    if (other->num_lanes > 1)
        self->alone[l] = false;
    else
        link->ceiling =
            fmin(link->ceiling, other->capacity / (double)other->messages);
}

/* ---- Settling -------------------------------------------------------------*/

/* Returns whether a change at a link changes no level but its own. */
static bool stays_alone(const ds__maxmin *self, uint32_t l)
{
    const ds__maxmin_link *link = &self->links[l];

    if (link->num_lanes == 0)
        return true;
    if (link->level == INFINITY) {
        ds__maxmin_lane lane = link->lanes[0];
        return !link->grown ||
               (link->num_lanes == 1 && !lane.held && self->alone[lane.other]);
    }
    if (!self->alone[l] || link->held == 0)
        return false;
    double level = ds__alone_level(link);
    return link->floor < level && level < link->ceiling;
}

static void change_alone(ds__maxmin *self, uint32_t l)
{
    ds__maxmin_link *link = ds__link_wind(self, l);

    if (link->num_lanes == 0) {
        link->level = INFINITY;
        self->alone[l] = false;
    } else if (link->level < INFINITY) {
        link->level = ds__alone_level(link);
    }
    link->changed = link->grown = false;
    ds__mintree_set(&self->arrivals, l, ds__link_next(link));
}

bool ds__alone_settle(ds__maxmin *self)
{
    for (size_t i = 0; i < self->num_changed; i++)
        if (!stays_alone(self, self->changed[i]))
            return false;
    for (size_t i = 0; i < self->num_changed; i++)
        change_alone(self, self->changed[i]);
    self->num_changed = 0;
    return true;
}

/* ---- After new levels -----------------------------------------------------*/

/* Adds up what a link that is alone has to know. */
static void sum_up_alone(ds__maxmin *self, ds__maxmin_link *link)
{
    link->taken = (ds__sum){ 0 };
    link->held = 0;
    link->floor = 0;
    for (size_t i = 0; i < link->num_lanes; i++) {
        ds__maxmin_lane lane = link->lanes[i];
        double level = self->links[lane.other].level;
        if (lane.held) {
            link->held += lane.messages;
            continue;
        }
        ds__sum_add(&link->taken, lane.messages * level, 0);
        link->floor = fmax(link->floor, level);
    }
}

/* Lowers the ceilings of those that hold the pairs of link l, which is not
 * full: they may rise until it is. */
static void lower_ceilings(ds__maxmin *self, uint32_t l)
{
    const ds__maxmin_link *link = &self->links[l];
    double room = fmax(self->rests[l].capacity, 0) / (double)link->messages;

    for (size_t i = 0; i < link->num_lanes; i++) {
        ds__maxmin_link *holder = &self->links[link->lanes[i].other];
        holder->ceiling = fmin(holder->ceiling, holder->level + room);
    }
}

void ds__alone_find(ds__maxmin *self)
{
    for (size_t i = 0; i < self->num_reached; i++) {
        uint32_t l = self->reached[i];
        if (self->links[l].level == INFINITY)
            lower_ceilings(self, l);
        else if (self->alone[l])
            sum_up_alone(self, &self->links[l]);
    }
}
