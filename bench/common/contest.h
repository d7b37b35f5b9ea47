/* Algorithms for the same collective against each other: each of them in every
 * setting. */
#ifndef BENCH_CONTEST_H
#define BENCH_CONTEST_H

#include "bench/common/rules.h"
#include "bench/common/setting.h"
#include "bench/common/trial.h"

/* What there is on paper, in seconds: on a switch, or on a topology that is
 * one; elsewhere all is NAN. */
typedef struct theory {
    double closed_form; /* NAN: there is none */
    double lower_bound;
    double one_port_bound;
    double ratio; /* of the time to the lower bound; NAN: that is 0 */
} theory;

/* What is known of an algorithm in a setting when it has been run. */
typedef struct outcome {
    setting s; /* as it was run; rows begin with it */
    const ds_collective *how;
    trial_result result;
    theory theory;
    bool ran;    /* false: it cannot, and nothing else is known */
    bool best;   /* nothing else in this setting was faster; several may be */
    bool marked; /* and is to be shown so */
    char *links; /* by which its path was held up, while it is shown */
} outcome;

typedef struct contest {
    ds_collective_kind kind;
    const ds_collective **contenders;
    size_t n;
    settings settings;
    bool explain;  /* split paths by link */
    size_t done;   /* trials so far */
    outcome *kept; /* those whose links are to be reported */
    size_t num_kept;
} contest;

void contest_free(contest *c);

/* Leaves out who can run in none of the settings of its contest, and says so on
 * standard error, also of those that cannot run in some; then contests that
 * nobody is left in.  Bad usage of this option if none remains. */
failure contest_admit(contest *contests, size_t *n, const char *option);

/* Why an algorithm cannot run in a setting, as in "NAME ..."; NULL: it can. */
const char *contest_obstacle(const ds_collective *how, const setting *s);

/* Whether there is a topology in place of the switch, in all its settings. */
bool contest_is_on_topology(const contest *c);

/* Whether anybody can run in a setting. */
bool contest_is_held(const contest *c, const setting *s);

/* Runs all in the setting of this number; outcomes has room for n, and what is
 * theirs alone is to be freed by the second call, also after a failure. */
failure contest_run(contest *c, size_t number, outcome *outcomes);
void contest_forget(const contest *c, outcome *outcomes);

/* Whether a time is as good as the least one.  What is equal on paper is equal
 * here: a billionth more is nothing but rounding. */
bool contest_is_tie(double seconds, double least);

/* The lower bound of a setting; NAN: there is none. */
double contest_bound(const contest *c, const setting *s);

/* Runs one in any setting that it can run in: how many seconds it takes. */
failure contest_seconds(contest *c, const ds_collective *how, const setting *s,
                        double *seconds);

#endif
