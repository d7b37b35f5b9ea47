/* See contest.h. */

#include "bench/common/contest.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void contest_free(contest *c)
{
    for (size_t i = 0; i < c->num_kept; i++)
        free(c->kept[i].result.uses);
    free(c->kept);
    free(c->contenders);
    free(c->settings.list);
}

bool contest_is_on_topology(const contest *c)
{
    return fabric_is_open(c->settings.list[0].fabric);
}

/* ---- Who takes part -------------------------------------------------------*/

const char *contest_obstacle(const ds_collective *how, const setting *s)
{
    if ((how->traits & DS_TRAIT_ASYNC_ONLY) != 0 &&
        setting_modes[s->mode].obstacle != NULL)
        return setting_modes[s->mode].obstacle;
    if ((s->nodes & (s->nodes - 1)) != 0 && (how->traits & DS_TRAIT_POWER) != 0)
        return "needs a number of nodes that is a power of two";
    return NULL;
}

bool contest_is_held(const contest *c, const setting *s)
{
    for (size_t i = 0; i < c->n; i++)
        if (contest_obstacle(c->contenders[i], s) == NULL)
            return true;
    return false;
}

static bool runs_somewhere(const contest *c, const ds_collective *how)
{
    for (size_t i = 0; i < c->settings.n; i++)
        if (contest_obstacle(how, &c->settings.list[i]) == NULL)
            return true;
    return false;
}

/* Once for each number of nodes in a row. */
static void say_where_not(const contest *c, const ds_collective *how)
{
    size_t said = 0;

    for (size_t i = 0; i < c->settings.n; i++) {
        const setting *s = &c->settings.list[i];
        const char *obstacle = contest_obstacle(how, s);

        if (obstacle != NULL && s->nodes != said) {
            args_warn("%s is left out with %zu nodes; it %s", how->name,
                      s->nodes, obstacle);
            said = s->nodes;
        }
    }
}

/* Once for each number of nodes in a row. */
static void say_what_is_not_known(const contest *c, const ds_collective *how)
{
    size_t said = 0;

    for (size_t i = 0; i < c->settings.n; i++) {
        const setting *s = &c->settings.list[i];

        if (s->nodes == said || contest_obstacle(how, s) != NULL)
            continue;
        places where = places_of(s->fabric, s->nodes);
        ds_collective own = trial_algorithm(how, s, &where);
        const char *lack = places_lack(&where, &own);
        if (lack != NULL)
            args_warn("with %zu nodes %s %s", s->nodes, how->name, lack);
        places_free(&where);
        said = s->nodes;
    }
}

static bool is_held_nowhere(const contest *c)
{
    for (size_t i = 0; i < c->settings.n; i++)
        if (contest_is_held(c, &c->settings.list[i]))
            return false;
    return true;
}

static void admit(contest *c)
{
    size_t kept = 0;

    for (size_t i = 0; i < c->n; i++) {
        const ds_collective *how = c->contenders[i];

        if (runs_somewhere(c, how)) {
            say_where_not(c, how);
            say_what_is_not_known(c, how);
            c->contenders[kept++] = how;
        } else {
            args_warn("%s is left out; it %s", how->name,
                      contest_obstacle(how, &c->settings.list[0]));
        }
    }
    c->n = kept;
}

failure contest_admit(contest *contests, size_t *n, const char *option)
{
    const ds_collective *first = contests[0].contenders[0];
    size_t kept = 0;
    size_t empty = 0;

    for (size_t i = 0; i < *n; i++)
        empty += is_held_nowhere(&contests[i]);
    if (empty == *n)
        return failure_new(
            BAD_USAGE, "%s: %s %s", option, first->name,
            contest_obstacle(first, &contests[0].settings.list[0]));
    for (size_t i = 0; i < *n; i++) {
        admit(&contests[i]);
        if (contests[i].n > 0)
            contests[kept++] = contests[i];
        else
            contest_free(&contests[i]);
    }
    *n = kept;
    return SUCCESS;
}

/* ---- What theory says -----------------------------------------------------*/

/* Bounds and costs count the elements at the side that has all of them. */
static size_t full_len(ds_collective_kind kind, const setting *s)
{
    bool gathers = (ds_collective_kind_traits(kind) & DS_TRAIT_GATHERS) != 0;

    return gathers ? s->nodes * s->size : s->size;
}

/* A setting as theory has it: on a switch.  false: it is on none. */
static bool on_switch(const setting *s, setting *there)
{
    *there = *s;
    return !fabric_is_open(s->fabric) ||
           fabric_is_switch(s->fabric, s->nodes, &there->latency, &there->rate);
}

double contest_bound(const contest *c, const setting *s)
{
    setting there;

    if (!on_switch(s, &there))
        return NAN;
    return ds_collective_lower_bound(c->kind, s->nodes, full_len(c->kind, s),
                                     there.latency, there.rate);
}

static theory theory_of(const ds_collective *how, const setting *s,
                        double seconds)
{
    size_t len = full_len(how->kind, s);
    theory t = { NAN, NAN, NAN, NAN };
    setting there;

    if (!on_switch(s, &there))
        return t;
    places where = places_of(s->fabric, s->nodes);
    ds_collective own = trial_algorithm(how, s, &where);
    t.lower_bound = ds_collective_lower_bound(how->kind, s->nodes, len,
                                              there.latency, there.rate);
    t.one_port_bound = ds_collective_one_port_bound(how->kind, s->nodes, len,
                                                    there.latency, there.rate);
    if (own.cost != NULL)
        t.closed_form = ds_cost_seconds(own.cost(&own, s->nodes, len),
                                        there.latency, there.rate);
    if (t.lower_bound > 0)
        t.ratio = seconds / t.lower_bound;
    places_free(&where);
    return t;
}

/* ---- Running them ---------------------------------------------------------*/

bool contest_is_tie(double seconds, double least)
{
    return seconds <= least * (1 + 1e-9);
}

static void find_best(outcome *outcomes, size_t n)
{
    double least = INFINITY;

    for (size_t i = 0; i < n; i++)
        if (outcomes[i].ran && outcomes[i].result.seconds < least)
            least = outcomes[i].result.seconds;
    for (size_t i = 0; i < n; i++)
        outcomes[i].best = outcomes[i].ran &&
                           contest_is_tie(outcomes[i].result.seconds, least);
}

/* For a report at the end. */
static void keep(contest *c, const outcome *o)
{
    if (o->result.uses == NULL)
        return;
    c->kept = args_realloc(c->kept, c->num_kept + 1, sizeof(*c->kept));
    c->kept[c->num_kept++] = *o;
}

/* In a setting that the algorithm can run in. */
static void run_one(contest *c, const ds_collective *how, const setting *s,
                    outcome *o)
{
    o->ran = true;
    o->result = trial_run(how, s, c->explain, c->done++, c->settings.n * c->n);
    o->s = o->result.used;
    o->theory = theory_of(how, s, o->result.seconds);
    keep(c, o);
}

failure contest_run(contest *c, size_t number, outcome *outcomes)
{
    const setting *s = &c->settings.list[number];

    memset(outcomes, 0, c->n * sizeof(*outcomes));
    for (size_t i = 0; i < c->n; i++) {
        outcomes[i] = (outcome){ .s = *s, .how = c->contenders[i] };
        if (contest_obstacle(c->contenders[i], s) != NULL)
            continue;
        run_one(c, c->contenders[i], s, &outcomes[i]);
        if (outcomes[i].result.why.status != 0)
            return outcomes[i].result.why;
    }
    find_best(outcomes, c->n);
    return SUCCESS;
}

void contest_forget(const contest *c, outcome *outcomes)
{
    for (size_t i = 0; i < c->n; i++) {
        free(outcomes[i].result.split.parts);
        outcomes[i].result.split.parts = NULL;
    }
}

failure contest_seconds(contest *c, const ds_collective *how, const setting *s,
                        double *seconds)
{
    trial_result result = trial_run(how, s, false, c->done++, 0);

    *seconds = result.seconds;
    free(result.uses);
    return result.why;
}
