/* Which algorithm of src/coll/ a collective of a program is. */
#ifndef DS_MPI_RUN_ALGORITHM_H
#define DS_MPI_RUN_ALGORITHM_H

#include <distsys/collective.h>

#include "mpi/run/profile.h"

/* Returns the kind of a collective; 0: none of those. */
ds_collective_kind ds__algorithm_kind(const ds__profile_collective *c);

/* Returns the algorithm by which it is done; NULL: none of those. */
const ds_collective *ds__algorithm_of(const ds__profile_collective *c);

/* What it takes if all members begin at once and go in lock step, and what none
 * can beat; operators take no time.  NAN: nobody knows. */
double ds__algorithm_seconds(const ds__profile_collective *c, double latency,
                             double rate);
double ds__algorithm_bound(const ds__profile_collective *c, double latency,
                           double rate);

#endif
