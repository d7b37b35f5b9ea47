/* How datatypes were made, bounds that were given, and types by what they hold.
 */
#include "check.h"

/* Checks what a type says of how it was made, and frees what it gives. */
static void check_made(MPI_Datatype t, int combiner, int n, const int *integers,
                       int m, const MPI_Aint *addresses, MPI_Datatype old)
{
    int got[20];
    MPI_Aint places[20];
    MPI_Datatype types[20];
    int num_integers;
    int num_addresses;
    int num_types;
    int how;

    MPI_Type_get_envelope(t, &num_integers, &num_addresses, &num_types, &how);
    CHECK(how == combiner && num_integers == n && num_addresses == m);
    CHECK(num_types == (old != MPI_DATATYPE_NULL));
    MPI_Type_get_contents(t, n, m, num_types, got, places, types);
    for (int i = 0; i < n; i++)
        CHECK(got[i] == integers[i]);
    for (int i = 0; i < m; i++)
        CHECK(places[i] == addresses[i]);
    for (int i = 0; i < num_types; i++)
        CHECK(types[i] == old);
}

#define INTEGERS(...)                                                          \
    (int)(sizeof((int[]){ __VA_ARGS__ }) / sizeof(int)), (int[])               \
    {                                                                          \
        __VA_ARGS__                                                            \
    }

static void contents(void)
{
    static const int lengths[] = { 2, 1 };
    static const int places[] = { 4, 0 };
    static const MPI_Aint bytes[] = { 16, 0 };
    MPI_Datatype t;

    MPI_Type_contiguous(3, MPI_INTEGER, &t);
    check_made(t, MPI_COMBINER_CONTIGUOUS, INTEGERS(3), 0, NULL, MPI_INTEGER);
    MPI_Type_free(&t);
    MPI_Type_vector(3, 2, -5, MPI_INT, &t);
    check_made(t, MPI_COMBINER_VECTOR, INTEGERS(3, 2, -5), 0, NULL, MPI_INT);
    MPI_Type_free(&t);
    MPI_Type_create_hvector(3, 2, 100, MPI_INT, &t);
    check_made(t, MPI_COMBINER_HVECTOR, INTEGERS(3, 2), 1, (MPI_Aint[]){ 100 },
               MPI_INT);
    MPI_Type_free(&t);
    MPI_Type_indexed(2, lengths, places, MPI_DOUBLE, &t);
    check_made(t, MPI_COMBINER_INDEXED, INTEGERS(2, 2, 1, 4, 0), 0, NULL,
               MPI_DOUBLE);
    MPI_Type_free(&t);
    MPI_Type_create_hindexed(2, lengths, bytes, MPI_REAL8, &t);
    check_made(t, MPI_COMBINER_HINDEXED, INTEGERS(2, 2, 1), 2, bytes,
               MPI_REAL8);
    MPI_Type_free(&t);
    MPI_Type_create_indexed_block(2, 7, places, MPI_CHAR, &t);
    check_made(t, MPI_COMBINER_INDEXED_BLOCK, INTEGERS(2, 7, 4, 0), 0, NULL,
               MPI_CHAR);
    MPI_Type_free(&t);
    MPI_Type_create_hindexed_block(2, 7, bytes, MPI_CHAR, &t);
    check_made(t, MPI_COMBINER_HINDEXED_BLOCK, INTEGERS(2, 7), 2, bytes,
               MPI_CHAR);
    MPI_Type_free(&t);
    MPI_Type_create_resized(MPI_INT, -4, 20, &t);
    check_made(t, MPI_COMBINER_RESIZED, 0, NULL, 2, (MPI_Aint[]){ -4, 20 },
               MPI_INT);
    MPI_Type_free(&t);
    MPI_Type_dup(MPI_FLOAT, &t);
    check_made(t, MPI_COMBINER_DUP, 0, NULL, 0, NULL, MPI_FLOAT);
    MPI_Type_free(&t);
    MPI_Type_create_subarray(2, (int[]){ 9, 8 }, (int[]){ 3, 2 },
                             (int[]){ 1, 0 }, MPI_ORDER_FORTRAN, MPI_INT, &t);
    check_made(t, MPI_COMBINER_SUBARRAY,
               INTEGERS(2, 9, 8, 3, 2, 1, 0, MPI_ORDER_FORTRAN), 0, NULL,
               MPI_INT);
    MPI_Type_free(&t);
}

/* What is inside another one can be taken out, and outlives it. */
static void nested(void)
{
    static const int lengths[] = { 1, 2 };
    static const MPI_Aint places[] = { 0, 16 };
    MPI_Datatype pair[2] = { MPI_DOUBLE, MPI_DATATYPE_NULL };
    MPI_Datatype got[2];
    MPI_Datatype inner;
    MPI_Datatype t;
    int integers[3];
    MPI_Aint addresses[2];
    int n;
    int m;
    int k;
    int how;

    MPI_Type_vector(2, 1, 2, MPI_SHORT, &pair[1]);
    MPI_Type_create_struct(2, lengths, places, pair, &t);
    MPI_Type_free(&pair[1]);
    MPI_Type_get_envelope(t, &n, &m, &k, &how);
    CHECK(how == MPI_COMBINER_STRUCT && n == 3 && m == 2 && k == 2);
    MPI_Type_get_contents(t, n, m, k, integers, addresses, got);
    CHECK(integers[0] == 2 && integers[2] == 2 && addresses[1] == 16);
    CHECK(got[0] == MPI_DOUBLE);
    MPI_Type_free(&t);
    check_made(got[1], MPI_COMBINER_VECTOR, INTEGERS(2, 1, 2), 0, NULL,
               MPI_SHORT);
    inner = got[1];
    MPI_Type_size(inner, &n);
    CHECK(n == 4);
    MPI_Type_free(&inner);
    MPI_Type_get_envelope(MPI_INT, &n, &m, &k, &how);
    CHECK(how == MPI_COMBINER_NAMED && n == 0 && m == 0 && k == 0);
}

/* Bounds that were given stay so in what is made of them. */
static void bounds(void)
{
    MPI_Datatype pair[2] = { MPI_DATATYPE_NULL, MPI_INT };
    MPI_Datatype none;
    MPI_Datatype t;
    MPI_Aint lb;
    MPI_Aint extent;

    MPI_Type_create_resized(MPI_INT, 0, 12, &pair[0]);
    MPI_Type_create_struct(2, (int[]){ 1, 1 }, (MPI_Aint[]){ 8, 100 }, pair,
                           &t);
    MPI_Type_get_extent(t, &lb, &extent);
    CHECK(lb == 8 && extent == 12);
    MPI_Type_get_true_extent(t, &lb, &extent);
    CHECK(lb == 8 && extent == 96);
    MPI_Type_free(&t);
    MPI_Type_free(&pair[0]);
    /* What has no elements is nowhere. */
    MPI_Type_contiguous(0, MPI_DOUBLE, &none);
    pair[0] = none;
    MPI_Type_create_struct(2, (int[]){ 3, 1 }, (MPI_Aint[]){ 1000, 4 }, pair,
                           &t);
    MPI_Type_get_extent(t, &lb, &extent);
    CHECK(lb == 4 && extent == 4);
    MPI_Type_free(&t);
    MPI_Type_free(&none);
    /* An extent less than nothing: elements go down. */
    MPI_Type_create_resized(MPI_INT, 0, -4, &t);
    MPI_Type_commit(&t);
    const int out[3] = { 1, 2, 3 };
    int in[3] = { 0 };
    MPI_Sendrecv(out, 3, MPI_INT, rank, 1, in + 2, 3, t, rank, 1,
                 MPI_COMM_WORLD, MPI_STATUS_IGNORE);
    CHECK(in[0] == 3 && in[1] == 2 && in[2] == 1);
    MPI_Type_free(&t);
}

/* ---- Arrays that are dealt out --------------------------------------------*/

enum { ROWS = 7, COLUMNS = 5 };

/* Whose place i of n is. */
static int owner(int how, int block, int n, int members, int i)
{
    if (block == MPI_DISTRIBUTE_DFLT_DARG)
        block = how == MPI_DISTRIBUTE_CYCLIC ? 1 : (n + members - 1) / members;
    if (how == MPI_DISTRIBUTE_NONE)
        return 0;
    return i / block % members;
}

static void deal(const int *how, const int *blocks, const int *grid, int order)
{
    const int sizes[2] = { ROWS, COLUMNS };
    const int all = grid[0] * grid[1];
    int array[ROWS * COLUMNS];
    int got[ROWS * COLUMNS];
    MPI_Datatype t;

    for (int i = 0; i < ROWS * COLUMNS; i++)
        array[i] = i;
    for (int member = 0; member < all; member++) {
        int bytes;
        int position = 0;
        int n = 0;
        MPI_Type_create_darray(all, member, 2, sizes, how, blocks, grid, order,
                               MPI_INT, &t);
        MPI_Type_commit(&t);
        MPI_Type_size(t, &bytes);
        MPI_Pack(array, 1, t, got, sizeof(got), &position, MPI_COMM_WORLD);
        for (int i = 0; i < ROWS * COLUMNS; i++) {
            const int row = order == MPI_ORDER_C ? i / COLUMNS : i % ROWS;
            const int column = order == MPI_ORDER_C ? i % COLUMNS : i / ROWS;
            if (owner(how[0], blocks[0], ROWS, grid[0], row) !=
                    member / grid[1] ||
                owner(how[1], blocks[1], COLUMNS, grid[1], column) !=
                    member % grid[1])
                continue;
            CHECK(n * (int)sizeof(int) < bytes && got[n] == i);
            n++;
        }
        CHECK(bytes == n * (int)sizeof(int));
        MPI_Aint lb;
        MPI_Aint extent;
        MPI_Type_get_extent(t, &lb, &extent);
        CHECK(lb == 0 && extent == (MPI_Aint)sizeof(array));
        MPI_Type_free(&t);
    }
}

static void arrays(void)
{
    static const int hows[] = { MPI_DISTRIBUTE_BLOCK, MPI_DISTRIBUTE_CYCLIC,
                                MPI_DISTRIBUTE_NONE };

    for (int a = 0; a < 3; a++)
        for (int b = 0; b < 3; b++)
            for (int fixed = 0; fixed < 2; fixed++) {
                const int how[2] = { hows[a], hows[b] };
                const int none = MPI_DISTRIBUTE_DFLT_DARG;
                const int blocks[2] = { fixed ? 4 : none, fixed ? 2 : none };
                const int grid[2] = { a == 2 ? 1 : 2, b == 2 ? 1 : 3 };
                deal(how, blocks, grid, MPI_ORDER_C);
                deal(how, blocks, grid, MPI_ORDER_FORTRAN);
            }
}

/* ---- By what they hold ----------------------------------------------------*/

static void sizes(void)
{
    MPI_Datatype t;
    MPI_Datatype u;
    int bytes;
    const double x = 3;
    double y = 4;

    MPI_Type_create_f90_real(10, MPI_UNDEFINED, &t);
    MPI_Type_create_f90_real(10, MPI_UNDEFINED, &u);
    CHECK(t == u);
    check_made(t, MPI_COMBINER_F90_REAL, INTEGERS(10, MPI_UNDEFINED), 0, NULL,
               MPI_DATATYPE_NULL);
    MPI_Type_size(t, &bytes);
    CHECK(bytes == 8);
    MPI_Reduce_local(&x, &y, 1, t, MPI_SUM);
    CHECK(y == 7);
    MPI_Type_create_f90_integer(5, &t);
    check_made(t, MPI_COMBINER_F90_INTEGER, INTEGERS(5), 0, NULL,
               MPI_DATATYPE_NULL);
    MPI_Type_size(t, &bytes);
    CHECK(bytes == 4);
    MPI_Type_create_f90_complex(MPI_UNDEFINED, 30, &t);
    MPI_Type_size(t, &bytes);
    CHECK(bytes == 8);
    MPI_Type_match_size(MPI_TYPECLASS_REAL, 8, &t);
    MPI_Reduce_local(&x, &y, 1, t, MPI_PROD);
    CHECK(y == 21);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    CHECK(MPI_Type_match_size(MPI_TYPECLASS_INTEGER, 3, &t) != MPI_SUCCESS);
    CHECK(MPI_Type_create_f90_real(1000, 9, &t) != MPI_SUCCESS);
    CHECK(MPI_Type_free(&u) != MPI_SUCCESS);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

/* What an int cannot count. */
static void large(void)
{
    const MPI_Count count = (MPI_Count)3 << 30;
    MPI_Datatype t;
    MPI_Count size;
    MPI_Count lb;
    MPI_Count extent;
    MPI_Count n[4];
    MPI_Count numbers[3];
    MPI_Datatype old;
    int how;
    int none;

    MPI_Type_vector_c(count, 1, 2, MPI_INT, &t);
    MPI_Type_size_x(t, &size);
    CHECK(size == 4 * count);
    MPI_Type_get_true_extent_c(t, &lb, &extent);
    CHECK(lb == 0 && extent == 8 * count - 4);
    MPI_Type_size(t, &none);
    CHECK(none == MPI_UNDEFINED);
    MPI_Type_get_envelope_c(t, &n[0], &n[1], &n[2], &n[3], &how);
    CHECK(how == MPI_COMBINER_VECTOR && n[0] == 0 && n[1] == 0 && n[2] == 3 &&
          n[3] == 1);
    MPI_Type_get_contents_c(t, 0, 0, 3, 1, NULL, NULL, numbers, &old);
    CHECK(numbers[0] == count && numbers[2] == 2 && old == MPI_INT);
    MPI_Type_free(&t);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    contents();
    nested();
    bounds();
    arrays();
    sizes();
    large();
    return end();
}
