/* Connections: the messages from one port of a switch to another, one after the
 * other.
 *
 * This is what ds_switched_net_config.in_order asks for.  It lies between the
 * network and its engine, which is given one flow of a connection at a time and
 * so counts the connection as one.  The messages in flight stand in line in the
 * order of sending, and the first of the line is that flow.
 *
 * Those that have arrived wait to be delivered, one at a time: what happens at
 * one instant is put into an order that is drawn from the seed, so the next may
 * be delivered only when the one before it has happened.
 *
 * A connection exists while something of it is in flight or waits. */
#ifndef DS_NET_CONNECTION_H
#define DS_NET_CONNECTION_H

#include "net/fluid/engine.h"
#include "net/fluid/pair.h"

typedef struct ds__connection ds__connection;

/* A flow that has a place in the line of a connection. */
typedef struct ds__placed {
    ds__flow flow;
    ds__connection *connection;
    ds__flow *behind;
    bool is_ready; /* its latency has passed */
} ds__placed;

/* Invariants: numbers go up along the line and along what has arrived, and all
 * that has arrived was sent before all in line; is_leaving if it is among those
 * that have something to deliver. */
struct ds__connection {
    ds__pair base; /* of which only the ports are used */
    ds__flow *line;
    ds__flow **end_of_line;
    ds__flow *arrived;
    ds__flow **end_of_arrived;
    ds__connection *next;
    bool is_leaving;
};

/* leaving are those with something to deliver, the longest waiting first. */
typedef struct ds__connections {
    ds__pairs pairs;
    ds__connection *leaving;
    ds__connection **end_of_leaving;
} ds__connections;

void ds__connections_init(ds__connections *all);
void ds__connections_free(ds__connections *all); /* flows stay the caller's */

static inline ds__placed *ds__placed_of(ds__flow *flow)
{
    return (ds__placed *)flow;
}

/* Whether a flow, which is a ds__placed, is the first of its line. */
static inline bool ds__placed_is_first(const ds__flow *flow)
{
    return ((const ds__placed *)flow)->connection->line == flow;
}

/* Puts a flow, which is a ds__placed, at the end of its line.  false: no
 * memory. */
bool ds__connections_join(ds__connections *all, ds__flow *flow);

/* Takes the first flow out of its line. */
void ds__connection_advance(ds__connection *connection);

/* Frees a connection that nothing is left of. */
void ds__connections_end(ds__connections *all, ds__connection *connection);

/* Gives a flow that has left the line, and those of one connection in order, to
 * be delivered. */
void ds__connections_arrive(ds__connections *all, ds__flow *flow);

/* Takes what can be delivered now: the first that has arrived of each
 * connection, as a list through next. */
ds__flow *ds__connections_leave(ds__connections *all);

/* Gives a list, through next, of flows that have left their lines, and takes
 * what of it can be delivered now.  The next of a connection follows when that
 * has happened, in the same instant: otherwise the agenda would draw their
 * order. */
ds__flow *ds__connections_hold_back(ds__connections *all, ds__flow *list);

/* Asserts what stands above the structs. */
void ds__connections_check(const ds__connections *all);

static inline bool ds__connections_waiting(const ds__connections *all)
{
    return all->leaving != NULL;
}

#endif
