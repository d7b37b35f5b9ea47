/* Max-min fairness among messages: none can get more without one that has no
 * more than it getting less.
 *
 * The engine's idea: every message crosses two ports, one that sends and one
 * that receives, here called links.  A link that is full has a level, which
 * is what each message gets that nothing else holds back, and so a message
 * gets the lower level of its two links.  The pairs that a link holds back
 * advance together, on a clock that runs at the link's level, and their
 * finishing points stay put while the level changes; a pair moves only when
 * the other of its links becomes the lower one.
 *
 * A change at a link leaves all levels alone that are lower than its own,
 * before and after.  So the levels are worked out anew only for the links that
 * can be reached from it without crossing a lower one.
 *
 * Often nothing but one level changes, as when everyone sends to one port.
 * Where a link knows within which bounds that is so, it has its level changed
 * without a look at its pairs.
 *
 * doc/design.md tells the rest. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/list.h"
#include "net/fluid/mintree.h"
#include "net/fluid/pair.h"
#include "net/fluid/sum.h"

enum side { SOURCE, DEST };

static ds__ports ports_of(const ds_switch *model)
{
    const ds_maxmin_switch *self = (const ds_maxmin_switch *)model;

    return (ds__ports){
        .model = "ds_maxmin_switch",
        .num_nodes = self->num_nodes,
        .rate = self->rate,
        .send_rates = self->send_rates,
        .recv_rates = self->recv_rates,
    };
}

/* ---- The definition -------------------------------------------------------*/

/* Progressive filling: the share of every message grows until some port is
 * full; the messages through it keep what they have, and the others go on
 * (Bertsekas, Gallager, Data Networks, 6.5.2).  A pair of ports that is not
 * decided yet holds -1. */
typedef struct filling {
    const ds__ports *ports;
    const ds_connmat *count;
    ds_connmat *rate;
} filling;

static double *cell_of(const ds_connmat *mat, enum side side, size_t port,
                       size_t other)
{
    return &mat->rates[side == SOURCE ? port * mat->num_nodes + other
                                      : other * mat->num_nodes + port];
}

/* What a port has left for each undecided message; INFINITY: has none. */
static double share_of(const filling *f, enum side side, size_t port)
{
    double left = side == SOURCE ? ds__send_rate(f->ports, port)
                                 : ds__recv_rate(f->ports, port);
    double messages = 0;

    for (size_t i = 0; i < f->rate->num_nodes; i++) {
        double rate = *cell_of(f->rate, side, port, i);
        if (rate < 0)
            messages += *cell_of(f->count, side, port, i);
        else
            left -= rate;
    }
    return messages > 0 ? fmax(left, 0) / messages : INFINITY;
}

static void decide(filling *f, enum side side, size_t port, double share)
{
    for (size_t i = 0; i < f->rate->num_nodes; i++) {
        double *rate = cell_of(f->rate, side, port, i);
        if (*rate < 0)
            *rate = share * *cell_of(f->count, side, port, i);
    }
}

static bool fill_fullest(filling *f)
{
    enum side side = SOURCE;
    size_t port = 0;
    double least = INFINITY;

    for (size_t i = 0; i < 2 * f->rate->num_nodes; i++) {
        enum side s = i % 2 == 0 ? SOURCE : DEST;
        double share = share_of(f, s, i / 2);
        if (share < least) {
            least = share;
            side = s;
            port = i / 2;
        }
    }
    if (isinf(least))
        return false;
    decide(f, side, port, least);
    return true;
}

static void rates(const ds_switch *model, const ds_connmat *count,
                  ds_connmat *rate)
{
    const ds__ports ports = ports_of(model);
    filling f = { &ports, count, rate };

    for (size_t i = 0; i < rate->num_nodes * rate->num_nodes; i++)
        rate->rates[i] = count->rates[i] > 0 ? -1 : 0;
    while (fill_fullest(&f))
        continue;
}

ds_maxmin_switch ds_maxmin_switch_uniform(size_t num_nodes, double rate)
{
    return (ds_maxmin_switch){
        .base = { .rates = rates, .engine = &ds__maxmin_engine },
        .num_nodes = num_nodes,
        .rate = rate,
    };
}

/* ---- The engine -----------------------------------------------------------*/

/* at[side] is the place of its lane in the list of its link on that side. */
typedef struct maxmin_pair {
    ds__pair base;
    uint32_t at[2];
} maxmin_pair;

#define MOST_MESSAGES ((UINT32_C(1) << 31) - 1)

/* Levels that are this near to each other may be the same on paper. */
#define LEVEL_TIE 1e-12

/* A pair as one of its links sees it.  Lanes lie side by side, because all of
 * them are looked at for each new level; what is rarely needed is in pairs. */
struct lane {
    uint32_t other;         /* link */
    uint32_t messages : 31; /* that are open */
    uint32_t held : 1;      /* here, and so not by the other link */
};

/* Link number p is port p as a source, and number num_ports + p as a
 * destination.  Invariants: every pair is held by exactly one of its links; it
 * is in that link's heap, under the point on its clock where its first flow
 * ends, if a flow of it drains.  A link that is not full has the level
 * INFINITY, holds no pair, and its clock stands still. */
struct link {
    double capacity;
    double level;
    double clock; /* bytes for each message, at the moment seen */
    double seen;
    struct lane *lanes;
    maxmin_pair **pairs;
    size_t num_lanes;
    size_t room;
    size_t messages; /* of all lanes */

    /* If it is alone: what is held elsewhere added up, the number of messages
     * held here, and between which levels it stays alone. */
    ds__sum taken;
    size_t held;
    double floor;
    double ceiling;

    bool changed;
    bool grown; /* changed, and not only for less */
    ds__heap heap;
};

/* A link is alone if it is full and none of the pairs that it holds has another
 * link that is full.  Then a change of its level changes no other one, as long
 * as it stays above the levels of the links that hold its other pairs, which is
 * its floor, and leaves the other links of its own pairs with capacity to
 * spare, which is its ceiling: each of those divides what it has to spare by
 * its messages, so that all of its pairs may rise by that much at once. */

/* What is left of a link while the levels are worked out. */
struct rest {
    double capacity;
    double messages;
};

typedef struct maxmin {
    ds__fluid base;
    ds__pairs pairs;
    size_t num_links;
    struct link *links;
    struct rest *rests;
    bool *undecided;      /* by link; all false but in settle() */
    ds__mintree arrivals; /* the next one held by each link */
    ds__mintree shares;   /* the shares, or less, of those in reached */
    size_t num_active;    /* links with lanes */
    uint32_t *changed;
    size_t num_changed;
    uint32_t *reached; /* from the front: their levels may change; */
    size_t num_reached;
    size_t num_spared;      /* from the back: seen, but too low for that */
    bool *seen;             /* by link; all false but in settle() */
    bool *alone;            /* by link */
    size_t num_draining;    /* flows */
    const ds__flow *beyond; /* one that ends when no double can say, or NULL */
} maxmin;

/* ---- Making and unmaking --------------------------------------------------*/

static bool check(const ds_switch *model, size_t num_ports, ds__why *why)
{
    const ds__ports ports = ports_of(model);

    return ds__ports_check(&ports, num_ports, why);
}

static void destroy(ds__fluid *fluid)
{
    maxmin *self = (maxmin *)fluid;

    for (size_t i = 0; self->links != NULL && i < self->num_links; i++) {
        free(self->links[i].lanes);
        free(self->links[i].pairs);
        ds__heap_free(&self->links[i].heap);
    }
    free(self->links);
    free(self->rests);
    free(self->undecided);
    free(self->changed);
    free(self->reached);
    free(self->seen);
    free(self->alone);
    ds__mintree_free(&self->arrivals);
    ds__mintree_free(&self->shares);
    ds__pairs_free(&self->pairs);
    free(self);
}

static void set_up_links(maxmin *self)
{
    const ds__ports ports = ports_of(self->base.model);
    const size_t n = self->base.num_ports;

    for (size_t p = 0; p < n; p++) {
        self->links[p].capacity = ds__send_rate(&ports, p);
        self->links[n + p].capacity = ds__recv_rate(&ports, p);
    }
    for (size_t l = 0; l < self->num_links; l++)
        self->links[l].level = INFINITY;
}

static ds__fluid *create(const ds_switch *model, size_t num_ports)
{
    const size_t n = num_ports > 0 ? 2 * num_ports : 1;
    maxmin *self = calloc(1, sizeof(*self));

    if (self == NULL)
        return NULL;
    self->base = (ds__fluid){
        .engine = &ds__maxmin_engine,
        .model = model,
        .num_ports = num_ports,
    };
    self->num_links = 2 * num_ports;
    ds__pairs_init(&self->pairs, sizeof(maxmin_pair));
    self->links = calloc(n, sizeof(*self->links));
    self->rests = calloc(n, sizeof(*self->rests));
    self->undecided = calloc(n, sizeof(*self->undecided));
    self->seen = calloc(n, sizeof(*self->seen));
    self->alone = calloc(n, sizeof(*self->alone));
    self->changed = malloc(n * sizeof(*self->changed));
    self->reached = malloc(n * sizeof(*self->reached));
    if (!ds__mintree_init(&self->arrivals, n) ||
        !ds__mintree_init(&self->shares, n) || self->links == NULL ||
        self->rests == NULL || self->undecided == NULL || self->seen == NULL ||
        self->alone == NULL || self->changed == NULL || self->reached == NULL) {
        destroy(&self->base);
        return NULL;
    }
    set_up_links(self);
    return &self->base;
}

/* ---- Links and lanes ------------------------------------------------------*/

static uint32_t link_of(const maxmin *self, const ds__pair *pair,
                        enum side side)
{
    return side == SOURCE ? pair->src
                          : (uint32_t)self->base.num_ports + pair->dst;
}

static struct lane *lane_of(const maxmin *self, const ds__pair *pair,
                            enum side side)
{
    uint32_t at = ((const maxmin_pair *)pair)->at[side];

    return &self->links[link_of(self, pair, side)].lanes[at];
}

static uint32_t holder_of(const maxmin *self, const ds__pair *pair)
{
    bool by_source = lane_of(self, pair, SOURCE)->held;

    return link_of(self, pair, by_source ? SOURCE : DEST);
}

static void touch(maxmin *self, uint32_t l)
{
    if (self->links[l].changed)
        return;
    self->links[l].changed = true;
    self->changed[self->num_changed++] = l;
}

/* Brings a clock up to now.  One that nobody looks at begins again from 0. */
static struct link *wind(maxmin *self, uint32_t l)
{
    struct link *link = &self->links[l];
    const double now = self->base.now;

    if (link->heap.count == 0)
        link->clock = 0;
    else if (link->level < INFINITY)
        link->clock += link->level * (now - link->seen);
    link->seen = now;
    return link;
}

static double next_at(const struct link *link)
{
    if (link->heap.count == 0 || isinf(link->level))
        return INFINITY;
    return link->seen + (link->heap.entries[0].key - link->clock) / link->level;
}

static bool pair_before(const ds__heap_node *a, const ds__heap_node *b)
{
    const ds__pair *x = ds__container(a, ds__pair, in_heap);
    const ds__pair *y = ds__container(b, ds__pair, in_heap);

    return x->src < y->src || (x->src == y->src && x->dst < y->dst);
}

static double key_of(const struct link *link, const ds__pair *pair)
{
    return link->heap.entries[pair->in_heap.at - 1].key;
}

/* Lets the clock of a link begin again.  Only differences are measured on it,
 * and those to the ends ahead lose nothing that they need. */
static void restart_clock(struct link *link)
{
    for (size_t i = 0; i < link->heap.count; i++)
        link->heap.entries[i].key -= link->clock;
    link->clock = 0;
}

/* Where the first flow of a pair ends on the clock of a link, if there are so
 * many bytes to go. */
static double end_on(struct link *link, const ds__pair *pair, double togo)
{
    if (ds__is_coarse(link->clock, pair->first->msg.size))
        restart_clock(link);
    return link->clock + togo;
}

static bool reserve(struct link *link)
{
    if (!ds__heap_reserve(&link->heap, link->num_lanes + 1 - link->heap.count))
        return false;
    if (link->num_lanes < link->room)
        return true;

    size_t room = link->room == 0 ? 4 : link->room * 2;
    struct lane *lanes = realloc(link->lanes, room * sizeof(*lanes));
    if (lanes != NULL)
        link->lanes = lanes;
    maxmin_pair **pairs = realloc(link->pairs, room * sizeof(*pairs));
    if (pairs != NULL)
        link->pairs = pairs;
    if (lanes == NULL || pairs == NULL)
        return false;
    link->room = room;
    return true;
}

static void add_lane(maxmin *self, maxmin_pair *pair, enum side side, bool held)
{
    struct link *link = &self->links[link_of(self, &pair->base, side)];
    uint32_t other = link_of(self, &pair->base, !side);

    if (link->num_lanes == 0)
        self->num_active++;
    pair->at[side] = (uint32_t)link->num_lanes++;
    link->lanes[pair->at[side]] = (struct lane){
        .other = other,
        .held = held,
    };
    link->pairs[pair->at[side]] = pair;
}

static void remove_lane(maxmin *self, maxmin_pair *pair, enum side side)
{
    struct link *link = &self->links[link_of(self, &pair->base, side)];
    assert(link->num_lanes > 0);
    size_t last = --link->num_lanes;
    uint32_t at = pair->at[side];

    if (last == 0)
        self->num_active--;
    link->lanes[at] = link->lanes[last];
    link->pairs[at] = link->pairs[last];
    link->pairs[at]->at[side] = at;
}

/* Who holds a new pair until it is settled: a link that is alone, if it can
 * stay so, or else the source. */
static enum side first_holder(maxmin *self, uint32_t source, uint32_t dest)
{
    if (self->alone[dest] && self->links[source].num_lanes == 0)
        return DEST;
    if (self->alone[source] && self->links[dest].num_lanes == 0)
        return SOURCE;
    self->alone[source] = self->alone[dest] = false;
    return SOURCE;
}

static ds__pair *add_pair(maxmin *self, const ds__flow *flow)
{
    uint32_t dest = (uint32_t)self->base.num_ports + flow->dst;

    if (!reserve(&self->links[flow->src]) || !reserve(&self->links[dest]))
        return NULL;
    ds__pair *pair = ds__pairs_add(&self->pairs, flow->src, flow->dst);
    if (pair == NULL)
        return NULL;
    enum side holder = first_holder(self, flow->src, dest);
    add_lane(self, (maxmin_pair *)pair, SOURCE, holder == SOURCE);
    add_lane(self, (maxmin_pair *)pair, DEST, holder == DEST);
    return pair;
}

/* Counts a message more or less on a link that is alone. */
static void count_alone(maxmin *self, uint32_t l, struct lane lane, bool more)
{
    struct link *link = &self->links[l];

    if (!self->alone[l])
        return;
    if (lane.held) {
        link->held += more ? 1 : (size_t)-1;
    } else {
        double level = self->links[lane.other].level;
        ds__sum_add(&link->taken, more ? level : -level, 0);
    }
}

/* After another message on a pair: its holder must leave more to the other
 * link, which is simple only if that has no other pair. */
static void lower_ceiling(maxmin *self, const ds__pair *pair)
{
    uint32_t l = holder_of(self, pair);
    uint32_t source = link_of(self, pair, SOURCE);
    uint32_t dest = link_of(self, pair, DEST);
    const struct link *other = &self->links[l == source ? dest : source];
    struct link *link = &self->links[l];

    if (other->num_lanes > 1)
        self->alone[l] = false;
    else
        link->ceiling =
            fmin(link->ceiling, other->capacity / (double)other->messages);
}

/* Counts a message more or less on both links of a pair. */
static void count_messages(maxmin *self, ds__pair *pair, bool more)
{
    pair->open += more ? 1 : (size_t)-1;
    for (enum side side = SOURCE; side <= DEST; side++) {
        uint32_t l = link_of(self, pair, side);
        lane_of(self, pair, side)->messages = (uint32_t)pair->open;
        self->links[l].messages += more ? 1 : (size_t)-1;
        self->links[l].grown |= more;
        count_alone(self, l, *lane_of(self, pair, side), more);
        touch(self, l);
    }
    if (more)
        lower_ceiling(self, pair);
}

/* ---- Flows ----------------------------------------------------------------*/

/* What each flow of a pair has drained, on the pair's own clock, which starts
 * when a first flow does.  The holder's clock is at now. */
static double drained(const struct link *holder, const ds__pair *pair)
{
    if (pair->first == NULL)
        return 0;
    return pair->first->key - (key_of(holder, pair) - holder->clock);
}

/* Puts a pair where it belongs in the heap of its holder, after another flow
 * has become the first. */
static void place(maxmin *self, uint32_t l, ds__pair *pair, double done)
{
    struct link *holder = &self->links[l];

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
    ds__mintree_set(&self->arrivals, l, next_at(holder));
}

static bool open(ds__fluid *fluid, ds__flow *flow)
{
    maxmin *self = (maxmin *)fluid;
    ds__pair *pair = ds__pairs_find(&self->pairs, flow->src, flow->dst);

    if (pair == NULL)
        pair = add_pair(self, flow);
    if (pair == NULL || pair->open == MOST_MESSAGES)
        return false;
    flow->pair = pair;
    count_messages(self, pair, true);
    return true;
}

static void begin(ds__fluid *fluid, ds__flow *flow)
{
    maxmin *self = (maxmin *)fluid;
    ds__pair *pair = flow->pair;
    uint32_t l = holder_of(self, pair);
    double done = drained(wind(self, l), pair);

    assert(flow->is_open && flow->msg.size > 0);
    if (ds__is_coarse(done, flow->msg.size)) {
        ds__pair_restart(pair, done);
        done = 0;
    }
    flow->key = done + flow->msg.size;
    self->num_draining++;
    ds__pair_push(pair, flow);
    if (pair->first == flow)
        place(self, l, pair, done);
}

/* A flow that is not, or no longer, among those that drain. */
static void close(ds__fluid *fluid, ds__flow *flow)
{
    maxmin *self = (maxmin *)fluid;
    ds__pair *pair = flow->pair;

    assert(pair->open > 0);
    count_messages(self, pair, false);
    if (pair->open > 0)
        return;
    remove_lane(self, (maxmin_pair *)pair, SOURCE);
    remove_lane(self, (maxmin_pair *)pair, DEST);
    ds__pairs_remove(&self->pairs, pair);
}

/* ---- Time -----------------------------------------------------------------*/

static ds__flow *take(maxmin *self, uint32_t l)
{
    struct link *holder = wind(self, l);
    ds__heap_node *node = holder->heap.entries[0].node;
    ds__pair *pair = ds__container(node, ds__pair, in_heap);
    double done = drained(holder, pair);
    ds__flow *flow = ds__pair_pop(pair);

    assert(self->num_draining > 0 && flow->pair == pair);
    self->num_draining--;
    place(self, l, pair, done);
    close(&self->base, flow);
    return flow;
}

/* The flow that is through next of those that a link holds. */
static const ds__flow *first_of(const struct link *link)
{
    return ds__container(link->heap.entries[0].node, ds__pair, in_heap)->first;
}

/* Whether a flow that a link holds is through at this instant.  If it is still
 * ahead, and be it by the roundings of the clock alone, the clock says so
 * itself. */
static bool is_due(const maxmin *self, size_t l, double arrival)
{
    const struct link *link = &self->links[l];
    const double now = self->base.now;

    if (arrival <= now)
        return true;
    double span = first_of(link)->msg.size / link->level;
    double clock = link->clock + link->level * (now - link->seen);
    double end = link->heap.entries[0].key;
    return ds__is_now(now, arrival - now, span) ||
           ds__is_gone(end - clock, end);
}

static ds__flow *advance(ds__fluid *fluid, double now)
{
    maxmin *self = (maxmin *)fluid;
    ds__flow *through = NULL;
    ds__flow **last = &through;

    assert(now >= fluid->now);
    fluid->now = now;
    while (ds__mintree_least(&self->arrivals) < INFINITY) {
        size_t l = ds__mintree_first(&self->arrivals);
        if (!is_due(self, l, ds__mintree_least(&self->arrivals)))
            break;
        *last = take(self, (uint32_t)l);
        last = &(*last)->next;
    }
    *last = NULL;
    return through;
}

static double next(ds__fluid *fluid)
{
    maxmin *self = (maxmin *)fluid;

    return fmax(ds__mintree_least(&self->arrivals), fluid->now);
}

/* ---- Settling: links that are alone ---------------------------------------*/

static double level_alone(const struct link *link)
{
    double left = link->capacity - ds__sum_value(link->taken);

    return left / (double)link->held;
}

/* Whether a change at a link changes no level but its own. */
static bool stays_alone(const maxmin *self, uint32_t l)
{
    const struct link *link = &self->links[l];

    if (link->num_lanes == 0)
        return true;
    if (link->level == INFINITY) {
        struct lane lane = link->lanes[0];
        return !link->grown ||
               (link->num_lanes == 1 && !lane.held && self->alone[lane.other]);
    }
    if (!self->alone[l] || link->held == 0)
        return false;
    double level = level_alone(link);
    return link->floor < level && level < link->ceiling;
}

static void change_alone(maxmin *self, uint32_t l)
{
    struct link *link = wind(self, l);

    if (link->num_lanes == 0) {
        link->level = INFINITY;
        self->alone[l] = false;
    } else if (link->level < INFINITY) {
        link->level = level_alone(link);
    }
    link->changed = link->grown = false;
    ds__mintree_set(&self->arrivals, l, next_at(link));
}

/* False, and nothing done, if that is not all that changes. */
static bool settle_alone(maxmin *self)
{
    for (size_t i = 0; i < self->num_changed; i++)
        if (!stays_alone(self, self->changed[i]))
            return false;
    for (size_t i = 0; i < self->num_changed; i++)
        change_alone(self, self->changed[i]);
    self->num_changed = 0;
    return true;
}

/* What a link that is alone has to know. */
static void sum_up_alone(maxmin *self, struct link *link)
{
    link->taken = (ds__sum){ 0 };
    link->held = 0;
    link->floor = 0;
    for (size_t i = 0; i < link->num_lanes; i++) {
        struct lane lane = link->lanes[i];
        double level = self->links[lane.other].level;
        if (lane.held) {
            link->held += lane.messages;
            continue;
        }
        ds__sum_add(&link->taken, lane.messages * level, 0);
        link->floor = fmax(link->floor, level);
    }
}

/* A link that is not full bounds those that hold its pairs. */
static void lower_ceilings(maxmin *self, uint32_t l)
{
    const struct link *link = &self->links[l];
    double room = fmax(self->rests[l].capacity, 0) / (double)link->messages;

    for (size_t i = 0; i < link->num_lanes; i++) {
        struct link *holder = &self->links[link->lanes[i].other];
        holder->ceiling = fmin(holder->ceiling, holder->level + room);
    }
}

/* After new levels have been found for the links that were reached. */
static void find_alone(maxmin *self)
{
    for (size_t i = 0; i < self->num_reached; i++) {
        uint32_t l = self->reached[i];
        if (self->links[l].level == INFINITY)
            lower_ceilings(self, l);
        else if (self->alone[l])
            sum_up_alone(self, &self->links[l]);
    }
}

/* ---- Settling: what a change can reach ------------------------------------*/

/* A level that the link is not below, if the others keep theirs: sure from the
 * first round on, and nearer to the truth with each. */
static double least_level(const maxmin *self, const struct link *link)
{
    double level = 0;

    for (int round = 0; round < 3; round++) {
        double capacity = link->capacity;
        double messages = 0;
        for (size_t i = 0; i < link->num_lanes; i++) {
            struct lane lane = link->lanes[i];
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

/* No level below the result changes: the ports fill up in the order of their
 * levels, and the first one to do so at another level than before is one of
 * those whose messages have changed. */
static double lowest_change(maxmin *self)
{
    double lowest = INFINITY;

    for (size_t i = 0; i < self->num_changed; i++) {
        struct link *link = &self->links[self->changed[i]];
        if (link->grown)
            lowest = fmin(lowest, least_level(self, link));
        lowest = fmin(lowest, link->level);
        link->changed = link->grown = false;
    }
    return lowest * (1 - LEVEL_TIE);
}

static void see(maxmin *self, uint32_t l, double lowest)
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
static void reach(maxmin *self, double lowest)
{
    self->num_reached = self->num_spared = 0;
    for (size_t i = 0; i < self->num_changed; i++)
        see(self, self->changed[i], lowest);
    self->num_changed = 0;
    for (size_t i = 0; i < self->num_reached; i++) {
        const struct link *link = &self->links[self->reached[i]];
        if (self->num_reached + self->num_spared == self->num_active)
            return;
        for (size_t k = 0; k < link->num_lanes; k++)
            see(self, link->lanes[k].other, lowest);
    }
}

/* Takes off the reached links what the others hold back: with a look at the
 * lanes of the reached ones, or of the spared ones if that is less. */
static void take_off(struct rest *rest, struct lane lane, double level)
{
    rest->capacity -= lane.messages * level;
    rest->messages -= lane.messages;
}

static size_t count_lanes(const maxmin *self, const uint32_t *links, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++)
        count += self->links[links[i]].num_lanes;
    return count;
}

static void take_spared_off_reached(maxmin *self, const struct link *link,
                                    struct rest *rest)
{
    for (size_t k = 0; k < link->num_lanes; k++) {
        uint32_t other = link->lanes[k].other;
        if (!self->undecided[other])
            take_off(rest, link->lanes[k], self->links[other].level);
    }
}

static void take_off_spared(maxmin *self, const struct link *spared)
{
    for (size_t k = 0; k < spared->num_lanes; k++)
        take_off(&self->rests[spared->lanes[k].other], spared->lanes[k],
                 spared->level);
}

static void find_rests(maxmin *self)
{
    const uint32_t *spared = self->reached + self->num_links - self->num_spared;
    const bool by_spared = count_lanes(self, spared, self->num_spared) <
                           count_lanes(self, self->reached, self->num_reached);

    for (size_t i = 0; i < self->num_reached; i++) {
        uint32_t l = self->reached[i];
        const struct link *link = wind(self, l);
        self->rests[l] =
            (struct rest){ link->capacity, (double)link->messages };
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

/* ---- Settling: new levels -------------------------------------------------*/

static double share_of_rest(const struct rest *rest)
{
    return rest->messages > 0
               ? (rest->capacity > 0 ? rest->capacity : 0) / rest->messages
               : INFINITY;
}

/* Moves a pair from the link that holds it to its other one. */
static void move(maxmin *self, maxmin_pair *pair)
{
    enum side side = lane_of(self, &pair->base, SOURCE)->held ? DEST : SOURCE;
    uint32_t from = link_of(self, &pair->base, !side);
    uint32_t to = link_of(self, &pair->base, side);
    struct link *old = wind(self, from);
    struct link *new = wind(self, to);
    ds__heap_node *node = &pair->base.in_heap;

    lane_of(self, &pair->base, side)->held = true;
    lane_of(self, &pair->base, !side)->held = false;
    if (pair->base.first == NULL)
        return;
    double togo = key_of(old, &pair->base) - old->clock;
    double key = end_on(new, &pair->base, togo);
    ds__heap_remove(&old->heap, node, pair_before);
    ds__heap_push(&new->heap, key, node, pair_before);
    ds__mintree_set(&self->arrivals, from, next_at(old));
    ds__mintree_set(&self->arrivals, to, next_at(new));
}

/* The link is full at this level.  What its messages get is taken off their
 * other links; off those that are decided too, where it does no harm.  A link
 * holds its pairs to those that are decided after it. */
static void set_level(maxmin *self, uint32_t l, double level)
{
    struct link *link = &self->links[l];

    assert(self->undecided[l] && level >= 0);
    link->level = level;
    self->undecided[l] = false;
    self->alone[l] = true;
    for (size_t i = 0; i < link->num_lanes; i++) {
        struct lane lane = link->lanes[i];
        take_off(&self->rests[lane.other], lane, level);
        self->alone[lane.other] &= self->undecided[lane.other];
        if (lane.held != self->undecided[lane.other])
            move(self, link->pairs[i]);
    }
}

static void start_filling(maxmin *self)
{
    ds__mintree *shares = &self->shares;

    ds__mintree_resize(shares, self->num_reached);
    for (size_t i = 0; i < self->num_reached; i++)
        ds__mintree_put(shares, i,
                        share_of_rest(&self->rests[self->reached[i]]));
    ds__mintree_rebuild(shares);
}

/* Progressive filling.  A link's share only grows while others are decided,
 * so the one in front is looked at again before it is believed. */
static void fill(maxmin *self)
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

/* Whoever is left is not full. */
static void finish_filling(maxmin *self)
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

/* The tree is rebuilt when that is less work than to climb it. */
static void find_arrivals(maxmin *self)
{
    ds__mintree *arrivals = &self->arrivals;
    const bool many = ds__mintree_many(arrivals, self->num_reached);

    for (size_t i = 0; i < self->num_reached; i++) {
        uint32_t l = self->reached[i];
        if (many)
            ds__mintree_put(arrivals, l, next_at(&self->links[l]));
        else
            ds__mintree_set(arrivals, l, next_at(&self->links[l]));
    }
    if (many)
        ds__mintree_rebuild(arrivals);
}

/* Some flow that drains. */
static const ds__flow *any_flow(const maxmin *self)
{
    const struct link *link = self->links;

    while (link->heap.count == 0)
        link++;
    return first_of(link);
}

static bool is_within_time(maxmin *self, ds__why *why)
{
    if (self->beyond == NULL && self->num_draining > 0 &&
        isinf(ds__mintree_least(&self->arrivals)))
        self->beyond = any_flow(self);
    if (self->beyond == NULL)
        return true;
    ds__say_beyond(why, self->beyond);
    self->beyond = NULL;
    return false;
}

static bool settle(ds__fluid *fluid, ds__why *why)
{
    maxmin *self = (maxmin *)fluid;

    if (settle_alone(self))
        return is_within_time(self, why);
    reach(self, lowest_change(self));
    find_rests(self);
    start_filling(self);
    fill(self);
    finish_filling(self);
    find_alone(self);
    find_arrivals(self);
    return is_within_time(self, why);
}

/* ---- Invariants -----------------------------------------------------------*/

/* Returns what the messages of a lane get. */
static double check_lane(const maxmin *self, uint32_t l, size_t i)
{
    const struct link *link = &self->links[l];
    const struct lane lane = link->lanes[i];
    const ds__pair *pair = &link->pairs[i]->base;
    enum side side = l < self->base.num_ports ? SOURCE : DEST;
    const struct lane *there = lane_of(self, pair, !side);
    const struct link *other = &self->links[lane.other];

    assert(link_of(self, pair, side) == l && link->pairs[i]->at[side] == i);
    assert(link_of(self, pair, !side) == lane.other && there->other == l);
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

/* The levels are those of the definition: a link is full or holds nothing. */
static void check_level(const maxmin *self, uint32_t l, double sum, size_t held)
{
    const struct link *link = &self->links[l];

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
    assert(ds__is_near(link->level, level_alone(link)));
}

static size_t check_link(const maxmin *self, uint32_t l)
{
    const struct link *link = &self->links[l];
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
                       next_at(link)));
    ds__heap_check(&link->heap);
    (void)messages;
    return link->num_lanes;
}

void ds__maxmin_check(const ds__fluid *fluid)
{
    const maxmin *self = (const maxmin *)fluid;
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

const ds_switch_engine ds__maxmin_engine = {
    .name = "maxmin",
    .check = check,
    .create = create,
    .destroy = destroy,
    .advance = advance,
    .open = open,
    .begin = begin,
    .close = close,
    .settle = settle,
    .next = next,
    .walk = ds__maxmin_check,
};
