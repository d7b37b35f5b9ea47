/* Makes a failure small: finds a plan with few and gentle faults, and few
 * operations, that fails in the same way.
 *
 * Whoever runs things is the caller's: all that is known here is that a guess
 * fails alike, or does not.  A fault less shifts all that comes after it, so a
 * guess counts as failing if it does with some of many fresh draws, which are a
 * line "0 reseed K" in front of it.  What fails with none of them fails by luck
 * alone, which is kept as long as it lasts; if much is left then, one blunt
 * line that has the luck of some of many draws is less to read.  The same
 * answers lead to the same end. */
#ifndef DS_EXPLORE_SHRINK_SHRINK_H
#define DS_EXPLORE_SHRINK_SHRINK_H

#include "explore/shrink/gentler.h"

/* What may fail as well. */
typedef struct ds__guess {
    const ds_plan *plan;
    const bool *without; /* which operations are left out, by number */
    bool fifo;           /* what happens at one instant is in order */
    double latest;       /* what fails later is of no interest */
} ds__guess;

typedef enum ds__reply {
    DS__FAILS_OTHERWISE, /* or not at all */
    DS__FAILS_ALIKE,
    DS__ENOUGH, /* it has not been tried, and nothing will be any more */
} ds__reply;

typedef struct ds__oracle ds__oracle;
struct ds__oracle {
    ds__reply (*ask)(ds__oracle *self, const ds__guess *guess);
    double time; /* at which the last one that failed alike was over */
};

/* A failure.  Invariant: clients does not fall. */
typedef struct ds__original {
    const ds_plan *plan;
    double time;  /* what begins later has nothing to do with it */
    double slack; /* by which it may come later in what is smaller */
    ds__bounds bounds;
    unsigned hazards;      /* DS_HAZARD_..., that other plans may have */
    size_t num_operations; /* those that were done */
    const size_t *clients; /* a number for the client of each operation */
    bool fifo;
    bool fixed; /* nothing can be drawn anew */
    bool dear;  /* it takes long to see that one fails, so how often is not
                 * looked at */
} ds__original;

/* How many fresh draws a guess has. */
#define DS__DRAWS 40

/* Invariants: without is set num_without times; fails <= draws <= DS__DRAWS. */
typedef struct ds__shrunk {
    ds_plan *plan;
    bool *without; /* by number of the operation */
    size_t num_without;
    bool fifo;
    bool failed;  /* false: the original did not, when it was tried */
    bool whole;   /* false: the oracle had enough before there was nothing left
                   * to try */
    size_t runs;  /* how often it was asked */
    size_t draws; /* fresh ones, with which the result was tried without its
                   * reseed; */
    size_t fails; /* ... and with how many it failed alike */
} ds__shrunk;

/* Begins with the original itself.  False: no memory; nothing is to be
 * freed. */
bool ds__shrink(const ds__original *original, ds__oracle *oracle,
                ds__shrunk *shrunk);
void ds__shrunk_free(ds__shrunk *shrunk);

#endif
