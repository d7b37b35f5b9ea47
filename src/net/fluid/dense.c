/* The engine for any model: asks rates() for the whole matrix at each instant
 * that changes what is in flight, and moves every flow by hand.
 *
 * It is the definition put into the plainest code there is, and the oracle
 * for the fast engines.  A change costs the matrix and all flows. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "net/fluid/engine.h"

typedef struct dense {
    ds__fluid base;
    ds_connmat *count;
    ds_connmat *rate;
    bool changed;    /* count has changed since rate was worked out */
    ds__flow *flows; /* that drain; key: bytes to go */
    ds__flow **end;
    double next;
} dense;

static void destroy(ds__fluid *fluid)
{
    dense *self = (dense *)fluid;

    ds_connmat_free(self->count);
    ds_connmat_free(self->rate);
    free(self);
}

static ds__fluid *create(const ds_switch *model, size_t num_ports)
{
    dense *self = calloc(1, sizeof(*self));

    if (self == NULL)
        return NULL;
    self->base = (ds__fluid){
        .engine = &ds__dense_engine,
        .model = model,
        .num_ports = num_ports,
    };
    self->end = &self->flows;
    self->next = INFINITY;
    self->count = ds_connmat_new(num_ports);
    self->rate = ds_connmat_new(num_ports);
    if (self->count == NULL || self->rate == NULL) {
        destroy(&self->base);
        return NULL;
    }
    return &self->base;
}

static void add_to_count(dense *self, const ds__flow *flow, double n)
{
    size_t cell = flow->src * self->base.num_ports + flow->dst;

    self->count->rates[cell] += n;
    assert(self->count->rates[cell] >= 0);
    self->changed = true;
}

static bool open(ds__fluid *fluid, ds__flow *flow)
{
    add_to_count((dense *)fluid, flow, 1);
    return true;
}

static void begin(ds__fluid *fluid, ds__flow *flow)
{
    dense *self = (dense *)fluid;

    assert(flow->msg.size > 0);
    flow->key = flow->msg.size;
    flow->next = NULL;
    *self->end = flow;
    self->end = &flow->next;
}

static void close(ds__fluid *fluid, ds__flow *flow)
{
    add_to_count((dense *)fluid, flow, -1);
}

/* Returns the rate of one flow: the messages of a pair share its rate
 * equally. */
static double rate_of(const dense *self, const ds__flow *flow)
{
    size_t cell = flow->src * self->base.num_ports + flow->dst;

    return self->rate->rates[cell] / self->count->rates[cell];
}

/* Returns how long a flow has to go; INFINITY, if it stands still. */
static double seconds_to_go(const dense *self, const ds__flow *flow)
{
    double rate = rate_of(self, flow);

    return rate > 0 ? flow->key / rate : INFINITY;
}

static void drain(dense *self, double seconds)
{
    for (ds__flow *flow = self->flows; flow != NULL; flow = flow->next)
        flow->key -= rate_of(self, flow) * seconds;
}

/* Returns whether nothing but roundings keeps a flow from being through. */
static bool is_through(const dense *self, const ds__flow *flow)
{
    const double now = self->base.now;
    double rate = rate_of(self, flow);

    if (ds__is_gone(flow->key, flow->msg.size))
        return true;
    if (rate == 0)
        return false;
    double ahead = (now + flow->key / rate) - now;
    return ds__is_now(now, ahead, flow->msg.size / rate);
}

/* Takes off the flows that are through, and keeps the order of the others.
 * Rates stay as they are until every flow has been looked at. */
static ds__flow *harvest(dense *self)
{
    ds__flow *through = NULL;
    ds__flow **last = &through;
    ds__flow **link = &self->flows;

    while (*link != NULL) {
        ds__flow *flow = *link;
        if (!is_through(self, flow)) {
            link = &flow->next;
            continue;
        }
        *link = flow->next;
        *last = flow;
        last = &flow->next;
    }
    *last = NULL;
    self->end = link;
    return through;
}

static ds__flow *advance(ds__fluid *fluid, double now)
{
    dense *self = (dense *)fluid;

    assert(now >= fluid->now);
    drain(self, now - fluid->now);
    fluid->now = now;
    ds__flow *through = harvest(self);
    for (ds__flow *flow = through; flow != NULL; flow = flow->next)
        add_to_count(self, flow, -1);
    return through;
}

static bool check_rates(dense *self, ds__why *why)
{
    const size_t n = self->base.num_ports;

    for (size_t i = 0; i < n * n; i++) {
        double rate = self->rate->rates[i];
        if (rate >= 0 && isfinite(rate))
            continue;
        ds__format(why->text, sizeof(why->text),
                   "ds_switch.rates: the rate from port %zu to port %zu is %g; "
                   "a rate is finite and at least 0",
                   i / n, i % n, rate);
        return false;
    }
    return true;
}

static bool ask_model(dense *self, ds__why *why)
{
    const size_t n = self->base.num_ports;
    bool idle = true;

    for (size_t i = 0; i < n * n; i++) {
        self->rate->rates[i] = self->count->rates[i] > 0;
        idle = idle && self->count->rates[i] == 0;
    }
    if (idle)
        return true; /* a model may divide by what is in flight */
    self->base.model->rates(self->base.model, self->count, self->rate);
    if (check_rates(self, why))
        return true;
    for (size_t i = 0; i < n * n; i++)
        self->rate->rates[i] = 0;
    return false;
}

/* Works out when the next flow is through; false: some flow never can be. */
static bool look_ahead(dense *self, ds__why *why)
{
    bool within = true;

    for (ds__flow *flow = self->flows; flow != NULL; flow = flow->next) {
        double end = self->base.now + seconds_to_go(self, flow);
        self->next = fmin(self->next, end);
        if (isinf(end) && rate_of(self, flow) > 0 && within) {
            ds__say_beyond(why, flow);
            within = false;
        }
    }
    return within;
}

static bool settle(ds__fluid *fluid, ds__why *why)
{
    dense *self = (dense *)fluid;
    bool sound = !self->changed || ask_model(self, why);

    self->changed = false;
    self->next = INFINITY;
    return sound && look_ahead(self, why);
}

static double next(ds__fluid *fluid)
{
    return ((dense *)fluid)->next;
}

/* Asserts that every flow that drains counts, and that its bytes to go are no
 * more than it has. */
void ds__dense_check(const ds__fluid *fluid)
{
    const dense *self = (const dense *)fluid;
    const size_t n = fluid->num_ports;
    ds__flow *const *end = &self->flows;

    assert(!self->changed);
    for (size_t i = 0; i < n * n; i++)
        assert(self->count->rates[i] >= 0 && self->rate->rates[i] >= 0);
    for (const ds__flow *f = self->flows; f != NULL; f = f->next) {
        assert(f->src < n && f->dst < n);
        assert(self->count->rates[f->src * n + f->dst] >= 1);
        assert(f->key <= f->msg.size);
        end = &f->next;
    }
    assert(self->end == end);
    (void)end;
}

const ds_switch_engine ds__dense_engine = {
    .name = "dense",
    .create = create,
    .destroy = destroy,
    .advance = advance,
    .open = open,
    .begin = begin,
    .close = close,
    .settle = settle,
    .next = next,
    .walk = ds__dense_check,
};
