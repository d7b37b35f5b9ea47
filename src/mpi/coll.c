/* Collectives that move elements. */

#include "mpi/coll.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/step.h"

/* Each tells the one at twice the distance of the step before. */
void ds__mpi_barrier(ds__comm *comm)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);
    ds__type *byte = ds__type_basic(DS__BASIC_BYTE);

    for (int d = 1; d < c.size; d *= 2)
        ds__mpi_step_swap(&c, NULL, 0, byte, (c.rank + d) % c.size, NULL, 0,
                          byte, (c.rank - d + c.size) % c.size);
}

/* Down a binomial tree. */
void ds__mpi_bcast(ds__comm *comm, void *buf, size_t n, ds__type *type,
                   int root)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);
    const int me = (c.rank - root + c.size) % c.size;
    assert(root >= 0 && root < c.size);
    int mask = 1;

    for (; mask < c.size; mask *= 2)
        if ((me & mask) != 0) {
            ds__mpi_step_receive(&c, buf, n, type,
                                 (c.rank - mask + c.size) % c.size);
            break;
        }
    while ((mask /= 2) > 0)
        if (me + mask < c.size)
            ds__mpi_step_send(&c, buf, n, type, (c.rank + mask) % c.size);
}

void ds__mpi_gather(ds__comm *comm, const void *in, size_t n, ds__type *type,
                    const ds__pieces *out, int root)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);

    assert(root >= 0 && root < c.size);
    if (c.rank != root) {
        ds__mpi_step_send(&c, in, n, type, root);
        return;
    }
    ds__request **all = ds__mpi_alloc((size_t)c.size, sizeof(ds__request *));
    for (int i = 0; i < c.size; i++) {
        void *piece = ds__piece(out, i);
        const size_t count = ds__piece_count(out, i);
        if (i != root)
            all[i] = ds__mpi_step_post(&c, false, piece, count, out->type, i);
        else if (in != DS__IN_PLACE)
            ds__type_copy(piece, count, out->type, in, n, type);
    }
    ds__mpi_step_wait(&c, all, (size_t)c.size);
    free(all);
}

void ds__mpi_scatter(ds__comm *comm, const ds__pieces *in, void *out, size_t n,
                     ds__type *type, int root)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);

    assert(root >= 0 && root < c.size);
    if (c.rank != root) {
        ds__mpi_step_receive(&c, out, n, type, root);
        return;
    }
    ds__request **all = ds__mpi_alloc((size_t)c.size, sizeof(ds__request *));
    for (int i = 0; i < c.size; i++) {
        void *piece = ds__piece(in, i);
        const size_t count = ds__piece_count(in, i);
        if (i != root)
            all[i] = ds__mpi_step_post(&c, true, piece, count, in->type, i);
        else if (out != DS__IN_PLACE)
            ds__type_copy(out, n, type, piece, count, in->type);
    }
    ds__mpi_step_wait(&c, all, (size_t)c.size);
    free(all);
}

/* Each piece goes around a ring. */
void ds__mpi_allgather(ds__comm *comm, const void *in, size_t n, ds__type *type,
                       const ds__pieces *out)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);

    assert(in == DS__IN_PLACE || type != NULL);
    if (in != DS__IN_PLACE)
        ds__type_copy(ds__piece(out, c.rank), ds__piece_count(out, c.rank),
                      out->type, in, n, type);
    for (int s = 0; s < c.size - 1; s++) {
        const int give = (c.rank - s + c.size) % c.size;
        const int take = (c.rank - s - 1 + c.size) % c.size;
        ds__mpi_step_swap(&c, ds__piece(out, give), ds__piece_count(out, give),
                          out->type, (c.rank + 1) % c.size,
                          ds__piece(out, take), ds__piece_count(out, take),
                          out->type, (c.rank + c.size - 1) % c.size);
    }
}

/* ---- All to all -----------------------------------------------------------*/

/* In step k to the one k behind, from the one k before. */
static void pairwise(const ds__mpi_call *c, const ds__pieces *in,
                     const ds__pieces *out)
{
    assert(in->buf != DS__IN_PLACE);
    for (int k = 0; k < c->size; k++) {
        const int to = (c->rank + k) % c->size;
        const int from = (c->rank - k + c->size) % c->size;
        if (k == 0)
            ds__type_copy(ds__piece(out, to), ds__piece_count(out, to),
                          ds__piece_type(out, to), ds__piece(in, to),
                          ds__piece_count(in, to), ds__piece_type(in, to));
        else
            ds__mpi_step_swap(c, ds__piece(in, to), ds__piece_count(in, to),
                              ds__piece_type(in, to), to, ds__piece(out, from),
                              ds__piece_count(out, from),
                              ds__piece_type(out, from), from);
    }
}

/* What goes out is put aside first, as bytes. */
static void pairwise_in_place(const ds__mpi_call *c, const ds__pieces *out)
{
    int *counts = ds__mpi_alloc((size_t)c->size, sizeof(*counts));
    int *places = ds__mpi_alloc((size_t)c->size, sizeof(*places));
    size_t total = 0;

    for (int i = 0; i < c->size; i++) {
        counts[i] =
            (int)(ds__piece_count(out, i) * ds__piece_type(out, i)->size);
        places[i] = (int)total;
        total += (size_t)counts[i];
    }
    char *packed = ds__mpi_alloc(1, total + 1);
    for (int i = 0; i < c->size; i++)
        ds__type_pack(packed + places[i], ds__piece(out, i),
                      ds__piece_count(out, i), ds__piece_type(out, i));
    const ds__pieces in = {
        .buf = packed,
        .type = ds__type_basic(DS__BASIC_BYTE),
        .counts = counts,
        .places = places,
    };
    pairwise(c, &in, out);
    free(packed);
    free(counts);
    free(places);
}

void ds__mpi_alltoall(ds__comm *comm, const ds__pieces *in,
                      const ds__pieces *out)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);

    if (in->buf == DS__IN_PLACE)
        pairwise_in_place(&c, out);
    else
        pairwise(&c, in, out);
}
