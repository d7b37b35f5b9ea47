/* Sums over trials; see the header. */

#include "explore/runner/tally.h"

#include <assert.h>

static void add_bites(ds__bites *sum, const ds__bites *more)
{
    for (size_t i = 0; i < DS__NUM_FAMILIES; i++) {
        sum->planned[i] += more->planned[i];
        sum->happened[i] += more->happened[i];
        sum->bit[i] += more->bit[i];
        assert(sum->happened[i] <= sum->planned[i]);
    }
    sum->singles += more->singles;
}

void ds__tally_add(ds__tally *sum, const ds__tally *more)
{
    sum->trials += more->trials;
    sum->failed += more->failed;
    sum->events += more->events;
    sum->messages += more->messages;
    sum->calls += more->calls;
    assert(sum->failed <= sum->trials);
    sum->nanoseconds += more->nanoseconds;
    sum->idle += more->idle;
    sum->excused += more->excused;
    add_bites(&sum->bites, &more->bites);
}

void ds__tally_count(ds__tally *sum, const ds__result *result)
{
    sum->trials++;
    sum->failed += result->fate != DS__WELL;
    sum->events += result->events;
    sum->messages += result->messages;
    sum->calls += result->calls;
    sum->nanoseconds += result->nanoseconds;
    sum->idle += result->idle;
    sum->excused += result->excused;
    add_bites(&sum->bites, &result->bites);
}
