/* What no algorithm can beat.
 *
 * The one idea: for each collective, the least that some node must do whatever
 * the algorithm is (kind.c), and then two ways to turn that into a time: all at
 * once, or one after the other in rounds. */

#include <distsys/allreduce.h>
#include <distsys/collective.h>

#include "coll/cost.h"
#include "coll/kind.h"

static ds__least least_of(ds_collective_kind kind, size_t p, size_t len)
{
    const ds__kind *row = ds__kind_of(kind);

    return row->least == NULL ? (ds__least){ 0 } : row->least(p, len);
}

/* A barrier has nothing to move, and still nobody may leave before a message
 * has come. */
static bool is_nothing(ds_collective_kind kind, size_t p, size_t len)
{
    bool is_empty = (ds_collective_kind_traits(kind) & DS_TRAIT_EMPTY) != 0;

    return p <= 1 || (!is_empty && least_of(kind, p, len).moved == 0);
}

/* ---- All at once ----------------------------------------------------------*/

double ds_collective_lower_bound(ds_collective_kind kind, size_t p, size_t len,
                                 double latency, double rate)
{
    if (is_nothing(kind, p, len))
        return 0;
    ds__least work = least_of(kind, p, len);
    double moving = ds__bytes(work.moved) / rate;
    double reducing = work.read * DS_FLOP_TIME;
    return latency + (moving > reducing ? moving : reducing);
}

double ds_allreduce_lower_bound(size_t p, size_t len, double latency,
                                double rate)
{
    return ds_collective_lower_bound(DS_ALLREDUCE, p, len, latency, rate);
}

/* ---- In rounds ------------------------------------------------------------*/

/* In a round the number of nodes that know of another no more than doubles:
 * Chan, Heimlich, Purkayastha, van de Geijn, Concurrency and Computation:
 * Practice and Experience 19 (2007), table 1. */
double ds_collective_one_port_bound(ds_collective_kind kind, size_t p,
                                    size_t len, double latency, double rate)
{
    if (is_nothing(kind, p, len))
        return 0;
    ds__least work = least_of(kind, p, len);
    return ds_cost_seconds(
        (ds_cost){
            .rounds = ds__ceil_lg(p),
            .volume = ds__bytes(work.moved),
            .reduced = work.pairwise,
        },
        latency, rate);
}

double ds_allreduce_one_port_bound(size_t p, size_t len, double latency,
                                   double rate)
{
    return ds_collective_one_port_bound(DS_ALLREDUCE, p, len, latency, rate);
}
