/* The sets are those that MPI names: all ranks, and this one. */

#include "mpi/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/call.h"

ds__session *ds__session_new(ds__errhandler *errors)
{
    ds__rank *me = ds__me();
    ds__session *s = ds__mpi_alloc(1, sizeof(*s));

    assert(errors != NULL && me->sessions >= 0);
    s->comm = ds__comm_part(me->self);
    s->comm->session = s;
    ds__comm_handle(s->comm, errors);
    ds__object_add(s, DS__SESSION);
    me->sessions++;
    return s;
}

void ds__session_free(ds__session *s)
{
    assert(ds__me()->sessions > 0 && s->comm->session == s);
    ds__me()->sessions--;
    ds__object_remove(s);
    ds__comm_release(s->comm);
    free(s);
}

static const char *const names[DS__SETS] = { "mpi://WORLD", "mpi://SELF" };

const char *ds__set_name(int i)
{
    assert(i >= 0 && i < DS__SETS);
    return names[i];
}

const ds__group *ds__set_group(const char *name)
{
    const ds__rank *me = ds__me();

    assert(name != NULL);
    return strcmp(name, names[0]) == 0   ? me->world->group
           : strcmp(name, names[1]) == 0 ? me->self->group
                                         : NULL;
}
