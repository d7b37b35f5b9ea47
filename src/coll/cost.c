/* Costs in seconds. */

#include <distsys/comm.h>
#include <distsys/cost.h>

double ds_cost_seconds(ds_cost cost, double latency, double rate)
{
    return cost.rounds * latency + cost.volume / rate +
           cost.reduced * DS_FLOP_TIME;
}
