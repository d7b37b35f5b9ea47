/* What no algorithm can beat.
 *
 * The one idea: for each collective, the least that some node must do whatever
 * the algorithm is, and then two ways to turn that into a time: all at once, or
 * one after the other in rounds. */

#include <distsys/allreduce.h>
#include <distsys/collective.h>

#include "coll/cost.h"

/* Elements, at the node that has the most of each. */
typedef struct least {
    double moved;    /* sent or received */
    double read;     /* by reductions of as many vectors as they like */
    double pairwise; /* by reductions of two */
} least;

/* p > 1, len > 0.
 *
 * Before anybody knows the result in one place of the vector, p - 1 nodes have
 * to send what they had there, alone or in sums; after that p - 1 nodes have to
 * be told it.  Of these 2 (p-1) len elements some node sends a p-th or more:
 * Patarasu and Yuan, J. Parallel Distrib. Comput. 69 (2009), section 3. */
static least of_allreduce(double p, double len)
{
    return (least){ 2 * (p - 1) / p * len, len, 2 * (p - 1) / p * len };
}

/* p nodes that all read their share of what n of them gave. */
static least reduction(double moved, double p, double n, double len)
{
    return (least){ moved, n > 1 ? n / p * len : 0, 2 * (n - 1) / p * len };
}

/* The root sends or receives what is not its own, or everyone does.  Where
 * blocks differ, and with them what the node has that counts, it is the one
 * that has to move the most, or, if that depends on the root, the least. */
static least of_collective(ds_collective_kind kind, size_t p, size_t len)
{
    double n = (double)len;
    double others = (double)(p - 1);
    double small = (double)(len / p);
    double large = ds__block_max(len, p);

    switch (kind) {
    case DS_BCAST:
        return (least){ .moved = n };
    case DS_REDUCE:
        return reduction(n, (double)p, (double)p, n);
    case DS_GATHER:
    case DS_ALLGATHER:
        return (least){ .moved = others / (double)p * n };
    case DS_SCATTER:
        return (least){ .moved = n - large };
    case DS_REDUCE_SCATTER:
        return reduction(n - small, (double)p, (double)p, n);
    case DS_ALLTOALL:
        return (least){ .moved = others * large };
    case DS_SCAN:
        return reduction(n, (double)p, (double)p, n);
    case DS_EXSCAN:
        return reduction(n, (double)p, others, n);
    case DS_BARRIER:
        break;
    }
    return (least){ 0 };
}

/* ---- All at once ----------------------------------------------------------*/

static double at_once(least work, double latency, double rate)
{
    double moving = ds__bytes(work.moved) / rate;
    double reducing = work.read * DS_FLOP_TIME;

    return latency + (moving > reducing ? moving : reducing);
}

double ds_allreduce_lower_bound(size_t p, size_t len, double latency,
                                double rate)
{
    if (p <= 1 || len == 0)
        return 0;
    return at_once(of_allreduce((double)p, (double)len), latency, rate);
}

/* A barrier has nothing to move, and still nobody may leave before a message
 * has come. */
static bool is_nothing(ds_collective_kind kind, size_t p, size_t len)
{
    return p <= 1 ||
           (kind != DS_BARRIER && of_collective(kind, p, len).moved == 0);
}

double ds_collective_lower_bound(ds_collective_kind kind, size_t p, size_t len,
                                 double latency, double rate)
{
    if (is_nothing(kind, p, len))
        return 0;
    return at_once(of_collective(kind, p, len), latency, rate);
}

/* ---- In rounds ------------------------------------------------------------*/

/* In a round the number of nodes that know of another no more than doubles:
 * Chan, Heimlich, Purkayastha, van de Geijn, Concurrency and Computation:
 * Practice and Experience 19 (2007), table 1. */
static double in_rounds(size_t p, least work, double latency, double rate)
{
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
    if (p <= 1 || len == 0)
        return 0;
    return in_rounds(p, of_allreduce((double)p, (double)len), latency, rate);
}

double ds_collective_one_port_bound(ds_collective_kind kind, size_t p,
                                    size_t len, double latency, double rate)
{
    if (is_nothing(kind, p, len))
        return 0;
    return in_rounds(p, of_collective(kind, p, len), latency, rate);
}
