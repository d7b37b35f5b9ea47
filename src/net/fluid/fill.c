/* New levels for the links that a change reaches.
 *
 * A change at a link leaves all levels alone that are lower than its own,
 * before and after.  So the levels are worked out anew only for the links that
 * can be reached from it without crossing a lower one. */

#include <assert.h>
#include <math.h>

#include "net/fluid/maxmin.h"

/* Levels that are this near to each other may be the same on paper. */
#define LEVEL_TIE 1e-12

/* ---- What a change can reach ----------------------------------------------*/

/* Returns a level that the link is not below, if the others keep theirs: sure
 * from the first round on, and nearer to the truth with each. */
static double least_level(const ds__maxmin *self, const ds__maxmin_link *link)
{
    double level = 0;

    for (int round = 0; round < 3; round++) {
        double capacity = link->capacity;
        double messages = 0;
        for (size_t i = 0; i < link->num_lanes; i++) {
            ds__maxmin_lane lane = link->lanes[i];
            double other = self->links[lane.other].level;
            if (other < level)
                capacity -= lane.messages * other;
            else
                messages += lane.messages;
        }
        if (messages == 0)
            return INFINITY;
        level = fmax(level, capacity / messages);
    }
    return level;
}

/* Returns a level below which none changes: the ports fill up in the order of
 * their levels, and the first one to do so at another level than before is one
 * of those whose messages have changed. */
static double lowest_change(ds__maxmin *self)
{
    double lowest = INFINITY;

    for (size_t i = 0; i < self->num_changed; i++) {
        ds__maxmin_link *link = &self->links[self->changed[i]];
        if (link->grown)
            lowest = fmin(lowest, least_level(self, link));
        lowest = fmin(lowest, link->level);
        link->changed = link->grown = false;
    }
    return lowest * (1 - LEVEL_TIE);
}

/* Puts a link that has not been seen yet among those that are reached, or those
 * that are spared because their level is below the lowest that changes. */
static void see(ds__maxmin *self, uint32_t l, double lowest)
{
    if (self->seen[l])
        return;
    if (self->links[l].num_lanes == 0) {
        self->links[l].level = INFINITY;
        self->alone[l] = false;
        return;
    }
    self->seen[l] = true;
    if (self->links[l].level >= lowest)
        self->reached[self->num_reached++] = l;
    else
        self->reached[self->num_links - ++self->num_spared] = l;
}

/* Finds the links that can be reached from those that have changed.  Where
 * everyone talks to everyone that takes no more than a look at the first few:
 * once all links have been seen there is nothing left to find. */
static void reach(ds__maxmin *self, double lowest)
{
    self->num_reached = self->num_spared = 0;
    for (size_t i = 0; i < self->num_changed; i++)
        see(self, self->changed[i], lowest);
    self->num_changed = 0;
    for (size_t i = 0; i < self->num_reached; i++) {
        const ds__maxmin_link *link = &self->links[self->reached[i]];
        if (self->num_reached + self->num_spared == self->num_active)
            return;
        for (size_t k = 0; k < link->num_lanes; k++)
            see(self, link->lanes[k].other, lowest);
    }
}

/* ---- What is left of them -------------------------------------------------*/

static void take_off(ds__maxmin_rest *rest, ds__maxmin_lane lane, double level)
{
    rest->capacity -= lane.messages * level;
    rest->messages -= lane.messages;
}

static size_t count_lanes(const ds__maxmin *self, const uint32_t *links,
                          size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += self->links[links[i]].num_lanes;
    return count;
}

static void take_spared_off_reached(ds__maxmin *self,
                                    const ds__maxmin_link *link,
                                    ds__maxmin_rest *rest)
{
    for (size_t k = 0; k < link->num_lanes; k++) {
        uint32_t other = link->lanes[k].other;
        if (!self->undecided[other])
            take_off(rest, link->lanes[k], self->links[other].level);
    }
}

static void take_off_spared(ds__maxmin *self, const ds__maxmin_link *spared)
{
    for (size_t k = 0; k < spared->num_lanes; k++)
        take_off(&self->rests[spared->lanes[k].other], spared->lanes[k],
                 spared->level);
}

/* Finds what the spared links leave to the reached ones.  Looks at the lanes of
 * the reached ones, or of the spared ones if those are fewer. */
static void find_rests(ds__maxmin *self)
{
    const uint32_t *spared = self->reached + self->num_links - self->num_spared;
    const bool by_spared = count_lanes(self, spared, self->num_spared) <
                           count_lanes(self, self->reached, self->num_reached);

    for (size_t i = 0; i < self->num_reached; i++) {
        uint32_t l = self->reached[i];
        const ds__maxmin_link *link = ds__link_wind(self, l);
        self->rests[l] =
            (ds__maxmin_rest){ link->capacity, (double)link->messages };
        self->undecided[l] = true;
        self->seen[l] = false;
        self->links[l].ceiling = INFINITY;
    }
    for (size_t i = 0; i < self->num_spared; i++) {
        self->seen[spared[i]] = false;
        if (by_spared)
            take_off_spared(self, &self->links[spared[i]]);
    }
    for (size_t i = 0; !by_spared && i < self->num_reached; i++) {
        uint32_t l = self->reached[i];
        take_spared_off_reached(self, &self->links[l], &self->rests[l]);
    }
}

/* ---- Filling --------------------------------------------------------------*/

static double share_of_rest(const ds__maxmin_rest *rest)
{
    if (rest->messages <= 0)
        return INFINITY;
    return rest->capacity > 0 ? rest->capacity / rest->messages : 0;
}

/* Returns whether the wrong link of a pair holds it.  It belongs to whichever
 * was decided first: to this one, if the other is undecided still. */
static bool is_held_wrongly(ds__maxmin_lane lane, bool other_is_undecided)
{
    const bool is_held_here = lane.held;
    const bool belongs_here = other_is_undecided;

    return is_held_here != belongs_here;
}

/* Makes the link full at this level.  Takes what its messages get off their
 * other links; off those that are decided too, where it does no harm. */
static void set_level(ds__maxmin *self, uint32_t l, double level)
{
    ds__maxmin_link *link = &self->links[l];
    ds__maxmin_rest *rests = self->rests;
    bool *undecided = self->undecided;
    bool *alone = self->alone;

    assert(undecided[l] && level >= 0);
    link->level = level;
    undecided[l] = false;
    alone[l] = true;
    for (size_t i = 0; i < link->num_lanes; i++) {
        ds__maxmin_lane lane = link->lanes[i];
        bool other_is_undecided = undecided[lane.other];
        take_off(&rests[lane.other], lane, level);
        alone[lane.other] &= other_is_undecided;
        if (is_held_wrongly(lane, other_is_undecided))
            ds__maxmin_move(self, link->pairs[i]);
    }
}

static void start_filling(ds__maxmin *self)
{
    ds__mintree *shares = &self->shares;

    ds__mintree_resize(shares, self->num_reached);
    for (size_t i = 0; i < self->num_reached; i++)
        ds__mintree_put(shares, i,
                        share_of_rest(&self->rests[self->reached[i]]));
    ds__mintree_rebuild(shares);
}

/* Fills the links up, the fullest first.  A link's share only grows while
 * others are decided, so the one in front is looked at again before it is
 * believed. */
static void fill(ds__maxmin *self)
{
    ds__mintree *shares = &self->shares;
    double least;

    while ((least = ds__mintree_least(shares)) < INFINITY) {
        size_t i = ds__mintree_first(shares);
        uint32_t l = self->reached[i];
        double share = share_of_rest(&self->rests[l]);
        if (share > least) {
            ds__mintree_set(shares, i, share);
            continue;
        }
        ds__mintree_set(shares, i, INFINITY);
        set_level(self, l, share);
    }
}

/* Leaves those without a level that nothing has filled. */
static void finish_filling(ds__maxmin *self)
{
    for (size_t i = 0; i < self->num_reached; i++) {
        uint32_t l = self->reached[i];
        if (self->undecided[l]) {
            self->links[l].level = INFINITY;
            self->alone[l] = false;
        }
        self->undecided[l] = false;
    }
}

void ds__levels_find(ds__maxmin *self)
{
    reach(self, lowest_change(self));
    find_rests(self);
    start_filling(self);
    fill(self);
    finish_filling(self);
}
