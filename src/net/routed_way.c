/* What the way of a message is like: which links it crosses, how often and
 * with what weight, its latency, and its limit. */

#include <math.h>
#include <stdlib.h>

#include "net/routed.h"
#include "topology/topology.h"

/* ---- Routes ---------------------------------------------------------------*/

static bool no_memory(ds__routed *self)
{
    ds_net_fail(&self->base, DS_ENOMEM, "ds_send: out of memory");
    return false;
}

static bool no_way(ds__routed *self, size_t from, size_t to)
{
    const char *why = ds_topology_error(self->topology);

    if (atomic_load(&self->topology->exhausted))
        return no_memory(self);
    ds_net_fail(&self->base, DS_EMISUSE,
                "ds_send: no way leads from host %zu to host %zu%s%s", from, to,
                *why == '\0' ? "" : ": ", why);
    return false;
}

static size_t bound_over(const ds__traffic *self, size_t link)
{
    return ((const ds__routed_traffic *)self)->engine->bound[link];
}

bool ds__routed_watch(ds__routed *self)
{
    self->traffic = (ds__routed_traffic){ { bound_over }, self->engine };
    return !ds__topology_asks(self->topology) ||
           ds__flows_count_bound(self->engine);
}

/* Puts a route into self->route, and its length into *n. */
static bool find_route(ds__routed *self, size_t from, size_t to,
                       uint64_t message, size_t *n)
{
    const ds__question question = {
        .from = from,
        .to = to,
        .message = message,
        .traffic = self->engine->bound == NULL ? NULL : &self->traffic.traffic,
    };

    *n = ds__topology_route(self->topology, &question, self->route,
                            self->max_route);
    if (*n == SIZE_MAX)
        return no_way(self, from, to);
    if (*n <= self->max_route)
        return true;

    size_t *longer = realloc(self->route, *n * sizeof(*longer));
    if (longer == NULL)
        return no_memory(self);
    self->route = longer;
    self->max_route = *n;
    return find_route(self, from, to, message, n);
}

static bool reserve_hops(ds__routed *self, size_t n)
{
    if (n <= self->max_hops)
        return true;
    ds__hop *more = realloc(self->hops, n * sizeof(*more));
    if (more == NULL)
        return no_memory(self);
    self->hops = more;
    self->max_hops = n;
    return true;
}

/* ---- Hops -----------------------------------------------------------------*/

/* Adds a part of a hop.  unit is in parts of a message until the weight is
 * known. */
static void add_hop(ds__routed *self, size_t *n, size_t l, double part,
                    uint32_t times)
{
    ds__routed_link *link = &self->links[l];

    if (link->hop == 0) {
        self->hops[*n] = (ds__hop){ .link = (uint32_t)l };
        link->hop = (uint32_t)++ * n;
    }
    ds__hop *hop = &self->hops[link->hop - 1];
    hop->unit = link->fat ? fmax(hop->unit, part) : hop->unit + part;
    hop->times += times;
}

static void forget_hops(ds__routed *self, size_t n)
{
    for (size_t i = 0; i < n; i++)
        self->links[self->hops[i].link].hop = 0;
}

/* What a model wants to know of a route. */
typedef struct sums {
    double latency;
    double penalty;
} sums;

static sums add_up(const ds__routed *self, size_t n)
{
    sums s = { 0 };

    for (size_t i = 0; i < n; i++) {
        const ds__routed_link *link = &self->links[self->route[i]];
        s.latency += link->latency;
        s.penalty += link->latency + self->model.weight_s / link->rate;
    }
    return s;
}

/* Adds the hops of the way there and of the way back. */
static bool find_hops(ds__routed *self, const ds__routed_flow *flow,
                      size_t *num_hops, sums *s)
{
    const ds__flow *f = &flow->placed.flow;
    const size_t from = self->hosts[f->src];
    const size_t to = self->hosts[f->dst];
    size_t n;

    *num_hops = 0;
    if (!find_route(self, from, to, f->msg.id, &n) || !reserve_hops(self, n))
        return false;
    *s = add_up(self, n);
    for (size_t i = 0; i < n; i++)
        add_hop(self, num_hops, self->route[i], 1, 1);
    if (self->model.cross_traffic == 0)
        return true;
    if (!find_route(self, to, from, f->msg.id, &n) ||
        !reserve_hops(self, *num_hops + n))
        return false;
    for (size_t i = 0; i < n; i++)
        add_hop(self, num_hops, self->route[i], self->model.cross_traffic, 0);
    return true;
}

/* ---- The course -----------------------------------------------------------*/

static double or_one(double factor)
{
    return factor == 0 ? 1 : factor;
}

static double weight_of(const ds_flow_model *model, sums s)
{
    double penalty = model->weight_s > 0 ? s.penalty : s.latency;

    if (model->weight_s == 0 && !model->weigh_latency)
        return 1;
    return penalty > 0 ? 1 / penalty : 1;
}

bool ds__routed_weighs_latency(const ds__routed *self)
{
    return self->model.weight_s > 0 || self->model.weigh_latency;
}

bool ds__routed_weighs_rate(const ds__routed *self)
{
    return self->model.weight_s > 0;
}

static double limit_of(const ds_flow_model *model, sums s, double rate)
{
    double limit = rate > 0 ? rate / or_one(model->bandwidth_factor) : INFINITY;

    if (model->tcp_gamma > 0 && s.latency > 0)
        limit = fmin(limit, model->tcp_gamma / (2 * s.latency));
    return limit;
}

static bool find_path(ds__routed *self, ds__routed_flow *flow, size_t num_hops,
                      sums s)
{
    const ds__flow *f = &flow->placed.flow;
    const ds__course course = {
        .src = f->src,
        .dst = f->dst,
        .hops = self->hops,
        .num_hops = num_hops,
        .weight = weight_of(&self->model, s),
        .factor = or_one(self->model.bandwidth_factor),
        .limit = limit_of(&self->model, s, f->msg.rate),
        .least = NAN,
    };

    if (num_hops == 0 && isinf(course.limit))
        return true;
    for (size_t i = 0; i < num_hops; i++)
        self->hops[i].unit *= course.weight;
    flow->path = ds__path_use(self->engine, &course);
    return flow->path != NULL || no_memory(self);
}

bool ds__routed_find_way(ds__routed *self, ds__routed_flow *flow)
{
    size_t num_hops;
    sums s;
    bool found = find_hops(self, flow, &num_hops, &s);

    forget_hops(self, num_hops);
    if (!found)
        return false;
    flow->latency = s.latency * or_one(self->model.latency_factor);
    return find_path(self, flow, num_hops, s);
}

/* Adds up what add_up() does, of a path. */
static sums add_up_path(const ds__routed *self, const ds__path *path)
{
    sums s = { 0 };

    for (uint32_t i = 0; i < path->num_route; i++) {
        const ds__routed_link *link = &self->links[path->hops[i].link];
        const double times = path->hops[i].times;
        s.latency += times * link->latency;
        s.penalty +=
            times * (link->latency + self->model.weight_s / link->rate);
    }
    return s;
}

bool ds__routed_weigh(ds__routed *self, const ds__path *path,
                      ds__course *course)
{
    const double weight = weight_of(&self->model, add_up_path(self, path));

    if (weight == path->weight || !reserve_hops(self, path->num_route))
        return false;
    for (uint32_t i = 0; i < path->num_route; i++) {
        self->hops[i] = path->hops[i];
        self->hops[i].unit *= weight / path->weight;
    }
    *course = (ds__course){
        .src = path->base.src,
        .dst = path->base.dst,
        .hops = self->hops,
        .num_hops = path->num_route,
        .weight = weight,
        .factor = path->factor,
        .limit = path->limit,
        .least = path->least,
    };
    return true;
}

bool ds__routed_is_cut(ds__routed *self, const ds__path *path)
{
    for (uint32_t i = 0; path != NULL && i < path->num_route; i++) {
        ds__routed_link *link = &self->links[path->hops[i].link];
        if (link->up)
            continue;
        link->hits++;
        return true;
    }
    return false;
}

double ds__routed_least(const ds__routed *self, const ds__path *path)
{
    double least = INFINITY;

    for (uint32_t i = 0; i < path->num_route; i++)
        if (path->hops[i].times > 0)
            least = fmin(least, self->links[path->hops[i].link].rate);
    return least;
}
