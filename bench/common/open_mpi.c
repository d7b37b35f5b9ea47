/* The tables are those of ompi/mca/coll/tuned/coll_tuned_decision_fixed.c, a
 * function ompi_coll_tuned_KIND_intra_dec_fixed for each, of operators that
 * commute; they are the same in 4.1.0, in all of 5.0 up to 5.0.10.  Numbers are
 * those that stand there before the algorithms' names.
 *
 * Every choice is called with segments of size 0, which is one of the whole
 * vector; and some algorithms, ompi/mca/coll/base/coll_base_KIND.c, hand what
 * they do not do on to others.  Where it ends is what these functions say. */

#include "bench/common/open_mpi.h"

#include <math.h>
#include <stddef.h>

enum { COLUMNS = 10 };

/* The first row with more ranks counts, and in it the first choice with more
 * bytes. */
typedef struct row {
    double ranks;
    struct {
        double bytes;
        int how;
    } below[COLUMNS];
} row;

static int look_up(const row *r, size_t p, double bytes)
{
    size_t column = 0;

    while ((double)p >= r->ranks)
        r++;
    while (bytes >= r->below[column].bytes)
        column++;
    return r->below[column].how;
}

/* They need not fit a size_t. */
static double bytes_of(const rule_case *c)
{
    return (double)c->size * (double)c->len;
}

static bool is_power(size_t p)
{
    return (p & (p - 1)) == 0;
}

/* ---- The tables -----------------------------------------------------------*/

static const row allreduce_rows[] = {
    { 4,
      { { 8, 4 },
        { 4096, 3 },
        { 8192, 4 },
        { 16384, 3 },
        { 65536, 4 },
        { 262144, 5 },
        { INFINITY, 6 } } },
    { 8, { { 16, 4 }, { 8192, 3 }, { INFINITY, 6 } } },
    { 16, { { 8192, 3 }, { INFINITY, 6 } } },
    { 32, { { 64, 5 }, { 4096, 3 }, { INFINITY, 6 } } },
    { 64, { { 128, 5 }, { INFINITY, 6 } } },
    { 128, { { 262144, 3 }, { INFINITY, 6 } } },
    { 256, { { 131072, 2 }, { 262144, 3 }, { INFINITY, 6 } } },
    { 512, { { 4096, 2 }, { INFINITY, 6 } } },
    { 2048, { { 2048, 2 }, { 16384, 3 }, { INFINITY, 6 } } },
    { 4096, { { 2048, 2 }, { 4096, 5 }, { 16384, 3 }, { INFINITY, 6 } } },
    { INFINITY, { { 2048, 2 }, { 16384, 5 }, { 32768, 3 }, { INFINITY, 6 } } },
};

static const row bcast_rows[] = {
    { 4,
      { { 32, 3 },
        { 256, 5 },
        { 512, 3 },
        { 1024, 7 },
        { 32768, 1 },
        { 131072, 5 },
        { 262144, 2 },
        { 524288, 1 },
        { 1048576, 6 },
        { INFINITY, 5 } } },
    { 8,
      { { 64, 5 },
        { 128, 6 },
        { 2048, 5 },
        { 8192, 6 },
        { 1048576, 1 },
        { INFINITY, 2 } } },
    { 16,
      { { 8, 7 },
        { 64, 5 },
        { 4096, 7 },
        { 16384, 5 },
        { 32768, 6 },
        { INFINITY, 1 } } },
    { 32, { { 4096, 7 }, { 1048576, 6 }, { INFINITY, 8 } } },
    { 64, { { 2048, 6 }, { INFINITY, 7 } } },
    { 128, { { INFINITY, 7 } } },
    { 256,
      { { 2, 6 }, { 16384, 5 }, { 32768, 1 }, { 65536, 5 }, { INFINITY, 7 } } },
    { 1024, { { 16384, 7 }, { 32768, 4 }, { INFINITY, 7 } } },
    { 2048, { { 524288, 7 }, { INFINITY, 8 } } },
    { 4096, { { 262144, 7 }, { INFINITY, 8 } } },
    { INFINITY, { { 8192, 7 }, { 16384, 5 }, { 262144, 7 }, { INFINITY, 8 } } },
};

static const row reduce_rows[] = {
    { 4,
      { { 8, 7 },
        { 16, 4 },
        { 32, 3 },
        { 262144, 1 },
        { 524288, 3 },
        { 1048576, 2 },
        { INFINITY, 3 } } },
    { 8,
      { { 4096, 4 },
        { 65536, 2 },
        { 262144, 5 },
        { 524288, 1 },
        { 1048576, 5 },
        { INFINITY, 1 } } },
    { 16, { { 8192, 4 }, { INFINITY, 5 } } },
    { 32, { { 4096, 4 }, { INFINITY, 5 } } },
    { 256, { { INFINITY, 5 } } },
    { 512, { { 8192, 5 }, { 16384, 6 }, { INFINITY, 5 } } },
    { 2048, { { INFINITY, 5 } } },
    { 4096,
      { { 512, 5 }, { 1024, 6 }, { 8192, 5 }, { 16384, 6 }, { INFINITY, 5 } } },
    { INFINITY,
      { { 16, 5 },
        { 32, 6 },
        { 1024, 5 },
        { 2048, 6 },
        { 8192, 5 },
        { 16384, 6 },
        { INFINITY, 5 } } },
};

static const row reduce_scatter_rows[] = {
    { 4, { { 65536, 3 }, { 131072, 4 }, { INFINITY, 3 } } },
    { 8, { { 8, 1 }, { 262144, 2 }, { INFINITY, 3 } } },
    { 32, { { 262144, 2 }, { INFINITY, 3 } } },
    { 64, { { 64, 1 }, { 2048, 2 }, { 524288, 4 }, { INFINITY, 3 } } },
    { 128,
      { { 256, 1 }, { 512, 2 }, { 2048, 4 }, { 4096, 2 }, { INFINITY, 4 } } },
    { 256, { { 256, 1 }, { 512, 2 }, { INFINITY, 4 } } },
    { 512, { { 256, 1 }, { 1024, 2 }, { INFINITY, 4 } } },
    { 1024,
      { { 512, 1 }, { 2048, 2 }, { 8192, 4 }, { 16384, 2 }, { INFINITY, 4 } } },
    { 2048,
      { { 512, 1 },
        { 4096, 2 },
        { 16384, 4 },
        { 32768, 2 },
        { INFINITY, 4 } } },
    { 4096, { { 512, 1 }, { 4096, 2 }, { INFINITY, 4 } } },
    { INFINITY, { { 1024, 1 }, { 8192, 2 }, { INFINITY, 4 } } },
};

static const row allgather_rows[] = {
    { 3, { { INFINITY, 6 } } },
    { 32, { { INFINITY, 3 } } },
    { 64, { { 1024, 3 }, { 65536, 5 }, { INFINITY, 4 } } },
    { 128, { { 512, 3 }, { 65536, 5 }, { INFINITY, 4 } } },
    { 256,
      { { 512, 3 },
        { 131072, 5 },
        { 524288, 4 },
        { 1048576, 5 },
        { INFINITY, 4 } } },
    { 512,
      { { 32, 3 },
        { 128, 2 },
        { 1024, 3 },
        { 131072, 5 },
        { 524288, 4 },
        { 1048576, 5 },
        { INFINITY, 4 } } },
    { 1024, { { 64, 3 }, { 256, 2 }, { 2048, 3 }, { INFINITY, 5 } } },
    { 2048,
      { { 4, 3 },
        { 8, 2 },
        { 16, 3 },
        { 32, 2 },
        { 256, 3 },
        { 512, 2 },
        { 4096, 3 },
        { INFINITY, 5 } } },
    { 4096,
      { { 32, 2 }, { 128, 3 }, { 512, 2 }, { 4096, 3 }, { INFINITY, 5 } } },
    { INFINITY,
      { { 2, 3 },
        { 8, 2 },
        { 16, 3 },
        { 512, 2 },
        { 4096, 3 },
        { INFINITY, 5 } } },
};

static const row gather_rows[] = {
    { 4,
      { { 2, 3 },
        { 4, 1 },
        { 32768, 2 },
        { 65536, 1 },
        { 131072, 2 },
        { INFINITY, 3 } } },
    { 8,
      { { 1024, 2 },
        { 8192, 1 },
        { 32768, 2 },
        { 262144, 1 },
        { INFINITY, 3 } } },
    { 256, { { INFINITY, 2 } } },
    { 512, { { 2048, 2 }, { 8192, 1 }, { INFINITY, 2 } } },
    { INFINITY, { { INFINITY, 2 } } },
};

static const row scatter_rows[] = {
    { 4, { { 2, 3 }, { 131072, 1 }, { 262144, 3 }, { INFINITY, 1 } } },
    { 8,
      { { 2048, 2 },
        { 4096, 1 },
        { 8192, 2 },
        { 32768, 1 },
        { 1048576, 3 },
        { INFINITY, 1 } } },
    { 16, { { 16384, 2 }, { 1048576, 3 }, { INFINITY, 1 } } },
    { 32, { { 16384, 2 }, { 32768, 1 }, { INFINITY, 3 } } },
    { 64, { { 512, 2 }, { 8192, 3 }, { 16384, 2 }, { INFINITY, 3 } } },
    { INFINITY, { { 512, 2 }, { INFINITY, 3 } } },
};

static const row alltoall_rows[] = {
    { 3,
      { { 2, 2 },
        { 4, 5 },
        { 16, 2 },
        { 64, 5 },
        { 256, 2 },
        { 4096, 5 },
        { 32768, 2 },
        { 262144, 4 },
        { 1048576, 5 },
        { INFINITY, 2 } } },
    { 8,
      { { 8192, 4 },
        { 16384, 1 },
        { 65536, 4 },
        { 524288, 1 },
        { 1048576, 2 },
        { INFINITY, 1 } } },
    { 16, { { 262144, 4 }, { INFINITY, 1 } } },
    { 32,
      { { 4, 4 },
        { 512, 3 },
        { 8192, 4 },
        { 32768, 1 },
        { 262144, 4 },
        { 524288, 1 },
        { INFINITY, 4 } } },
    { 64, { { 512, 3 }, { 524288, 1 }, { INFINITY, 4 } } },
    { 128,
      { { 1024, 3 },
        { 2048, 1 },
        { 4096, 4 },
        { 262144, 1 },
        { INFINITY, 2 } } },
    { 256, { { 1024, 3 }, { 2048, 4 }, { 262144, 1 }, { INFINITY, 2 } } },
    { 512, { { 1024, 3 }, { 8192, 4 }, { 32768, 1 }, { INFINITY, 2 } } },
    { 1024,
      { { 512, 3 },
        { 8192, 4 },
        { 16384, 1 },
        { 131072, 4 },
        { 262144, 1 },
        { INFINITY, 2 } } },
    { 2048,
      { { 512, 3 },
        { 1024, 4 },
        { 2048, 1 },
        { 16384, 4 },
        { 262144, 1 },
        { INFINITY, 4 } } },
    { 4096,
      { { 1024, 3 },
        { 4096, 4 },
        { 8192, 1 },
        { 131072, 4 },
        { INFINITY, 1 } } },
    { INFINITY,
      { { 2048, 3 },
        { 8192, 4 },
        { 16384, 1 },
        { 32768, 4 },
        { 65536, 1 },
        { INFINITY, 4 } } },
};

static const row barrier_rows[] = {
    { 4, { { INFINITY, 3 } } },    { 8, { { INFINITY, 1 } } },
    { 64, { { INFINITY, 3 } } },   { 256, { { INFINITY, 4 } } },
    { 512, { { INFINITY, 6 } } },  { 1024, { { INFINITY, 4 } } },
    { 4096, { { INFINITY, 6 } } }, { INFINITY, { { INFINITY, 4 } } },
};

/* ---- What they come to ----------------------------------------------------*/

/* 1 linear, 2 nonoverlapping, 3 recursive doubling, 4 ring, 5 segmented ring, 6
 * Rabenseifner.  The second is a reduce and then a broadcast as the other
 * tables choose them.  The fifth takes segments of size 0 for one of the whole
 * vector, finds that there are fewer elements than ranks times a segment, and
 * calls the ring; that calls recursive doubling if there are fewer elements
 * than ranks. */
const char *open_mpi_allreduce(const rule_case *c)
{
    const int how = look_up(allreduce_rows, c->p, bytes_of(c));
    const bool rings = how == 4 || how == 5;

    if (!c->commutes)
        return NULL; /* another table */
    if (how == 3 || (rings && c->len < c->p))
        return "recursive-doubling";
    return rings ? "ring" : how == 6 ? "rabenseifner" : NULL;
}

/* 1 linear, 2 chain, 3 pipeline, 4 split binary tree, 5 binary tree, 6
 * binomial, 7 of a tree of radix 4, 8 scatter and allgather by recursive
 * doubling, 9 by a ring, which is in no row. */
const char *open_mpi_bcast(const rule_case *c)
{
    return look_up(bcast_rows, c->p, bytes_of(c)) == 6 ? "bcast-binomial"
                                                       : NULL;
}

/* 1 linear, 2 chain, 3 pipeline, 4 binary tree, 5 binomial, 6 in order on a
 * binary tree, 7 Rabenseifner. */
const char *open_mpi_reduce(const rule_case *c)
{
    return c->commutes && look_up(reduce_rows, c->p, bytes_of(c)) == 5
               ? "reduce-binomial"
               : NULL;
}

/* 1 linear, 2 binomial, 3 linear with a signal first; sizes are of a block. */
const char *open_mpi_gather(const rule_case *c)
{
    return look_up(gather_rows, c->p, bytes_of(c)) == 2 ? "gather-binomial"
                                                        : NULL;
}

/* 1 linear, 2 binomial, 3 linear without waiting; likewise. */
const char *open_mpi_scatter(const rule_case *c)
{
    return look_up(scatter_rows, c->p, bytes_of(c) / (double)c->p) == 2
               ? "scatter-binomial"
               : NULL;
}

/* 1 linear, 2 Bruck, 3 recursive doubling, 4 ring, 5 of neighbours, 6 of two.
 * The third calls the second unless the ranks are a power of two, and the fifth
 * the fourth if they are odd.  Among two ranks both send at once. */
const char *open_mpi_allgather(const rule_case *c)
{
    const int how = look_up(allgather_rows, c->p, bytes_of(c));

    if (how == 6 || (how == 3 && is_power(c->p)))
        return "allgather-recursive-doubling";
    if (how == 2 || how == 3)
        return "allgather-bruck";
    return how == 4 || c->p % 2 != 0 ? "allgather-ring" : NULL;
}

/* 1 nonoverlapping, 2 recursive halving, 3 ring, 4 butterfly.  The second folds
 * ranks that are no power of two. */
const char *open_mpi_reduce_scatter(const rule_case *c)
{
    const int how = look_up(reduce_scatter_rows, c->p, bytes_of(c));

    if (c->commutes && how == 2 && is_power(c->p))
        return "reduce-scatter-recursive-halving";
    return c->commutes && how == 3 ? "reduce-scatter-ring" : NULL;
}

/* 1 linear, 2 pairwise, 3 Bruck, 4 linear with a few at once, 5 of two, who are
 * a pair; sizes are of a block. */
const char *open_mpi_alltoall(const rule_case *c)
{
    const int how = look_up(alltoall_rows, c->p, bytes_of(c) / (double)c->p);

    if (how == 2 || how == 5)
        return "alltoall-pairwise";
    return how == 3 ? "alltoall-bruck" : NULL;
}

/* 1 linear, 2 two rings, 3 recursive doubling, 4 Bruck, which is dissemination,
 * 5 of two, 6 tree. */
const char *open_mpi_barrier(const rule_case *c)
{
    return look_up(barrier_rows, c->p, 0) == 4 ? "barrier-dissemination" : NULL;
}
