/* Sums over trials; see the header. */

#include "explore/runner/tally.h"

#include <assert.h>

void ds__tally_add(ds__tally *sum, const ds__tally *more)
{
    sum->trials += more->trials;
    sum->failed += more->failed;
    sum->events += more->events;
    sum->messages += more->messages;
    sum->calls += more->calls;
    assert(sum->failed <= sum->trials);
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
