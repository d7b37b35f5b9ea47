/* See rules.h. */

#include "bench/rules.h"

#include <math.h>

/* ---- Allreduce ------------------------------------------------------------*/

/* 8 times a number of elements need not fit a size_t. */
static double bytes_of(size_t len)
{
    return 8 * (double)len;
}

/* The greatest power of two that is at most p. */
static size_t power_below(size_t p)
{
    size_t q = 1;

    while (q * 2 <= p)
        q *= 2;
    return q;
}

/* MPICH, MPIR_Allreduce_intra_auto(). */
static const char *mpich_allreduce(size_t p, size_t len)
{
    return bytes_of(len) <= 2048 || len < power_below(p) ? "recursive-doubling"
                                                         : "rabenseifner";
}

#define REDUCE_BCAST "binomial"
#define DOUBLING     "recursive-doubling"
#define RING         "ring"
#define SEGMENTED    "segmented-ring"
#define RABENSEIFNER "rabenseifner"

/* The first row with more ranks, and in it the first choice with more bytes. */
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
        { 262144, SEGMENTED },
        { INFINITY, RABENSEIFNER } } },
    { 8, { { 16, RING }, { 8192, DOUBLING }, { INFINITY, RABENSEIFNER } } },
    { 16, { { 8192, DOUBLING }, { INFINITY, RABENSEIFNER } } },
    { 32,
      { { 64, SEGMENTED }, { 4096, DOUBLING }, { INFINITY, RABENSEIFNER } } },
    { 64, { { 128, SEGMENTED }, { INFINITY, RABENSEIFNER } } },
    { 128, { { 262144, DOUBLING }, { INFINITY, RABENSEIFNER } } },
    { 256,
      { { 131072, REDUCE_BCAST },
        { 262144, DOUBLING },
        { INFINITY, RABENSEIFNER } } },
    { 512, { { 4096, REDUCE_BCAST }, { INFINITY, RABENSEIFNER } } },
    { 2048,
      { { 2048, REDUCE_BCAST },
        { 16384, DOUBLING },
        { INFINITY, RABENSEIFNER } } },
    { 4096,
      { { 2048, REDUCE_BCAST },
        { 4096, SEGMENTED },
        { 16384, DOUBLING },
        { INFINITY, RABENSEIFNER } } },
    { INFINITY,
      { { 2048, REDUCE_BCAST },
        { 16384, SEGMENTED },
        { 32768, DOUBLING },
        { INFINITY, RABENSEIFNER } } },
};

/* Open MPI, ompi_coll_tuned_allreduce_intra_dec_fixed(). */
static const char *open_mpi_allreduce(size_t p, size_t len)
{
    double bytes = bytes_of(len);
    size_t row = 0;
    size_t column = 0;

    while ((double)p >= open_mpi[row].ranks)
        row++;
    while (bytes >= open_mpi[row].below[column].bytes)
        column++;
    return open_mpi[row].below[column].choice;
}

const struct rules rules_allreduce = {
    .n = 2,
    .rule = { { "mpich", "mpich_loss", "MPICH", mpich_allreduce },
              { "open_mpi", "open_mpi_loss", "Open MPI", open_mpi_allreduce } },
};

/* ---- The others, by MPICH -------------------------------------------------*/

/* MPIR_Bcast_intra_auto(). */
static const char *mpich_bcast(size_t p, size_t len)
{
    if (bytes_of(len) < 12288 || p < 8)
        return "bcast-binomial";
    if (bytes_of(len) < 524288 && power_below(p) == p)
        return NULL; /* scatter, and allgather by recursive doubling */
    return "bcast-scatter-allgather";
}

/* MPIR_Reduce_intra_auto(). */
static const char *mpich_reduce(size_t p, size_t len)
{
    return bytes_of(len) > 2048 && len >= power_below(p)
               ? "reduce-scatter-gather"
               : "reduce-binomial";
}

/* MPIR_Allgather_intra_auto(). */
static const char *mpich_allgather(size_t p, size_t len)
{
    double all = (double)p * bytes_of(len);

    if (all < 524288 && power_below(p) == p)
        return "allgather-recursive-doubling";
    return all < 81920 ? "allgather-bruck" : "allgather-ring";
}

/* MPIR_Reduce_scatter_block_intra_auto(); its recursive halving folds. */
static const char *mpich_reduce_scatter(size_t p, size_t len)
{
    if (bytes_of(len) < 524288 && power_below(p) == p)
        return "reduce-scatter-recursive-halving";
    return NULL; /* the same with a fold, or pairwise */
}

/* MPIR_Alltoall_intra_auto(); block by block. */
static const char *mpich_alltoall(size_t p, size_t len)
{
    double block = bytes_of(len) / (double)p;

    if (block <= 256 && p >= 8)
        return "alltoall-bruck";
    return block <= 32768 ? NULL /* scattered, all at once */
                          : "alltoall-pairwise";
}

#define MPICH(choose)                                                          \
    {                                                                          \
        1,                                                                     \
        {                                                                      \
            {                                                                  \
                "mpich", "mpich_loss", "MPICH", choose                         \
            }                                                                  \
        }                                                                      \
    }

static const struct rules others[] = {
    [DS_BCAST] = MPICH(mpich_bcast),
    [DS_REDUCE] = MPICH(mpich_reduce),
    [DS_GATHER] = MPICH(NULL),
    [DS_SCATTER] = MPICH(NULL),
    [DS_ALLGATHER] = MPICH(mpich_allgather),
    [DS_REDUCE_SCATTER] = MPICH(mpich_reduce_scatter),
    [DS_ALLTOALL] = MPICH(mpich_alltoall),
    [DS_BARRIER] = MPICH(NULL),
    [DS_SCAN] = MPICH(NULL),
    [DS_EXSCAN] = MPICH(NULL),
};

const struct rules *rules_of(ds_collective_kind kind)
{
    return &others[kind];
}
