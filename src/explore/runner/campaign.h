/* Many trials of one test: workers run them, some are run twice, and the first
 * failure, or the first of each kind, is looked at again. */
#ifndef DS_EXPLORE_RUNNER_CAMPAIGN_H
#define DS_EXPLORE_RUNNER_CAMPAIGN_H

#include "explore/runner/crew.h"
#include "explore/runner/kind.h"
#include "explore/runner/look.h"
#include "explore/runner/options.h"
#include "explore/runner/twice.h"

/* Failures of one kind. */
typedef struct ds__kind {
    char name[DS__KIND_SIZE];
    uint64_t count;
    ds__news_failure first; /* what was told of the one with the least seed */
    ds__finding *finding;   /* ... and what was found of it */
} ds__kind;

/* A test, what is to be done with it, and what has come of that. */
typedef struct ds__campaign {
    const ds__options *options;
    const ds_test *given;
    ds_test test; /* whole */
    ds__tally tally;
    ds__marks marks;
    ds__kind *kinds; /* in the order of their least seeds */
    size_t num_kinds;
    uint64_t twice;   /* trials that were the same when run again */
    bool out_of_time; /* the budget was not enough */
    bool stopped;     /* the first failure has been given on */
    bool failed;      /* it could not go on: */
    char why[DS__SHORT_WHY];
    double seconds; /* real ones */

    /* Called for failures in the order of their seeds, but those that were not
     * the same twice come last; finding is NULL if another one of that kind has
     * been there before. */
    void (*tell)(struct ds__campaign *c, const ds__news_failure *news,
                 const ds__finding *finding);
} ds__campaign;

void ds__campaign_init(ds__campaign *c, const ds__options *options,
                       const ds_test *test);
void ds__campaign_free(ds__campaign *c);

void ds__campaign_run(ds__campaign *c);

/* Hazards, or-ed together, that were allowed and bit nowhere, in trials enough
 * to say so. */
unsigned ds__campaign_harmless(const ds__campaign *c);

/* What the test ends with. */
ds__fate ds__campaign_fate(const ds__campaign *c);

#endif
