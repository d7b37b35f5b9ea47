/* The second look at a trial that has failed, or that was not twice the same:
 * in a fresh process, and on the other execution.
 *
 * A failure that is not the same there would send whoever looks for it astray:
 * the finding then is that the trial is not deterministic. */
#ifndef DS_EXPLORE_RUNNER_LOOK_H
#define DS_EXPLORE_RUNNER_LOOK_H

#include "explore/runner/aftermath.h"
#include "explore/runner/apart.h"
#include "explore/runner/options.h"
#include "explore/runner/worker.h"

typedef struct ds__finding {
    uint64_t seed;
    ds__result result; /* the verdict, and why */
    bool after_others; /* it is so only after other trials */
    char *plan;        /* what went wrong, or NULL; free() it */
    size_t plan_lines;
    char history_error[200];  /* why the history was not written, or "" */
    char said[DS__SAID_SIZE]; /* what the process printed before it died */
    ds__aftermath *after;     /* what is made of it, by the campaign, or NULL */
} ds__finding;

/* Looks again at a trial of which claim was told; NULL: nothing was.  False: no
 * process could be made, as the finding says. */
bool ds__look(const ds__options *o, const ds_test *test, uint64_t seed,
              const ds__news_failure *claim, ds__finding *finding);

void ds__finding_free(ds__finding *finding);

#endif
