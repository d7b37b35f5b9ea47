/* Communicators whose ranks are the places of a grid. */

#include <limits.h>

#include "mpi/bind/abi.h"
#include "mpi/split.h"

#define NEED_CART(c)                                                           \
    if ((c)->cart == NULL)                                                     \
    FAIL(c, ERR_TOPOLOGY, "the communicator has no Cartesian topology")

#define NEED_ROOM(c, maxdims)                                                  \
    if ((maxdims) < (c)->cart->n)                                              \
    FAIL(c, ERR_ARG, "room for %d dimensions; there are %d", maxdims,          \
         (c)->cart->n)

/* Returns an error of the library, of which it has told; and how many ranks of
 * c the grid has. */
static int check_grid(ds__comm *c, int ndims, const int *dims,
                      const int *periods, int *places)
{
    long long n;

    if (ndims < 0)
        return ds__comm_fail(c, DS__ERR_DIMS,
                             "%d dimensions; there are at least 0", ndims);
    if (ndims > 0 && (dims == NULL || periods == NULL))
        return ds__comm_fail(c, DS__ERR_ARG, "NULL is no array of dimensions");
    n = ds__cart_places(ndims, dims, ds__comm_size(c));
    if (n < 0)
        return ds__comm_fail(c, DS__ERR_DIMS,
                             "a dimension of less than 1 place");
    if (n > ds__comm_size(c))
        return ds__comm_fail(c, DS__ERR_DIMS,
                             "a grid of more places than %d ranks",
                             ds__comm_size(c));
    *places = (int)n;
    return DS__SUCCESS;
}

/* The order of ranks stays as it is. */
API int F(Cart_create)(MPI_Comm comm, int ndims, const int dims[],
                       const int periods[], int reorder, MPI_Comm *newcomm)
{
    int places;

    ENTER(Cart_create);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    NEED_RESULT(c, newcomm);
    const int error = check_grid(c, ndims, dims, periods, &places);
    if (error != DS__SUCCESS)
        return ERROR(error);
    ds__comm *made =
        ds__comm_split(c, c->rank < places ? 0 : DS__UNDEFINED, c->rank);
    if (made != NULL)
        made->cart = ds__cart_new(ndims, dims, periods);
    *newcomm = ABI_NAME(comm_handle)(made);
    return MPI_SUCCESS;
}

API int F(Cart_map)(MPI_Comm comm, int ndims, const int dims[],
                    const int periods[], int *newrank)
{
    int places;

    ENTER(Cart_map);
    NEED_COMM(c, comm);
    NEED_INTRA(c);
    NEED_RESULT(c, newrank);
    const int error = check_grid(c, ndims, dims, periods, &places);
    if (error != DS__SUCCESS)
        return ERROR(error);
    *newrank = c->rank < places ? c->rank : MPI_UNDEFINED;
    return MPI_SUCCESS;
}

API int F(Cart_sub)(MPI_Comm comm, const int remain_dims[], MPI_Comm *newcomm)
{
    int which;
    int place;

    ENTER(Cart_sub);
    NEED_COMM(c, comm);
    NEED_CART(c);
    NEED_RESULT(c, newcomm);
    if (c->cart->n > 0 && remain_dims == NULL)
        FAIL(c, ERR_ARG, "NULL is no array of dimensions");
    ds__cart *kept =
        ds__cart_keep(c->cart, remain_dims, c->rank, &which, &place);
    ds__comm *made = ds__comm_split(c, which, place);
    made->cart = kept;
    *newcomm = ABI_NAME(comm_handle)(made);
    return MPI_SUCCESS;
}

API int F(Cartdim_get)(MPI_Comm comm, int *ndims)
{
    ENTER(Cartdim_get);
    NEED_COMM(c, comm);
    NEED_CART(c);
    NEED_RESULT(c, ndims);
    *ndims = c->cart->n;
    return MPI_SUCCESS;
}

API int F(Cart_get)(MPI_Comm comm, int maxdims, int dims[], int periods[],
                    int coords[])
{
    ENTER(Cart_get);
    NEED_COMM(c, comm);
    NEED_CART(c);
    NEED_ROOM(c, maxdims);
    for (int i = 0; i < c->cart->n; i++) {
        dims[i] = c->cart->dims[i].size;
        periods[i] = c->cart->dims[i].periodic;
    }
    ds__cart_coords(c->cart, c->rank, coords);
    return MPI_SUCCESS;
}

API int F(Cart_rank)(MPI_Comm comm, const int coords[], int *rank)
{
    ENTER(Cart_rank);
    NEED_COMM(c, comm);
    NEED_CART(c);
    NEED_RESULT(c, rank);
    const int found = ds__cart_rank(c->cart, coords);
    if (found < 0)
        FAIL(c, ERR_ARG,
             "coordinates of no place, in a dimension that is not "
             "periodic");
    *rank = found;
    return MPI_SUCCESS;
}

API int F(Cart_coords)(MPI_Comm comm, int rank, int maxdims, int coords[])
{
    ENTER(Cart_coords);
    NEED_COMM(c, comm);
    NEED_CART(c);
    NEED_ROOM(c, maxdims);
    if (rank < 0 || rank >= ds__comm_size(c))
        FAIL(c, ERR_RANK, "a rank of %d among %d", rank, ds__comm_size(c));
    ds__cart_coords(c->cart, rank, coords);
    return MPI_SUCCESS;
}

static int neighbor(const ds__comm *c, int direction, int steps)
{
    const int found = ds__cart_neighbor(c->cart, c->rank, direction, steps);

    return found < 0 ? MPI_PROC_NULL : found;
}

API int F(Cart_shift)(MPI_Comm comm, int direction, int disp, int *rank_source,
                      int *rank_dest)
{
    ENTER(Cart_shift);
    NEED_COMM(c, comm);
    NEED_CART(c);
    NEED_RESULT(c, rank_source);
    NEED_RESULT(c, rank_dest);
    if (direction < 0 || direction >= c->cart->n)
        FAIL(c, ERR_ARG, "a direction of %d among %d dimensions", direction,
             c->cart->n);
    if (disp == INT_MIN)
        FAIL(c, ERR_ARG, "a displacement of %d, whose opposite is no int",
             disp);
    *rank_source = neighbor(c, direction, -disp);
    *rank_dest = neighbor(c, direction, disp);
    return MPI_SUCCESS;
}

API int F(Topo_test)(MPI_Comm comm, int *status)
{
    ENTER(Topo_test);
    NEED_COMM(c, comm);
    NEED_RESULT(c, status);
    *status = c->cart != NULL      ? MPI_CART
              : c->graph == NULL   ? MPI_UNDEFINED
              : c->graph->is_whole ? MPI_GRAPH
                                   : MPI_DIST_GRAPH;
    return MPI_SUCCESS;
}

API int F(Dims_create)(int nnodes, int ndims, int dims[])
{
    const ds__rank *me = ENTER(Dims_create);

    if (nnodes < 1 || ndims < 0)
        FAIL(me->world, ERR_DIMS, "%d places in %d dimensions", nnodes, ndims);
    if (ndims > 0)
        NEED_RESULT(me->world, dims);
    if (ndims > 0 && !ds__cart_choose(nnodes, ndims, dims))
        FAIL(me->world, ERR_DIMS,
             "the sizes that are given are no divisors of %d places, or less "
             "than 0",
             nnodes);
    return MPI_SUCCESS;
}

#define LIST(N)                                                                \
    N(Cart_coords)                                                             \
    N(Cart_create)                                                             \
    N(Cart_get)                                                                \
    N(Cart_map)                                                                \
    N(Cart_rank)                                                               \
    N(Cart_shift)                                                              \
    N(Cart_sub)                                                                \
    N(Cartdim_get)                                                             \
    N(Dims_create)                                                             \
    N(Topo_test)
DEFINE_NAMES(cart_names, LIST)
