/* Every collective, with every root, in place and not, for communicators of
 * several sizes. */
#include "check.h"
#include <stdlib.h>
#include <string.h>

static int p;
static int me;

static int *numbers(int n, int from)
{
    int *x = malloc((size_t)(n + 1) * sizeof(int));

    for (int i = 0; i < n; i++)
        x[i] = from + i;
    return x;
}

static int equal(const int *x, int n, int from)
{
    for (int i = 0; i < n; i++)
        if (x[i] != from + i)
            return 0;
    return 1;
}

static void to_and_from_one(MPI_Comm c, int n, int root)
{
    int *mine = numbers(n, me * n);
    int *all = numbers(p * n, -1000000);
    int *counts = numbers(p, 1);
    int *places = numbers(p, 0);

    MPI_Gather(mine, n, MPI_INT, all, n, MPI_INT, root, c);
    CHECK(me != root || equal(all, p * n, 0));
    memset(mine, 0, (size_t)n * sizeof(int));
    MPI_Scatter(all, n, MPI_INT, mine, n, MPI_INT, root, c);
    CHECK(equal(mine, n, me * n));
    if (me == root)
        MPI_Gather(MPI_IN_PLACE, n, MPI_INT, all, n, MPI_INT, root, c);
    else
        MPI_Gather(mine, n, MPI_INT, NULL, 0, MPI_INT, root, c);
    CHECK(me != root || equal(all, p * n, 0));
    for (int i = 0; i < p; i++)
        places[i] = i * (i + 1) / 2;
    free(mine);
    free(all);
    mine = numbers(me + 1, places[me]);
    all = numbers(p * (p + 1) / 2, -1000000);
    MPI_Gatherv(mine, me + 1, MPI_INT, all, counts, places, MPI_INT, root, c);
    CHECK(me != root || equal(all, p * (p + 1) / 2, 0));
    memset(mine, 0, (size_t)me * sizeof(int));
    MPI_Scatterv(all, counts, places, MPI_INT, mine, me + 1, MPI_INT, root, c);
    CHECK(equal(mine, me + 1, places[me]));
    if (me != root)
        memset(all, 0, sizeof(int));
    MPI_Bcast(all, p * (p + 1) / 2, MPI_INT, root, c);
    CHECK(equal(all, p * (p + 1) / 2, 0));
    free(mine);
    free(all);
    free(counts);
    free(places);
}

static void to_all(MPI_Comm c, int n)
{
    int *mine = numbers(n, me * n);
    int *all = numbers(p * n, -1000000);
    int *out = numbers(p * n, 0);
    int *counts = numbers(p, 1);
    int *places = numbers(p, 0);
    int bad = 0;

    MPI_Allgather(mine, n, MPI_INT, all, n, MPI_INT, c);
    CHECK(equal(all, p * n, 0));
    memset(all, 0, (size_t)(p * n) * sizeof(int));
    memcpy(all + me * n, mine, (size_t)n * sizeof(int));
    MPI_Allgather(MPI_IN_PLACE, 0, MPI_INT, all, n, MPI_INT, c);
    CHECK(equal(all, p * n, 0));
    for (int i = 0; i < p * n; i++)
        out[i] = me * p * n + i;
    /* What is given may be written to as soon as the call is over. */
    int *sent = malloc((size_t)(p * n) * sizeof(int));
    memcpy(sent, out, (size_t)(p * n) * sizeof(int));
    MPI_Alltoall(sent, n, MPI_INT, all, n, MPI_INT, c);
    memset(sent, 0xff, (size_t)(p * n) * sizeof(int));
    for (int i = 0; i < p; i++)
        bad += !equal(all + i * n, n, i * p * n + me * n);
    CHECK(bad == 0);
    free(sent);
    MPI_Alltoall(MPI_IN_PLACE, 0, MPI_INT, out, n, MPI_INT, c);
    CHECK(memcmp(out, all, (size_t)(p * n) * sizeof(int)) == 0);
    for (int i = 0; i < p; i++)
        places[i] = i * (i + 1) / 2;
    free(all);
    free(mine);
    mine = numbers(me + 1, places[me]);
    all = numbers(p * (p + 1) / 2, -1000000);
    MPI_Allgatherv(mine, me + 1, MPI_INT, all, counts, places, MPI_INT, c);
    CHECK(equal(all, p * (p + 1) / 2, 0));
    free(all);
    /* Rank i gives j + 1 elements to rank j. */
    all = numbers(p * (me + 1), -1000000);
    int *got = numbers(p, 0);
    int *got_at = numbers(p, 0);
    for (int i = 0; i < p; i++) {
        got[i] = me + 1;
        got_at[i] = i * (me + 1);
    }
    int *given = numbers(p * (p + 1) / 2, 1000 * me);
    MPI_Alltoallv(given, counts, places, MPI_INT, all, got, got_at, MPI_INT, c);
    for (int i = 0; i < p; i++)
        bad += !equal(all + got_at[i], me + 1, 1000 * i + places[me]);
    CHECK(bad == 0);
    free(mine);
    free(all);
    free(out);
    free(counts);
    free(places);
    free(got);
    free(got_at);
    free(given);
}

/* Of 2 by 2 matrices, which do not commute. */
static void multiply(void *in, void *inout, int *len, MPI_Datatype *type)
{
    long *a = in;
    long *b = inout;

    for (int i = 0; i < *len; i++, a += 4, b += 4) {
        long r[4] = { a[0] * b[0] + a[1] * b[2], a[0] * b[1] + a[1] * b[3],
                      a[2] * b[0] + a[3] * b[2], a[2] * b[1] + a[3] * b[3] };
        for (int k = 0; k < 4; k++)
            b[k] = r[k] % 1000003;
    }
}

static void expect_product(long *want, int upto)
{
    long one[4] = { 1, 0, 0, 1 };
    int n = 1;

    memcpy(want, one, sizeof(one));
    for (int i = upto; i >= 0; i--) {
        long m[4] = { i + 1, 1, 1, 0 };
        multiply(m, want, &n, NULL);
    }
}

static void reductions(MPI_Comm c, int n, int root)
{
    int *mine = numbers(n, me);
    int *sum = numbers(n, 0);
    long matrix[4] = { me + 1, 1, 1, 0 };
    long product[4];
    long want[4];
    struct {
        double value;
        int index;
    } pair = { (double)((me * 7) % p), me }, best;
    double x = 1.5 * me;
    double most;
    MPI_Datatype four;
    MPI_Op op;
    int bad = 0;

    MPI_Reduce(mine, sum, n, MPI_INT, MPI_SUM, root, c);
    for (int i = 0; i < n && me == root; i++)
        bad += sum[i] != p * (p - 1) / 2 + p * i;
    CHECK(bad == 0);
    memcpy(sum, mine, (size_t)n * sizeof(int));
    if (me == root)
        MPI_Reduce(MPI_IN_PLACE, sum, n, MPI_INT, MPI_MAX, root, c);
    else
        MPI_Reduce(mine, NULL, n, MPI_INT, MPI_MAX, root, c);
    CHECK(me != root || equal(sum, n, p - 1));
    MPI_Allreduce(mine, sum, n, MPI_INT, MPI_SUM, c);
    for (int i = 0; i < n; i++)
        bad += sum[i] != p * (p - 1) / 2 + p * i;
    CHECK(bad == 0);
    memcpy(sum, mine, (size_t)n * sizeof(int));
    MPI_Allreduce(MPI_IN_PLACE, sum, n, MPI_INT, MPI_MIN, c);
    CHECK(equal(sum, n, 0));
    MPI_Scan(mine, sum, n, MPI_INT, MPI_SUM, c);
    for (int i = 0; i < n; i++)
        bad += sum[i] != me * (me + 1) / 2 + (me + 1) * i;
    CHECK(bad == 0);
    MPI_Exscan(mine, sum, n, MPI_INT, MPI_SUM, c);
    for (int i = 0; i < n && me > 0; i++)
        bad += sum[i] != me * (me - 1) / 2 + me * i;
    CHECK(bad == 0);
    MPI_Allreduce(&x, &most, 1, MPI_DOUBLE, MPI_MAX, c);
    CHECK(most == 1.5 * (p - 1));
    MPI_Allreduce(&pair, &best, 1, MPI_DOUBLE_INT, MPI_MAXLOC, c);
    CHECK(p % 7 == 0 || (best.value == p - 1 && (best.index * 7) % p == p - 1));
    MPI_Type_contiguous(4, MPI_LONG, &four);
    MPI_Type_commit(&four);
    MPI_Op_create(multiply, 0, &op);
    expect_product(want, p - 1);
    MPI_Reduce(matrix, product, 1, four, op, root, c);
    CHECK(me != root || memcmp(product, want, sizeof(want)) == 0);
    MPI_Allreduce(matrix, product, 1, four, op, c);
    CHECK(memcmp(product, want, sizeof(want)) == 0);
    MPI_Scan(matrix, product, 1, four, op, c);
    expect_product(want, me);
    CHECK(memcmp(product, want, sizeof(want)) == 0);
    MPI_Op_free(&op);
    MPI_Type_free(&four);
    CHECK(op == MPI_OP_NULL && four == MPI_DATATYPE_NULL);
    free(mine);
    free(sum);
}

static void reduce_and_scatter(MPI_Comm c, int n)
{
    int *mine = numbers(p * n, me);
    int *got = numbers(n + p, -1);
    int *counts = numbers(p, 1);
    int bad = 0;

    MPI_Reduce_scatter_block(mine, got, n, MPI_INT, MPI_SUM, c);
    for (int i = 0; i < n; i++)
        bad += got[i] != p * (p - 1) / 2 + p * (me * n + i);
    CHECK(bad == 0);
    free(mine);
    mine = numbers(p * (p + 1) / 2, me);
    MPI_Reduce_scatter(mine, got, counts, MPI_INT, MPI_SUM, c);
    for (int i = 0; i <= me; i++)
        bad += got[i] != p * (p - 1) / 2 + p * (me * (me + 1) / 2 + i);
    CHECK(bad == 0);
    free(mine);
    free(got);
    free(counts);
}

static void all(MPI_Comm c)
{
    static const int lengths[] = { 0, 1, 13, 20000 };

    MPI_Comm_rank(c, &me);
    MPI_Comm_size(c, &p);
    MPI_Barrier(c);
    for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
        for (int root = 0; root < p; root += 1 + (p > 4) * 2) {
            to_and_from_one(c, lengths[i], root);
            reductions(c, lengths[i], root);
        }
        to_all(c, lengths[i] > 100 ? 4000 : lengths[i]);
        reduce_and_scatter(c, lengths[i] > 100 ? 1000 : lengths[i]);
    }
}

int main(int argc, char **argv)
{
    MPI_Comm part;

    begin(&argc, &argv);
    all(MPI_COMM_WORLD);
    all(MPI_COMM_SELF);
    MPI_Comm_split(MPI_COMM_WORLD, rank % 3 == 0, -rank, &part);
    all(part);
    MPI_Comm_free(&part);
    return end();
}
