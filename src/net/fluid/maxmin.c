/* Max-min fairness among messages: none can get more without one that has no
 * more than it getting less.
 *
 * The definition, and the operations of the engine; maxmin.h tells its idea. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "net/fluid/maxmin.h"

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

static double *cell_of(const ds_connmat *mat, ds__side side, size_t port,
                       size_t other)
{
    return &mat->rates[side == DS__SOURCE ? port * mat->num_nodes + other
                                          : other * mat->num_nodes + port];
}

/* Returns what a port has left for each undecided message; INFINITY: it has
 * none. */
static double share_of(const filling *f, ds__side side, size_t port)
{
    double left = side == DS__SOURCE ? ds__send_rate(f->ports, port)
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

static void decide(filling *f, ds__side side, size_t port, double share)
{
    for (size_t i = 0; i < f->rate->num_nodes; i++) {
        double *rate = cell_of(f->rate, side, port, i);
        if (*rate < 0)
            *rate = share * *cell_of(f->count, side, port, i);
    }
}

static bool fill_fullest(filling *f)
{
    ds__side side = DS__SOURCE;
    size_t port = 0;
    double least = INFINITY;

    for (size_t i = 0; i < 2 * f->rate->num_nodes; i++) {
        ds__side s = i % 2 == 0 ? DS__SOURCE : DS__DEST;
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

/* ---- Making and unmaking --------------------------------------------------*/

static bool check(const ds_switch *model, size_t num_ports, ds__why *why)
{
    const ds__ports ports = ports_of(model);

    return ds__ports_check(&ports, num_ports, why);
}

static void destroy(ds__fluid *fluid)
{
    ds__maxmin *self = (ds__maxmin *)fluid;

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

static void set_up_links(ds__maxmin *self)
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
    ds__maxmin *self = calloc(1, sizeof(*self));

    if (self == NULL)
        return NULL;
    self->base = (ds__fluid){
        .engine = &ds__maxmin_engine,
        .model = model,
        .num_ports = num_ports,
    };
    self->num_links = 2 * num_ports;
    ds__pairs_init(&self->pairs, sizeof(ds__maxmin_pair));
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

/* ---- Flows ----------------------------------------------------------------*/

static void touch(ds__maxmin *self, uint32_t l)
{
    if (self->links[l].changed)
        return;
    self->links[l].changed = true;
    self->changed[self->num_changed++] = l;
}

static size_t one_more_or_less(size_t count, bool more)
{
    assert(more || count > 0);
    return more ? count + 1 : count - 1;
}

/* Counts a message more or less on both links of a pair. */
static void count_messages(ds__maxmin *self, ds__pair *pair, bool more)
{
    pair->open = one_more_or_less(pair->open, more);
    for (ds__side side = DS__SOURCE; side <= DS__DEST; side++) {
        uint32_t l = ds__link_of(self, pair, side);
        ds__maxmin_link *link = &self->links[l];
        ds__lane_of(self, pair, side)->messages = (uint32_t)pair->open;
        link->messages = one_more_or_less(link->messages, more);
        link->grown |= more;
        ds__alone_count(self, l, *ds__lane_of(self, pair, side), more);
        touch(self, l);
    }
    if (more)
        ds__alone_grow(self, pair);
}

static bool open(ds__fluid *fluid, ds__flow *flow)
{
    ds__maxmin *self = (ds__maxmin *)fluid;
    ds__pair *pair = ds__pairs_find(&self->pairs, flow->src, flow->dst);

    if (pair == NULL)
        pair = ds__maxmin_add_pair(self, flow);
    if (pair == NULL || pair->open == DS__MOST_MESSAGES)
        return false;
    flow->pair = pair;
    count_messages(self, pair, true);
    return true;
}

static void begin(ds__fluid *fluid, ds__flow *flow)
{
    ds__maxmin *self = (ds__maxmin *)fluid;
    ds__pair *pair = flow->pair;
    uint32_t l = ds__holder_of(self, pair);
    double done = ds__link_drained(ds__link_wind(self, l), pair);

    assert(flow->is_open && flow->msg.size > 0);
    if (ds__is_coarse(done, flow->msg.size)) {
        ds__pair_restart(pair, done);
        done = 0;
    }
    flow->key = done + flow->msg.size;
    self->num_draining++;
    ds__pair_push(pair, flow);
    if (pair->first == flow)
        ds__maxmin_place(self, l, pair, done);
}

/* Forgets a flow that is not, or no longer, among those that drain. */
static void close(ds__fluid *fluid, ds__flow *flow)
{
    ds__maxmin *self = (ds__maxmin *)fluid;
    ds__pair *pair = flow->pair;

    assert(pair->open > 0);
    count_messages(self, pair, false);
    if (pair->open == 0)
        ds__maxmin_remove_pair(self, pair);
}

/* ---- Time -----------------------------------------------------------------*/

/* Takes the first flow that a link holds. */
static ds__flow *take(ds__maxmin *self, uint32_t l)
{
    ds__maxmin_link *holder = ds__link_wind(self, l);
    ds__heap_node *node = holder->heap.entries[0].node;
    ds__pair *pair = ds__container(node, ds__pair, in_heap);
    double done = ds__link_drained(holder, pair);
    ds__flow *flow = ds__pair_pop(pair);

    assert(self->num_draining > 0 && flow->pair == pair);
    self->num_draining--;
    ds__maxmin_place(self, l, pair, done);
    close(&self->base, flow);
    return flow;
}

/* Returns whether a flow that a link holds is through at this instant.  What is
 * ahead on the clock of the loop by roundings alone may be through on the clock
 * of the link, so that is asked too. */
static bool is_due(const ds__maxmin *self, size_t l, double arrival)
{
    const ds__maxmin_link *link = &self->links[l];
    const double now = self->base.now;

    if (arrival <= now)
        return true;
    double span = ds__link_first(link)->msg.size / link->level;
    double clock = link->clock + link->level * (now - link->seen);
    double end = link->heap.entries[0].key;
    return ds__is_now(now, arrival - now, span) ||
           ds__is_gone(end - clock, end);
}

static ds__flow *advance(ds__fluid *fluid, double now)
{
    ds__maxmin *self = (ds__maxmin *)fluid;
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
    ds__maxmin *self = (ds__maxmin *)fluid;

    return fmax(ds__mintree_least(&self->arrivals), fluid->now);
}

/* ---- Settling -------------------------------------------------------------*/

/* Puts the next arrival at each link with a new level into the tree, which is
 * rebuilt when that is less work than to climb it. */
static void find_arrivals(ds__maxmin *self)
{
    ds__mintree *arrivals = &self->arrivals;
    const bool many = ds__mintree_many(arrivals, self->num_reached);

    for (size_t i = 0; i < self->num_reached; i++) {
        uint32_t l = self->reached[i];
        if (many)
            ds__mintree_put(arrivals, l, ds__link_next(&self->links[l]));
        else
            ds__mintree_set(arrivals, l, ds__link_next(&self->links[l]));
    }
    if (many)
        ds__mintree_rebuild(arrivals);
}

/* Returns some flow that drains. */
static const ds__flow *any_flow(const ds__maxmin *self)
{
    const ds__maxmin_link *link = self->links;

    while (link->heap.count == 0)
        link++;
    return ds__link_first(link);
}

static bool is_within_time(ds__maxmin *self, ds__why *why)
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
    ds__maxmin *self = (ds__maxmin *)fluid;

    if (!ds__alone_settle(self)) {
        ds__levels_find(self);
        ds__alone_find(self);
        find_arrivals(self);
    }
    return is_within_time(self, why);
}

const ds_switch_engine ds__maxmin_engine = {
    .name = "maxmin",
    .ports = ports_of,
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
