/* A laboratory: it tries one guess after the other about a failure, in a
 * process of its own, and tells whether it fails in the same way.
 *
 * Whoever asks goes on in that process itself, as a copy of the caller that
 * runs ahead and notes each answer; the caller follows in its steps, and reads
 * them.  If a guess kills the process, that was its answer, and another one
 * takes over from there.  So a guess that dies costs a fork, and all others
 * cost nothing but themselves.
 *
 * Answers hang on nothing but the questions, unless real time runs out, which
 * is told. */
#ifndef DS_EXPLORE_RUNNER_LAB_H
#define DS_EXPLORE_RUNNER_LAB_H

#include "explore/runner/apart.h"
#include "explore/runner/kind.h"
#include "explore/shrink/shrink.h"

/* What limits it.  A trial counts for some events more than it has, and one
 * that dies or hangs for many. */
typedef struct ds__lab_config {
    uint64_t most_events; /* of all trials together */
    double most_seconds;  /* of real time, for all of them */
    double hang;          /* likewise, for one */
} ds__lab_config;

/* What both processes see. */
typedef struct ds__lab_page ds__lab_page;

/* Invariant: asked is how many answers were given, of page->count. */
typedef struct ds__lab {
    const ds_test *test; /* whole */
    ds__lab_config config;
    char kind[DS__KIND_SIZE]; /* of the failure */
    ds__lab_page *page;
    double began;
    uint64_t asked;
    bool inside; /* this is the process that tries */
    bool late;   /* real time ran out */
    bool broken; /* there was no process: why */
    char why[120];
} ds__lab;

/* Writes what a failure has in common with those that are like it. */
void ds__lab_kind(const ds__result *result, char kind[DS__KIND_SIZE]);

/* False: no memory. */
bool ds__lab_init(ds__lab *lab, const ds_test *test, const ds__result *failure,
                  const ds__lab_config *config);

/* Tries an order, on fibers, and goes no further than to the latest time.  What
 * fails alike was over at the one that is stored; INFINITY: nobody knows. */
ds__reply ds__lab_ask(ds__lab *lab, const ds__trial_order *order, double latest,
                      double *time);

/* Ends it.  Call it after the last question, and before anything is done that
 * is not to be done twice: it does not return in the process that tries. */
void ds__lab_free(ds__lab *lab);

#endif
