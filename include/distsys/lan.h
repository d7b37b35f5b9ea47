#ifndef DISTSYS_LAN_H
#define DISTSYS_LAN_H

#include <distsys/net.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Machines at one switch, with a port each: what most programs begin with, in
 * one call.  It is to be read only, and goes with its loop. */
typedef struct ds_lan {
    ds_net *net;
    size_t n;
    ds_node *const *nodes; /* n of them, and of the ports */
    ds_port *const *ports;
} ds_lan;

/* Makes n machines.  A message takes latency seconds, besides those for its
 * bytes: each machine sends, and receives, rate bytes a second, which its
 * messages share by max-min fairness, but those from one machine to another
 * take turns, as those of a connection do.
 *
 * n is at least 1, latency finite and at least 0, rate finite and above 0.
 * NULL: they are not, or there is no memory, and ds_loop_run() says so; the
 * calls below do nothing with it. */
const ds_lan *ds_lan_new(ds_loop *loop, size_t n, double latency, double rate);

/* Adds a thread on each machine, which runs fn(h, arg); see ds_node_spawn(). */
void ds_lan_spawn(const ds_lan *lan, ds_thread_fn *fn, void *arg);

/* Which machine the caller is on, from 0; n: none of these. */
size_t ds_lan_me(const ds_lan *lan, const ds_handle *h);

/* Sends a copy of size bytes from the caller's machine to another one, or to
 * itself.  Receives what comes to the port of the caller's machine, and stores
 * from which machine, unless from is NULL; n: another one.  False, and *msg
 * cleared: it is over.  The caller drops the message.  A caller that is on none
 * of these machines, and a machine that there is not, are misuse. */
void ds_lan_send(ds_handle *h, const ds_lan *lan, size_t to, const void *bytes,
                 size_t size);
bool ds_lan_recv(ds_handle *h, const ds_lan *lan, ds_msg *msg, size_t *from);

#ifdef __cplusplus
}
#endif

#endif
