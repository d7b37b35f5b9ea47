/* The level of one pipe against the others as they are. */

#include <assert.h>
#include <math.h>

#include "net/flow/flow.h"

/* How much is kept back of what is left of a pipe, so that nothing that is
 * added up roughly hides that it is full. */
#define SLACK_MARGIN 1e-9

/* ---- What others hold -----------------------------------------------------*/

/* No branch depends on a level: it would be guessed wrong as often as not.
 * Whichever of two is kept in a loop comes first, which spares a copy. */
static double higher(double a, double b)
{
    return a > b ? a : b;
}

/* One of several sums that are made side by side, because each has to wait for
 * itself. */
static inline void add(ds__pull *pull, double level, double coef)
{
    pull->others += coef * level;
    pull->most = higher(pull->most, level);
}

static ds__pull both(ds__pull a, ds__pull b)
{
    return (ds__pull){ a.others + b.others, higher(a.most, b.most) };
}

static ds__pull pull_few(const double *levels, const uint32_t *holders,
                         size_t n)
{
    ds__pull a = { 0 };

    for (size_t i = 0; i < n; i++)
        add(&a, levels[holders[i]], 1);
    return a;
}

static ds__pull pull_many(const double *levels, const uint32_t *holders,
                          size_t n)
{
    ds__pull a = { 0 };
    ds__pull b = { 0 };
    ds__pull c = { 0 };
    ds__pull d = { 0 };
    size_t i = 0;

    for (; i + 4 <= n; i += 4) {
        add(&a, levels[holders[i]], 1);
        add(&b, levels[holders[i + 1]], 1);
        add(&c, levels[holders[i + 2]], 1);
        add(&d, levels[holders[i + 3]], 1);
    }
    for (; i < n; i++)
        add(&a, levels[holders[i]], 1);
    return both(both(a, b), both(c, d));
}

static ds__pull pull_scaled(const double *levels, const uint32_t *holders,
                            const double *coefs, size_t n)
{
    ds__pull a = { 0 };
    ds__pull b = { 0 };
    size_t i = 0;

    for (; i + 2 <= n; i += 2) {
        add(&a, levels[holders[i]], coefs[i]);
        add(&b, levels[holders[i + 1]], coefs[i + 1]);
    }
    if (i < n)
        add(&a, levels[holders[i]], coefs[i]);
    return both(a, b);
}

static double sum(const double *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum;
}

static ds__pull pull_by(const ds__pipe *pipe, const double *levels)
{
    const uint32_t first = pipe->num_held;
    const uint32_t *holders = pipe->holders + first;
    const size_t n = pipe->num_lanes - first;

    if (pipe->num_scaled > 0)
        return pull_scaled(levels, holders, pipe->coefs + first, n);
    if (n < 8)
        return pull_few(levels, holders, n);
    return pull_many(levels, holders, n);
}

ds__pull ds__pipe_pull(ds__flows *self, uint32_t l)
{
    ds__pipe *pipe = &self->pipes[l];

    if (pipe->num_scaled > 0 && pipe->num_broken > 0)
        pipe->held = sum(pipe->coefs, pipe->num_held);
    return pull_by(pipe, self->levels);
}

/* ---- The level ------------------------------------------------------------*/

static double unit_of(const ds__pipe *pipe, size_t i)
{
    return pipe->lanes[i].path->hops[pipe->lanes[i].slot].unit;
}

/* A fat pipe is full when the greediest of the flows that it holds, or should
 * hold, has all of it. */
static double share_of_fat(const ds__flows *self, const ds__pipe *pipe)
{
    const double most = pipe->capacity * (1 + DS__LEVEL_TIE);
    double greed = 0;

    for (size_t i = 0; i < pipe->num_lanes; i++) {
        double unit = unit_of(pipe, i);
        if (i < pipe->num_held || unit * self->levels[pipe->holders[i]] > most)
            greed = higher(unit, greed);
    }
    return greed > 0 ? pipe->capacity / greed : INFINITY;
}

double ds__pipe_share(const ds__flows *self, uint32_t l, ds__pull pull)
{
    const ds__pipe *pipe = &self->pipes[l];

    if (pipe->fat)
        return share_of_fat(self, pipe);
    if (pipe->num_held > 0)
        return (pipe->capacity - pull.others) / pipe->held;
    return pull.others <= pipe->capacity * (1 + DS__LEVEL_TIE) ? INFINITY : -1;
}

/* ---- Taking ---------------------------------------------------------------*/

void ds__pipe_take(ds__flows *self, uint32_t l, uint32_t at, ds__pull *pull)
{
    const ds__pipe *pipe = &self->pipes[l];
    const ds__lane lane = pipe->lanes[at];

    pull->others -= pipe->coefs[at] * self->levels[pipe->holders[at]];
    ds__path_hold(self, lane.path, lane.slot);
}

/* Returns the lane that is held at the highest level; DS__NOWHERE: none is
 * above this one. */
static uint32_t highest(const ds__flows *self, const ds__pipe *pipe,
                        double level)
{
    uint32_t at = DS__NOWHERE;

    for (uint32_t i = pipe->num_held; i < pipe->num_lanes; i++) {
        double x = self->levels[pipe->holders[i]];
        if (x > level) {
            level = x;
            at = i;
        }
    }
    return at;
}

/* The highest first: with each that a pipe takes its level rises towards where
 * that one has been, so that it never takes too much.  What others hold is
 * added up again at the end: the digits of what is small beside something that
 * has been taken off are lost. */
double ds__pipe_fit(ds__flows *self, uint32_t l, ds__pull *pull, bool *took)
{
    const ds__pipe *pipe = &self->pipes[l];
    double level = ds__pipe_share(self, l, *pull);
    bool is_fresh = true;

    if (!(pull->most > level * (1 + DS__LEVEL_TIE)))
        return level;
    for (;;) {
        double bound = level * (1 + DS__LEVEL_TIE);
        uint32_t at = highest(self, pipe, bound);
        if (at == DS__NOWHERE && is_fresh)
            return level;
        is_fresh = at == DS__NOWHERE;
        if (is_fresh)
            *pull = ds__pipe_pull(self, l);
        else
            ds__pipe_take(self, l, at, pull);
        *took = true;
        level = ds__pipe_share(self, l, *pull);
    }
}

/* ---- Full or not ----------------------------------------------------------*/

void ds__pipe_fill(ds__flows *self, uint32_t l)
{
    self->pipes[l].is_full = true;
    self->slacks[l] = -1;
    ds__use_full(self, l, true);
}

static double slack_beside(const ds__pipe *pipe, double others)
{
    return (pipe->capacity - others) * (1 - SLACK_MARGIN) -
           pipe->capacity * SLACK_MARGIN;
}

/* Takes back what has been granted to the holders of a pipe's lanes. */
static void take_back(ds__flows *self, const ds__pipe *pipe)
{
    for (size_t i = 0; i < pipe->num_lanes; i++) {
        uint32_t holder = pipe->holders[i];
        self->granted[holder] = self->levels[holder];
        self->pipes[holder].quiet = false;
    }
}

void ds__pipe_idle(ds__flows *self, uint32_t l)
{
    ds__pipe_clear(self, l);
    ds__use_full(self, l, false);
}

void ds__pipe_rest_plain(ds__flows *self, uint32_t l, double others)
{
    ds__pipe *pipe = &self->pipes[l];

    assert(pipe->num_held == 0);
    ds__pipe_clear(self, l);
    if (pipe->num_broken > 0)
        self->totals[l] = sum(pipe->coefs, pipe->num_lanes);
    if (!pipe->fat)
        self->slacks[l] = slack_beside(pipe, others);
    ds__use_full(self, l, !pipe->fat && self->slacks[l] < 0);
}

void ds__pipe_rest(ds__flows *self, uint32_t l, double others)
{
    ds__pipe *pipe = &self->pipes[l];
    double slack = -1;

    if (!pipe->fat)
        slack = slack_beside(pipe, pull_by(pipe, self->granted).others);
    if (slack < 0)
        take_back(self, pipe);
    ds__pipe_rest_plain(self, l, others);
    if (slack >= 0)
        self->slacks[l] = slack;
}
