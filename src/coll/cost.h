/* Inside costs: terms that several algorithms share.
 *
 * In the formulas n is the vector's size in bytes, q the greatest power of two
 * that is at most p, L = lg q and c = ceil(lg p), as in <distsys/cost.h>. */
#ifndef DS_COLL_COST_H
#define DS_COLL_COST_H

#include <assert.h>
#include <stdbool.h>

#include <distsys/comm.h>
#include <distsys/cost.h>

/* Returns the bytes that elements take on the wire. */
static inline double ds__bytes(double elements)
{
    return 8 * elements;
}

/* Returns how many elements a chunk of a pipeline has: as many as a description
 * asks for, or, if it asks for 0, 32768, which are 256 KiB. */
static inline size_t ds__chunk(size_t asked)
{
    return asked == 0 ? 32768 : asked;
}

/* Returns how many chunks len elements make; none make one that is empty. */
static inline size_t ds__num_chunks(size_t len, size_t chunk)
{
    assert(chunk > 0);
    return len == 0 ? 1 : (len - 1) / chunk + 1;
}

static inline unsigned ds__floor_lg(size_t p) /* p >= 1 */
{
    unsigned lg = 0;

    while (p > 1) {
        p /= 2;
        lg++;
    }
    return lg;
}

static inline unsigned ds__ceil_lg(size_t p)
{
    return p <= 1 ? 0 : ds__floor_lg(p - 1) + 1;
}

/* Returns the most elements that m blocks in a row have, if the p blocks stand
 * in a circle. */
static inline double ds__blocks_max(size_t len, size_t p, size_t m)
{
    return (double)(len / p * m + (len % p * m + p - 1) / p);
}

/* Returns the elements of the largest of p blocks. */
static inline double ds__block_max(size_t len, size_t p)
{
    return ds__blocks_max(len, p, 1);
}

/* Returns the cost of one step: a message of so many elements, which are then
 * combined with as many others, or not. */
static inline ds_cost ds__cost_step(double elements, bool reduces)
{
    return (ds_cost){ 1, ds__bytes(elements), reduces ? 2 * elements : 0 };
}

static inline ds_cost ds__cost_add(ds_cost a, ds_cost b)
{
    return (ds_cost){
        a.rounds + b.rounds,
        a.volume + b.volume,
        a.reduced + b.reduced,
    };
}

static inline ds_cost ds__cost_times(double times, ds_cost a)
{
    return (ds_cost){ times * a.rounds, times * a.volume, times * a.reduced };
}

#endif
