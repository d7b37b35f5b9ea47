/* The modes of a comm: what they are called, and what leaves at once in each.
 */

#include "coll/comm.h"

static const char *const names[] = {
    [DS_COMM_ASYNC] = "asynchronous",
    [DS_COMM_RENDEZVOUS] = "rendezvous",
    [DS_COMM_EAGER] = "eager",
};

const char *ds__mode_name(ds_comm_mode mode)
{
    size_t i = (size_t)mode;

    return i < sizeof(names) / sizeof(*names) ? names[i] : NULL;
}

/* MPI libraries compare with the limit likewise, what their headers take
 * included: MPICH's src/mpid/ch3/src/mpid_isend.c and Open MPI's ompi/mca/pml/
 * ob1/pml_ob1_sendreq.h are eager up to and including it. */
bool ds__mode_leaves(const ds_comm *c, double size)
{
    if (c->mode == DS_COMM_EAGER)
        return size <= c->eager;
    return c->mode == DS_COMM_ASYNC;
}
