/* What a program says beyond MPI. */

#include "mpi/run/own.h"

#include <assert.h>
#include <distsys-mpi/dsmpi.h>
#include <math.h>
#include <string.h>

#include "mpi/watch.h"

#undef DSMPI_Compute

static bool computed;

bool ds__own_computed(void)
{
    return computed;
}

void DSMPI_Compute(double seconds)
{
    ds__rank *me =
        ds__mpi_enter_always("DSMPI_Compute", __builtin_return_address(0));

    if (!isfinite(seconds) || seconds < 0)
        ds__mpi_die(DS__ERR_ARG, "%g seconds; they are finite and at least 0",
                    seconds);
    computed = true;
    ds__mpi_compute(me, seconds);
    ds__watch_work(me);
}

uintptr_t ds__own_find(const char *name)
{
    assert(name != NULL);
    return strcmp(name, "DSMPI_Compute") == 0 ? (uintptr_t)DSMPI_Compute : 0;
}
