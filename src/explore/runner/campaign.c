/* Many trials of one test; see the header. */

#include "explore/runner/campaign.h"

#include <stdlib.h>

#include "explore/search.h"

/* ---- Sums -----------------------------------------------------------------*/

void ds__tally_add(ds__tally *sum, const ds__tally *more)
{
    sum->trials += more->trials;
    sum->failed += more->failed;
    sum->events += more->events;
    sum->messages += more->messages;
    sum->calls += more->calls;
    sum->nanoseconds += more->nanoseconds;
}

void ds__tally_count(ds__tally *sum, const ds__result *result)
{
    sum->trials++;
    sum->failed += result->fate != DS__WELL;
    sum->events += result->events;
    sum->messages += result->messages;
    sum->calls += result->calls;
    sum->nanoseconds += result->nanoseconds;
}

/* ---- Trials ---------------------------------------------------------------*/

bool ds__campaign_init(ds__campaign *c, const ds__options *options,
                       const ds_test *test)
{
    *c = (ds__campaign){ .options = options, .test = test };
    c->failure = calloc(1, sizeof(*c->failure));
    return c->failure != NULL;
}

void ds__campaign_free(ds__campaign *c)
{
    ds__marks_free(&c->marks);
    free(c->failure);
}

static void try_seed(ds__campaign *c, uint64_t seed)
{
    const ds__trial_order order = {
        .seed = seed,
        .exec = DS_FIBERS,
        .plan = c->options->plan,
        .marks = &c->marks,
    };

    ds__trial_run(c->test, &order, c->failure);
    ds__tally_count(&c->tally, c->failure);
    if (c->failure->fate != DS__WELL)
        c->first = seed;
}

void ds__campaign_run(ds__campaign *c)
{
    const ds__options *o = c->options;
    double began = ds__real_time();

    for (uint64_t i = 0; i <= o->last - o->first && c->first == 0; i++) {
        if (o->budget > 0 && ds__real_time() - began > o->budget) {
            c->out_of_time = true;
            break;
        }
        try_seed(c, o->first + i);
    }
    c->seconds = ds__real_time() - began;
}

ds__fate ds__campaign_fate(const ds__campaign *c)
{
    return c->first == 0 ? DS__WELL : c->failure->fate;
}
