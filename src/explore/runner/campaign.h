/* Many trials of one test. */
#ifndef DS_EXPLORE_RUNNER_CAMPAIGN_H
#define DS_EXPLORE_RUNNER_CAMPAIGN_H

#include "explore/runner/marks.h"
#include "explore/runner/options.h"
#include "explore/runner/trial.h"

/* What some trials came to, in numbers that can be added in any order. */
typedef struct ds__tally {
    uint64_t trials;
    uint64_t failed;
    uint64_t events;
    uint64_t messages;
    uint64_t calls;
    uint64_t nanoseconds; /* simulated */
} ds__tally;

void ds__tally_add(ds__tally *sum, const ds__tally *more);
void ds__tally_count(ds__tally *sum, const ds__result *result);

/* A test, what is to be done with it, and what has come of that. */
typedef struct ds__campaign {
    const ds__options *options;
    const ds_test *test;
    ds__tally tally;
    ds__marks marks;
    bool out_of_time;    /* the budget was not enough */
    uint64_t first;      /* the least seed that has failed; 0: none */
    ds__result *failure; /* what became of it */
    double seconds;      /* real ones */
} ds__campaign;

/* False: no memory. */
bool ds__campaign_init(ds__campaign *c, const ds__options *options,
                       const ds_test *test);
void ds__campaign_free(ds__campaign *c);

void ds__campaign_run(ds__campaign *c);

/* What the test ends with. */
ds__fate ds__campaign_fate(const ds__campaign *c);

#endif
