/* See rules.h.
 *
 * MPICH: maint/tuning/coll/mpir/generic.json, which src/mpi/coll/src/csel.c
 * searches from top to bottom.  What is used of it here has not changed from
 * 3.4a3, where it took the place of rules in C with other limits, to 5.0.1 and
 * to commit 6a79bf6575 of August 2026.  Open MPI: bench/common/open_mpi.c. */

#include "bench/common/rules.h"

#include <string.h>

#include "bench/common/open_mpi.h"

/* ---- Allreduce ------------------------------------------------------------*/

/* They need not fit a size_t. */
static double bytes_of(const rule_case *c)
{
    return (double)c->size * (double)c->len;
}

/* The greatest power of two that is at most p. */
static size_t power_below(size_t p)
{
    size_t q = 1;

    while (q * 2 <= p)
        q *= 2;
    return q;
}

#define DOUBLING     "recursive-doubling"
#define RABENSEIFNER "rabenseifner"

/* "collective=allreduce". */
static const char *mpich_allreduce(const rule_case *c)
{
    if (!c->predefined)
        return DOUBLING;
    return bytes_of(c) <= 8 || c->len < power_below(c->p) ? DOUBLING
                                                          : RABENSEIFNER;
}

/* ---- The others, by MPICH -------------------------------------------------*/

/* "collective=bcast". */
static const char *mpich_bcast(const rule_case *c)
{
    if (bytes_of(c) <= 12288 || c->p < 8)
        return "bcast-binomial";
    if (bytes_of(c) <= 524288 && power_below(c->p) == c->p)
        return NULL; /* scatter, and allgather by recursive doubling */
    return "bcast-scatter-allgather";
}

/* "collective=reduce". */
static const char *mpich_reduce(const rule_case *c)
{
    return c->predefined && bytes_of(c) > 2048 && c->len >= power_below(c->p)
               ? "reduce-scatter-gather"
               : "reduce-binomial";
}

/* "collective=allgather". */
static const char *mpich_allgather(const rule_case *c)
{
    double all = (double)c->p * bytes_of(c);

    if (all < 524288 && power_below(c->p) == c->p)
        return "allgather-recursive-doubling";
    return all < 81920 ? "allgather-bruck" : "allgather-ring";
}

/* "collective=reduce_scatter", whose recursive halving folds. */
static const char *mpich_reduce_scatter(const rule_case *c)
{
    if (c->commutes && bytes_of(c) < 524288 && power_below(c->p) == c->p)
        return "reduce-scatter-recursive-halving";
    return NULL; /* the same with a fold, or pairwise */
}

/* "collective=alltoall", where the size is that of a block. */
static const char *mpich_alltoall(const rule_case *c)
{
    double block = bytes_of(c) / (double)c->p;

    if (block <= 256 && c->p >= 8)
        return "alltoall-bruck";
    return block <= 32768 ? NULL /* scattered, 32 at once */
                          : "alltoall-pairwise";
}

/* ---- All of them ----------------------------------------------------------*/

#define MPICH(choose)                                                          \
    {                                                                          \
        "mpich", "mpich_loss", "MPICH", choose                                 \
    }
#define OPEN_MPI(choose)                                                       \
    {                                                                          \
        "open_mpi", "open_mpi_loss", "Open MPI", choose                        \
    }
#define BOTH(shown, mpich, open_mpi)                                           \
    {                                                                          \
        2, shown,                                                              \
        {                                                                      \
            MPICH(mpich), OPEN_MPI(open_mpi)                                   \
        }                                                                      \
    }

static const rules all[] = {
    [DS_BCAST] = BOTH(1, mpich_bcast, open_mpi_bcast),
    [DS_REDUCE] = BOTH(1, mpich_reduce, open_mpi_reduce),
    [DS_GATHER] = BOTH(1, NULL, open_mpi_gather),
    [DS_SCATTER] = BOTH(1, NULL, open_mpi_scatter),
    [DS_ALLGATHER] = BOTH(1, mpich_allgather, open_mpi_allgather),
    [DS_REDUCE_SCATTER] =
        BOTH(1, mpich_reduce_scatter, open_mpi_reduce_scatter),
    [DS_ALLTOALL] = BOTH(1, mpich_alltoall, open_mpi_alltoall),
    [DS_BARRIER] = BOTH(1, NULL, open_mpi_barrier),
    [DS_SCAN] = { 1, 1, { MPICH(NULL) } },
    [DS_EXSCAN] = { 1, 1, { MPICH(NULL) } },
    [DS_ALLREDUCE] = BOTH(2, mpich_allreduce, open_mpi_allreduce),
};

const char *rule_for_doubles(rule_fn *choose, size_t p, size_t len)
{
    return choose(&(rule_case){ .p = p,
                                .len = len,
                                .size = sizeof(double),
                                .commutes = true,
                                .predefined = true });
}

const rules *rules_of(ds_collective_kind kind)
{
    return &all[kind];
}

const ds_collective *rules_find(ds_collective_kind kind, const char *name)
{
    size_t n;
    const ds_collective *const *every = ds_collective_catalogue(&n);

    for (size_t i = 0; i < n; i++)
        if (every[i]->kind == kind && strcmp(every[i]->name, name) == 0)
            return every[i];
    return NULL;
}
