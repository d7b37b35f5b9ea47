/* Max-min fairness among messages: none can get more without one that has no
 * more than it getting less.
 *
 * The definition, and the engine of flows as that of a switch: a star, with a
 * pipe up and one down for each port, and routes of two. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "net/flow/star.h"

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
typedef enum face { SOURCE, DEST } face;

typedef struct filling {
    const ds__ports *ports;
    const ds_connmat *count;
    ds_connmat *rate;
} filling;

static double *cell_of(const ds_connmat *mat, face side, size_t port,
                       size_t other)
{
    return &mat->rates[side == SOURCE ? port * mat->num_nodes + other
                                      : other * mat->num_nodes + port];
}

/* Returns what a port has left for each undecided message; INFINITY: it has
 * none. */
static double share_of(const filling *f, face side, size_t port)
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

static void decide(filling *f, face side, size_t port, double share)
{
    for (size_t i = 0; i < f->rate->num_nodes; i++) {
        double *rate = cell_of(f->rate, side, port, i);
        if (*rate < 0)
            *rate = share * *cell_of(f->count, side, port, i);
    }
}

static bool fill_fullest(filling *f)
{
    face side = SOURCE;
    size_t port = 0;
    double least = INFINITY;

    for (size_t i = 0; i < 2 * f->rate->num_nodes; i++) {
        face s = i % 2 == 0 ? SOURCE : DEST;
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
    ds__star *self = (ds__star *)fluid;

    if (self->flows != NULL)
        ds__flows_free(self->flows);
    free(self);
}

/* Pipe number p leads from port p, and number num_ports + p to it. */
static ds__flows *make_flows(const ds_switch *model, size_t n)
{
    const ds__ports ports = ports_of(model);
    double *capacities = malloc((2 * n + 1) * sizeof(*capacities));

    if (capacities == NULL)
        return NULL;
    for (size_t p = 0; p < n; p++) {
        capacities[p] = ds__send_rate(&ports, p);
        capacities[n + p] = ds__recv_rate(&ports, p);
    }
    ds__flows *flows = ds__flows_new(2 * n, capacities, NULL, false);
    free(capacities);
    return flows;
}

static ds__fluid *create(const ds_switch *model, size_t num_ports)
{
    ds__star *self = calloc(1, sizeof(*self));

    if (self == NULL)
        return NULL;
    self->base = (ds__fluid){
        .engine = &ds__maxmin_engine,
        .model = model,
        .num_ports = num_ports,
    };
    self->flows = make_flows(model, num_ports);
    if (self->flows != NULL)
        return &self->base;
    destroy(&self->base);
    return NULL;
}

/* ---- The engine -----------------------------------------------------------*/

static bool open(ds__fluid *fluid, ds__flow *flow)
{
    const ds__star *self = (const ds__star *)fluid;
    const ds__hop hops[] = {
        { .link = flow->src, .times = 1, .unit = 1 },
        { .link = (uint32_t)fluid->num_ports + flow->dst,
          .times = 1,
          .unit = 1 },
    };
    ds__path *path = ds__path_use(self->flows, &(ds__course){
                                                   .src = flow->src,
                                                   .dst = flow->dst,
                                                   .hops = hops,
                                                   .num_hops = 2,
                                                   .weight = 1,
                                                   .factor = 1,
                                                   .limit = INFINITY,
                                                   .least = INFINITY,
                                               });

    if (path == NULL)
        return false;
    if (ds__flows_open(self->flows, flow, path))
        return true;
    ds__path_leave(self->flows, path);
    return false;
}

static void begin(ds__fluid *fluid, ds__flow *flow)
{
    ds__flows_begin(((ds__star *)fluid)->flows, flow);
}

static void close(ds__fluid *fluid, ds__flow *flow)
{
    ds__flows_close(((ds__star *)fluid)->flows, flow);
}

static ds__flow *advance(ds__fluid *fluid, double now)
{
    fluid->now = now;
    return ds__flows_advance(((ds__star *)fluid)->flows, now);
}

static bool settle(ds__fluid *fluid, ds__why *why)
{
    return ds__flows_settle(((ds__star *)fluid)->flows, why);
}

static double next(ds__fluid *fluid)
{
    return ds__flows_next(((ds__star *)fluid)->flows);
}

static void walk(const ds__fluid *fluid)
{
    const ds__star *self = (const ds__star *)fluid;

    assert(self->flows->now == fluid->now);
    ds__flows_check(self->flows);
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
    .walk = walk,
};
