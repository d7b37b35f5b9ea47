/* See rules.h. */

#include "bench/rules.h"

#include <math.h>

const ds_allreduce *rules_mpich(size_t p, size_t len)
{
    size_t q = 1;

    while (q * 2 <= p)
        q *= 2;
    return 8 * (double)len <= 2048 || len < q ? &ds_allreduce_recursive_doubling
                                              : &ds_allreduce_rabenseifner;
}

#define REDUCE_BCAST &ds_allreduce_binomial
#define DOUBLING     &ds_allreduce_recursive_doubling
#define RING         &ds_allreduce_ring
#define SEGMENTED    &ds_allreduce_segmented_ring
#define RABENSEIFNER &ds_allreduce_rabenseifner

/* The first row with more ranks, and in it the first choice with more bytes. */
static const struct {
    double ranks;
    struct {
        double bytes;
        const ds_allreduce *choice;
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

const ds_allreduce *rules_open_mpi(size_t p, size_t len)
{
    double bytes = 8 * (double)len;
    size_t row = 0;
    size_t column = 0;

    while ((double)p >= open_mpi[row].ranks)
        row++;
    while (bytes >= open_mpi[row].below[column].bytes)
        column++;
    return open_mpi[row].below[column].choice;
}
