/* The least rate of links that lie between two halves of a network: the hosts
 * of the lower half of the numbers, and the others. */
#ifndef BENCH_CUT_H
#define BENCH_CUT_H

#include <stdbool.h>

#include <distsys/topology.h>

/* How much the lower half can send to the upper half at a time, in bytes a
 * second: the greatest flow, so the least cut.  What a half cable carries one
 * way, it does not carry the other. */
double cut_halves(const ds_topology *topology);

/* Says which links are that cut, or that of the way back.  Of several that are
 * as narrow it is the one over which the fewest bytes went: the others carry
 * more of what stays in one half.  Of equal ones it is the nearest to the
 * senders.  false: no link leads there. */
bool cut_links(const ds_topology *topology, bool back, const double *bytes,
               bool *is_cut);

#endif
