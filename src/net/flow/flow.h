/* Flows over routes of any length, max-min fairly: what the files of the engine
 * share.
 *
 *     flow.c   flows: they open, begin, are through
 *     path.c   paths: the flows that have one route, and their lanes
 *     pipe.c   links: their clocks, and what each holds
 *     share.c  the level of one link against the others as they are
 *     wave.c   new levels, from link to link, as far as a change goes
 *     sweep.c  new levels, for all links above a change
 *     rise.c   what that leaves out
 *     fill.c   new levels, from nothing
 *     use.c    what a link was used for
 *     delay.c  what each link cost a message
 *     flow_check.c  the invariants
 *     star.c   the switch: a link up and one down for each of its ports
 *
 * A link, here called a pipe, that is full has a level: what each flow gets
 * that nothing else holds back.  A flow gets the least level of its pipes, and
 * the pipe that has it holds the flow.  All flows that a pipe holds are on its
 * clock, which runs at its level, so that their ends stay put while the level
 * changes.  The levels are right when, for each pipe that holds anything,
 *
 *     level = (capacity - what its flows get that others hold) / those it holds
 *
 * and no flow crosses a pipe with a lower level than that of its holder.  Each
 * lane of a pipe keeps the number of its flow's holder, so a level is one sum
 * over a list of numbers, and nothing is written for a flow whose holder stays.
 *
 * Weights are coefficients of lanes: at level h a message gets h times its
 * weight, and takes its unit times h of each pipe's capacity.  In a fat pipe
 * each message may have all there is, so it is full at the level at which the
 * greediest of those that it holds has that.  The limit of a message is a fat
 * pipe of its own.
 *
 * doc/design.md tells the rest. */
#ifndef DS_NET_FLOW_FLOW_H
#define DS_NET_FLOW_FLOW_H

#include "base/heap.h"
#include "base/list.h"
#include "base/memory.h"
#include "base/slab.h"
#include "net/fluid/mintree.h"
#include "net/fluid/pair.h"
#include "net/fluid/sum.h"

#define DS__NOWHERE UINT32_MAX

/* The least room for hops in a path. */
#define DS__LEAST_HOPS 4

/* How many other pipes of its path a lane has room for, which makes two lanes a
 * line of a cache. */
#define DS__MOST_OTHERS 9
#define DS__UNLISTED    UINT16_MAX

/* Levels that are this near to each other may be the same on paper. */
#define DS__LEVEL_TIE 0x1p-43

/* A level is kept if what it would change is no more than this part of the
 * capacity: the roundings of its own sum. */
#define DS__LEVEL_NOISE 0x1p-51

/* A path at one of its pipes. */
typedef struct ds__hop {
    uint32_t link;
    uint32_t at;    /* its lane there, while any of its flows is open */
    uint32_t times; /* how often it crosses; 0: only what comes back does */
    double unit;    /* of the capacity, for each message at level 1 */
} ds__hop;

/* What a path is made of.  at of its hops means nothing; no link is there
 * twice. */
typedef struct ds__course {
    uint32_t src;
    uint32_t dst;
    const ds__hop *hops;
    size_t num_hops;
    double weight; /* what a message gets at level 1 */
    double factor; /* how much of that is delivered */
    double limit;  /* of what a message gets; INFINITY: none */
    double least;  /* the same, and only of weight once a pipe grows; NAN: it
                    * is not known yet */
} ds__course;

/* The flows of one course.  Invariants: hops[0..num_route) are those of the
 * course, and the pipes of its limits come behind; hold < num_hops; open of its
 * users are open, and if any is it has a lane in each of its pipes.  It is in
 * the heap of the pipe that holds it, under the point on its clock where its
 * first flow ends, if a flow drains. */
typedef struct ds__path {
    ds__pair base; /* key of flows: bytes / speed */
    uint64_t serial;
    double weight;
    double factor;
    double speed; /* weight * factor */
    double limit;
    double least;
    uint64_t round; /* of filling or sweeping, in which its holder was found */
    double before;  /* in a sweep, the level at which it was held before that */
    struct ds__path *taken; /* the one before it of which that is so */
    size_t users;           /* flows, open or not yet */
    size_t num_draining;
    double begun; /* sum of what its clock showed when each of those began */
    uint32_t num_route;
    uint32_t num_hops;
    uint32_t hold;
    uint32_t size; /* it has room for DS__LEAST_HOPS << size hops */
    bool is_bound; /* least is a limit */
    ds__hop hops[];
} ds__path;

/* A path at one of its pipes.  It lists the others, if they are few and a
 * message takes the same of all of them: whoever tells the pipes of a hundred
 * paths what has changed reads lanes in a row, and does not wait for memory
 * that is full of other things. */
typedef struct ds__lane {
    ds__path *path;
    uint32_t slot;       /* hops[slot] is this lane */
    uint16_t num_others; /* DS__UNLISTED: they are not listed */
    uint16_t others[DS__MOST_OTHERS];
} ds__lane;

/* Invariants: lanes, coefs and holders lie side by side, those held here
 * first; coefs[i] is the unit times the open flows.  A pipe that holds nothing
 * has the level INFINITY and its clock stands still.  heap has room for all
 * lanes, and first is its least key; INFINITY: it is empty.
 *
 * One that is quiet holds no flow that crosses another full one, so up to its
 * grant its level is its own business.
 *
 * A sweep goes through hundreds of these at each event, so what it asks of all
 * is together in 64 bytes. */
typedef struct ds__pipe {
    _Alignas(DS__CACHE_LINE) double clock; /* what a message of weight 1 has
                                            * got, at the moment seen */
    double seen;
    double first;
    double capacity;
    double held; /* sum of coefs of the lanes held here */
    uint32_t *holders;
    uint32_t num_lanes;
    uint32_t num_held;
    uint32_t num_scaled; /* lanes whose coefficient is not 1 */
    bool fat;
    bool is_full; /* it has a level that has been worked out */
    bool noted;
    bool quiet;

    double *coefs;
    ds__lane *lanes;
    ds__heap heap;
    ds__heap_node in_heap; /* of those to be looked at */
    uint32_t room;
    uint32_t num_broken; /* of those scaled, of which a sum is not exact */
    uint32_t next;       /* unused */
    bool changed;
} ds__pipe;

/* What a pipe was used for, up to the moment seen. */
typedef struct ds__use {
    double bytes;
    double busy;
    double full;
    double held;
    double seen;
    uint64_t messages;
    size_t open;      /* now, that cross it */
    size_t most;      /* of them */
    size_t held_open; /* now, that it holds */
    bool is_full;
} ds__use;

/* How many seconds each hop of its route has cost a flow, in room for all of
 * them that is its own; NULL: it wants to know nothing. */
typedef double *ds__delays_fn(ds__flow *flow);

/* Up to the moment seen, when its flows had drained so much on the path's own
 * clock, how many seconds each hop has cost a flow that has drained all along.
 */
typedef struct ds__delays {
    double seen;
    double drained;
    double lost[];
} ds__delays;

/* What is left of a pipe while pipes are filled. */
typedef struct ds__rest {
    ds__sum capacity;
    ds__sum coefs; /* of lanes that are not decided */
    uint32_t lanes;
} ds__rest;

/* What is looked at of many pipes at a time lies in arrays of its own.
 *
 * slacks[l] is what is left of a pipe that is not full, or less, if every pipe
 * that holds some of its lanes goes up to what it has been granted; below 0: it
 * is full, or nearly, or nobody knows.  At 0 and more it needs no look; nor
 * does it in a wave at its floor and more, which is -INFINITY while it is to
 * have one anyway, and else 0. */
typedef struct ds__flows {
    double now;
    size_t num_links; /* the network's; behind them come those of limits */
    size_t num_pipes;
    size_t room;
    double *levels;
    double *granted; /* levels that slack allows for; INFINITY: none is held */
    double *slacks;
    double *floors;
    double *totals; /* sums of the coefs of all lanes */
    ds__pipe *pipes;
    ds__use *uses;         /* NULL: nobody asks */
    size_t *bound;         /* messages whose ways cross a link, likewise */
    ds__delays_fn *losses; /* of a flow, likewise */
    uint32_t unused;

    size_t num_active; /* pipes with lanes */
    uint32_t *order;   /* of the active ones, by level, if sorted */
    uint32_t *places;  /* of pipes in it; DS__NOWHERE: not there */
    size_t num_order;
    bool is_sorted;
    uint32_t *changed;
    size_t num_changed;
    uint32_t *noted; /* when their next flow is through must be found */
    size_t num_noted;
    ds__heap dirty;  /* to be looked at, by level */
    ds__rest *rests; /* while filling */
    ds__mintree arrivals;
    unsigned sweeps;   /* to do before the next wave */
    unsigned patience; /* how many, when it fails */
    bool waving;
    uint64_t round;
    ds__path *taken; /* the last one that a sweep has another pipe hold */
    uint32_t *risen; /* by much, in a sweep */

    ds__pair **buckets;
    size_t num_buckets; /* 0 or a power of two */
    size_t num_paths;
    uint64_t serial;
    ds__slab slabs[24];

    size_t num_draining;    /* flows */
    const ds__flow *beyond; /* one that ends when no double can say, or NULL */
} ds__flows;

/* ---- The engine (flow.c) --------------------------------------------------*/

/* Pipes are numbered from 0; is_fat may be NULL.  NULL: no memory. */
ds__flows *ds__flows_new(size_t num_links, const double *capacities,
                         const bool *is_fat, bool count_uses);
void ds__flows_free(ds__flows *self); /* flows stay the caller's */

/* Counts from now on, when no path is in use, how many messages use paths over
 * each link, also before they drain.  false: no memory. */
bool ds__flows_count_bound(ds__flows *self);

/* Lets a flow, which uses a path, take up capacity.  false: no memory. */
bool ds__flows_open(ds__flows *self, ds__flow *flow, ds__path *path);
void ds__flows_begin(ds__flows *self, ds__flow *flow); /* msg.size > 0 */
void ds__flows_close(ds__flows *self, ds__flow *flow); /* one without bytes */

/* As in ds_switch_engine. */
ds__flow *ds__flows_advance(ds__flows *self, double now);
bool ds__flows_settle(ds__flows *self, ds__why *why);
double ds__flows_next(const ds__flows *self);

/* Changes the capacity, which is >= 0.  false: no memory. */
bool ds__flows_resize(ds__flows *self, uint32_t l, double capacity);

/* Takes all that drain over a pipe, and returns a list through next. */
ds__flow *ds__flows_cut(ds__flows *self, uint32_t l);

/* Has all that drain on a path go on draining on the one of a course, which has
 * the same links and the same least; from may be gone then.  false: no memory.
 */
bool ds__flows_move(ds__flows *self, ds__path *from, const ds__course *course);

void ds__flows_check(const ds__flows *self);

/* ---- Paths (path.c) -------------------------------------------------------*/

/* Returns the path of a course, and counts a user; NULL: no memory. */
ds__path *ds__path_use(ds__flows *self, const ds__course *course);
void ds__path_leave(ds__flows *self, ds__path *path);

/* Makes room for growing.  false: no memory. */
bool ds__path_reserve(ds__flows *self, const ds__path *path);

/* Counts a flow more or less that is open.  false: no memory. */
bool ds__path_grow(ds__flows *self, ds__path *path);
void ds__path_shrink(ds__flows *self, ds__path *path);

/* Lets another of its pipes hold a path. */
void ds__path_hold(ds__flows *self, ds__path *path, uint32_t slot);

/* Makes the least that it began with a limit.  false: no memory. */
bool ds__path_bind(ds__flows *self, ds__path *path);

/* Returns what a path is made of, which is good as long as it is. */
ds__course ds__path_course(const ds__path *path);

/* Returns the path of a user of this one whose least is known now; it uses that
 * one then.  NULL: no memory, and it uses this one. */
ds__path *ds__path_know_least(ds__flows *self, ds__path *path, double least);

/* Returns what the open flows of a path take of a pipe at level 1. */
static inline double ds__path_coef(const ds__path *path, uint32_t slot)
{
    return path->hops[slot].unit * (double)path->base.open;
}

static inline uint32_t ds__path_holder(const ds__path *path)
{
    return path->hops[path->hold].link;
}

/* ---- Pipes (pipe.c) -------------------------------------------------------*/

/* Makes room for another pipe, or a lane.  false: no memory. */
bool ds__pipes_reserve(ds__flows *self, size_t num_pipes);
bool ds__pipe_reserve(ds__pipe *pipe);

/* Makes it one without a level: it was not full. */
void ds__pipe_clear(ds__flows *self, uint32_t l);

void ds__pipe_add_lane(ds__flows *self, uint32_t l, ds__path *path,
                       uint32_t slot);
void ds__pipe_remove_lane(ds__flows *self, uint32_t l, uint32_t at);
void ds__pipe_set_coef(ds__flows *self, uint32_t l, uint32_t at, double coef);

/* Sums of whole numbers are exact while they are not too large. */
static inline bool ds__coef_is_broken(double coef)
{
    return coef > 0x1p30 || coef != (int32_t)coef;
}

/* Has no lane of a path list the others. */
void ds__pipes_unlist(ds__flows *self, const ds__path *path);

/* Moves a lane among those held, or from there. */
void ds__pipe_begin_hold(ds__flows *self, uint32_t l, uint32_t at);
void ds__pipe_end_hold(ds__flows *self, uint32_t l, uint32_t at);

/* Brings a clock up to now. */
ds__pipe *ds__pipe_wind(ds__flows *self, uint32_t l);

/* Returns what each flow of a path has drained, on the path's own clock.  The
 * holder's must be at now. */
double ds__pipe_drained(const ds__pipe *holder, const ds__path *path);

/* Puts a path where it belongs in the heap of its holder, after another flow
 * has become the first; done is what each has drained. */
void ds__pipe_place(ds__flows *self, ds__path *path, double done);

/* Puts a path into the heap of pipe l, if its first flow has so much to go, or
 * takes it out and returns how much that has. */
void ds__pipe_insert(ds__flows *self, uint32_t l, ds__path *path, double togo);
double ds__pipe_extract(ds__flows *self, uint32_t l, ds__path *path);

/* Notes that a level has changed, or the lanes, or when the next is through. */
void ds__pipe_touch(ds__flows *self, uint32_t l);
void ds__pipe_note(ds__flows *self, uint32_t l);
void ds__pipes_find_noted(ds__flows *self);

/* Has a pipe looked at, in the wave that is under way. */
void ds__pipe_dirty(ds__flows *self, uint32_t l);

/* Orders a heap of pipes: by number, which is by place in their array. */
static inline bool ds__pipe_before(const ds__heap_node *a,
                                   const ds__heap_node *b)
{
    return a < b;
}

/* Returns when the first flow that a pipe holds is through. */
static inline double ds__pipe_next(const ds__pipe *pipe, double level)
{
    if (isinf(level))
        return INFINITY;
    double ahead = pipe->first - pipe->clock;
    if (level > 0)
        return pipe->seen + ahead / level;
    return ahead > 0 ? INFINITY : pipe->seen;
}

static inline ds__path *ds__pipe_first(const ds__pipe *pipe)
{
    return ds__container(pipe->heap.entries[0].node, ds__path, base.in_heap);
}

/* ---- Levels ---------------------------------------------------------------*/

/* What the flows of a pipe get that others hold, and the highest level of
 * those. */
typedef struct ds__pull {
    double others;
    double most;
} ds__pull;

ds__pull ds__pipe_pull(ds__flows *self, uint32_t l);
double ds__pipe_share(const ds__flows *self, uint32_t l, ds__pull pull);

/* Takes what is held at a higher level until nothing is, and returns the level.
 */
double ds__pipe_fit(ds__flows *self, uint32_t l, ds__pull *pull, bool *took);

/* Lets pipe l hold lane number at, and takes that off what others hold. */
void ds__pipe_take(ds__flows *self, uint32_t l, uint32_t at, ds__pull *pull);

/* Makes a pipe one that is not full.  The first one minds what has been granted
 * to those that hold its lanes; the second one is for when that is what they
 * have, or will be. */
void ds__pipe_rest(ds__flows *self, uint32_t l, double others);
void ds__pipe_rest_plain(ds__flows *self, uint32_t l, double others);

/* One without lanes. */
void ds__pipe_idle(ds__flows *self, uint32_t l);

/* One whose level has been worked out. */
void ds__pipe_fill(ds__flows *self, uint32_t l);

/* Returns whether a pipe has lanes and is known not to be full. */
static inline bool ds__pipe_rests(const ds__flows *self, uint32_t l)
{
    return self->slacks[l] >= 0;
}

/* Puts a pipe at this place of the order. */
static inline void ds__pipe_put(ds__flows *self, size_t place, uint32_t l)
{
    self->order[place] = l;
    self->places[l] = (uint32_t)place;
}

/* Finds all levels anew, by a wave that looks at so many pipes at most; false:
 * they were not enough, and levels are anything.  By a sweep, which needs no
 * levels that are right; false: likewise.  By filling, from anything. */
bool ds__flows_wave(ds__flows *self, size_t budget);
bool ds__flows_sweep(ds__flows *self);
void ds__flows_fill(ds__flows *self);

/* What flows get more than when a sweep began (rise.c). */
typedef struct ds__rises {
    bool known;
    double greatest; /* of those that are not taken off slack yet */
} ds__rises;

/* Forgets all rises, those at these places of the order for good. */
void ds__rises_begin(ds__flows *self, size_t from, size_t end, ds__rises *r);

/* Notes that another pipe is about to hold a path. */
void ds__rises_take(ds__flows *self, ds__path *path);

/* Counts the rises at these places, the last ones of those of full pipes. */
void ds__rises_count(ds__flows *self, size_t from, size_t end, ds__rises *r);

/* Returns the first place from here on of a pipe that may have become full, or
 * was full before. */
size_t ds__rises_pass(ds__flows *self, size_t place, const ds__rises *r);

/* Has all behind a place know of the rises up to now, and begins again with
 * those from some place on. */
void ds__rises_go_on(ds__flows *self, size_t from, size_t place, ds__rises *r);

/* Sorts the order. */
void ds__flows_sort(ds__flows *self);

/* Puts the next arrivals of these places of the order into the tree. */
void ds__flows_find_arrivals(ds__flows *self, size_t from, size_t end);

/* ---- Use (use.c) ----------------------------------------------------------*/

/* Each does nothing if nobody asks. */
void ds__use_open(ds__flows *self, const ds__path *path, bool more);
void ds__use_hold(ds__flows *self, uint32_t l, size_t messages, bool more);
void ds__use_full(ds__flows *self, uint32_t l, bool is_full);
void ds__use_bytes(ds__flows *self, const ds__path *path, double bytes);

/* Counts a message of a path that has no bytes, or not one that it counted. */
void ds__use_pass(ds__flows *self, const ds__path *path, bool more);

/* Returns the use of a pipe up to now, with the bytes of what drains still. */
ds__use ds__use_of(const ds__flows *self, uint32_t l, double now);

/* ---- What links cost a message (delay.c) ----------------------------------*/

/* Counts delays from now on, when there is no path yet. */
void ds__flows_count_delays(ds__flows *self, ds__delays_fn *losses);

/* Returns how many bytes the delays of a path with room for so many hops take,
 * which lie behind them; 0 if nobody asks. */
size_t ds__delay_size(const ds__flows *self, size_t hops);

/* Makes the delays of a new path. */
void ds__delay_begin(ds__flows *self, const ds__path *path);

/* Bring the delays of a path up to now; say that its clock begins again; add
 * them to what is known of a flow, or take them off.  Only if somebody asks. */
void ds__delay_add_up(ds__flows *self, const ds__path *path);
void ds__delay_restart(ds__flows *self, const ds__path *path);
void ds__delay_add(ds__flows *self, const ds__path *path, ds__flow *flow,
                   double sign);

/* Comes before what holds a path changes, or what drains on it. */
static inline void ds__delay_note(ds__flows *self, const ds__path *path)
{
    if (self->losses != NULL)
        ds__delay_add_up(self, path);
}

/* Comes when a flow begins to drain on a path, or no longer does. */
static inline void ds__delay_join(ds__flows *self, const ds__path *path,
                                  ds__flow *flow)
{
    if (self->losses != NULL)
        ds__delay_add(self, path, flow, -1);
}

static inline void ds__delay_leave(ds__flows *self, const ds__path *path,
                                   ds__flow *flow)
{
    if (self->losses != NULL)
        ds__delay_add(self, path, flow, 1);
}

#endif
