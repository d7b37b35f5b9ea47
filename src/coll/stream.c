/* Twice around a ring in chunks: once to reduce them, once to broadcast the
 * result.
 *
 * Data goes to rank + 1 and acknowledgements to rank - 1.  Each rank has two
 * lanes to its successor, one for each kind of data; a lane has at most one
 * packet under way that is not acknowledged, and the rest queue behind it.
 * Rank 0 puts its whole vector into the first lane, and the result into the
 * second as soon as it is complete. */

#include <assert.h>
#include <stdlib.h>

#include <distsys/allreduce.h>

#include "coll/cost.h"
#include "coll/step.h"

enum kind { REDUCE, REDUCE_ACK, BCAST, BCAST_ACK };

/* Invariant: chunks[head..tail) are the lane's; every chunk of the vector goes
 * through it at most once. */
typedef struct lane {
    enum kind kind;
    bool busy; /* the last one sent is not acknowledged */
    size_t head;
    size_t tail;
    ds_vec **chunks;
} lane;

typedef struct ring {
    ds_comm *c;
    const ds_op *op;
    ds_vec *mine;
    ds__key key;  /* of every packet of this call: order of arrival counts */
    size_t chunk; /* elements in each but the last */
    size_t count; /* of chunks */
    size_t next;
    size_t prev;
    lane reduce;
    lane bcast;
    size_t reduced; /* chunks that came as REDUCE */
    size_t known;   /* chunks of the result */
    ds__whole result;
} ring;

static bool is_first(const ring *r)
{
    return r->c->rank == 0;
}

static bool is_last(const ring *r)
{
    return r->c->rank == ds_comm_size(r->c) - 1;
}

static ds_vec *chunk_of(const ring *r, ds_vec *vec, size_t i)
{
    size_t from = i * r->chunk;
    size_t to = i + 1 < r->count ? from + r->chunk : r->mine->len;

    return ds__step_slice(r->c, vec, from, to);
}

/* A packet costs a byte more than its elements. */
static void send_packet(ring *r, size_t to, enum kind kind, ds_vec *vec)
{
    double size = vec == NULL ? 1 : ds__vec_bytes(vec) + 1;
    ds__packet *packet = ds__packet_make(r->c, r->key, vec, size);

    if (packet != NULL)
        packet->kind = kind;
    ds__packet_post(r->c, to, packet);
}

/* ---- Lanes ----------------------------------------------------------------*/

static void lane_advance(ring *r, lane *l)
{
    if (l->busy || l->head == l->tail)
        return;
    ds_vec *vec = l->chunks[l->head++];
    send_packet(r, r->next, l->kind, vec);
    ds_vec_unref(vec);
    l->busy = true;
}

/* Takes vec, which is NULL if the simulation is over. */
static void lane_put(ring *r, lane *l, ds_vec *vec)
{
    if (vec == NULL)
        return;
    assert(l->head <= l->tail && l->tail < r->count);
    l->chunks[l->tail++] = vec;
    lane_advance(r, l);
}

static void lane_put_all(ring *r, lane *l, ds_vec *vec)
{
    for (size_t i = 0; i < r->count; i++)
        lane_put(r, l, chunk_of(r, vec, i));
}

static void lane_acknowledged(ring *r, lane *l)
{
    l->busy = false;
    lane_advance(r, l);
}

static void lane_free(lane *l)
{
    for (; l->head < l->tail; l->head++)
        ds_vec_unref(l->chunks[l->head]);
    free(l->chunks);
}

/* ---- What arrives ---------------------------------------------------------*/

static void append_result(ring *r, ds_vec *vec)
{
    assert(r->known < r->count);
    ds__whole_put(r->c, &r->result, r->known++ * r->chunk, vec);
}

static void on_reduce(ring *r, ds_vec *vec)
{
    size_t i = r->reduced++;

    send_packet(r, r->prev, REDUCE_ACK, NULL);
    if (is_first(r)) {
        append_result(r, vec);
        if (r->known == r->count)
            lane_put_all(r, &r->bcast, r->result.vec);
        return;
    }
    ds_vec *both[] = { vec, chunk_of(r, r->mine, i) };
    lane_put(r, &r->reduce, ds__step_reduce(r->c, r->op, both, 2));
    ds_vec_unref(both[1]);
}

static void on_bcast(ring *r, ds_vec *vec)
{
    append_result(r, vec);
    send_packet(r, r->prev, BCAST_ACK, NULL);
    if (!is_last(r))
        lane_put(r, &r->bcast, ds_vec_ref(vec));
}

static void on_packet(ring *r, const ds__packet *packet)
{
    switch ((enum kind)packet->kind) {
    case REDUCE:
        on_reduce(r, packet->vec);
        break;
    case REDUCE_ACK:
        lane_acknowledged(r, &r->reduce);
        break;
    case BCAST:
        on_bcast(r, packet->vec);
        break;
    case BCAST_ACK:
        lane_acknowledged(r, &r->bcast);
        break;
    }
}

/* Only rank 0 waits for the acknowledgement of its last packet. */
static bool is_done(const ring *r)
{
    return r->known == r->count && r->reduce.head == r->reduce.tail &&
           r->bcast.head == r->bcast.tail && !(is_first(r) && r->bcast.busy);
}

static bool go_round(ring *r)
{
    ds__packet *packet;

    if (is_first(r))
        lane_put_all(r, &r->reduce, r->mine);
    while (!is_done(r)) {
        packet = ds__packet_take(r->c, r->key);
        if (packet == NULL)
            return false;
        on_packet(r, packet);
        ds__packet_free(packet);
    }
    while ((packet = ds__mailbox_take(&r->c->early, r->key)) != NULL)
        ds__packet_free(packet);
    return !ds__gone(r->c->handle);
}

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    size_t size = ds_comm_size(c);
    size_t pieces = size * (self->granularity == 0 ? 1 : self->granularity);

    if (mine->len == 0 || size == 1)
        return ds_vec_ref(mine);

    ring r = {
        .c = c,
        .op = op,
        .mine = mine,
        .key = { .call = c->call->number, .from = DS__ANY },
        .chunk = mine->len < pieces ? 1 : mine->len / pieces,
        .next = (c->rank + 1) % size,
        .prev = (c->rank + size - 1) % size,
        .reduce = { .kind = REDUCE },
        .bcast = { .kind = BCAST },
        .result = { .len = mine->len },
    };
    ds__call_add_peer(c->call, r.prev);
    ds__call_add_peer(c->call, r.next);
    r.count = (mine->len + r.chunk - 1) / r.chunk;
    r.reduce.chunks = calloc(r.count, sizeof(ds_vec *));
    r.bcast.chunks = calloc(r.count, sizeof(ds_vec *));

    bool done = false;
    if (r.reduce.chunks == NULL || r.bcast.chunks == NULL)
        ds__comm_fail_memory(c);
    else
        done = go_round(&r);
    lane_free(&r.reduce);
    lane_free(&r.bcast);
    if (done)
        return r.result.vec;
    ds_vec_unref(r.result.vec);
    return NULL;
}

const ds_allreduce ds_allreduce_stream = {
    .name = "stream",
    .idea = "in acknowledged chunks twice around a ring",
    .run = run,
    .traits = DS_TRAIT_ASYNC_ONLY,
};
