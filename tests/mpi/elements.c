/* Basic elements of what was received, and parts of arrays. */
#include "check.h"
#include <stddef.h>
#include <string.h>

typedef struct mixed {
    double x;
    int y[2];
} mixed;

static MPI_Datatype make_mixed(void)
{
    const int lengths[2] = { 1, 2 };
    const MPI_Aint places[2] = { offsetof(mixed, x), offsetof(mixed, y) };
    const MPI_Datatype types[2] = { MPI_DOUBLE, MPI_INT };
    MPI_Datatype t;

    MPI_Type_create_struct(2, lengths, places, types, &t);
    MPI_Type_commit(&t);
    return t;
}

/* Sends so many bytes to itself and looks at them as elements of a type. */
static void check_count(MPI_Datatype type, int bytes, int count, int elements)
{
    static char out[200];
    static char in[200];
    MPI_Request r;
    MPI_Status s;
    int n;

    MPI_Irecv(in, 200, MPI_BYTE, rank, 0, MPI_COMM_WORLD, &r);
    MPI_Send(out, bytes, MPI_BYTE, rank, 0, MPI_COMM_WORLD);
    MPI_Wait(&r, &s);
    MPI_Get_count(&s, type, &n);
    CHECK(n == count);
    MPI_Get_elements(&s, type, &n);
    CHECK(n == elements);
    MPI_Test_cancelled(&s, &n);
    CHECK(!n);
    MPI_Status_set_cancelled(&s, 1);
    MPI_Test_cancelled(&s, &n);
    CHECK(n && s.MPI_SOURCE == rank && s.MPI_TAG == 0);
}

static void elements(void)
{
    const int none = MPI_UNDEFINED;
    MPI_Datatype t = make_mixed();
    MPI_Datatype two;
    MPI_Datatype three;

    MPI_Type_contiguous(2, t, &two);
    MPI_Type_free(&t);
    MPI_Type_contiguous(3, MPI_INT, &three);
    check_count(MPI_INT, 12, 3, 3);
    check_count(MPI_INT, 13, none, none);
    check_count(three, 24, 2, 6);
    check_count(three, 20, none, 5);
    check_count(two, 0, 0, 0);
    check_count(two, 64, 2, 12);
    check_count(two, 32 + 16 + 8, none, 6 + 3 + 1);
    check_count(two, 32 + 16 + 8 + 4, none, 6 + 3 + 2);
    check_count(two, 32 + 8, none, 6 + 1);
    check_count(two, 32 + 10, none, none);
    check_count(MPI_DOUBLE_INT, 24, 2, 4);
    check_count(MPI_DOUBLE_INT, 20, none, 3);
    check_count(MPI_DOUBLE_INT, 16, none, none);
    MPI_Type_free(&two);
    MPI_Type_free(&three);
}

enum { X = 3, Y = 4, Z = 5 };

/* Of an array of 3 by 4 by 5, by the order of its indices. */
static void check_subarray(int order)
{
    const int c_order = order == MPI_ORDER_C;
    const int sizes[3] = { c_order ? X : Z, Y, c_order ? Z : X };
    const int subsizes[3] = { 2, 3, 2 };
    const int starts[3] = { 1, 0, 1 };
    int array[2 * X * Y * Z];
    int part[2 * 2 * 3 * 2];
    int position = 0;
    int at = 0;
    int bad = 0;
    MPI_Datatype t;
    MPI_Aint lb;
    MPI_Aint extent;
    int size_of;

    for (int i = 0; i < 2 * X * Y * Z; i++)
        array[i] = i;
    memset(part, 0, sizeof(part));
    MPI_Type_create_subarray(3, sizes, subsizes, starts, order, MPI_INT, &t);
    MPI_Type_commit(&t);
    MPI_Type_get_extent(t, &lb, &extent);
    MPI_Type_size(t, &size_of);
    CHECK(lb == 0 && extent == X * Y * Z * (int)sizeof(int));
    CHECK(size_of == 12 * (int)sizeof(int));
    MPI_Pack(array, 2, t, part, sizeof(part), &position, MPI_COMM_WORLD);
    for (int twice = 0; twice < 2; twice++)
        for (int x = 1; x < 3; x++)
            for (int y = 0; y < 3; y++)
                for (int z = 1; z < 3; z++)
                    bad +=
                        part[at++] != twice * X * Y * Z + x * Y * Z + y * Z + z;
    CHECK(bad == 0);
    MPI_Type_free(&t);
}

static void refusals(void)
{
    const int sizes[2] = { 3, 3 };
    const int subsizes[2] = { 2, 2 };
    const int beyond[2] = { 0, 2 };
    const int starts[2] = { 0, 0 };
    MPI_Datatype t;

    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    CHECK(MPI_Type_create_subarray(2, sizes, subsizes, beyond, MPI_ORDER_C,
                                   MPI_INT, &t) == MPI_ERR_ARG);
    CHECK(MPI_Type_create_subarray(2, sizes, subsizes, starts, 7, MPI_INT,
                                   &t) == MPI_ERR_ARG);
    CHECK(MPI_Type_create_subarray(0, sizes, subsizes, starts, MPI_ORDER_C,
                                   MPI_INT, &t) == MPI_ERR_ARG);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    elements();
    check_subarray(MPI_ORDER_C);
    check_subarray(MPI_ORDER_FORTRAN);
    refusals();
    return end();
}
