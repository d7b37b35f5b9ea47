/* See rules.h.
 *
 * MPICH: maint/tuning/coll/mpir/generic.json, which src/mpi/coll/src/csel.c
 * searches from top to bottom.  What is used of it here has not changed from
 * 3.4a3, where it took the place of rules in C with other limits, to 5.0.1 and
 * to commit 6a79bf6575 of August 2026.
 *
 * Open MPI: ompi/mca/coll/tuned/coll_tuned_decision_fixed.c, whose allreduce
 * has not changed from 4.1.0 to 5.0.10 and to commit 8efebee745 of August 2026,
 * and what the algorithms in ompi/mca/coll/base/coll_base_allreduce.c do
 * first, which is to hand some vectors on to each other. */

#include "bench/common/rules.h"

#include <math.h>
#include <string.h>

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
#define RING         "ring"
#define RABENSEIFNER "rabenseifner"

/* "collective=allreduce". */
static const char *mpich_allreduce(const rule_case *c)
{
    if (!c->predefined)
        return DOUBLING;
    if (!c->predefined)
        return DOUBLING;
    return bytes_of(c) <= 8 || c->len < power_below(c->p) ? DOUBLING
                                                          : RABENSEIFNER;
}

/* The first row with more ranks, and in it the first choice with more bytes.
 *
 * OTHER is the "nonoverlapping" one, a reduce and then a broadcast as other
 * tables choose them: from 128 ranks on these are a binomial tree, now and then
 * a binary one, and a tree in which each has two children or more.  RING is
 * also what the table calls "segmented_ring".  It is called with segments of
 * size 0, takes that for one segment of the whole vector, finds that there are
 * fewer elements than ranks times a segment, and calls the plain ring. */
#define OTHER NULL
static const struct {
    double ranks;
    struct {
        double bytes;
        const char *choice;
    } below[7];
} open_mpi[] = {
    { 4,
      { { 8, RING },
        { 4096, DOUBLING },
        { 8192, RING },
        { 16384, DOUBLING },
        { 65536, RING },
        { 262144, RING },
        { INFINITY, RABENSEIFNER } } },
    { 8, { { 16, RING }, { 8192, DOUBLING }, { INFINITY, RABENSEIFNER } } },
    { 16, { { 8192, DOUBLING }, { INFINITY, RABENSEIFNER } } },
    { 32, { { 64, RING }, { 4096, DOUBLING }, { INFINITY, RABENSEIFNER } } },
    { 64, { { 128, RING }, { INFINITY, RABENSEIFNER } } },
    { 128, { { 262144, DOUBLING }, { INFINITY, RABENSEIFNER } } },
    { 256,
      { { 131072, OTHER }, { 262144, DOUBLING }, { INFINITY, RABENSEIFNER } } },
    { 512, { { 4096, OTHER }, { INFINITY, RABENSEIFNER } } },
    { 2048,
      { { 2048, OTHER }, { 16384, DOUBLING }, { INFINITY, RABENSEIFNER } } },
    { 4096,
      { { 2048, OTHER },
        { 4096, RING },
        { 16384, DOUBLING },
        { INFINITY, RABENSEIFNER } } },
    { INFINITY,
      { { 2048, OTHER },
        { 16384, RING },
        { 32768, DOUBLING },
        { INFINITY, RABENSEIFNER } } },
};

/* The ring in turn calls recursive doubling if there are fewer elements than
 * ranks. */
static const char *open_mpi_allreduce(const rule_case *c)
{
    double bytes = bytes_of(c);
    size_t row = 0;
    size_t column = 0;

    while ((double)c->p >= open_mpi[row].ranks)
        row++;
    while (bytes >= open_mpi[row].below[column].bytes)
        column++;
    const char *choice = open_mpi[row].below[column].choice;
    if (choice != NULL && strcmp(choice, RING) == 0 && c->len < c->p)
        return DOUBLING;
    return choice;
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

static const rules all[] = {
    [DS_BCAST] = { 1, { MPICH(mpich_bcast) } },
    [DS_REDUCE] = { 1, { MPICH(mpich_reduce) } },
    [DS_GATHER] = { 1, { MPICH(NULL) } },
    [DS_SCATTER] = { 1, { MPICH(NULL) } },
    [DS_ALLGATHER] = { 1, { MPICH(mpich_allgather) } },
    [DS_REDUCE_SCATTER] = { 1, { MPICH(mpich_reduce_scatter) } },
    [DS_ALLTOALL] = { 1, { MPICH(mpich_alltoall) } },
    [DS_BARRIER] = { 1, { MPICH(NULL) } },
    [DS_SCAN] = { 1, { MPICH(NULL) } },
    [DS_EXSCAN] = { 1, { MPICH(NULL) } },
    [DS_ALLREDUCE] = { 2,
                       { MPICH(mpich_allreduce),
                         OPEN_MPI(open_mpi_allreduce) } },
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
