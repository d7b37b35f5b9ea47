/* Broadcasts. */

#include <distsys/collective.h>

#include "coll/binomial.h"
#include "coll/ring.h"

/* ---- Binomial: for small vectors ------------------------------------------*/

static ds_vec *run_binomial(const ds_collective *self, ds_comm *c, ds_vec *mine,
                            const ds_op *op, size_t root)
{
    return ds__binomial_bcast(c, 0, root,
                              c->rank == root ? ds_vec_ref(mine) : NULL);
}

/* c rounds of n. */
static ds_cost cost_binomial(const void *self, size_t p, size_t len)
{
    return ds__cost_times(ds__ceil_lg(p), ds__cost_step((double)len, false));
}

const ds_collective ds_bcast_binomial = {
    .name = "bcast-binomial",
    .idea = "those who have it tell as many others",
    .kind = DS_BCAST,
    .run = run_binomial,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost_binomial,
};

/* ---- Scatter and allgather: for large ones (van de Geijn) -----------------*/

static ds_vec *run_scatter(const ds_collective *self, ds_comm *c, ds_vec *mine,
                           const ds_op *op, size_t root)
{
    size_t p = ds_comm_size(c);
    ds__circle ring = ds__circle_of(c);
    ds_vec *all = c->rank == root ? ds_vec_ref(mine) : NULL;
    unsigned step = ds__ceil_lg(p);

    ring.lead = p - 1; /* each begins with the block of its rank */
    all = ds__step_rotate(c, all, ds__block(mine->len, p, root));
    ds_vec *block = ds__binomial_scatter(c, 0, root, all, mine->len);
    return ds__ring_allgather(c, &ring, &step, block, mine->len);
}

/* c + p-1 rounds, 2 (p-1)/p n bytes: as the scatter, and then the largest block
 * goes round. */
static ds_cost cost_scatter(const void *self, size_t p, size_t len)
{
    return ds__cost_add(ds__binomial_gather_cost(p, len),
                        ds__ring_cost(p, len, false));
}

const ds_collective ds_bcast_scatter_allgather = {
    .name = "bcast-scatter-allgather",
    .idea = "a block to each, then each block around a ring",
    .kind = DS_BCAST,
    .run = run_scatter,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost_scatter,
};

/* ---- A chain, in chunks ---------------------------------------------------*/

/* At most one chunk that has not arrived is under way from a rank. */
static ds_vec *run_chain(const ds_collective *self, ds_comm *c, ds_vec *mine,
                         const ds_op *op, size_t root)
{
    size_t p = ds_comm_size(c);
    size_t place = (c->rank + p - root) % p;
    size_t prev = (c->rank + p - 1) % p;
    size_t next = (c->rank + 1) % p;
    size_t chunk = ds__chunk(self->chunk);
    size_t chunks = ds__num_chunks(mine->len, chunk);
    ds__whole whole = { .len = mine->len };

    if (place > 0)
        ds__step_expect(c, prev, 0);
    for (size_t k = 0; k < chunks; k++) {
        size_t from = ds__block(mine->len, chunks, k);
        size_t to = ds__block(mine->len, chunks, k + 1);
        ds_vec *piece = place == 0 ? ds__step_slice(c, mine, from, to)
                                   : ds__step_take(c, prev, (unsigned)k);
        if (place > 0 && k + 1 < chunks)
            ds__step_expect(c, prev, (unsigned)(k + 1));
        if (place + 1 < p)
            ds__step_post_edge(c, next, (unsigned)k, piece, &c->edges[0]);
        ds__whole_take(c, &whole, from, piece);
    }
    ds__step_flush_edge(c, &c->edges[0]);
    return whole.vec;
}

/* p-2+s rounds of n/s: one edge carries every chunk, and the p-2 others the
 * largest. */
static ds_cost cost_chain(const void *self, size_t p, size_t len)
{
    const ds_collective *how = self;
    size_t s = ds__num_chunks(len, ds__chunk(how->chunk));

    if (p == 1)
        return (ds_cost){ 0 };
    return (ds_cost){
        .rounds = (double)(p - 2 + s),
        .volume =
            ds__bytes((double)len + (double)(p - 2) * ds__block_max(len, s)),
    };
}

const ds_collective ds_bcast_chain = {
    .name = "bcast-chain",
    .idea = "in chunks from rank to rank",
    .kind = DS_BCAST,
    .run = run_chain,
    .cost = cost_chain,
};
