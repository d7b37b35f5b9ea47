/* Ranks are places of grids: who is where, who is beside whom, rows and
 * columns. */
#include "check.h"

static int class_of(int code)
{
    int c;

    MPI_Error_class(code, &c);
    return c;
}

/* ---- Sizes ----------------------------------------------------------------*/

static void choose_sizes(void)
{
    static const struct {
        int places;
        int n;
        int given[4];
        int want[4];
    } rows[] = {
        { 6, 2, { 0, 0 }, { 3, 2 } },
        { 7, 2, { 0, 0 }, { 7, 1 } },
        { 6, 3, { 0, 3, 0 }, { 2, 3, 1 } },
        { 1, 3, { 0, 0, 0 }, { 1, 1, 1 } },
        { 16, 3, { 0, 0, 0 }, { 4, 2, 2 } },
        { 72, 3, { 0, 0, 0 }, { 6, 4, 3 } },
        { 1000, 3, { 0, 0, 0 }, { 10, 10, 10 } },
        { 12, 4, { 0, 0, 0, 0 }, { 3, 2, 2, 1 } },
        { 30, 2, { 5, 6 }, { 5, 6 } },
        { 1000003, 4, { 0, 0, 0, 0 }, { 1000003, 1, 1, 1 } },
        { 2147483647, 2, { 0, 0 }, { 2147483647, 1 } },
        { 65536, 4, { 0, 4, 0, 0 }, { 32, 4, 32, 16 } },
    };

    for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        int dims[4];
        int same = 1;
        for (int k = 0; k < rows[i].n; k++)
            dims[k] = rows[i].given[k];
        MPI_Dims_create(rows[i].places, rows[i].n, dims);
        for (int k = 0; k < rows[i].n; k++)
            same &= dims[k] == rows[i].want[k];
        CHECK(same);
        if (!same)
            printf("%d: %d %d\n", rows[i].places, dims[0], dims[1]);
    }
}

/* ---- A grid of two dimensions ---------------------------------------------*/

/* The first one ends, the second one goes around. */
static void of_two(void)
{
    int dims[2] = { 0, 2 };
    int periods[] = { 0, 1 };
    int at[2];
    int again[2];
    int far[2];
    int from;
    int to;
    int n;
    MPI_Comm grid;
    MPI_Comm twin;
    MPI_Comm row;

    MPI_Dims_create(size / 2 * 2, 2, dims);
    CHECK(dims[0] == size / 2 && dims[1] == 2);
    MPI_Cart_map(MPI_COMM_WORLD, 2, dims, periods, &n);
    CHECK(n == (rank < size / 2 * 2 ? rank : MPI_UNDEFINED));
    MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, 1, &grid);
    CHECK((grid == MPI_COMM_NULL) == (rank >= size / 2 * 2));
    if (grid == MPI_COMM_NULL)
        return;
    MPI_Topo_test(grid, &n);
    CHECK(n == MPI_CART);
    MPI_Cartdim_get(grid, &n);
    CHECK(n == 2);
    MPI_Cart_get(grid, 2, again, periods, at);
    CHECK(again[0] == dims[0] && again[1] == 2);
    CHECK(periods[0] == 0 && periods[1] == 1);
    MPI_Comm_rank(grid, &n);
    CHECK(at[0] == n / 2 && at[1] == n % 2);
    MPI_Cart_coords(grid, 1, 2, far);
    CHECK(far[0] == 0 && far[1] == 1);
    far[0] = at[0];
    far[1] = at[1] - 4;
    MPI_Cart_rank(grid, far, &n);
    CHECK(n == rank);

    MPI_Cart_shift(grid, 0, 1, &from, &to);
    CHECK(from == (at[0] == 0 ? MPI_PROC_NULL : rank - 2));
    CHECK(to == (at[0] == dims[0] - 1 ? MPI_PROC_NULL : rank + 2));
    MPI_Cart_shift(grid, 1, -3, &from, &to);
    CHECK(from == (rank ^ 1) && to == (rank ^ 1));
    MPI_Cart_shift(grid, 0, 0, &from, &to);
    CHECK(from == rank && to == rank);
    n = -1;
    MPI_Cart_shift(grid, 0, -1, &from, &to);
    MPI_Sendrecv(&rank, 1, MPI_INT, to, 3, &n, 1, MPI_INT, from, 3, grid,
                 MPI_STATUS_IGNORE);
    CHECK(n == (at[0] == dims[0] - 1 ? -1 : rank + 2));

    MPI_Comm_dup(grid, &twin);
    MPI_Topo_test(twin, &n);
    CHECK(n == MPI_CART);
    MPI_Comm_free(&grid);
    MPI_Cart_sub(twin, (int[]){ 1, 0 }, &row);
    MPI_Cart_get(row, 1, again, periods, far);
    CHECK(again[0] == dims[0] && periods[0] == 0 && far[0] == at[0]);
    MPI_Allreduce(&rank, &n, 1, MPI_INT, MPI_SUM, row);
    CHECK(n == dims[0] * (dims[0] - 1) + dims[0] * at[1]);
    MPI_Comm_free(&row);
    MPI_Cart_sub(twin, (int[]){ 0, 0 }, &row);
    MPI_Comm_size(row, &n);
    CHECK(n == 1);
    MPI_Cartdim_get(row, &n);
    CHECK(n == 0);
    MPI_Comm_free(&row);

    MPI_Comm_set_errhandler(twin, MPI_ERRORS_RETURN);
    far[0] = -1;
    far[1] = 0;
    CHECK(class_of(MPI_Cart_rank(twin, far, &n)) == MPI_ERR_ARG);
    CHECK(class_of(MPI_Cart_coords(twin, size, 2, far)) == MPI_ERR_RANK);
    CHECK(class_of(MPI_Cart_coords(twin, 0, 1, far)) == MPI_ERR_ARG);
    CHECK(class_of(MPI_Cart_shift(twin, 2, 1, &from, &to)) == MPI_ERR_ARG);
    MPI_Comm_free(&twin);
}

/* ---- A grid of three ------------------------------------------------------*/

/* A place is found again by its coordinates, and planes are numbered like the
 * grid. */
static void of_three(void)
{
    int dims[3] = { 0, 0, 0 };
    int periods[] = { 1, 0, 1 };
    int at[3];
    int n;
    MPI_Comm grid;
    MPI_Comm plane;
    MPI_Comm twin;
    MPI_Request request;

    MPI_Dims_create(size, 3, dims);
    CHECK(dims[0] * dims[1] * dims[2] == size);
    CHECK(dims[0] >= dims[1] && dims[1] >= dims[2]);
    MPI_Cart_create(MPI_COMM_WORLD, 3, dims, periods, 0, &grid);
    for (int r = 0; r < size; r++) {
        MPI_Cart_coords(grid, r, 3, at);
        CHECK(r == (at[0] * dims[1] + at[1]) * dims[2] + at[2]);
        at[0] += dims[0];
        at[2] -= dims[2];
        MPI_Cart_rank(grid, at, &n);
        CHECK(n == r);
    }
    MPI_Cart_coords(grid, rank, 3, at);
    MPI_Cart_sub(grid, (int[]){ 1, 0, 1 }, &plane);
    MPI_Comm_rank(plane, &n);
    CHECK(n == at[0] * dims[2] + at[2]);
    MPI_Cart_get(plane, 2, dims, periods, at);
    CHECK(periods[0] && periods[1]);
    MPI_Comm_free(&plane);
    MPI_Comm_idup(grid, &twin, &request);
    MPI_Wait(&request, MPI_STATUS_IGNORE);
    MPI_Comm_free(&grid);
    MPI_Cartdim_get(twin, &n);
    CHECK(n == 3);
    MPI_Comm_free(&twin);
}

/* ---- Mistakes, and a point ------------------------------------------------*/

static void refuse(void)
{
    int dims[] = { 2, 0 };
    int periods[] = { 0, 0 };
    int n;
    MPI_Comm grid;

    MPI_Topo_test(MPI_COMM_WORLD, &n);
    CHECK(n == MPI_UNDEFINED);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
    CHECK(class_of(MPI_Cartdim_get(MPI_COMM_WORLD, &n)) == MPI_ERR_TOPOLOGY);
    CHECK(class_of(MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, 0,
                                   &grid)) == MPI_ERR_DIMS);
    dims[1] = size;
    CHECK(class_of(MPI_Cart_create(MPI_COMM_WORLD, 2, dims, periods, 0,
                                   &grid)) == MPI_ERR_DIMS);
    dims[0] = 3;
    dims[1] = 0;
    CHECK(class_of(MPI_Dims_create(7, 2, dims)) == MPI_ERR_DIMS);
    dims[0] = -1;
    CHECK(class_of(MPI_Dims_create(7, 2, dims)) == MPI_ERR_DIMS);
    MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL);
    MPI_Cart_create(MPI_COMM_WORLD, 0, dims, periods, 0, &grid);
    CHECK((grid == MPI_COMM_NULL) == (rank != 0));
    if (grid == MPI_COMM_NULL)
        return;
    MPI_Cartdim_get(grid, &n);
    CHECK(n == 0);
    MPI_Comm_free(&grid);
}

int main(int argc, char **argv)
{
    begin(&argc, &argv);
    choose_sizes();
    of_two();
    of_three();
    refuse();
    return end();
}
