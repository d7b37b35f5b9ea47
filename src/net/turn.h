/* What a network needs on which sending takes time, besides what is public:
 * its senders wait, and it knows who waits for what it brings.
 *
 * It is apart so that such a network, too, sees no more of the library than
 * this. */
#ifndef DS_NET_TURN_H
#define DS_NET_TURN_H

#include <distsys/net.h>

/* What happens in a thread that sends, outside of the operations, so that it
 * may build and wait; call is the name of a public function.  Before it sends:
 * false and a failure if it may not; and after the network has taken something
 * of it. */
typedef struct ds__turn {
    bool (*begin)(ds_net *net, const char *call);
    void (*wait)(ds_net *net, ds_handle *h, const char *call);
} ds__turn;
void ds__net_set_turn(ds_net *net, const ds__turn *turn);

/* Whether h may call, and the network is one of its loop; if not, that is
 * misuse of call. */
bool ds__turn_enter(ds_handle *h, const ds_net *net, const char *call);

/* ds_poll() of one stream under the name of another call; the event has no
 * data. */
bool ds__turn_poll(ds_handle *h, ds_stream *stream, const char *call);

/* Puts an event into a stream, at this instant: that a turn is over. */
void ds__turn_signal(ds_net *net, ds_stream *stream);

/* Tells the done stream of a message, at this instant, that it is received, and
 * forgets that stream. */
void ds__turn_signal_done(ds_net *net, ds_msg *msg);

bool ds__turn_may_signal(const ds_net *net, const ds_stream *stream);

/* Whether a thread waits at a port for the next message there, or a handler
 * gets it. */
bool ds__turn_is_awaited(const ds_port *port);

/* Whether whoever sends waits only for its own part, as the members of a comm
 * do, whose sends are not blocking ones; says so once. */
bool ds__turn_is_ahead(ds_net *net);

/* ds_net_deliver() at this instant, whose done is signalled no sooner than
 * somebody has received the message, or it is lost. */
void ds__turn_deliver(ds_net *net, ds_msg msg);

#endif
