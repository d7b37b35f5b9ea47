/* The least rate of links that lie between two halves of a network. */
#ifndef BENCH_TOPOLOGY_CUT_H
#define BENCH_TOPOLOGY_CUT_H

#include <distsys/topology.h>

/* How much the hosts of the lower half of the numbers can send to the others at
 * a time, in bytes a second: the greatest flow, so the least cut.  What a half
 * cable carries one way, it does not carry the other. */
double cut_halves(const ds_topology *topology);

#endif
