/* Max-min fairness: what the files of its engine share.
 *
 *     maxmin.c        the definition, and the engine's operations
 *     link.c          links, their clocks, and who holds a pair
 *     alone.c         changes that reach one link only
 *     fill.c          new levels for the links that a change reaches
 *     maxmin_check.c  the invariants
 *
 * The engine's idea: every message crosses two ports, one that sends and one
 * that receives, here called links.  A link that is full has a level, which
 * is what each message gets that nothing else holds back, and so a message
 * gets the lower level of its two links.  The pairs that a link holds back
 * advance together, on a clock that runs at the link's level, and their
 * finishing points stay put while the level changes; a pair moves only when
 * the other of its links becomes the lower one.
 *
 * doc/design.md tells the rest. */
#ifndef DS_NET_FLUID_MAXMIN_H
#define DS_NET_FLUID_MAXMIN_H

#include "base/list.h"
#include "net/fluid/mintree.h"
#include "net/fluid/pair.h"
#include "net/fluid/sum.h"

typedef enum ds__side { DS__SOURCE, DS__DEST } ds__side;

/* at[side] is the place of its lane in the list of its link on that side. */
typedef struct ds__maxmin_pair {
    ds__pair base;
    uint32_t at[2];
} ds__maxmin_pair;

#define DS__MOST_MESSAGES ((UINT32_C(1) << 31) - 1)

/* A pair as one of its links sees it.  Lanes lie side by side, because all of
 * them are looked at for each new level; what is rarely needed is in pairs. */
typedef struct ds__maxmin_lane {
    uint32_t other;         /* link */
    uint32_t messages : 31; /* that are open */
    uint32_t held : 1;      /* here, and so not by the other link */
} ds__maxmin_lane;

/* Link number p is port p as a source, and number num_ports + p as a
 * destination.  Invariants: every pair is held by exactly one of its links; it
 * is in that link's heap, under the point on its clock where its first flow
 * ends, if a flow of it drains.  A link that is not full has the level
 * INFINITY, holds no pair, and its clock stands still. */
typedef struct ds__maxmin_link {
    double capacity;
    double level;
    double clock; /* bytes for each message, at the moment seen */
    double seen;
    ds__maxmin_lane *lanes;
    ds__maxmin_pair **pairs; /* of lanes */
    size_t num_lanes;
    size_t room;
    size_t messages; /* of all lanes */

    /* If it is alone (alone.c): what is held elsewhere added up, the number of
     * messages held here, and between which levels it stays alone. */
    ds__sum taken;
    size_t held;
    double floor;
    double ceiling;

    bool changed;
    bool grown; /* changed, and not only for less */
    ds__heap heap;
} ds__maxmin_link;

/* What is left of a link while the levels are worked out. */
typedef struct ds__maxmin_rest {
    double capacity;
    double messages;
} ds__maxmin_rest;

typedef struct ds__maxmin {
    ds__fluid base;
    ds__pairs pairs;
    size_t num_links;
    ds__maxmin_link *links;
    ds__maxmin_rest *rests;
    bool *undecided;      /* by link; all false but in ds__levels_find() */
    ds__mintree arrivals; /* the next one held by each link */
    ds__mintree shares;   /* the shares, or less, of those in reached */
    size_t num_active;    /* links with lanes */
    uint32_t *changed;
    size_t num_changed;
    uint32_t *reached; /* from the front: their levels may change; */
    size_t num_reached;
    size_t num_spared;      /* from the back: seen, but too low for that */
    bool *seen;             /* by link; all false but in ds__levels_find() */
    bool *alone;            /* by link */
    size_t num_draining;    /* flows */
    const ds__flow *beyond; /* one that ends when no double can say, or NULL */
} ds__maxmin;

/* ---- Links and lanes (link.c) ---------------------------------------------*/

static inline uint32_t ds__link_of(const ds__maxmin *self, const ds__pair *pair,
                                   ds__side side)
{
    return side == DS__SOURCE ? pair->src
                              : (uint32_t)self->base.num_ports + pair->dst;
}

static inline ds__maxmin_lane *ds__lane_of(const ds__maxmin *self,
                                           const ds__pair *pair, ds__side side)
{
    uint32_t at = ((const ds__maxmin_pair *)pair)->at[side];

    return &self->links[ds__link_of(self, pair, side)].lanes[at];
}

/* Returns the link that holds a pair. */
static inline uint32_t ds__holder_of(const ds__maxmin *self,
                                     const ds__pair *pair)
{
    bool by_source = ds__lane_of(self, pair, DS__SOURCE)->held;

    return ds__link_of(self, pair, by_source ? DS__SOURCE : DS__DEST);
}

/* Brings a clock up to now.  One on which there are no ends begins again
 * from 0. */
static inline ds__maxmin_link *ds__link_wind(ds__maxmin *self, uint32_t l)
{
    ds__maxmin_link *link = &self->links[l];
    const double now = self->base.now;

    if (link->heap.count == 0)
        link->clock = 0;
    else if (link->level < INFINITY)
        link->clock += link->level * (now - link->seen);
    link->seen = now;
    return link;
}

/* Returns when the first flow that a link holds is through. */
static inline double ds__link_next(const ds__maxmin_link *link)
{
    if (link->heap.count == 0 || isinf(link->level))
        return INFINITY;
    return link->seen + (link->heap.entries[0].key - link->clock) / link->level;
}

/* Returns the flow that is through next of those that a link holds. */
static inline const ds__flow *ds__link_first(const ds__maxmin_link *link)
{
    return ds__container(link->heap.entries[0].node, ds__pair, in_heap)->first;
}

/* Makes a pair that is not there yet, with a lane at each of its links and no
 * messages.  NULL: no memory. */
ds__pair *ds__maxmin_add_pair(ds__maxmin *self, const ds__flow *flow);

/* Frees a pair without messages, and its lanes. */
void ds__maxmin_remove_pair(ds__maxmin *self, ds__pair *pair);

/* Returns what each flow of a pair has drained, on the pair's own clock, which
 * starts when a first flow does.  The holder's clock must be at now. */
double ds__link_drained(const ds__maxmin_link *holder, const ds__pair *pair);

/* Puts a pair where it belongs in the heap of link l, its holder, after another
 * flow has become the first; done is what each of its flows has drained. */
void ds__maxmin_place(ds__maxmin *self, uint32_t l, ds__pair *pair,
                      double done);

/* Moves a pair from the link that holds it to its other one. */
void ds__maxmin_move(ds__maxmin *self, ds__maxmin_pair *pair);

/* ---- Links that are alone (alone.c) ---------------------------------------*/

/* Returns the level of a link that is alone. */
double ds__alone_level(const ds__maxmin_link *link);

/* Counts a message more or less in a lane of link l, if l is alone. */
void ds__alone_count(ds__maxmin *self, uint32_t l, ds__maxmin_lane lane,
                     bool more);

/* Lowers the ceiling of a pair's holder after another message on the pair. */
void ds__alone_grow(ds__maxmin *self, const ds__pair *pair);

/* Settles all changes if they are at links that stay alone.  false, and nothing
 * done, if not. */
bool ds__alone_settle(ds__maxmin *self);

/* Sums up the links that are alone, after ds__levels_find(). */
void ds__alone_find(ds__maxmin *self);

/* ---- New levels (fill.c) --------------------------------------------------*/

/* Finds the links whose level a change can reach, and their new levels. */
void ds__levels_find(ds__maxmin *self);

#endif
