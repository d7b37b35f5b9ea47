/* Nodes, ports and networks, as the files of src/net and the collectives see
 * them. */
#ifndef DS_NET_NET_H
#define DS_NET_NET_H

#include <distsys/net.h>

#include "loop/loop.h"
#include "net/ledger.h"
#include "net/life.h"
#include "net/parcel.h"
#include "net/turn.h"

struct ds_node {
    ds_loop *loop;
    size_t number; /* from 0, in the order of making */
    size_t num_ports;
    ds_port *ports; /* through sibling, the newest first */
    ds_node *next;
    ds__life life;
};

/* Who gets what arrives at a port, in the place of threads that receive it. */
typedef struct ds__handler ds__handler;

struct ds_port {
    ds_stream stream; /* gets a boxed message for each that arrives */
    ds_node *node;
    size_t number; /* from 0, on its node */
    ds_port *sibling;
    ds_port *next;
    ds__handler *handler; /* or NULL: it never had one */
};

typedef struct ds__annex ds__annex;
typedef struct ds__gate ds__gate;
typedef struct ds__crate ds__crate;

/* The part of a network that its author does not see. */
typedef struct ds__net_state {
    ds__alarm alarm;
    ds_net *net;
    ds__annex *annex;
    ds__probe *const *probe; /* see ds__loop_probe() */
    uint64_t number;         /* from 0, in the order of making */
    uint64_t draws;
    ds__account account;
    ds_net_stats stats;
    struct ds__faults *faults; /* NULL: nobody has said anything */
    const ds__turn *turn;      /* or NULL, see turn.h */
    bool ahead;                /* what is sent now is not waited for */
    uint64_t *asked;  /* by node: messages from it that came to the gate, */
    size_t max_asked; /* ... of nodes with numbers below this */
    uint64_t *square; /* by two nodes: messages from the one to the other, */
    size_t side;      /* ... of nodes with numbers below this; see gate.c */
} ds__net_state;

/* Boxes are made a crate at a time.  One whose event is dropped is given up and
 * not used again, since that may happen at any time and in any thread; a crate
 * goes with the last of its boxes. */

/* A message from when its network lets go of it until it is received, and the
 * event of its arrival: both in one piece, since each message needs both.
 *
 * Invariants: event.payload.data is the box itself while there is a message in
 * it, and event.payload.stream is that of msg.dest.  msg.done is set only on
 * the way to a gate with a listener, who has it signalled, and so is
 * msg.done_data. */
typedef struct ds__box {
    ds__event event;
    ds__crate *crate;
    ds__net_state *state; /* of the network that it came by */
    ds_msg msg;
    ds_stream *receipt; /* is told that it has been received, or is lost; NULL:
                         * nobody is */
    void *receipt_data; /* ... with which data */
    uint64_t number; /* on its way from node to node, see gate.h; 0: not yet */
    uint32_t asked;  /* how often the listener has been asked about it */
    bool counted;    /* as arrived, before somebody listened */
} ds__box;

/* Everything of this layer that belongs to one loop. */
struct ds__annex {
    ds__resident resident;
    ds_loop *loop;
    ds_node *nodes;
    ds_port *ports;
    ds_net *nets;
    size_t num_nodes;
    uint64_t num_nets;
    ds__ledger ledger;
    ds__box *unused;  /* boxes for reuse, through msg.data */
    ds__crate *crate; /* the newest one, or NULL */
    ds__parcels parcels;
    ds_msg *batch; /* room for what ds_send_all() sends */
    size_t max_batch;
    ds__gate *gate;              /* or NULL */
    bool handled;                /* a port has, or had, a handler */
    const ds_node *handling;     /* whose handler is running, or NULL */
    struct ds__overlay *overlay; /* or NULL, see faults.h */
    ds__piece *pieces;           /* of ds_alloc() for threads on no machine */
};

/* Returns it, and makes it when it is first asked for.  NULL: no memory, which
 * is recorded under call. */
ds__annex *ds__annex_of(ds_loop *loop, const char *call);

/* Misuse of call unless this field of a struct is a number from 0 to most,
 * which is 1 for a probability and INFINITY for what is only finite. */
bool ds__check_field(ds_loop *loop, const char *call, const char *name,
                     double value, double most);

/* ---- The way of a message -------------------------------------------------*/

/* Gives messages of somebody who may send to a network, under new names.
 * False: no memory, and they are still the caller's. */
bool ds__net_take(ds_net *net, const ds_msg *msgs, size_t n, const char *call);

/* Who is told that a message has arrived or is lost: its done stream, if there
 * is one, about which message, and with which data. */
typedef struct ds__done {
    ds_stream *stream;
    void *data;
    uint64_t name;
} ds__done;

static inline ds__done ds__done_of(const ds_msg *msg)
{
    return (ds__done){ msg->done, msg->done_data, msg->id };
}

void ds__signal_done(ds_loop *loop, ds__done done, double seconds,
                     const char *call);

static inline void ds__signal(ds_loop *loop, ds__done done, double seconds,
                              const char *call)
{
    if (done.stream != NULL)
        ds__signal_done(loop, done, seconds, call);
}

/* Nobody is to be told of it any more. */
static inline void ds__forget_done(ds_msg *msg)
{
    msg->done = NULL;
    msg->done_data = NULL;
}

/* Puts a message that has arrived, or will in so many seconds, on its way to
 * the stream of its port, and the signal to msg.done beside it. */
void ds__box_post(ds__net_state *state, double seconds, const ds_msg *msg,
                  ds__done receipt, const char *call);

/* Counts a message as one that has arrived, once. */
static inline void ds__count_arrival(ds__box *box)
{
    ds_net_stats *stats = &box->state->stats;

    stats->arrived += !box->counted;
    stats->bytes_arrived += box->counted ? 0 : box->msg.size;
    box->counted = true;
}

/* Makes a box with a copy of this message in it, which is not on its way yet;
 * NULL: no memory, recorded under call. */
ds__box *ds__box_new(ds__net_state *state, const ds_msg *msg, const char *call);

/* The name of the message in a box, which is the payload of its event. */
uint64_t ds__box_name(const void *payload);

/* Moves the message out of a box, which is put back for reuse. */
void ds__box_empty(ds__box *box, ds_msg *msg);

/* The same for whoever has not the baton, so that it cannot be reused. */
void ds__box_give_up(ds__box *box, ds_msg *msg);

/* Drops the message of a box that is not on its way, and the box. */
void ds__box_drop(ds__box *box);

/* Gives up every box that nobody has. */
void ds__boxes_free(ds__annex *annex);

/* Returns the name of the message that was sent last over any network. */
static inline uint64_t ds__net_last(const ds_net *net)
{
    return net->state->annex->ledger.last;
}

/* ds_net_lose(), with the reason. */
void ds__net_lose(ds_net *net, ds_msg msg, ds__loss_reason why);

/* ds_send() under the name of another call. */
void ds__send(ds_handle *h, ds_net *net, const ds_msg *msg, const char *call);

/* ds_send_all() that waits for no receiver, see turn.h. */
void ds__send_ahead(ds_handle *h, ds_net *net, const ds_msg *msgs, size_t n);

/* ds_recv_timeout() under the name of another call, with the same checks. */
bool ds__recv(ds_handle *h, ds_port *port, double seconds, ds_msg *msg,
              const char *call);

/* ---- Handlers -------------------------------------------------------------*/

/* Lets the handler of a port have the message in a box, which has arrived.
 * False: the port has none at present, or its machine is paused, and nothing
 * has happened. */
bool ds__handler_take(ds__box *box);

/* Has what lies at the port handled, after the events of this instant, if there
 * is a handler. */
void ds__handler_wake(ds_port *port);

/* Takes the handler away, since its machine crashes. */
void ds__handler_forget(ds_port *port);

/* Whether a port has one. */
bool ds__handler_is_set(const ds_port *port);

/* Whether a handler of the port's machine is running; if not, that is misuse of
 * call. */
bool ds__handler_may(const ds_port *port, const char *call);

/* ---- What is told ---------------------------------------------------------*/

/* Tells who listens what happens to a message.  Not inlined, so that nobody
 * else pays for it. */
void ds__tell_send(const ds_net *net, const ds_msg *msg);
void ds__tell_msg(ds__tell_kind kind, const ds_net *net, const ds_msg *msg);
void ds__tell_held(ds__held_why why, const ds_net *net, const ds_msg *msg);
void ds__tell_loss(ds__loss_reason why, const ds_net *net, const ds_msg *msg);

/* tell.c: the same for what goes wrong with a machine, if anybody listens; x
 * and text are as ds__fault_kind says. */
void ds__tell_machine(const ds_node *node, ds__fault_kind what, double x,
                      const char *text);

/* What goes wrong with links. */
typedef struct ds__link_fault {
    ds__fault_kind what;
    const ds_node *from; /* NULL: every node; likewise to */
    const ds_node *to;
    size_t more;      /* of a partition */
    uint64_t line;    /* of a plan, from 1; 0: the program says so */
    const char *text; /* or NULL */
} ds__link_fault;

void ds__tell_links(const ds_net *net, const ds__link_fault *fault);

/* Tells that a link of a routed network is off, or on; line as above. */
void ds__tell_wire(const ds_net *net, size_t link, bool off, uint64_t line,
                   const char *text);

/* Names those of n numbers that are not 0, such as: drop 0.2 late 1; NULL:
 * nobody listens. */
#define DS__TOLD_MAX 256
typedef struct ds__told_field {
    const char *name;
    double value;
} ds__told_field;

const char *ds__tell_fields(const ds_loop *loop, const ds__told_field *fields,
                            size_t n, char buf[DS__TOLD_MAX]);

static inline bool ds__net_is_watched(const ds__net_state *state)
{
    return __builtin_expect(*state->probe != NULL, 0);
}

/* ---- Invariants -----------------------------------------------------------*/

/* Asserts what stands above the structs, of all networks and ports of a loop.
 */
void ds__net_check(const ds__annex *annex);

#endif
