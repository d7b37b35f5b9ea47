#ifndef DISTSYS_COST_H
#define DISTSYS_COST_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a collective costs in the alpha-beta-gamma model (Thakur, Rabenseifner,
 * Gropp, IJHPCA 19(1), 2005, doi 10.1177/1094342005051521): everything along
 * its critical path, if all nodes go in lock step.  A round takes the latency,
 * alpha; a byte takes beta, one over the rate; an element that a reduction
 * reads takes DS_FLOP_TIME, and a pairwise reduction reads two for each of its
 * result.
 *
 * Where the vector does not divide into equal blocks, the path is that of the
 * larger ones. */
typedef struct ds_cost {
    double rounds;
    double volume;  /* bytes */
    double reduced; /* elements read by reductions */
} ds_cost;

/* What led to a moment of a simulation, one thing after another: the chain of
 * messages that were waited for and of reductions.  cost counts them as above;
 * on an idle switched network they take ds_cost_seconds().  What more there is
 * of travelling was spent sharing ports with other messages. */
typedef struct ds_path {
    ds_cost cost;
    double travelling; /* seconds that its messages took */
    double reducing;   /* seconds that its reductions took */
} ds_path;

/* self is the description that the function was found in; p >= 1 nodes; len is
 * the number of elements at the full side. */
typedef ds_cost ds_cost_fn(const void *self, size_t p, size_t len);

/* latency and rate as in a ds_switched_net. */
double ds_cost_seconds(ds_cost cost, double latency, double rate);

/* What an algorithm is like. */
#define DS_TRAIT_ASYNC_ONLY  1u  /* runs in asynchronous mode only */
#define DS_TRAIT_COMMUTATIVE 2u  /* does not keep the order of ranks */
#define DS_TRAIT_ONE_PORT    4u  /* one message in, one out, no pipeline */
#define DS_TRAIT_POWER       8u  /* needs 2^k ranks */
#define DS_TRAIT_SHAPE       16u /* cares where members are */
#define DS_TRAIT_PARTS       32u /* can do parts of different lengths */

/* What all of a kind are like. */
#define DS_TRAIT_ROOT    0x100u /* one rank has or gets what others do not */
#define DS_TRAIT_REDUCES 0x200u /* needs an operator */
#define DS_TRAIT_GATHERS 0x400u /* makes one vector of those of all */
#define DS_TRAIT_EMPTY   0x800u /* carries no vector */

#ifdef __cplusplus
}
#endif

#endif
