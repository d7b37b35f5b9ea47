/* A rank that has windows has a second port on its node, whose handler runs
 * what arrives there. */

#include "mpi/remote.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/call.h"

/* One table has what goes to a member and what comes from it. */
static ds__table_key to_member(int rank)
{
    return (ds__table_key){ (uint64_t)rank, 0, 0 };
}

static ds__table_key from_member(int rank)
{
    return (ds__table_key){ (uint64_t)rank, 1, 0 };
}

/* ---- Arriving -------------------------------------------------------------*/

static void run(ds__remote *r)
{
    ds__win *w = r->win;

    assert(w->coming > 0);
    r->run(r);
    w->coming--;
    ds__win_settle(w);
}

static void come_in_order(ds__remote *r)
{
    ds__win *w = r->win;
    const ds__table_key from = from_member(r->from);
    const ds__sequence_place place =
        ds__sequence_come(&w->sequences, from, &r->early, r->early.number);

    assert(place != DS__TWICE);
    if (place == DS__SEQUENCE_NO_MEMORY)
        ds__mpi_no_memory();
    if (place == DS__EARLY) {
        if (r->keep != NULL)
            r->keep(r);
        return;
    }
    w->coming++; /* for the loop */
    run(r);
    for (ds__early *next = ds__sequence_next(&w->sequences, from); next != NULL;
         next = ds__sequence_next(&w->sequences, from))
        run(ds__container(next, ds__remote, early));
    w->coming--;
    ds__win_settle(w);
}

static void come(ds__remote *r)
{
    if (r->early.number == 0)
        run(r);
    else
        come_in_order(r);
}

static void handle(ds_port *port, ds_msg *msg, void *arg)
{
    assert(arg == NULL && ds__the_world.handling == NULL);
    ds__the_world.handling = port;
    come(msg->data);
    ds__the_world.handling = NULL;
}

void ds__remote_open(ds__rank *me)
{
    if (me->window_port != NULL)
        return;
    me->window_port = ds_port_new(ds_port_node(me->port));
    ds_port_set_handler(me->window_port, handle, NULL);
}

/* ---- Sending --------------------------------------------------------------*/

static void ship(const ds__rank *from, const ds__rank *to, ds__remote *r,
                 size_t bytes)
{
    const ds_msg msg = {
        .source = from->window_port,
        .dest = to->window_port,
        .data = r,
        .size = (double)bytes,
    };

    assert(to->window_port != NULL);
    if (ds__the_world.handling != NULL)
        ds_port_send(from->window_port, ds__the_world.net, msg);
    else
        ds_send(from->now->h, ds__the_world.net, msg);
}

void ds__remote_send(ds__win *from, int to, ds__remote *r, size_t bytes,
                     bool may_overtake)
{
    ds__win *target = from->all->members[to];

    assert(r->run != NULL);
    r->win = target;
    r->from = from->comm->rank;
    r->early.number =
        may_overtake ? 0 : ds__sequence_draw(&from->sequences, to_member(to));
    if (!may_overtake && r->early.number == 0)
        ds__mpi_no_memory();
    target->coming++;
    if (target == from)
        come(r);
    else
        ship(from->owner, target->owner, r, bytes);
}

void ds__remote_tell(ds__win *from, int to, void (*run_there)(ds__remote *),
                     bool may_overtake)
{
    ds__remote *r = ds__mpi_alloc(1, sizeof(*r));

    r->run = run_there;
    ds__remote_send(from, to, r, 0, may_overtake);
}

void ds__remote_answer(ds__remote *r, size_t bytes,
                       void (*run_there)(ds__remote *))
{
    r->run = run_there;
    r->keep = NULL;
    ds__remote_send(r->win, r->from, r, bytes, true);
}

void ds__remote_answered(ds__remote *r)
{
    ds__peer *p = ds__win_peer(r->win, r->from);

    assert(p->answers > 0);
    p->answers--;
    ds__mpi_wake(&r->win->owner->program);
    free(r);
}
