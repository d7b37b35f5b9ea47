/* The seam to watch a run through; see the header. */

#include "loop/probe.h"

#include "loop/state.h"

void ds__tell_probe(ds_loop *loop, ds__record record)
{
    record.time = loop->now;
    loop->probe->record(loop->probe, &record);
}
