/* Equal-cost multi-path: at each place that has several links on shortest ways,
 * a hash says which one is taken.
 *
 * The hash is of a seed, the place, the two hosts, and the number of the
 * message if each message is to go its own way, so that collisions are the same
 * in each run. */
#ifndef DS_TOPOLOGY_ECMP_H
#define DS_TOPOLOGY_ECMP_H

#include <stdbool.h>
#include <stdint.h>

#include "topology/rule.h"

/* NULL: no memory. */
ds__rule *ds__ecmp_new(uint64_t seed, bool by_message);

#endif
