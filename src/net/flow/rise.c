/* What flows get more in a sweep, and which of the pipes that were not full
 * that can have filled.
 *
 * Most pipes of a network may be far from full, and have most of its lanes, so
 * a sweep leaves out what cannot have become full.  It knows what each flow has
 * more than before: what the level of its holder has risen by, if that is the
 * same pipe as before, and the others are in a list.  Where levels rise by
 * much, that is taken off the slack of all that the flows cross.  For the
 * others each pipe has the greatest of their rises taken off for each of its
 * lanes. */

#include <math.h>
#include <string.h>

#include "net/flow/flow.h"

/* What is more than so many times the mean is much. */
#define MUCH 1.2

/* If there are so many times as many full pipes as others, it is less work to
 * give all their turns. */
#define FEW 4

static double higher(double a, double b)
{
    return a > b ? a : b;
}

static double rise_to(double after, double before)
{
    return after * (1 + 4 * DS__LEVEL_TIE) - before;
}

static double rise_of(const ds__flows *self, uint32_t l)
{
    return rise_to(self->levels[l], self->granted[l]);
}

void ds__rises_take(ds__flows *self, ds__path *path)
{
    if (path->round == self->round)
        return;
    path->round = self->round;
    path->before = self->granted[ds__path_holder(path)];
    path->taken = self->taken;
    self->taken = path;
}

/* Takes what the flows of a path have more off the slack of all pipes that are
 * not full. */
static void count_path(ds__flows *self, const ds__path *path, double rise)
{
    for (uint32_t i = 0; i < path->num_hops; i++) {
        const uint32_t l = path->hops[i].link;
        self->slacks[l] -= ds__path_coef(path, i) * rise;
    }
}

/* The same for a lane that lists the others of its path.  Its own pipe is full.
 */
static void count_others(ds__flows *self, const ds__lane *lane, double more)
{
    double *slacks = self->slacks;

    for (uint32_t i = 0; i < lane->num_others; i++)
        slacks[lane->others[i]] -= more;
}

static void count_taken(ds__flows *self)
{
    for (const ds__path *p = self->taken; p != NULL; p = p->taken) {
        double rise = rise_to(self->levels[ds__path_holder(p)], p->before);
        if (rise > 0)
            count_path(self, p, rise);
    }
}

static void count_held(ds__flows *self, const ds__pipe *pipe, double rise)
{
    for (uint32_t i = 0; i < pipe->num_held; i++) {
        const ds__lane *lane = &pipe->lanes[i];
        if (lane->num_others != DS__UNLISTED)
            count_others(self, lane, pipe->coefs[i] * rise);
        else
            count_path(self, lane->path, rise);
    }
}

/* Returns a rise, or 0 if it is none.  No branch guesses that, and a compiler
 * would make one of a comparison. */
static double or_none(double rise)
{
    uint64_t bits;

    memcpy(&bits, &rise, sizeof(bits));
    bits &= -(uint64_t)(rise > 0);
    memcpy(&rise, &bits, sizeof(bits));
    return rise;
}

/* Returns the mean rise of the pipes at these places. */
static double mean_rise(const ds__flows *self, size_t from, size_t end)
{
    double sum = 0;

    for (size_t i = from; i < end; i++)
        sum += or_none(rise_of(self, self->order[i]));
    return sum / (double)(end - from);
}

/* Finds out which of those at these places have risen by much, and returns how
 * many.  Each is noted, and forgotten if the next one takes its place: no
 * branch guesses how far a pipe has risen, and what is known of those that have
 * risen can be on its way from memory before it is needed. */
static size_t find_risen(ds__flows *self, size_t from, size_t end, double much,
                         ds__rises *r)
{
    double greatest = 0;
    size_t n = 0;

    for (size_t i = from; i < end; i++) {
        const uint32_t l = self->order[i];
        const double rise = rise_of(self, l);
        const bool is_much = rise > much;
        self->risen[n] = l;
        n += is_much;
        greatest = higher(greatest, is_much ? 0 : rise);
    }
    r->greatest = greatest;
    return n;
}

void ds__rises_count(ds__flows *self, size_t from, size_t end, ds__rises *r)
{
    r->known = true;
    r->greatest = INFINITY;
    if (end - from > FEW * (self->num_order - end))
        return;

    const double much = MUCH * mean_rise(self, from, end);
    const size_t risen = find_risen(self, from, end, much, r);
    for (size_t i = 0; i < risen; i++) {
        const uint32_t l = self->risen[i];
        count_held(self, &self->pipes[l], rise_of(self, l));
    }
    count_taken(self);
}

size_t ds__rises_pass(ds__flows *self, size_t place, const ds__rises *r)
{
    const size_t end = self->num_order;
    const uint32_t *order = self->order;
    const double *totals = self->totals;
    const double greatest = r->greatest;
    double *slacks = self->slacks;

    for (; place < end; place++) {
        const uint32_t l = order[place];
        const double slack = slacks[l] - totals[l] * greatest;
        slacks[l] = slack;
        if (slack < 0)
            break;
    }
    return place;
}

void ds__rises_begin(ds__flows *self, size_t from, size_t end, ds__rises *r)
{
    for (size_t i = from; i < end; i++)
        self->granted[self->order[i]] = self->levels[self->order[i]];
    self->round++;
    self->taken = NULL;
    *r = (ds__rises){ .greatest = INFINITY };
}

void ds__rises_go_on(ds__flows *self, size_t from, size_t place, ds__rises *r)
{
    for (place++; place < self->num_order; place++)
        place = ds__rises_pass(self, place, r);
    ds__rises_begin(self, from, self->num_order, r);
}
