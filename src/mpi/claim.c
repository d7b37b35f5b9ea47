/* What of a collective members have to agree on. */

#include "mpi/claim.h"

#include <assert.h>
#include <string.h>

static void claim_piece(ds__claim *claim, const ds__pieces *p)
{
    if (p->counts != NULL || p->type == NULL)
        return;
    assert(claim->type == NULL);
    claim->type = p->type;
    claim->count = p->count;
}

/* The names of those whose members have pieces of different sizes end so. */
static bool is_uneven(const char *call)
{
    return strchr("vw", call[strlen(call) - 1]) != NULL;
}

/* What a member says of one piece; of pieces of different sizes, the messages
 * are compared. */
void ds__agree_on_work(const ds__work *w)
{
    const bool is_root = w->comm->rank == w->root;
    const ds__pieces *piece = &w->out;
    ds__claim claim = { .root = w->root, .op = w->op };

    if (ds__comm_is_inter(w->comm)) {
        ds__agree_on_call(w->comm); /* each side says something else */
        return;
    }
    if (w->run == ds__work_gather)
        piece = is_root ? &w->out : &w->in;
    else if (w->run == ds__work_scatter)
        piece = is_root ? &w->in : &w->out;
    if (w->run != ds__work_alltoall && !is_uneven(ds__me()->now->call))
        claim_piece(&claim, piece);
    if (w->run == ds__work_reduce_scatter)
        claim.counts = w->out.counts;
    ds__agree(w->comm, &claim);
}
