/* Collectives that move elements.
 *
 * Members may say the same bytes by different types, so what travels is bytes,
 * packed; in vectors of units that are as large as the number of bytes allows,
 * since algorithms cut between them. */

#include "mpi/coll.h"

#include <assert.h>

#include "coll/vec.h"
#include "mpi/call.h"
#include "mpi/parts.h"
#include "mpi/turn.h"
#include "mpi/watch.h"

/* ---- Vectors --------------------------------------------------------------*/

/* The same for all who say the same number. */
static size_t unit_of(size_t bytes)
{
    size_t unit = sizeof(double);

    while (bytes % unit != 0)
        unit /= 2;
    return unit;
}

/* So many bytes, of blocks of so many. */
static ds_vec *vec_new(size_t bytes, size_t block)
{
    const size_t unit = unit_of(block);

    assert(bytes % unit == 0);
    return ds__mpi_vec(bytes / unit, unit, block);
}

/* What takes the place of elements that nobody looks at. */
static ds_vec *nothing(size_t bytes, size_t block)
{
    const size_t unit = unit_of(block);
    ds_vec *vec = ds_vec_phantom_of(bytes / unit, unit);

    if (vec == NULL)
        ds__mpi_die(1, "there is no memory");
    return vec;
}

static ds_vec *vec_of(const void *buf, size_t n, const ds__type *type)
{
    ds_vec *vec = vec_new(n * type->size, n * type->size);

    if (vec->data != NULL)
        ds__type_pack((char *)vec->data, buf, n, type);
    return vec;
}

static size_t bytes_of(const ds_vec *vec)
{
    return vec->len * vec->size;
}

/* ---- Pieces ---------------------------------------------------------------*/

/* Whether they lie one behind the other, of one length. */
static bool are_even(const ds__pieces *p)
{
    return p->counts.items == NULL && p->types == NULL;
}

/* Bytes of each of those that are. */
static size_t piece_bytes(const ds__pieces *p)
{
    return p->count * p->type->size;
}

static ds_vec *vec_of_all(const ds__pieces *p, int n)
{
    const size_t block = piece_bytes(p);
    ds_vec *vec = vec_new((size_t)n * block, block);

    assert(n > 0 && are_even(p));
    if (vec->data != NULL)
        ds__type_pack((char *)vec->data, p->buf, (size_t)n * p->count, p->type);
    return vec;
}

/* Members that sent less than was expected leave the rest as it is. */
static void put_all(const ds__pieces *p, int n, ds_vec *all)
{
    const size_t block = bytes_of(all) / (size_t)n;
    const char *data = (const char *)all->data;

    assert(n > 0);
    if (block > piece_bytes(p))
        ds__mpi_die(DS__ERR_TRUNCATE,
                    "the members send %zu bytes each, and this one expects %zu "
                    "of each; all must agree on counts and types",
                    block, piece_bytes(p));
    if (data == NULL ||
        (p->type->row && data == ds__type_first(p->buf, p->type)))
        ; /* nothing has come with it, or it is where it belongs */
    else if (block == piece_bytes(p))
        ds__type_unpack(p->buf, data, bytes_of(all), p->type);
    else
        for (int i = 0; i < n; i++)
            ds__type_unpack(ds__piece(p, i), data + (size_t)i * block, block,
                            p->type);
    ds_vec_unref(all);
}

/* All n of them where they are, in units as vec_of_all() has; NULL: they do not
 * lie there as they are sent, or are not sent. */
static ds_vec *lend_all(const ds__pieces *p, int n)
{
    const size_t block = piece_bytes(p);
    const size_t unit = unit_of(block);

    assert(n > 0 && are_even(p));
    if (block == 0 || !p->type->row || ds__watch_bare(ds__me(), (double)block))
        return NULL;
    return ds__vec_lend(ds__type_first(p->buf, p->type),
                        (size_t)n * block / unit, unit);
}

/* A member's own elements, which may be in their place among the pieces. */
static ds_vec *vec_of_own(const ds__comm *c, const void *in, size_t n,
                          ds__type *type, const ds__pieces *out)
{
    return in == DS__IN_PLACE
               ? vec_of(ds__piece(out, c->rank), ds__piece_count(out, c->rank),
                        ds__piece_type(out, c->rank))
               : vec_of(in, n, type);
}

/* ---- The collectives ------------------------------------------------------*/

void ds__mpi_barrier(ds__comm *c)
{
    ds_vec_unref(ds__turn_run(c, DS_BARRIER, NULL, NULL, NULL, 0));
}

void ds__mpi_bcast(ds__comm *c, void *buf, size_t n, ds__type *type, int root)
{
    const size_t bytes = n * type->size;
    assert(root >= 0 && root < ds__comm_size(c));
    ds_vec *mine =
        c->rank == root ? vec_of(buf, n, type) : nothing(bytes, bytes);
    ds_vec *got = ds__turn_run(c, DS_BCAST, mine, NULL, NULL, root);

    if (c->rank != root)
        ds__mpi_put(buf, n, type, got);
    else
        ds_vec_unref(got);
}

void ds__mpi_gather(ds__comm *c, const void *in, size_t n, ds__type *type,
                    const ds__pieces *out, int root)
{
    ds_vec *mine = vec_of_own(c, in, n, type, out);
    ds_vec *got = ds__turn_run(c, DS_GATHER, mine, NULL, NULL, root);

    assert(c->rank != root || are_even(out));
    if (c->rank == root)
        put_all(out, ds__comm_size(c), got);
    else
        ds_vec_unref(got);
}

void ds__mpi_scatter(ds__comm *c, const ds__pieces *in, void *out, size_t n,
                     ds__type *type, int root)
{
    const int p = ds__comm_size(c);
    const bool is_root = c->rank == root;
    assert(!is_root || are_even(in));
    const size_t block = is_root ? piece_bytes(in) : n * type->size;
    ds_vec *mine =
        is_root ? vec_of_all(in, p) : nothing((size_t)p * block, block);
    ds_vec *got = ds__turn_run(c, DS_SCATTER, mine, NULL, NULL, root);

    if (out != DS__IN_PLACE)
        ds__mpi_put(out, n, type, got);
    else
        ds_vec_unref(got);
}

void ds__mpi_allgather(ds__comm *c, const void *in, size_t n, ds__type *type,
                       const ds__pieces *out)
{
    if (!are_even(out)) {
        ds__mpi_allgatherv(c, in, n, type, out);
        return;
    }
    ds_vec *mine = vec_of_own(c, in, n, type, out);
    put_all(out, ds__comm_size(c),
            ds__turn_run(c, DS_ALLGATHER, mine, NULL, NULL, 0));
}

void ds__mpi_alltoall(ds__comm *c, const ds__pieces *in, const ds__pieces *out)
{
    const int p = ds__comm_size(c);
    const ds__pieces *from = in->buf == DS__IN_PLACE ? out : in;

    if (!are_even(out)) {
        ds__mpi_alltoallv(c, from, out);
        return;
    }
    ds_vec *mine = from == out ? NULL : lend_all(from, p);
    if (mine == NULL)
        mine = vec_of_all(from, p);
    put_all(out, p, ds__turn_run_into(c, DS_ALLTOALL, mine, lend_all(out, p)));
}
