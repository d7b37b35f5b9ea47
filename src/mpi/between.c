/* Collectives between two groups. */

#include "mpi/between.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/step.h"

/* The first members of both sides, who speak for them. */
enum { SPEAKER = 0 };

/* Both speakers give each other so many elements, and their sides get them. */
static void swap_speakers(ds__comm *comm, const void *out, void *in, size_t n,
                          ds__type *type)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);

    assert(ds__comm_is_inter(comm) && c.peers > 0);
    if (c.rank == SPEAKER)
        ds__mpi_step_swap(&c, out, n, type, SPEAKER, in, n, type, SPEAKER);
}

/* A side has come when its speaker says so. */
void ds__inter_barrier(ds__comm *comm)
{
    ds__type *byte = ds__type_basic(DS__BASIC_BYTE);

    ds__mpi_barrier(comm->local);
    swap_speakers(comm, NULL, NULL, 0, byte);
    ds__mpi_bcast(comm->local, NULL, 0, byte, SPEAKER);
}

/* ---- From one and to one --------------------------------------------------*/

void ds__inter_bcast(ds__comm *comm, void *buf, size_t n, ds__type *type,
                     int root)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);

    assert(root == DS__ROOT || (root >= 0 && root < c.peers));
    if (root == DS__ROOT) {
        ds__mpi_step_send(&c, buf, n, type, SPEAKER);
        return;
    }
    if (c.rank == SPEAKER)
        ds__mpi_step_receive(&c, buf, n, type, root);
    ds__mpi_bcast(comm->local, buf, n, type, SPEAKER);
}

/* A message from the root to each of the other side, or from each. */
static void with_each(const ds__mpi_call *c, bool sends, const ds__pieces *p)
{
    const size_t n = (size_t)c->peers;
    ds__request **all = ds__mpi_alloc(n, sizeof(ds__request *));

    for (int i = 0; i < c->peers; i++)
        all[i] = ds__mpi_step_post(c, sends, ds__piece(p, i),
                                   ds__piece_count(p, i), p->type, i);
    ds__mpi_step_wait(c, all, n);
    free(all);
}

void ds__inter_gather(ds__comm *comm, const void *in, size_t n, ds__type *type,
                      const ds__pieces *out, int root)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);

    assert(root == DS__ROOT || (root >= 0 && in != DS__IN_PLACE));
    if (root == DS__ROOT)
        with_each(&c, false, out);
    else
        ds__mpi_step_send(&c, in, n, type, root);
}

void ds__inter_scatter(ds__comm *comm, const ds__pieces *in, void *out,
                       size_t n, ds__type *type, int root)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);

    assert(root == DS__ROOT || (root >= 0 && out != DS__IN_PLACE));
    if (root == DS__ROOT)
        with_each(&c, true, in);
    else
        ds__mpi_step_receive(&c, out, n, type, root);
}

/* ---- To all ---------------------------------------------------------------*/

/* Gives all of a side what its speaker has; it has gaps, and goes as bytes. */
static void spread(ds__comm *comm, const ds__pieces *p)
{
    const int n = ds__comm_peers(comm);
    size_t total = 0;

    for (int i = 0; i < n; i++)
        total += ds__piece_count(p, i) * p->type->size;
    char *packed = ds__mpi_room(total);
    char *at = packed;
    for (int i = 0; i < n && comm->rank == SPEAKER; i++) {
        ds__type_pack(at, ds__piece(p, i), ds__piece_count(p, i), p->type);
        at += ds__piece_count(p, i) * p->type->size;
    }
    ds__mpi_bcast(comm->local, packed, total, ds__type_basic(DS__BASIC_BYTE),
                  SPEAKER);
    for (int i = 0; i < n && comm->rank != SPEAKER; i++) {
        const size_t bytes = ds__piece_count(p, i) * p->type->size;
        ds__type_unpack(ds__piece(p, i), at, bytes, p->type);
        at += bytes;
    }
    free(packed);
}

/* Only the other side knows how much each gives, so it gathers that itself. */
void ds__inter_allgather(ds__comm *comm, const void *in, size_t n,
                         ds__type *type, const ds__pieces *out)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);
    ds__request *give = ds__mpi_step_post(&c, true, in, n, type, SPEAKER);

    if (c.rank == SPEAKER)
        with_each(&c, false, out);
    ds__mpi_step_wait(&c, &give, 1);
    spread(comm, out);
}

/* In step k to the one k behind, from the one k before, of so many as there are
 * on the larger side. */
void ds__inter_alltoall(ds__comm *comm, const ds__pieces *in,
                        const ds__pieces *out)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);
    const int n = c.size > c.peers ? c.size : c.peers;

    assert(in->buf != DS__IN_PLACE);
    for (int k = 0; k < n; k++) {
        const int to = (c.rank + k) % n;
        const int from = (c.rank - k + n) % n;
        ds__request *both[2] = { NULL, NULL };
        if (from < c.peers)
            both[0] = ds__mpi_step_post(&c, false, ds__piece(out, from),
                                        ds__piece_count(out, from),
                                        ds__piece_type(out, from), from);
        if (to < c.peers)
            both[1] = ds__mpi_step_post(&c, true, ds__piece(in, to),
                                        ds__piece_count(in, to),
                                        ds__piece_type(in, to), to);
        ds__mpi_step_wait(&c, both, 2);
    }
}

/* ---- Reductions -----------------------------------------------------------*/

void ds__inter_reduce(ds__comm *comm, const ds__reduction *r, int root)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);
    const size_t n = r->n;
    void *room = NULL;
    ds__reduction side = *r;

    assert(root == DS__ROOT || (root >= 0 && r->in != DS__IN_PLACE));
    if (root == DS__ROOT) {
        ds__mpi_step_receive(&c, r->out, n, r->type, SPEAKER);
        return;
    }
    if (c.rank == SPEAKER)
        side.out = ds__mpi_scratch(n, r->type, &room);
    ds__mpi_reduce(comm->local, &side, SPEAKER);
    if (c.rank == SPEAKER)
        ds__mpi_step_send(&c, side.out, n, r->type, root);
    free(room);
}

/* Reduces what a side has, and returns at its speaker what the other side has,
 * in room that is to be freed. */
static char *swap_reduced(ds__comm *comm, const ds__reduction *r, void **room)
{
    const size_t n = r->n;
    void *own;
    ds__reduction side = *r;
    char *other = ds__mpi_scratch(n, r->type, room);

    assert(r->in != DS__IN_PLACE && ds__op_fits(r->op, r->type));
    side.out = ds__mpi_scratch(n, r->type, &own);
    ds__mpi_reduce(comm->local, &side, SPEAKER);
    swap_speakers(comm, side.out, other, n, r->type);
    free(own);
    return other;
}

void ds__inter_allreduce(ds__comm *comm, const ds__reduction *r)
{
    const size_t n = r->n;
    void *room;
    const char *other = swap_reduced(comm, r, &room);

    if (comm->rank == SPEAKER)
        ds__type_copy(r->out, n, r->type, other, n, r->type);
    free(room);
    ds__mpi_bcast(comm->local, r->out, n, r->type, SPEAKER);
}

void ds__inter_reduce_scatter(ds__comm *comm, const ds__reduction *r,
                              const size_t *counts)
{
    const int p = ds__comm_size(comm);
    size_t *places = ds__mpi_alloc((size_t)p, sizeof(*places));
    void *room;
    const ds__pieces pieces = {
        .buf = swap_reduced(comm, r, &room),
        .type = r->type,
        .counts = { counts, sizeof(*counts) },
        .places = { places, sizeof(*places) },
    };

    for (int i = 1; i < p; i++)
        places[i] = places[i - 1] + counts[i - 1];
    ds__mpi_scatterv(comm->local, &pieces, r->out, counts[comm->rank], r->type,
                     SPEAKER);
    free(room);
    free(places);
}
