/* Communicators, and what is done about errors. */

#include "mpi/comm.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>

#include "base/text.h"
#include "mpi/agree.h"
#include "mpi/call.h"
#include "mpi/channel.h"

ds__errhandler ds__errors_are_fatal = {
    .object = { .kind = DS__ERRHANDLER, .refs = 1 },
};
ds__errhandler ds__errors_abort = {
    .object = { .kind = DS__ERRHANDLER, .refs = 1 },
};
ds__errhandler ds__errors_return = {
    .object = { .kind = DS__ERRHANDLER, .refs = 1 },
};

/* ---- Handlers of errors ---------------------------------------------------*/

/* One that communicators still have, and the program has not, has no handle. */
void ds__errhandler_give(ds__errhandler *h)
{
    assert(h->given >= 0);
    if (h->own != NULL && h->given++ == 0)
        ds__object_add_again(h, DS__ERRHANDLER);
}

void ds__errhandler_take(ds__errhandler *h)
{
    if (h->own == NULL)
        return;
    assert(h->given > 0);
    if (--h->given > 0)
        return;
    ds__object_remove(h);
    if (ds__object_drop(h))
        free(h);
}

/* ---- Making and freeing ---------------------------------------------------*/

/* Contexts: two for a communicator, and two for that of each side. */
enum { FIRST = 4, EACH = 4, SIDE = 2 };

/* One without a handle, which takes the groups. */
static ds__comm *make(ds__group *group, int rank, ds__group *remote,
                      int context, ds__errhandler *errors)
{
    ds__comm *c = ds__mpi_alloc(1, sizeof(*c));

    assert(rank >= 0 && rank < group->size && context % 2 == 0);
    c->object = (ds__object){ .kind = DS__COMM, .refs = 1 };
    c->group = group;
    c->remote = remote;
    c->rank = rank;
    c->context = context;
    c->errors = ds__object_hold(errors);
    return c;
}

ds__comm *ds__comm_new(ds__group *group, int rank, int context,
                       ds__errhandler *errors)
{
    ds__comm *c = make(group, rank, ds__object_hold(group), context, errors);

    ds__object_add(c, DS__COMM);
    return c;
}

ds__comm *ds__comm_new_inter(ds__group *group, int rank, ds__group *remote,
                             int context, ds__errhandler *errors)
{
    ds__comm *c = make(group, rank, remote, context, errors);

    assert(ds__group_find(remote, group->world[rank]) < 0);
    c->local = make(ds__object_hold(group), rank, ds__object_hold(group),
                    context + SIDE, errors);
    ds__object_add(c, DS__COMM);
    return c;
}

ds__comm *ds__comm_part(ds__comm *comm)
{
    enum { CALLS = 4 }; /* that one collective is made of, at most */
    ds__comm *part =
        make(ds__object_hold(comm->group), comm->rank,
             ds__object_hold(comm->remote), comm->context, comm->errors);

    if (comm->local != NULL)
        part->local = ds__comm_part(comm->local);
    part->calls = comm->calls;
    part->part = comm->calls + 1;
    if (part->local == NULL)
        part->lane = ds__lane_take(comm, part->part);
    comm->calls += CALLS;
    part->cart = ds__cart_copy(comm->cart);
    part->graph = ds__graph_hold(comm->graph);
    return part;
}

void ds__comm_release(ds__comm *c)
{
    if (!ds__object_drop(c))
        return;
    if (c->lane != NULL)
        ds__lane_release(c, c->lane);
    if (c->local != NULL)
        ds__comm_release(c->local);
    ds__agree_leave(c);
    ds__group_release(c->group);
    ds__group_release(c->remote);
    if (ds__object_drop(c->errors))
        free(c->errors);
    ds__info_free(c->hints);
    free(c->cart);
    ds__graph_release(c->graph);
    free(c);
}

void ds__comm_handle(ds__comm *c, ds__errhandler *errors)
{
    assert(errors->own == NULL || errors->call != NULL);
    ds__object_hold(errors);
    if (ds__object_drop(c->errors))
        free(c->errors);
    c->errors = errors;
}

typedef struct agreed {
    ds__entry entry;
    int context;
} agreed;

int ds__comm_context(const ds__comm *parent, unsigned call, int color)
{
    static ds__table table;

    if (table.size == 0)
        ds__table_init(&table, sizeof(agreed));
    agreed *a =
        ds__table_put(&table, (ds__table_key){ (uint64_t)parent->context, call,
                                               (uint64_t)(int64_t)color });
    if (a == NULL)
        ds__mpi_die(1, "there is no memory");
    if (a->context == 0)
        a->context = FIRST + EACH * (int)(table.count - 1);
    return a->context;
}

int ds__comm_context_alone(const ds__comm *parent)
{
    static int made;

    return ds__comm_context(parent, UINT_MAX, made++);
}

int ds__comm_compare(const ds__comm *a, const ds__comm *b)
{
    const int here = ds__group_compare(a->group, b->group);
    const int there = ds__group_compare(a->remote, b->remote);

    if (a == b)
        return DS__IDENT;
    if (ds__comm_is_inter(a) != ds__comm_is_inter(b) || here == DS__UNEQUAL ||
        there == DS__UNEQUAL)
        return DS__UNEQUAL;
    return here == DS__IDENT && there == DS__IDENT ? DS__CONGRUENT
                                                   : DS__SIMILAR;
}

/* Says it, if that does not mean the end. */
static bool was_said(ds__comm *c, int error)
{
    if (c == NULL ||
        (c->errors != &ds__errors_return && c->errors->own == NULL))
        return false;
    if (c->errors->own != NULL)
        c->errors->call(c->errors, c, error);
    return true;
}

int ds__comm_fail(ds__comm *c, int error, const char *format, ...)
{
    char buf[256];
    ds__text text;
    va_list args;

    assert(error > DS__SUCCESS && error < DS__ERRORS);
    if (was_said(c, error))
        return error;
    ds__text_init(&text, buf, sizeof(buf));
    va_start(args, format);
    ds__text_addv(&text, format, args);
    va_end(args);
    ds__mpi_die(error, "%s: %s", ds__error_name(error), buf);
}

void ds__comm_call(ds__comm *c, int error)
{
    const ds__code *own = ds__code_get(&ds__me()->codes, error);

    if (was_said(c, error))
        return;
    if (own == NULL)
        ds__mpi_die(error, "%s: called by the program", ds__error_name(error));
    ds__mpi_die(DS__ERR_OTHER, "an error of the program: %s",
                own->text != NULL ? own->text : "it has no text");
}
