/* What of a collective members have to agree on. */

#include "mpi/claim.h"

#include <assert.h>

#include "mpi/near.h"

#include "mpi/guard.h"

static void claim_piece(ds__claim *claim, const ds__pieces *p)
{
    if (p->type == NULL)
        return;
    assert(claim->type == NULL);
    claim->type = p->type;
    claim->count = p->counts.items == NULL ? p->count : 0;
}

/* Whether members may have pieces of different sizes. */
static bool is_uneven(const ds__work *w)
{
    return w->run == ds__work_alltoall || w->run == ds__work_gatherv ||
           w->run == ds__work_scatterv || w->out.counts.items != NULL;
}

/* What a member says of one piece; of pieces of different sizes, the messages
 * are compared. */
void ds__agree_on_work(const ds__work *w)
{
    const bool is_root = w->comm->rank == w->root;
    const ds__pieces *piece = &w->out;
    ds__claim claim = { .root = w->root, .op = w->op };

    if (ds__comm_is_inter(w->comm) || w->run == ds__work_near) {
        ds__agree_on_call(w->comm); /* not all say the same */
        return;
    }
    if (w->run == ds__work_gather)
        piece = is_root ? &w->out : &w->in;
    else if (w->run == ds__work_scatter)
        piece = is_root ? &w->in : &w->out;
    claim.uneven = is_uneven(w);
    claim_piece(&claim, piece);
    if (w->run == ds__work_reduce_scatter)
        claim.counts = w->out.counts;
    ds__agree(w->comm, &claim);
}

/* ---- Buffers --------------------------------------------------------------*/

/* How many pieces each way: one, all, or all at the root alone. */
typedef enum pieces {
    NONE,
    ONE,
    ALL,
    ROOT_ONE,
    ROOT_ALL,
} pieces;

static const struct {
    void (*run)(const ds__work *work);
    pieces in;
    pieces out;
} runs[] = {
    { ds__work_bcast, NONE, ONE },       { ds__work_gather, ONE, ROOT_ALL },
    { ds__work_scatter, ROOT_ALL, ONE }, { ds__work_allgather, ONE, ALL },
    { ds__work_alltoall, ALL, ALL },     { ds__work_reduce, ONE, ROOT_ONE },
    { ds__work_allreduce, ONE, ONE },    { ds__work_scan, ONE, ONE },
    { ds__work_exscan, ONE, NONE }, /* the first one has no result */
};

static int count_of(const ds__work *w, pieces which)
{
    const bool is_root = w->comm->rank == w->root;

    switch (which) {
    case ONE:
        return 1;
    case ALL:
        return ds__comm_size(w->comm);
    case ROOT_ONE:
        return is_root;
    case ROOT_ALL:
        return is_root ? ds__comm_size(w->comm) : 0;
    default:
        return 0;
    }
}

void ds__work_count(ds__work *w)
{
    assert(w->run != NULL && w->num_in == 0 && w->num_out == 0);
    if (ds__comm_is_inter(w->comm))
        return;
    for (size_t i = 0; i < sizeof(runs) / sizeof(*runs); i++)
        if (runs[i].run == w->run) {
            w->num_in = count_of(w, runs[i].in);
            w->num_out = count_of(w, runs[i].out);
        }
}

/* Pieces one after the other are one; of others nothing is said. */
static bool as_one(const ds__pieces *p, int n, size_t *count)
{
    *count = p->count * (size_t)n;
    return n > 0 && p->buf != DS__IN_PLACE && p->counts.items == NULL &&
           p->types == NULL;
}

bool ds__work_overlaps(const ds__work *w)
{
    size_t n;
    size_t m;

    if (!as_one(&w->out, w->num_out, &m) || !as_one(&w->in, w->num_in, &n))
        return false;
    if (w->op != NULL)
        n = w->out.count;
    return ds__guard_overlap(w->in.buf, n,
                             w->op != NULL ? w->out.type : w->in.type,
                             w->out.buf, m, w->out.type);
}
