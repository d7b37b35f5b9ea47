/* Nodes, ports and networks, as the files of src/net and the collectives see
 * them. */
#ifndef DS_NET_NET_H
#define DS_NET_NET_H

#include <distsys/net.h>

#include "loop/loop.h"

struct ds_node {
    ds_loop *loop;
    size_t number; /* from 0, in the order of making */
    size_t num_ports;
    ds_node *next;
};

struct ds_port {
    ds_stream stream; /* gets a boxed message for each that arrives */
    ds_node *node;
    size_t number; /* from 0, on its node */
    ds_port *next;
};

/* The part of a network that its author does not see. */
typedef struct ds__net_state {
    ds__alarm alarm;
    ds_net *net;
    uint64_t number; /* from 0, in the order of making */
    uint64_t draws;
    int64_t held; /* messages it was given, less those that have left it */
} ds__net_state;

/* Everything of this layer that belongs to one loop. */
typedef struct ds__annex {
    ds__resident resident;
    ds_node *nodes;
    ds_port *ports;
    ds_net *nets;
    size_t num_nodes;
    uint64_t num_nets;
} ds__annex;

/* Made when it is first asked for; NULL: no memory, recorded under call. */
ds__annex *ds__annex_of(ds_loop *loop, const char *call);

/* ds_recv_timeout() under the name of another call, with the same checks. */
bool ds__recv(ds_handle *h, ds_port *port, double seconds, ds_msg *msg,
              const char *call);

/* Puts a message that has arrived, or will in so many seconds, on its way to
 * the stream of its port, and the signal to msg.done beside it. */
void ds__msg_post(ds_loop *loop, double seconds, ds_msg msg, const char *call);

#endif
