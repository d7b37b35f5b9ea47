/* All of these move bytes; where one piece ends is known to who gives it and to
 * who gets it. */

#include "mpi/parts.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/turn.h"

/* ---- Pieces as bytes ------------------------------------------------------*/

static size_t *sizes_of(const ds__pieces *p, int n)
{
    size_t *sizes = ds__mpi_alloc((size_t)n, sizeof(*sizes));

    for (int i = 0; i < n; i++)
        sizes[i] = ds__piece_count(p, i) * ds__piece_type(p, i)->size;
    return sizes;
}

static ds_vec *pack_all(const ds__pieces *p, int n, const size_t *sizes)
{
    size_t total = 0;

    assert(p->buf != DS__IN_PLACE);
    for (int i = 0; i < n; i++)
        total += sizes[i];
    ds_vec *vec = ds__mpi_vec(total, 1, total);
    char *at = (char *)vec->data;
    for (int i = 0; i < n && at != NULL; at += sizes[i], i++)
        ds__type_pack(at, ds__piece(p, i), ds__piece_count(p, i),
                      ds__piece_type(p, i));
    return vec;
}

static void unpack_all(const ds__pieces *p, int n, const size_t *sizes,
                       ds_vec *vec)
{
    const char *at = (const char *)vec->data;

    assert(n > 0);
    for (int i = 0; i < n && at != NULL; at += sizes[i], i++)
        ds__type_unpack(ds__piece(p, i), at, sizes[i], ds__piece_type(p, i));
    ds_vec_unref(vec);
}

static ds_vec *pack_own(const ds__comm *c, const void *in, size_t n,
                        ds__type *type, const ds__pieces *out)
{
    const bool in_place = in == DS__IN_PLACE;
    const ds__pieces own = {
        .buf = in_place ? ds__piece(out, c->rank) : (void *)in,
        .count = in_place ? ds__piece_count(out, c->rank) : n,
        .type = in_place ? ds__piece_type(out, c->rank) : type
    };

    return pack_all(&own, 1, &(size_t){ own.count * own.type->size });
}

/* ---- The collectives ------------------------------------------------------*/

static size_t average(const size_t *sizes, int n)
{
    size_t total = 0;

    for (int i = 0; i < n; i++)
        total += sizes[i];
    return total / (size_t)n;
}

static const ds_collective *begin(ds__turn *turn, ds__comm *c,
                                  ds_collective_kind kind, const char *usual,
                                  size_t bytes)
{
    return ds__turn_begin_parts(turn, c,
                                &(ds__case){ .kind = kind,
                                             .p = (size_t)ds__comm_size(c),
                                             .rank = (size_t)c->rank,
                                             .len = bytes,
                                             .size = 1,
                                             .commutes = true,
                                             .predefined = true,
                                             .usual = usual });
}

void ds__mpi_gatherv(ds__comm *c, const void *in, size_t n, ds__type *type,
                     const ds__pieces *out, int root)
{
    const int p = ds__comm_size(c);
    const bool is_root = c->rank == root;
    assert(root >= 0 && root < p && (is_root || in != DS__IN_PLACE));
    size_t *sizes = is_root ? sizes_of(out, p) : NULL;
    ds_vec *mine = pack_own(c, in, n, type, out);
    ds_vec *got;
    ds__turn turn;

    const ds_collective *how = begin(&turn, c, DS_GATHER, "gatherv-linear", 0);
    if (how != NULL)
        got = ds_collective_run_parts(how, turn.member, mine, sizes, NULL,
                                      (size_t)root);
    else
        got = ds_gatherv(turn.member, mine, sizes, (size_t)root);
    if (how == NULL && !is_root && !ds__turn_is_over(&turn))
        got = ds_vec_ref(mine);
    ds_vec_unref(mine);
    got = ds__turn_end(&turn, got);
    if (is_root)
        unpack_all(out, p, sizes, got);
    else
        ds_vec_unref(got);
    free(sizes);
}

void ds__mpi_scatterv(ds__comm *c, const ds__pieces *in, void *out, size_t n,
                      ds__type *type, int root)
{
    const int p = ds__comm_size(c);
    size_t *sizes = c->rank == root ? sizes_of(in, p) : NULL;
    ds_vec *all = sizes != NULL ? pack_all(in, p, sizes) : NULL;
    ds_vec *got;
    ds__turn turn;

    const ds_collective *how =
        begin(&turn, c, DS_SCATTER, "scatterv-linear", 0);
    if (how != NULL)
        got = ds_collective_run_parts(how, turn.member, all, sizes, NULL,
                                      (size_t)root);
    else
        got = ds_scatterv(turn.member, all, sizes, (size_t)root);
    ds_vec_unref(all);
    got = ds__turn_end(&turn, got);
    if (out != DS__IN_PLACE)
        ds__mpi_put(out, n, type, got);
    else
        ds_vec_unref(got);
    free(sizes);
}

void ds__mpi_allgatherv(ds__comm *c, const void *in, size_t n, ds__type *type,
                        const ds__pieces *out)
{
    const int p = ds__comm_size(c);
    size_t *sizes = sizes_of(out, p);
    ds_vec *mine = pack_own(c, in, n, type, out);
    ds_vec *got;
    ds__turn turn;

    const ds_collective *how =
        begin(&turn, c, DS_ALLGATHER, "allgatherv-ring", average(sizes, p));
    if (how != NULL)
        got = ds_collective_run_parts(how, turn.member, mine, sizes, NULL, 0);
    else
        got = ds_allgatherv(turn.member, mine, sizes);
    ds_vec_unref(mine);
    unpack_all(out, p, sizes, ds__turn_end(&turn, got));
    free(sizes);
}

/* What is in place is packed before any of it is written.  There is one
 * algorithm, whether it is chosen or not. */
void ds__mpi_alltoallv(ds__comm *c, const ds__pieces *in, const ds__pieces *out)
{
    const int p = ds__comm_size(c);
    size_t *sends = sizes_of(in, p);
    size_t *receives = sizes_of(out, p);
    ds_vec *mine = pack_all(in, p, sends);
    ds__turn turn;

    begin(&turn, c, DS_ALLTOALL, "alltoallv-pairwise", 0);
    ds_vec *got = ds_alltoallv(turn.member, mine, sends, receives);
    ds_vec_unref(mine);
    unpack_all(out, p, receives, ds__turn_end(&turn, got));
    free(sends);
    free(receives);
}
