/* What some trials came to, in numbers that can be added in any order. */
#ifndef DS_EXPLORE_RUNNER_TALLY_H
#define DS_EXPLORE_RUNNER_TALLY_H

#include "explore/runner/trial.h"

typedef struct ds__tally {
    uint64_t trials;
    uint64_t failed;
    uint64_t events;
    uint64_t messages;
    uint64_t calls;
    uint64_t nanoseconds; /* simulated */
    uint64_t idle;        /* trials in which all machines were down for good */
    uint64_t excused;     /* that did not end, and need not */
    ds__bites bites;
} ds__tally;

void ds__tally_add(ds__tally *sum, const ds__tally *more);
void ds__tally_count(ds__tally *sum, const ds__result *result);

#endif
