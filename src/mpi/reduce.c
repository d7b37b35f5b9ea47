/* Collectives that reduce. */

#include <assert.h>
#include <stdlib.h>

#include "mpi/coll.h"
#include "mpi/reducer.h"
#include "mpi/turn.h"

/* A member's own elements, one behind the other without what is not sent. */
static ds_vec *vec_of(const ds__reduction *r)
{
    const bool empty = r->type->size == 0;
    const size_t n = empty ? 0 : r->n;
    const size_t size = empty ? 1 : r->type->size;
    ds_vec *vec = ds__mpi_vec(n, size, n * size);

    assert(ds__op_fits(r->op, r->type));
    if (vec->data != NULL)
        ds__type_pack((char *)vec->data, r->in == DS__IN_PLACE ? r->out : r->in,
                      r->n, r->type);
    return vec;
}

/* Puts the result where it is wanted, if it is. */
static void put(const ds__reduction *r, size_t n, ds_vec *result, bool wanted)
{
    if (wanted)
        ds__mpi_put(r->out, n, r->type, result);
    else
        ds_vec_unref(result);
}

static ds_vec *run(ds__comm *c, ds_collective_kind kind, const ds__reduction *r,
                   int root)
{
    return ds__turn_run(c, kind, vec_of(r), r->op, r->type, root);
}

void ds__mpi_reduce(ds__comm *c, const ds__reduction *r, int root)
{
    put(r, r->n, run(c, DS_REDUCE, r, root), c->rank == root);
}

void ds__mpi_allreduce(ds__comm *c, const ds__reduction *r)
{
    put(r, r->n, run(c, DS_ALLREDUCE, r, 0), true);
}

/* Before the first rank there is nobody, and its result stays as it was. */
void ds__mpi_scan(ds__comm *c, const ds__reduction *r, bool exclusive)
{
    put(r, r->n, run(c, exclusive ? DS_EXSCAN : DS_SCAN, r, 0),
        !exclusive || c->rank > 0);
}

/* ---- To each its part -----------------------------------------------------*/

static bool are_equal(const size_t *counts, int n)
{
    int i = 1;

    while (i < n && counts[i] == counts[0])
        i++;
    return i >= n;
}

/* As usual in the order of ranks, whatever their counts and the operator. */
static ds_vec *run_parts(ds__comm *c, const ds__reduction *r,
                         const size_t *counts)
{
    const size_t p = (size_t)ds__comm_size(c);
    size_t *lengths = ds__mpi_alloc(p, sizeof(*lengths));
    ds_vec *mine = vec_of(r);
    ds__turn turn;
    ds__reducer reducer;
    ds_vec *got;

    for (size_t i = 0; i < p; i++)
        lengths[i] = r->type->size == 0 ? 0 : counts[i];
    const ds__case what = {
        .kind = DS_REDUCE_SCATTER,
        .p = p,
        .rank = (size_t)c->rank,
        .len = mine->len,
        .size = mine->size,
        .commutes = r->op->commutes,
        .predefined = r->op->code != DS__OP_OWN,
        .usual = "reduce-scatterv-pairwise",
    };
    const ds_collective *how = ds__turn_begin_parts(&turn, c, &what);
    ds__reducer_init(&reducer, r->op, r->type, &turn);
    if (how != NULL)
        got = ds_collective_run_parts(how, turn.member, mine, lengths,
                                      &reducer.base, 0);
    else
        got = ds_reduce_scatterv(turn.member, mine, lengths, &reducer.base);
    ds_vec_unref(mine);
    free(lengths);
    return ds__turn_end(&turn, got);
}

/* Algorithms that cut evenly reorder ranks, all of them. */
void ds__mpi_reduce_scatter(ds__comm *c, const ds__reduction *r,
                            const size_t *counts)
{
    const bool even = r->op->commutes && are_equal(counts, ds__comm_size(c));

    put(r, counts[c->rank],
        even ? run(c, DS_REDUCE_SCATTER, r, 0) : run_parts(c, r, counts), true);
}
