/* Greedy-drop: each sender divides its rate over its destinations, and each
 * receiver that gets too much drops the same share from everyone.
 *
 * The engine's idea: what a pair gets is share(source) * factor(destination),
 * so every destination has a clock that runs at its factor, on which a pair's
 * first flow ends at a point that moves only when its source divides anew.
 * A change at a source thus costs one pass over that source's pairs, which lie
 * side by side, and over their destinations.
 *
 * The pairs into a destination are in a heap, but not by these ends, which
 * would have to be sifted at each pass: by bounds that are not beyond them.
 * An end that comes nearer takes its bound along with some way to spare, so
 * that most passes stay above it; one that goes away leaves its bound alone.
 * Only the pair that seems next of all is made exact.
 *
 * doc/design.md tells the rest. */

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/list.h"
#include "net/fluid/mintree.h"
#include "net/fluid/pair.h"
#include "net/fluid/sum.h"

/* How much of the way to its end a bound keeps when it has to move. */
#define KEEP 0.85

typedef struct greedy_pair {
    ds__pair base;
    size_t slot; /* among those of its source */
} greedy_pair;

/* Invariant: shares is what the num_pairs pairs may send added up. */
typedef struct greedy_dest {
    double clock;  /* at the moment seen */
    double factor; /* how fast the clock runs, at most 1 */
    double seen;
    double first; /* bound of the heap; INFINITY if it is empty */
    ds__sum shares;
    double rate;
    double *arrival; /* its place in the tree */
    ds__heap heap;
    uint32_t num_pairs;
    bool changed;
} greedy_dest;

/* What a pass over a source's pairs looks at.  Invariant: bound <= end; the
 * pair is in its destination's heap, under bound, if a flow of it drains. */
typedef struct greedy_slot {
    double end; /* of the first flow, on the destination's clock */
    double bound;
    greedy_pair *pair;
    greedy_dest *dest;
} greedy_slot;

/* share changes only in settle(); while there are no pairs it means nothing,
 * but stays positive, so that nobody need ask. */
typedef struct greedy_source {
    double rate;
    double share; /* what each of its pairs may send */
    greedy_slot *slots;
    size_t count;
    size_t capacity;
    bool changed;
} greedy_source;

typedef struct greedy {
    ds__fluid base;
    ds__pairs pairs;
    greedy_source *sources;
    greedy_dest *dests;
    ds__mintree arrivals;      /* of dests: no flow arrives sooner */
    uint32_t *changed_sources; /* to be settled */
    size_t num_changed_sources;
    uint32_t *changed_dests;
    size_t num_changed_dests;
    greedy_slot **passed;   /* room for those of a source past their bounds */
    size_t num_draining;    /* flows */
    size_t next_dest;       /* as next() has found it, or NOBODY */
    const ds__flow *beyond; /* one that ends when no double can say, or NULL */
} greedy;

#define NOBODY SIZE_MAX

/* ---- The definition -------------------------------------------------------*/

static ds__ports ports_of(const ds_switch *model)
{
    const ds_greedy_switch *self = (const ds_greedy_switch *)model;

    return (ds__ports){
        .model = "ds_greedy_switch",
        .num_nodes = self->num_nodes,
        .rate = self->rate,
        .send_rates = self->send_rates,
        .recv_rates = self->recv_rates,
    };
}

static void rates(const ds_switch *model, const ds_connmat *count,
                  ds_connmat *rate)
{
    const ds__ports ports = ports_of(model);

    for (size_t s = 0; s < rate->num_nodes; s++) {
        double dests = ds_connmat_sum_source(rate, s);
        if (dests > 0)
            ds_connmat_scale_source(rate, s, ds__send_rate(&ports, s) / dests);
    }
    for (size_t d = 0; d < rate->num_nodes; d++) {
        double sum = ds_connmat_sum_dest(rate, d);
        double most = ds__recv_rate(&ports, d);
        if (sum > most)
            ds_connmat_scale_dest(rate, d, most / sum);
    }
}

ds_greedy_switch ds_greedy_switch_uniform(size_t num_nodes, double rate)
{
    return (ds_greedy_switch){
        .base = { .rates = rates, .engine = &ds__greedy_engine },
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
    greedy *self = (greedy *)fluid;

    for (size_t i = 0; self->sources != NULL && i < fluid->num_ports; i++)
        free(self->sources[i].slots);
    for (size_t i = 0; self->dests != NULL && i < fluid->num_ports; i++)
        ds__heap_free(&self->dests[i].heap);
    free(self->sources);
    free(self->dests);
    free(self->changed_sources);
    free(self->changed_dests);
    free(self->passed);
    ds__mintree_free(&self->arrivals);
    ds__pairs_free(&self->pairs);
    free(self);
}

static void set_up_ports(greedy *self)
{
    const ds__ports ports = ports_of(self->base.model);

    for (size_t i = 0; i < self->base.num_ports; i++) {
        double rate = ds__send_rate(&ports, i);
        self->sources[i] = (greedy_source){ .rate = rate, .share = rate };
        rate = ds__recv_rate(&ports, i);
        self->dests[i] = (greedy_dest){
            .rate = rate,
            .factor = 1,
            .first = INFINITY,
            .arrival = &self->arrivals.keys[self->arrivals.inner + i],
        };
    }
}

static ds__fluid *create(const ds_switch *model, size_t num_ports)
{
    const size_t n = num_ports > 0 ? num_ports : 1;
    greedy *self = calloc(1, sizeof(*self));

    if (self == NULL)
        return NULL;
    self->base = (ds__fluid){
        .engine = &ds__greedy_engine,
        .model = model,
        .num_ports = num_ports,
    };
    self->next_dest = NOBODY;
    ds__pairs_init(&self->pairs, sizeof(greedy_pair));
    self->sources = calloc(n, sizeof(*self->sources));
    self->dests = calloc(n, sizeof(*self->dests));
    self->changed_sources = malloc(n * sizeof(*self->changed_sources));
    self->changed_dests = malloc(n * sizeof(*self->changed_dests));
    self->passed = malloc(n * sizeof(*self->passed));
    if (!ds__mintree_init(&self->arrivals, n) || self->sources == NULL ||
        self->dests == NULL || self->changed_sources == NULL ||
        self->changed_dests == NULL || self->passed == NULL) {
        destroy(&self->base);
        return NULL;
    }
    set_up_ports(self);
    return &self->base;
}

/* ---- Sources and destinations ---------------------------------------------*/

static void touch_source(greedy *self, uint32_t s)
{
    if (self->sources[s].changed)
        return;
    self->sources[s].changed = true;
    self->changed_sources[self->num_changed_sources++] = s;
}

/* Brings the clock of a destination up to now. */
static inline void wind(greedy_dest *dest, double now)
{
    dest->clock += dest->factor * (now - dest->seen);
    dest->seen = now;
}

/* Brings the clock of a destination up to now, and has it settled. */
static inline greedy_dest *touch_dest(greedy *self, uint32_t d)
{
    greedy_dest *dest = &self->dests[d];

    wind(dest, self->base.now);
    if (!dest->changed) {
        dest->changed = true;
        self->changed_dests[self->num_changed_dests++] = d;
    }
    return dest;
}

static bool pair_before(const ds__heap_node *a, const ds__heap_node *b)
{
    return ds__container(a, ds__pair, in_heap)->src <
           ds__container(b, ds__pair, in_heap)->src;
}

static greedy_slot *slot_of(const greedy *self, const greedy_pair *pair)
{
    return &self->sources[pair->base.src].slots[pair->slot];
}

static greedy_slot *first_slot(const greedy *self, const greedy_dest *dest)
{
    ds__heap_node *node = dest->heap.entries[0].node;

    return slot_of(self, (greedy_pair *)ds__container(node, ds__pair, in_heap));
}

/* Returns before which moment nothing arrives at a destination. */
static inline double next_at(const greedy_dest *dest)
{
    return dest->seen + (dest->first - dest->clock) / dest->factor;
}

static inline void note_first(greedy_dest *dest)
{
    dest->first = dest->heap.count > 0 ? dest->heap.entries[0].key : INFINITY;
}

/* Takes the bound along with an end that has come nearer.  The first of the
 * heap stays first and so may have its bound at the end itself, for nothing. */
static inline void hold_bound(greedy_dest *dest, greedy_slot *slot)
{
    ds__heap_node *node = &slot->pair->base.in_heap;

    if (slot->end >= slot->bound)
        return;
    if (node->at == 1) {
        dest->first = slot->bound = slot->end;
        dest->heap.entries[0].key = slot->end;
        return;
    }
    slot->bound = dest->clock + (slot->end - dest->clock) * KEEP;
    ds__heap_lower(&dest->heap, slot->bound, node, pair_before);
    dest->first = dest->heap.entries[0].key;
}

/* Lets the clock of a destination begin again from 0.  Only differences are
 * measured on it, and those to the ends ahead lose nothing that they need. */
static void restart_clock(greedy *self, greedy_dest *dest)
{
    const double clock = dest->clock;

    for (size_t i = 0; i < dest->heap.count; i++) {
        ds__heap_entry *entry = &dest->heap.entries[i];
        ds__pair *pair = ds__container(entry->node, ds__pair, in_heap);
        greedy_slot *slot = slot_of(self, (greedy_pair *)pair);
        slot->end -= clock;
        slot->bound -= clock;
        entry->key = slot->bound;
    }
    dest->clock = 0;
    note_first(dest);
}

/* ---- Pairs ----------------------------------------------------------------*/

static bool reserve(greedy_source *source, greedy_dest *dest)
{
    if (!ds__heap_reserve(&dest->heap, dest->num_pairs + 1 - dest->heap.count))
        return false;
    if (source->count < source->capacity)
        return true;

    size_t capacity = source->capacity == 0 ? 4 : source->capacity * 2;
    greedy_slot *slots = realloc(source->slots, capacity * sizeof(*slots));
    if (slots == NULL)
        return false;
    source->slots = slots;
    source->capacity = capacity;
    return true;
}

static greedy_pair *add_pair(greedy *self, uint32_t s, uint32_t d)
{
    greedy_source *source = &self->sources[s];

    if (!reserve(source, &self->dests[d]))
        return NULL;
    greedy_pair *pair = (greedy_pair *)ds__pairs_add(&self->pairs, s, d);
    if (pair == NULL)
        return NULL;

    greedy_dest *dest = touch_dest(self, d);
    touch_source(self, s);
    pair->slot = source->count++;
    source->slots[pair->slot] = (greedy_slot){
        .end = INFINITY,
        .bound = INFINITY,
        .pair = pair,
        .dest = dest,
    };
    ds__sum_add(&dest->shares, source->share, 0);
    dest->num_pairs++;
    return pair;
}

/* Removes a pair whose destination has been touched. */
static void remove_pair(greedy *self, greedy_pair *pair)
{
    greedy_source *source = &self->sources[pair->base.src];
    greedy_dest *dest = &self->dests[pair->base.dst];
    assert(source->count > 0 && dest->num_pairs > 0 && dest->changed);
    const greedy_slot *last = &source->slots[--source->count];

    touch_source(self, pair->base.src);
    source->slots[pair->slot] = *last;
    last->pair->slot = pair->slot;
    ds__sum_add(&dest->shares, -source->share, 0);
    if (--dest->num_pairs == 0)
        dest->shares = (ds__sum){ 0 };
    ds__pairs_remove(&self->pairs, &pair->base);
}

/* Returns what each flow of a pair has drained, on the pair's own clock, which
 * starts when a first flow does. */
static double drained(const greedy *self, const ds__pair *pair,
                      const greedy_slot *slot)
{
    const greedy_dest *dest = &self->dests[pair->dst];

    if (pair->first == NULL || isinf(slot->end))
        return 0;
    return pair->first->key - (slot->end - dest->clock) *
                                  self->sources[pair->src].share /
                                  (double)pair->open;
}

/* Works the end out from what has been drained, after another flow has become
 * the first or the number of flows has changed, at a destination that has been
 * touched. */
static void set_end(greedy *self, ds__pair *pair, greedy_slot *slot,
                    double done)
{
    greedy_dest *dest = slot->dest;
    assert(dest->changed);
    double share = self->sources[pair->src].share;
    double togo = (pair->first->key - done) * (double)pair->open;

    if (dest->heap.count == 0 ||
        ds__is_coarse(dest->clock,
                      pair->first->msg.size / (share / (double)pair->open)))
        restart_clock(self, dest);
    slot->end = dest->clock + togo / share;
    if (isinf(slot->end))
        self->beyond = pair->first;
    if (ds__heap_contains(&pair->in_heap)) {
        hold_bound(dest, slot);
        return;
    }
    slot->bound = slot->end;
    ds__heap_push(&dest->heap, slot->bound, &pair->in_heap, pair_before);
    note_first(dest);
}

/* ---- Flows ----------------------------------------------------------------*/

static bool open(ds__fluid *fluid, ds__flow *flow)
{
    greedy *self = (greedy *)fluid;
    ds__pair *pair = ds__pairs_find(&self->pairs, flow->src, flow->dst);

    if (pair == NULL)
        pair = (ds__pair *)add_pair(self, flow->src, flow->dst);
    if (pair == NULL)
        return false;
    flow->pair = pair;
    if (pair->first == NULL) {
        pair->open++;
        return true;
    }

    greedy_slot *slot = slot_of(self, (greedy_pair *)pair);
    touch_dest(self, pair->dst);
    double done = drained(self, pair, slot);
    pair->open++;
    set_end(self, pair, slot, done);
    return true;
}

static void begin(ds__fluid *fluid, ds__flow *flow)
{
    greedy *self = (greedy *)fluid;
    ds__pair *pair = flow->pair;
    greedy_slot *slot = slot_of(self, (greedy_pair *)pair);

    assert(flow->is_open && flow->msg.size > 0);
    touch_dest(self, pair->dst);
    double done = drained(self, pair, slot);
    if (ds__is_coarse(done, flow->msg.size)) {
        ds__pair_restart(pair, done);
        done = 0;
    }
    flow->key = done + flow->msg.size;
    self->num_draining++;
    ds__pair_push(pair, flow);
    if (pair->first == flow)
        set_end(self, pair, slot, done);
}

/* Counts a flow less that is no longer, or never was, among those that drain.
 * done is what the others have drained. */
static void leave(greedy *self, ds__pair *pair, double done)
{
    assert(pair->open > 0);
    if (--pair->open == 0)
        remove_pair(self, (greedy_pair *)pair);
    else if (pair->first != NULL)
        set_end(self, pair, slot_of(self, (greedy_pair *)pair), done);
}

static void close(ds__fluid *fluid, ds__flow *flow)
{
    greedy *self = (greedy *)fluid;
    ds__pair *pair = flow->pair;

    touch_dest(self, pair->dst);
    leave(self, pair, drained(self, pair, slot_of(self, (greedy_pair *)pair)));
}

/* ---- Time -----------------------------------------------------------------*/

/* Returns whether the pair that seems to be the next of a destination is; if
 * not, moves its bound to its end. */
static bool first_is_exact(greedy *self, greedy_dest *dest)
{
    greedy_slot *slot = first_slot(self, dest);

    if (slot->bound == slot->end)
        return true;
    slot->bound = slot->end;
    ds__heap_raise(&dest->heap, slot->bound, &slot->pair->base.in_heap,
                   pair_before);
    dest->first = dest->heap.entries[0].key;
    return false;
}

/* Takes the first flow of the pair that is next at a destination. */
static ds__flow *take(greedy *self, greedy_dest *dest)
{
    greedy_slot *slot = first_slot(self, dest);
    ds__pair *pair = &slot->pair->base;
    double done = drained(self, pair, slot);
    ds__flow *flow = ds__pair_pop(pair);

    if (pair->first == NULL) {
        ds__heap_remove(&dest->heap, &pair->in_heap, pair_before);
        note_first(dest);
        slot->end = slot->bound = INFINITY;
    }
    assert(self->num_draining > 0 && flow->pair == pair);
    self->num_draining--;
    leave(self, pair, done);
    return flow;
}

/* Returns whether something at a destination is through at this instant.  What
 * is ahead on the clock of the loop by roundings alone may be through on the
 * clock of the destination, so that is asked too. */
static bool is_due(const greedy *self, size_t d, double arrival)
{
    const greedy_dest *dest = &self->dests[d];
    const double now = self->base.now;

    if (arrival <= now)
        return true;
    const ds__pair *pair = &first_slot(self, dest)->pair->base;
    double rate = self->sources[pair->src].share * dest->factor;
    double span = pair->first->msg.size * (double)pair->open / rate;
    double clock = dest->clock + dest->factor * (now - dest->seen);
    double end = dest->first;
    return ds__is_now(now, arrival - now, span) ||
           ds__is_gone(end - clock, end);
}

/* Returns which destination is next; nothing has changed, most of the time,
 * since next() looked for it. */
static size_t next_dest(greedy *self)
{
    size_t d = self->next_dest;

    self->next_dest = NOBODY;
    return d != NOBODY ? d : ds__mintree_first(&self->arrivals);
}

static ds__flow *advance(ds__fluid *fluid, double now)
{
    greedy *self = (greedy *)fluid;
    ds__flow *through = NULL;
    ds__flow **last = &through;

    assert(now >= fluid->now);
    fluid->now = now;
    while (ds__mintree_least(&self->arrivals) < INFINITY) {
        size_t d = next_dest(self);
        if (!is_due(self, d, ds__mintree_least(&self->arrivals)))
            break;
        greedy_dest *dest = touch_dest(self, (uint32_t)d);
        if (first_is_exact(self, dest)) {
            *last = take(self, dest);
            last = &(*last)->next;
        }
        ds__mintree_set(&self->arrivals, d, next_at(dest));
    }
    *last = NULL;
    return through;
}

static double next(ds__fluid *fluid)
{
    greedy *self = (greedy *)fluid;

    while (ds__mintree_least(&self->arrivals) < INFINITY) {
        size_t d = ds__mintree_first(&self->arrivals);
        greedy_dest *dest = &self->dests[d];
        if (first_is_exact(self, dest)) {
            self->next_dest = d;
            return fmax(ds__mintree_least(&self->arrivals), fluid->now);
        }
        ds__mintree_set(&self->arrivals, d, next_at(dest));
    }
    return INFINITY;
}

/* ---- Settling -------------------------------------------------------------*/

static inline void settle_dest(greedy_dest *dest)
{
    double sum = ds__sum_value(dest->shares);

    dest->factor = dest->rate / (sum > dest->rate ? sum : dest->rate);
}

/* Puts the next arrival at a destination into the tree, which is rebuilt if
 * many of them have changed. */
static inline void put_arrival(greedy *self, uint32_t d, bool many)
{
    double arrival = next_at(&self->dests[d]);

    if (many)
        ds__mintree_put(&self->arrivals, d, arrival);
    else
        ds__mintree_set(&self->arrivals, d, arrival);
}

/* Divides the rate of a source anew: its ends come nearer or go away by
 * stretch, and its destinations get so much more from each of its pairs.  If
 * the change is small, less than half of the share, error is 0 (Sterbenz), and
 * more is less than any sum that the share is part of. */
typedef struct division {
    double stretch;
    double more;
    double error; /* of more */
    bool is_small;
} division;

static bool divide(greedy_source *source, division *by)
{
    const double old = source->share;

    source->changed = false;
    if (source->count > 0)
        source->share = source->rate / (double)source->count;
    by->stretch = old / source->share;
    by->more = source->share - old;
    by->error = ds__error_of_sum(by->more, source->share, -old);
    by->is_small = fabs(by->more) < old / 2;
    return source->share != old;
}

static inline void stretch_end(const greedy_dest *dest, greedy_slot *slot,
                               double stretch)
{
    slot->end = dest->clock + (slot->end - dest->clock) * stretch;
}

/* Applies the division of one of several sources that have changed: their
 * destinations are settled when all are done. */
static void apply(greedy *self, greedy_source *source, const division *by)
{
    for (size_t i = 0; i < source->count; i++) {
        greedy_slot *slot = &source->slots[i];
        greedy_dest *dest = touch_dest(self, slot->pair->base.dst);
        ds__sum_add(&dest->shares, by->more, by->error);
        stretch_end(dest, slot, by->stretch);
        hold_bound(dest, slot);
    }
}

/* Applies the small division of the only source that has changed: the same in
 * one pass, which leaves the inner nodes of the tree as they are.  It calls
 * nobody, so that what it needs stays in registers; bounds are held afterwards.
 */
static void apply_small(greedy *self, greedy_source *source, const division *by)
{
    const double now = self->base.now;
    const double more = by->more;
    const double stretch = by->stretch;
    greedy_slot *const end = source->slots + source->count;
    greedy_slot **passed = self->passed;

    for (greedy_slot *slot = source->slots; slot < end; slot++) {
        greedy_dest *dest = slot->dest;
        wind(dest, now);
        ds__sum_add_less(&dest->shares, more);
        stretch_end(dest, slot, stretch);
        settle_dest(dest);
        *dest->arrival = next_at(dest);
        if (slot->end < slot->bound)
            *passed++ = slot;
    }
    while (passed > self->passed) {
        greedy_slot *slot = *--passed;
        hold_bound(slot->dest, slot);
        *slot->dest->arrival = next_at(slot->dest);
    }
}

/* Has the tree know of the arrivals at a source's destinations. */
static void climb(greedy *self, const greedy_source *source)
{
    ds__mintree *tree = &self->arrivals;

    for (size_t i = 0; i < source->count; i++) {
        const double *arrival = source->slots[i].dest->arrival;
        size_t d = (size_t)(arrival - tree->keys) - tree->inner;
        ds__mintree_set(tree, d, *arrival);
    }
}

static void settle_dests(greedy *self, bool many)
{
    for (size_t i = 0; i < self->num_changed_dests; i++) {
        uint32_t d = self->changed_dests[i];
        self->dests[d].changed = false;
        settle_dest(&self->dests[d]);
        put_arrival(self, d, many);
    }
    self->num_changed_dests = 0;
}

/* Has the sources divide anew.  Returns whether the tree is left to be rebuilt,
 * which is less work than to climb it often. */
static bool settle_sources(greedy *self)
{
    size_t n = self->num_changed_sources;
    bool many = false;

    self->num_changed_sources = 0;
    for (size_t i = 0; i < n; i++) {
        greedy_source *source = &self->sources[self->changed_sources[i]];
        division by;
        if (!divide(source, &by))
            continue;
        if (n > 1 || !by.is_small) {
            apply(self, source, &by);
            continue;
        }
        apply_small(self, source, &by);
        many = ds__mintree_many(&self->arrivals, source->count);
        if (!many)
            climb(self, source);
    }
    return many || ds__mintree_many(&self->arrivals, self->num_changed_dests);
}

/* Settles the sources first, because shares decide what destinations get. */
static void share_anew(greedy *self)
{
    bool many = settle_sources(self);

    self->next_dest = NOBODY;
    settle_dests(self, many);
    if (many)
        ds__mintree_rebuild(&self->arrivals);
}

/* Returns some flow that drains. */
static const ds__flow *any_flow(const greedy *self)
{
    const greedy_dest *dest = self->dests;

    while (dest->heap.count == 0)
        dest++;
    return first_slot(self, dest)->pair->base.first;
}

static bool is_within_time(greedy *self, ds__why *why)
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
    greedy *self = (greedy *)fluid;

    share_anew(self);
    return is_within_time(self, why);
}

/* ---- Invariants -----------------------------------------------------------*/

static void check_slot(const greedy *self, uint32_t s, size_t i)
{
    const greedy_slot *slot = &self->sources[s].slots[i];
    const ds__pair *pair = &slot->pair->base;
    const ds__heap *heap = &slot->dest->heap;

    assert(slot->pair->slot == i && pair->src == s);
    assert(slot->dest == &self->dests[pair->dst]);
    assert(pair->open > 0);
    assert(slot->bound <= slot->end);
    assert(ds__heap_contains(&pair->in_heap) == (pair->first != NULL));
    if (pair->first == NULL)
        return;
    assert(pair->in_heap.at <= heap->count);
    assert(heap->entries[pair->in_heap.at - 1].node == &pair->in_heap);
    assert(heap->entries[pair->in_heap.at - 1].key == slot->bound);
    (void)heap;
}

/* Adds what its pairs may send to the sums, by destination. */
static size_t check_source(const greedy *self, uint32_t s, double *sums)
{
    const greedy_source *source = &self->sources[s];

    assert(!source->changed && source->count <= source->capacity);
    assert(source->share > 0);
    assert(source->count == 0 ||
           source->share == source->rate / (double)source->count);
    for (size_t i = 0; i < source->count; i++) {
        check_slot(self, s, i);
        if (sums != NULL)
            sums[source->slots[i].dest - self->dests] += source->share;
    }
    return source->count;
}

static size_t check_dest(const greedy *self, uint32_t d, const double *sums)
{
    const greedy_dest *dest = &self->dests[d];

    assert(!dest->changed && dest->seen <= self->base.now);
    assert(dest->heap.count <= dest->num_pairs);
    assert(dest->factor <= 1 && dest->factor > 0);
    assert(dest->first ==
           (dest->heap.count > 0 ? dest->heap.entries[0].key : INFINITY));
    assert(sums == NULL || ds__is_near(ds__sum_value(dest->shares), sums[d]));
    assert(ds__is_near(self->arrivals.keys[self->arrivals.inner + d],
                       next_at(dest)));
    ds__heap_check(&dest->heap);
    return dest->num_pairs;
}

void ds__greedy_check(const ds__fluid *fluid)
{
    const greedy *self = (const greedy *)fluid;
    double *sums = calloc(fluid->num_ports + 1, sizeof(*sums));
    size_t at_sources = 0;
    size_t at_dests = 0;

    assert(self->num_changed_sources == 0 && self->num_changed_dests == 0);
    for (uint32_t s = 0; s < fluid->num_ports; s++)
        at_sources += check_source(self, s, sums);
    for (uint32_t d = 0; d < fluid->num_ports; d++)
        at_dests += check_dest(self, d, sums);
    assert(at_sources == self->pairs.count && at_dests == self->pairs.count);
    ds__pairs_check(&self->pairs);
    ds__mintree_check(&self->arrivals);
    free(sums); /* without memory they are not looked at */
}

const ds_switch_engine ds__greedy_engine = {
    .name = "greedy",
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
    .walk = ds__greedy_check,
};
