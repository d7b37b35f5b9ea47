/* The ring with each block in segments: while one is being reduced, the next
 * is on its way.  (s+1)(p-1) latencies for s segments, and the ring's volume.
 *
 * At most one segment that has not arrived is under way from a rank; with all
 * posted at once they would share the port, and arrive together at the end. */

#include <assert.h>
#include <stdlib.h>

#include <distsys/allreduce.h>

#include "coll/ring.h"

typedef struct segments {
    ds_comm *c;
    const ds_op *op;
    ds_vec *mine;
    size_t p;
    size_t n;     /* segments of a block */
    ds_vec **sum; /* what the caller has of each, of the block under way */
} segments;

/* Segment i of block b of mine. */
static ds_vec *own_segment(const segments *s, size_t b, size_t i)
{
    size_t from = ds__block(s->mine->len, s->p, b);
    size_t len = ds__block(s->mine->len, s->p, b + 1) - from;

    return ds__step_slice(s->c, s->mine, from + ds__block(len, s->n, i),
                          from + ds__block(len, s->n, i + 1));
}

/* Move t is that of segment t mod n, the t / n-th time: the rank gives what it
 * has of it to the next one, and takes what the one before has. */
static void begin_move(segments *s, size_t t)
{
    ds_comm *c = s->c;
    ds_vec **sum = &s->sum[t % s->n];

    assert(t / s->n < s->p - 1);
    ds__step_expect(c, (c->rank + s->p - 1) % s->p, (unsigned)t);
    ds__step_post_edge(c, (c->rank + 1) % s->p, (unsigned)t, *sum,
                       &c->edges[0]);
    ds_vec_unref(*sum);
    *sum = NULL;
}

/* The next move needs what this one leads to only if there is one segment. */
static void end_move(segments *s, size_t t, bool last)
{
    ds_comm *c = s->c;
    size_t block = (c->rank + s->p - t / s->n - 1) % s->p;
    ds_vec *theirs = ds__step_take(c, (c->rank + s->p - 1) % s->p, (unsigned)t);

    if (!last && s->n > 1)
        begin_move(s, t + 1);
    s->sum[t % s->n] =
        ds__step_combine(c, s->op, theirs, own_segment(s, block, t % s->n));
    if (!last && s->n == 1)
        begin_move(s, t + 1);
}

static void reduce_scatter(segments *s)
{
    size_t moves = s->n * (s->p - 1);

    for (size_t i = 0; i < s->n; i++)
        s->sum[i] = own_segment(s, s->c->rank, i);
    if (moves > 0)
        begin_move(s, 0);
    for (size_t t = 0; t < moves; t++)
        end_move(s, t, t + 1 == moves);
    ds__step_flush_edge(s->c, &s->c->edges[0]);
}

static ds_vec *join(segments *s, size_t len)
{
    ds__whole whole = { .len = len };

    for (size_t i = 0; i < s->n; i++)
        ds__whole_take(s->c, &whole, ds__block(len, s->n, i), s->sum[i]);
    return whole.vec;
}

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    ds__circle ring = ds__circle_of(c);
    segments s = { .c = c, .op = op, .mine = mine, .p = ring.size };
    size_t largest = (size_t)ds__block_max(mine->len, s.p);

    s.n = ds__num_chunks(largest, ds__chunk(self->chunk));
    s.sum = calloc(s.n, sizeof(*s.sum));
    if (s.sum == NULL) {
        ds__comm_fail_memory(c);
        return NULL;
    }
    reduce_scatter(&s);

    size_t b = ds__circle_block(&ring);
    size_t len =
        ds__block(mine->len, s.p, b + 1) - ds__block(mine->len, s.p, b);
    unsigned step = (unsigned)(s.n * (s.p - 1));
    ds_vec *block = join(&s, len);
    free(s.sum);
    return ds__ring_allgather(c, &ring, &step, block, mine->len);
}

const ds_allreduce ds_allreduce_segmented_ring = {
    .name = "segmented-ring",
    .idea = "the same, with blocks in segments",
    .run = run,
    .traits = DS_TRAIT_COMMUTATIVE,
};
