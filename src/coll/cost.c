/* Costs in seconds, and what no allreduce can beat. */

#include <distsys/allreduce.h>

#include "coll/cost.h"

double ds_cost_seconds(ds_cost cost, double latency, double rate)
{
    return cost.rounds * latency + cost.volume / rate +
           cost.reduced * DS_FLOP_TIME;
}

/* Every byte of every vector has an effect on every node.  A node that receives
 * less than 2 (p-1)/p n bytes, all others sending no more, cannot know enough:
 * Patarasu and Yuan, J. Parallel Distrib. Comput. 69 (2009), section 3. */
static double least_volume(size_t p, size_t len)
{
    return 2 * (double)(p - 1) / (double)p * ds__bytes((double)len);
}

double ds_allreduce_lower_bound(size_t p, size_t len, double latency,
                                double rate)
{
    if (p <= 1 || len == 0)
        return 0;

    double sending = least_volume(p, len) / rate;
    double reducing = (double)len * DS_FLOP_TIME;
    return latency + (sending > reducing ? sending : reducing);
}

/* Chan, Heimlich, Purkayastha, van de Geijn, Concurrency and Computation:
 * Practice and Experience 19 (2007), table 1. */
double ds_allreduce_one_port_bound(size_t p, size_t len, double latency,
                                   double rate)
{
    if (p <= 1 || len == 0)
        return 0;
    return ds_cost_seconds(
        (ds_cost){
            .rounds = ds__ceil_lg(p),
            .volume = least_volume(p, len),
            .reduced = 2 * (double)(p - 1) / (double)p * (double)len,
        },
        latency, rate);
}
