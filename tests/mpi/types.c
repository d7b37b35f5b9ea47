/* Datatypes: where they begin and end, and what is sent of them. */
#include "check.h"
#include <string.h>
#include <stddef.h>

static void extents(MPI_Datatype t, int bytes, MPI_Aint lb, MPI_Aint extent,
                    MPI_Aint true_lb, MPI_Aint true_extent)
{
    MPI_Aint l;
    MPI_Aint e;
    int s;

    MPI_Type_size(t, &s);
    CHECK(s == bytes);
    MPI_Type_get_extent(t, &l, &e);
    CHECK(l == lb && e == extent);
    MPI_Type_get_true_extent(t, &l, &e);
    CHECK(l == true_lb && e == true_extent);
}

/* Sends to oneself with one type and receives with another. */
static void swap(const void *out, int n, MPI_Datatype t, void *in, int m,
                 MPI_Datatype u)
{
    MPI_Sendrecv(out, n, t, rank, 1, in, m, u, rank, 1, MPI_COMM_WORLD,
                 MPI_STATUS_IGNORE);
}

struct mixed {
    char c;
    double d[2];
    short s;
};

static void layouts(void)
{
    static const int lens[] = { 1, 0, 3 };
    static const int at[] = { 5, 1, 0 };
    static const MPI_Aint bytes[] = { 32, 8, 0 };
    MPI_Datatype t[8];
    int in[40];
    int out[40];

    MPI_Type_contiguous(3, MPI_INT, &t[0]);
    extents(t[0], 12, 0, 12, 0, 12);
    MPI_Type_vector(3, 2, 4, MPI_INT, &t[1]);
    extents(t[1], 24, 0, 40, 0, 40);
    MPI_Type_create_hvector(2, 1, -8, MPI_INT, &t[2]);
    extents(t[2], 8, -8, 12, -8, 12);
    MPI_Type_indexed(3, lens, at, MPI_INT, &t[3]);
    extents(t[3], 16, 0, 24, 0, 24);
    MPI_Type_create_hindexed(3, lens, bytes, MPI_INT, &t[4]);
    extents(t[4], 16, 0, 36, 0, 36);
    MPI_Type_create_indexed_block(3, 2, at, MPI_INT, &t[5]);
    extents(t[5], 24, 0, 28, 0, 28);
    MPI_Type_create_resized(t[1], -4, 60, &t[6]);
    extents(t[6], 24, -4, 60, 0, 40);
    MPI_Type_dup(t[6], &t[7]);
    extents(t[7], 24, -4, 60, 0, 40);
    for (int i = 0; i < 8; i++)
        MPI_Type_commit(&t[i]);
    for (int i = 0; i < 40; i++) {
        out[i] = i;
        in[i] = -1;
    }
    swap(out, 1, t[1], in, 6, MPI_INT);
    CHECK(in[0] == 0 && in[1] == 1 && in[2] == 4 && in[3] == 5 && in[5] == 9 &&
          in[6] == -1);
    swap(out + 10, 1, t[2], in, 2, MPI_INT);
    CHECK(in[0] == 10 && in[1] == 8);
    swap(out, 1, t[3], in, 4, MPI_INT);
    CHECK(in[0] == 5 && in[1] == 0 && in[3] == 2);
    swap(out, 2, t[6], in, 12, MPI_INT);
    CHECK(in[6] == 15 && in[11] == 24);
    for (int i = 0; i < 40; i++)
        in[i] = -1;
    swap(out, 6, MPI_INT, in, 1, t[1]);
    CHECK(in[1] == 1 && in[2] == -1 && in[4] == 2 && in[9] == 5);
    for (int i = 0; i < 8; i++)
        MPI_Type_free(&t[i]);
}

static void structs(void)
{
    int lens[] = { 1, 2, 1 };
    MPI_Aint at[] = { offsetof(struct mixed, c), offsetof(struct mixed, d),
                      offsetof(struct mixed, s) };
    MPI_Datatype olds[] = { MPI_CHAR, MPI_DOUBLE, MPI_SHORT };
    struct mixed out[3] = { { 'a', { 1, 2 }, 3 },
                            { 'b', { 4, 5 }, 6 },
                            { 'c', { 7, 8 }, 9 } };
    struct mixed in[3] = { { 0 } };
    char packed[100];
    int position = 0;
    int bytes;
    MPI_Datatype t;
    MPI_Aint a[2];

    MPI_Type_create_struct(3, lens, at, olds, &t);
    extents(t, 19, 0, (MPI_Aint)sizeof(struct mixed), 0,
            (MPI_Aint)offsetof(struct mixed, s) + 2);
    MPI_Type_commit(&t);
    swap(out, 3, t, in, 3, t);
    CHECK(in[2].c == 'c' && in[2].d[1] == 8 && in[1].s == 6);
    memset(in, 0, sizeof(in));
    MPI_Pack_size(3, t, MPI_COMM_WORLD, &bytes);
    CHECK(bytes >= 57);
    MPI_Pack(out, 2, t, packed, 100, &position, MPI_COMM_WORLD);
    MPI_Pack(out + 2, 1, t, packed, 100, &position, MPI_COMM_WORLD);
    position = 0;
    MPI_Unpack(packed, 100, &position, in, 3, t, MPI_COMM_WORLD);
    CHECK(in[0].c == 'a' && in[2].s == 9 && in[1].d[0] == 4);
    MPI_Type_free(&t);
    MPI_Get_address(&in[0], &a[0]);
    MPI_Get_address(&in[1], &a[1]);
    CHECK(a[1] - a[0] == (MPI_Aint)sizeof(struct mixed));
    /* From MPI_BOTTOM, and freed while it is used. */
    MPI_Request r[2];
    MPI_Type_create_hindexed(1, lens, a, MPI_CHAR, &t);
    MPI_Type_commit(&t);
    in[0].c = 'z';
    MPI_Irecv(&in[2].c, 1, MPI_CHAR, rank, 2, MPI_COMM_WORLD, &r[0]);
    MPI_Isend(MPI_BOTTOM, 1, t, rank, 2, MPI_COMM_WORLD, &r[1]);
    MPI_Type_free(&t);
    MPI_Waitall(2, r, MPI_STATUSES_IGNORE);
    CHECK(in[2].c == 'z');
}

static void columns(void)
{
    enum { N = 300 };
    static double m[N][N];
    static double got[N];
    MPI_Datatype column;
    int next = (rank + 1) % size;
    int last = (rank + size - 1) % size;

    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++)
            m[i][k] = rank * 1e6 + i * N + k;
    MPI_Type_vector(N, 1, N, MPI_DOUBLE, &column);
    MPI_Type_commit(&column);
    MPI_Sendrecv(&m[0][5], 1, column, next, 1, got, N, MPI_DOUBLE, last, 1,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    for (int i = 0; i < N; i++)
        CHECK(got[i] == last * 1e6 + i * N + 5);
    /* Many columns make a long message. */
    MPI_Datatype one;
    MPI_Type_create_resized(column, 0, sizeof(double), &one);
    MPI_Type_commit(&one);
    static double turned[N][N];
    MPI_Sendrecv(m, N, one, next, 2, turned, N * N, MPI_DOUBLE, last, 2,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    for (int i = 0; i < N; i += 7)
        CHECK(turned[i][11] == last * 1e6 + 11 * N + i);
    MPI_Type_free(&one);
    MPI_Type_free(&column);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    layouts();
    structs();
    columns();
    return end();
}
