/* All-to-all: block i of everyone's vector, on rank i. */

#include <assert.h>
#include <stdlib.h>

#include <distsys/collective.h>

#include "coll/cost.h"
#include "coll/step.h"

static ds_vec *block_of(ds_comm *c, ds_vec *vec, size_t i)
{
    size_t p = ds_comm_size(c);

    return ds__step_slice(c, vec, ds__block(vec->len, p, i),
                          ds__block(vec->len, p, i + 1));
}

static size_t block_len(size_t len, size_t p, size_t i)
{
    return ds__block(len, p, i + 1) - ds__block(len, p, i);
}

/* ---- Pairwise: for large vectors ------------------------------------------*/

/* In step k everyone gives to the rank k ahead what is for it. */
static ds_vec *run_pairwise(const ds_collective *self, ds_comm *c, ds_vec *mine,
                            const ds_op *op, size_t root)
{
    size_t p = ds_comm_size(c);
    size_t width = block_len(mine->len, p, c->rank);
    ds__whole whole = ds__whole_of(c, p * width, mine->size);

    ds__whole_take(c, &whole, c->rank * width, block_of(c, mine, c->rank));
    for (size_t k = 1; k < p; k++) {
        size_t to = (c->rank + k) % p;
        size_t from = (c->rank + p - k) % p;
        ds_vec *given = block_of(c, mine, to);
        ds__whole_take(c, &whole, from * width,
                       ds__step_exchange(c, to, given, from, (unsigned)k));
        ds_vec_unref(given);
    }
    return whole.vec;
}

/* p-1 rounds, (p-1)/p n bytes. */
static ds_cost cost_pairwise(const void *self, size_t p, size_t len)
{
    return ds__cost_times((double)(p - 1),
                          ds__cost_step(ds__block_max(len, p), false));
}

const ds_collective ds_alltoall_pairwise = {
    .name = "alltoall-pairwise",
    .idea = "one partner after the other",
    .kind = DS_ALLTOALL,
    .run = run_pairwise,
    .traits = DS_TRAIT_ONE_PORT | DS_TRAIT_PARTS,
    .cost = cost_pairwise,
};

/* ---- Bruck: for small ones ------------------------------------------------*/

/* Block j of a rank has j places to go.  In step k all that have bit k in j go
 * 2^k places, in one message, and end up under the same j. */
typedef struct bruck {
    ds_comm *c;
    size_t p;
    size_t len;
    ds_vec **blocks;
} bruck;

/* How many elements come to rank in the round of bit.  What has `left` places
 * to go from there belongs to rank + left; of these there are `bit` blocks, or
 * fewer at the end. */
static size_t received(size_t p, size_t len, size_t rank, size_t bit)
{
    size_t sum = 0;

    for (size_t left = 0; left + bit < p; left += 2 * bit) {
        size_t blocks = p - left - bit < bit ? p - left - bit : bit;
        sum += blocks * block_len(len, p, (rank + left) % p);
    }
    return sum;
}

static ds_vec *pack(const bruck *b, size_t bit)
{
    size_t to = (b->c->rank + bit) % b->p;
    ds__whole all = { .len = received(b->p, b->len, to, bit) };
    size_t at = 0;

    for (size_t j = bit; j < b->p; j++) {
        if ((j & bit) == 0 || b->blocks[j] == NULL)
            continue;
        ds__whole_put(b->c, &all, at, b->blocks[j]);
        at += b->blocks[j]->len;
        assert(at <= all.len);
    }
    return all.vec;
}

/* Whose a block is follows from how far it still has to go. */
static void unpack(bruck *b, size_t bit, ds_vec *all)
{
    size_t at = 0;

    for (size_t j = bit; j < b->p; j++) {
        if ((j & bit) == 0)
            continue;
        size_t left = j & ~(2 * bit - 1);
        size_t owner = (b->c->rank + left) % b->p;
        size_t len = block_len(b->len, b->p, owner);
        assert(all == NULL || at + len <= all->len);
        ds_vec_unref(b->blocks[j]);
        b->blocks[j] = ds__step_slice(b->c, all, at, at + len);
        at += len;
    }
    ds_vec_unref(all);
}

static void travel(bruck *b)
{
    unsigned step = 0;

    for (size_t bit = 1; bit < b->p; bit *= 2) {
        size_t to = (b->c->rank + bit) % b->p;
        size_t from = (b->c->rank + b->p - bit) % b->p;
        ds_vec *given = pack(b, bit);
        ds_vec *got = ds__step_exchange(b->c, to, given, from, step++);
        ds_vec_unref(given);
        unpack(b, bit, got);
    }
}

static ds_vec *run_bruck(const ds_collective *self, ds_comm *c, ds_vec *mine,
                         const ds_op *op, size_t root)
{
    size_t p = ds_comm_size(c);
    size_t width = block_len(mine->len, p, c->rank);
    bruck b = { .c = c, .p = p, .len = mine->len };
    ds__whole whole = ds__whole_of(c, p * width, mine->size);

    b.blocks = calloc(p, sizeof(*b.blocks));
    if (b.blocks == NULL) {
        ds__comm_fail_memory(c);
        return NULL;
    }
    for (size_t j = 0; j < p; j++)
        b.blocks[j] = block_of(c, mine, (c->rank + j) % p);
    travel(&b);
    for (size_t j = 0; j < p; j++) {
        size_t from = (c->rank + p - j) % p;
        ds__whole_take(c, &whole, from * width, b.blocks[j]);
    }
    free(b.blocks);
    return whole.vec;
}

static size_t most_received(size_t p, size_t len, size_t bit)
{
    size_t most = 0;

    for (size_t rank = 0; rank < p; rank++) {
        size_t sum = received(p, len, rank, bit);
        most = sum > most ? sum : most;
    }
    return most;
}

/* c rounds; in round k as many blocks as there are j < p with bit k.  Each
 * counts its largest message.  If p neither divides n nor is a power of two, it
 * may be that no way goes along all of these, and takes less. */
static ds_cost cost_bruck(const void *self, size_t p, size_t len)
{
    ds_cost sum = { 0 };

    for (size_t bit = 1; bit < p; bit *= 2)
        sum = ds__cost_add(
            sum, ds__cost_step((double)most_received(p, len, bit), false));
    return sum;
}

const ds_collective ds_alltoall_bruck = {
    .name = "alltoall-bruck",
    .idea = "blocks travel by the bits of their distance, many at once",
    .kind = DS_ALLTOALL,
    .run = run_bruck,
    .traits = DS_TRAIT_ONE_PORT,
    .cost = cost_bruck,
};
