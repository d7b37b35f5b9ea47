/* One trial: a simulation of a test is built, run, judged and freed.
 *
 * An order says what to do, and a result what became of it.  The same order has
 * the same result, in whichever process it is carried out and however often. */
#ifndef DS_EXPLORE_RUNNER_TRIAL_H
#define DS_EXPLORE_RUNNER_TRIAL_H

#include <distsys/explore.h>

#include "explore/plan/bites.h"
#include "loop/probe.h"

/* What became of a trial.  The numbers are what a program ends with. */
typedef enum ds__fate {
    DS__WELL = 0,
    DS__USAGE = 2,      /* the test is not one: nothing has been tried */
    DS__WRONG = 10,     /* ds_fail(), check, misuse, not linearizable */
    DS__ENDLESS = 11,   /* it did not end in time */
    DS__DIED = 12,      /* the process died, or had no memory or no thread */
    DS__FICKLE = 13,    /* it is not deterministic */
    DS__UNDECIDED = 14, /* nobody knows whether the history is right */
    DS__HARMLESS = 15,  /* of a test: a hazard was allowed and bit nowhere */
} ds__fate;

/* Who said that it failed. */
typedef enum ds__judge {
    DS__BY_NOBODY = 0,
    DS__BY_RUNNER,   /* see its text */
    DS__BY_LOOP,     /* a deadlock, a limit, misuse, no memory */
    DS__BY_BODY,     /* ds_fail() */
    DS__BY_TEST,     /* ds_trial_fail() */
    DS__BY_HISTORY,  /* it is not linearizable, or undecided */
    DS__BY_OBSERVER, /* asked after the run */
    DS__BY_SYSTEM,   /* a signal, an exit, a hang */
} ds__judge;

/* An operation of a client, by what it is called in reports: the number of its
 * machine, or DS__NO_MACHINE and the number of its thread; and which of the
 * machine's threads. */
#define DS__NO_MACHINE UINT64_MAX
typedef struct ds__operation {
    uint64_t machine;
    uint64_t thread;
    size_t number;
} ds__operation;

typedef struct ds__marks ds__marks;

typedef struct ds__trial_order {
    uint64_t seed; /* > 0 */
    ds_exec exec;
    ds_ties ties;        /* DS_TIES_RANDOM: as the seed has it */
    const ds_plan *plan; /* NULL: the faults of the seed */
    double anew_at;      /* from then on, without a plan, */
    uint64_t anew; /* ... all is drawn anew, for each number; 0: it is not */
    const ds__operation *left_out;
    size_t num_left_out;
    ds__probe *probe;  /* who listens to the run, or NULL */
    const char *trace; /* as in ds_loop_config */
    ds__marks *marks;  /* what ds_sometimes() tells, or NULL */
    char *last_words;  /* if the process must end: why; or NULL */
    size_t last_words_size;
    double stall; /* as in ds_loop_config */
    bool brief;   /* nobody wants to know why a history is not right, */
    bool alone;   /* ... or what it was, to compare it, if all goes well */
} ds__trial_order;

#define DS__LONGEST_WHY 12288

/* Counts are those of the whole run.  why is "" if all went well. */
typedef struct ds__result {
    ds__fate fate;
    ds__judge judge;
    double time;          /* at which it was over, on the loop's clock */
    uint64_t digest;      /* of what the threads have seen */
    uint64_t history;     /* of the history */
    uint64_t nanoseconds; /* simulated, whole ones so that sums are exact */
    uint64_t events;
    uint64_t messages; /* sent */
    size_t calls;      /* in the history */
    ds__bites bites;
    bool excused; /* it did not end, but more was hurt than it is to survive */
    bool idle;    /* in the end every machine was down for good */
    char why[DS__LONGEST_WHY];
} ds__result;

/* Fills in what a test leaves open. */
ds_test ds__test_whole(const ds_test *test);

/* Says what is wrong with a test, if anything is; false: nothing. */
bool ds__test_is_wrong(const ds_test *test, char *why, size_t size);

/* Builds, runs and judges.  The trial is there until ds__trial_free(), for
 * those who want to show it; NULL: no memory for it, as the result says. */
ds_trial *ds__trial_new(const ds_test *test, const ds__trial_order *order,
                        ds__result *result);
void ds__trial_free(ds_trial *t); /* NULL is allowed */

/* All of it. */
void ds__trial_run(const ds_test *test, const ds__trial_order *order,
                   ds__result *result);

const ds_history *ds__trial_record(const ds_trial *t); /* NULL: none */

/* The faults that it was given or that have been generated; NULL: none. */
const ds_plan *ds__trial_plan(const ds_trial *t);

/* A digest of whole calls: equal histories have equal ones. */
uint64_t ds__history_digest(const ds_history *history);

#endif
