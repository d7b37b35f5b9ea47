/* Only of ranks that came to MPI_Finalize(), and not of those that a run which
 * failed has stopped. */

#include "mpi/leak.h"

#include <assert.h>

#include "mpi/finding.h"
#include "mpi/message.h"

static void find_request(const ds__request *r)
{
    const ds__spot *spot = &r->object.made;
    assert(r->object.handle != 0 && !r->detached);

    if (r->active)
        ds__find(spot, "the request was never completed; it is waited for, or "
                       "tested until it is done");
    else
        ds__find(spot, "the request, which can be started again, was never "
                       "freed by MPI_Request_free()");
}

/* Each has a format of its own, for that says which ones are the same. */
static void find_object(const ds__object *o)
{
    const ds__spot *spot = &o->made;

    if (spot->call == NULL || !ds__the_world.ranks[spot->rank].finalized)
        return;
    switch (o->kind) {
    case DS__COMM:
        ds__find(spot, "the communicator was never freed by MPI_Comm_free()");
        break;
    case DS__GROUP:
        ds__find(spot, "the group was never freed by MPI_Group_free()");
        break;
    case DS__TYPE:
        if (ds__type_like((const ds__type *)o) < 0)
            ds__find(spot, "the datatype was never freed by MPI_Type_free()");
        break;
    case DS__OP:
        ds__find(spot, "the operator was never freed by MPI_Op_free()");
        break;
    case DS__REQUEST:
        find_request((const ds__request *)o);
        break;
    case DS__ERRHANDLER:
        ds__find(spot, "the handler of errors was never freed by "
                       "MPI_Errhandler_free()");
        break;
    case DS__KEYVAL:
        if (!((const ds__keyval *)o)->freed)
            ds__find(spot, "the key of attributes was never freed");
        break;
    case DS__INFO:
        ds__find(spot, "the info object was never freed by MPI_Info_free()");
        break;
    case DS__SESSION:
        ds__find(spot, "the session was never ended by MPI_Session_finalize()");
        break;
    case DS__WIN:
        ds__find(spot, "the window was never freed by MPI_Win_free()");
        break;
    case DS__MESSAGE:
        ds__find(spot, "the message that was found was never received");
        break;
    }
}

void ds__leaks_find(void)
{
    ds__objects_each(find_object);
    ds__messages_lost();
}
