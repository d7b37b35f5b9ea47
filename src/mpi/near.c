/* In a grid each dimension has two directions.  What goes in one of them is
 * taken by those who look in the other one, also where both ends of a dimension
 * are the same neighbour; so each direction has messages of its own. */

#include "mpi/near.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/step.h"

int ds__near_count(const ds__comm *c, bool in)
{
    if (c->cart != NULL)
        return 2 * c->cart->n;
    if (c->graph != NULL)
        return in ? c->graph->in.n : c->graph->out.n;
    return -1;
}

int ds__near_rank(const ds__comm *c, bool in, int i)
{
    assert(i >= 0 && i < ds__near_count(c, in));
    if (c->cart == NULL)
        return in ? c->graph->in.ranks[i] : c->graph->out.ranks[i];
    const int found =
        ds__cart_neighbor(c->cart, c->rank, i / 2, i % 2 == 0 ? -1 : 1);
    return found < 0 ? DS__PROC_NULL : found;
}

/* Of the two calls the one in whose direction a piece goes, or from which it
 * comes. */
static const ds__mpi_call *way(const ds__comm *c, const ds__mpi_call calls[2],
                               bool in, int i)
{
    return c->cart == NULL ? &calls[0] : &calls[in ? 1 - i % 2 : i % 2];
}

static ds__request *post(const ds__work *w, const ds__mpi_call calls[2],
                         bool in, int i)
{
    const ds__pieces *p = in ? &w->out : &w->in;
    const int peer = ds__near_rank(w->comm, in, i);

    if (peer == DS__PROC_NULL)
        return NULL;
    return ds__mpi_step_post(way(w->comm, calls, in, i), !in, ds__piece(p, i),
                             ds__piece_count(p, i), ds__piece_type(p, i), peer);
}

void ds__work_near(const ds__work *w)
{
    const size_t ins = (size_t)ds__near_count(w->comm, true);
    const size_t outs = (size_t)ds__near_count(w->comm, false);
    ds__request **all = ds__mpi_alloc(ins + outs, sizeof(ds__request *));
    ds__mpi_call calls[2];

    assert(w->comm->cart != NULL || w->comm->graph != NULL);
    calls[0] = ds__mpi_call_begin(w->comm);
    calls[1] = ds__mpi_call_begin(w->comm);
    for (size_t i = 0; i < ins; i++)
        all[i] = post(w, calls, true, (int)i);
    for (size_t i = 0; i < outs; i++)
        all[ins + i] = post(w, calls, false, (int)i);
    ds__mpi_step_wait(&calls[0], all, ins + outs);
    free(all);
}
