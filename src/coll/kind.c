/* The kinds of collectives, a row each. */

#include "coll/cost.h"
#include "coll/kind.h"

/* ---- The least that must be done ------------------------------------------*/

/* The root sends or receives what is not its own, or everyone does.  Where
 * blocks differ, and with them what the node has that counts, it is the one
 * that has to move the most, or, if that depends on the root, the least. */

static ds__least of_bcast(size_t p, size_t len)
{
    return (ds__least){ .moved = (double)len };
}

/* p nodes that all read their share of what n of them gave. */
static ds__least reduction(double moved, double p, double n, double len)
{
    return (ds__least){ moved, n > 1 ? n / p * len : 0, 2 * (n - 1) / p * len };
}

static ds__least of_reduce(size_t p, size_t len)
{
    return reduction((double)len, (double)p, (double)p, (double)len);
}

static ds__least of_gather(size_t p, size_t len)
{
    return (ds__least){ .moved = (double)(p - 1) / (double)p * (double)len };
}

static ds__least of_scatter(size_t p, size_t len)
{
    return (ds__least){ .moved = (double)len - ds__block_max(len, p) };
}

static ds__least of_reduce_scatter(size_t p, size_t len)
{
    double small = (double)(len / p);

    return reduction((double)len - small, (double)p, (double)p, (double)len);
}

static ds__least of_alltoall(size_t p, size_t len)
{
    return (ds__least){ .moved = (double)(p - 1) * ds__block_max(len, p) };
}

static ds__least of_exscan(size_t p, size_t len)
{
    return reduction((double)len, (double)p, (double)(p - 1), (double)len);
}

/* Before anybody knows the result in one place of the vector, p - 1 nodes have
 * to send what they had there, alone or in sums; after that p - 1 nodes have to
 * be told it.  Of these 2 (p-1) len elements some node sends a p-th or more:
 * Patarasu and Yuan, J. Parallel Distrib. Comput. 69 (2009), section 3. */
static ds__least of_allreduce(size_t p, size_t len)
{
    double n = (double)p;
    double moved = 2 * (n - 1) / n * (double)len;

    return (ds__least){ moved, (double)len, moved };
}

/* ---- The kinds ------------------------------------------------------------*/

static const ds__kind kinds[] = {
    [DS_BCAST] = { "bcast", DS_TRAIT_ROOT, of_bcast },
    [DS_REDUCE] = { "reduce", DS_TRAIT_ROOT | DS_TRAIT_REDUCES, of_reduce },
    [DS_GATHER] = { "gather", DS_TRAIT_ROOT | DS_TRAIT_GATHERS, of_gather },
    [DS_SCATTER] = { "scatter", DS_TRAIT_ROOT, of_scatter },
    [DS_ALLGATHER] = { "allgather", DS_TRAIT_GATHERS, of_gather },
    [DS_REDUCE_SCATTER] = { "reduce-scatter", DS_TRAIT_REDUCES,
                            of_reduce_scatter },
    [DS_ALLTOALL] = { "alltoall", 0, of_alltoall },
    [DS_BARRIER] = { "barrier", DS_TRAIT_EMPTY, NULL },
    [DS_SCAN] = { "scan", DS_TRAIT_REDUCES, of_reduce },
    [DS_EXSCAN] = { "exscan", DS_TRAIT_REDUCES, of_exscan },
    [DS_ALLREDUCE] = { "allreduce", DS_TRAIT_REDUCES, of_allreduce },
};

const ds__kind *ds__kind_of(ds_collective_kind kind)
{
    size_t i = (size_t)kind;

    /* The row of 0 is empty. */
    return &kinds[i < sizeof(kinds) / sizeof(*kinds) ? i : 0];
}

const char *ds_collective_kind_name(ds_collective_kind kind)
{
    return ds__kind_of(kind)->name;
}

unsigned ds_collective_kind_traits(ds_collective_kind kind)
{
    return ds__kind_of(kind)->traits;
}
