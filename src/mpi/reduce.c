/* Collectives that reduce.  An operator that does not commute is applied in the
 * order of ranks: what comes from lower ranks is its first argument. */

#include <assert.h>
#include <stdlib.h>

#include "mpi/coll.h"
#include "mpi/step.h"

/* The member's own elements, in room of its own. */
static char *copy_own(const ds__reduction *r, void **room)
{
    assert(ds__op_fits(r->op, r->type));
    char *own = ds__mpi_scratch((size_t)r->n, r->type, room);

    ds__type_copy(own, (size_t)r->n, r->type,
                  r->in == DS__IN_PLACE ? r->out : r->in, (size_t)r->n,
                  r->type);
    return own;
}

static void copy_result(const ds__reduction *r, const void *from)
{
    ds__type_copy(r->out, (size_t)r->n, r->type, from, (size_t)r->n, r->type);
}

/* ---- To one ---------------------------------------------------------------*/

/* Up a binomial tree, of which each branch has ranks in a row; from rank 0 on,
 * if they must stay in order. */
void ds__mpi_reduce(ds__comm *comm, const ds__reduction *r, int root)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);
    const size_t n = (size_t)r->n;
    assert(r->n >= 0 && root >= 0 && root < c.size);
    const int top = r->op->commutes ? root : 0;
    const int me = (c.rank - top + c.size) % c.size;
    void *rooms[2];
    char *mine = copy_own(r, &rooms[0]);
    char *other = ds__mpi_scratch(n, r->type, &rooms[1]);

    for (int mask = 1; mask < c.size; mask *= 2) {
        if ((me & mask) != 0) {
            ds__mpi_step_send(&c, mine, n, r->type,
                              (c.rank - mask + c.size) % c.size);
            break;
        }
        if (me + mask >= c.size)
            continue;
        ds__mpi_step_receive(&c, other, n, r->type, (c.rank + mask) % c.size);
        ds__op_apply(r->op, mine, other, r->n, r->type);
        char *swap = mine;
        mine = other;
        other = swap;
    }
    if (c.rank == root && top == root)
        copy_result(r, mine);
    else if (c.rank == root)
        ds__mpi_step_receive(&c, r->out, n, r->type, top);
    else if (c.rank == top)
        ds__mpi_step_send(&c, mine, n, r->type, root);
    free(rooms[0]);
    free(rooms[1]);
}

/* ---- To all ---------------------------------------------------------------*/

/* Block b of p, as of which element. */
static size_t block(const ds__mpi_call *c, size_t n, int b)
{
    return n * (size_t)b / (size_t)c->size;
}

static char *at(const ds__reduction *r, size_t i)
{
    return (char *)r->out + (ptrdiff_t)i * r->type->extent;
}

/* Each block goes around once to be summed up, and once to be known. */
static void around_ring(const ds__mpi_call *c, const ds__reduction *r)
{
    assert(r->op->commutes && r->n >= c->size);
    const int p = c->size;
    const int next = (c->rank + 1) % p;
    const int last = (c->rank + p - 1) % p;
    const size_t n = (size_t)r->n;
    void *room;
    char *other = ds__mpi_scratch(n / (size_t)p + 1, r->type, &room);

    for (int k = 0; k < 2 * (p - 1); k++) {
        const bool sums = k < p - 1;
        const int give = (c->rank - k + 2 * p) % p;
        const int take = (c->rank - k - 1 + 2 * p) % p;
        const size_t from = block(c, n, take);
        const size_t count = block(c, n, take + 1) - from;
        ds__mpi_step_swap(c, at(r, block(c, n, give)),
                          block(c, n, give + 1) - block(c, n, give), r->type,
                          next, sums ? other : at(r, from), count, r->type,
                          last);
        if (sums)
            ds__op_apply(r->op, other, at(r, from), (int)count, r->type);
    }
    free(room);
}

/* The rank that stands for w when there are no more than a power of two. */
static int doubled(int w, int extra)
{
    return w < extra ? 2 * w + 1 : w + extra;
}

static void combine(const ds__reduction *r, char *other, bool other_first)
{
    if (other_first || r->op->commutes) {
        ds__op_apply(r->op, other, r->out, r->n, r->type);
        return;
    }
    ds__op_apply(r->op, r->out, other, r->n, r->type);
    copy_result(r, other);
}

/* Recursive doubling; of the first ranks every second one stands aside. */
static void by_doubling(const ds__mpi_call *c, const ds__reduction *r)
{
    const size_t n = (size_t)r->n;
    int q = 1;
    void *room;
    char *other = ds__mpi_scratch(n, r->type, &room);

    while (2 * q <= c->size)
        q *= 2;
    const int extra = c->size - q;
    assert(extra >= 0 && extra < q);
    const bool aside = c->rank < 2 * extra && c->rank % 2 == 0;
    const bool stands_for_two = c->rank < 2 * extra && !aside;
    if (aside)
        ds__mpi_step_send(c, r->out, n, r->type, c->rank + 1);
    if (stands_for_two) {
        ds__mpi_step_receive(c, other, n, r->type, c->rank - 1);
        combine(r, other, true);
    }
    const int me = c->rank >= 2 * extra ? c->rank - extra : c->rank / 2;
    for (int d = 1; !aside && d < q; d *= 2) {
        const int peer = doubled(me ^ d, extra);
        ds__mpi_step_swap(c, r->out, n, r->type, peer, other, n, r->type, peer);
        combine(r, other, (me ^ d) < me);
    }
    if (aside)
        ds__mpi_step_receive(c, r->out, n, r->type, c->rank + 1);
    if (stands_for_two)
        ds__mpi_step_send(c, r->out, n, r->type, c->rank - 1);
    free(room);
}

void ds__mpi_allreduce(ds__comm *comm, const ds__reduction *r)
{
    enum { LONG = 65536 }; /* bytes from which on a ring takes less time */
    const ds__mpi_call c = ds__mpi_call_begin(comm);

    if (r->in != DS__IN_PLACE)
        copy_result(r, r->in);
    if (r->op->commutes && r->n >= c.size &&
        (size_t)r->n * r->type->size > LONG)
        around_ring(&c, r);
    else
        by_doubling(&c, r);
}

/* ---- Prefixes -------------------------------------------------------------*/

/* Along the chain of ranks. */
void ds__mpi_scan(ds__comm *comm, const ds__reduction *r, bool exclusive)
{
    const ds__mpi_call c = ds__mpi_call_begin(comm);
    const size_t n = (size_t)r->n;
    void *rooms[2];
    char *mine = copy_own(r, &rooms[0]);
    char *before = ds__mpi_scratch(n, r->type, &rooms[1]);

    if (c.rank > 0) {
        ds__mpi_step_receive(&c, before, n, r->type, c.rank - 1);
        if (exclusive)
            copy_result(r, before);
        ds__op_apply(r->op, before, mine, r->n, r->type);
    }
    if (!exclusive)
        copy_result(r, mine);
    if (c.rank + 1 < c.size)
        ds__mpi_step_send(&c, mine, n, r->type, c.rank + 1);
    free(rooms[0]);
    free(rooms[1]);
}

void ds__mpi_reduce_scatter(ds__comm *comm, const ds__reduction *r,
                            const int *counts)
{
    const int p = ds__comm_size(comm);
    assert(counts != NULL);
    int *places = ds__mpi_alloc((size_t)p, sizeof(*places));
    void *room;
    char *all = ds__mpi_scratch((size_t)r->n, r->type, &room);
    const ds__reduction whole = {
        .in = r->in == DS__IN_PLACE ? r->out : r->in,
        .out = all,
        .n = r->n,
        .type = r->type,
        .op = r->op,
    };
    const ds__pieces pieces = {
        .buf = all,
        .type = r->type,
        .counts = counts,
        .places = places,
    };

    for (int i = 1; i < p; i++)
        places[i] = places[i - 1] + counts[i - 1];
    ds__mpi_reduce(comm, &whole, 0);
    ds__mpi_scatter(comm, &pieces, r->out, (size_t)counts[comm->rank], r->type,
                    0);
    free(room);
    free(places);
}
