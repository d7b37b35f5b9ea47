/* The routed network, as its files share it.
 *
 *     routed.c        messages: sent, on their way, arrived
 *     routed_way.c    what a message's way is like, by topology and model
 *     routed_change.c what becomes of messages when links change
 *     routed_links.c  how a program changes them, and what they were used for
 *     routed_set.c    the same, whoever does
 *     routed_profile.c  how they change by themselves
 *     routed_tell.c   what whoever watches is told of ways and links
 *     routed_cross.c  how long each message took, and why, if somebody asks
 *
 * A message is a flow of the engine in net/flow: its latency passes first, and
 * then it drains over the links of its route.  Latencies differ, so those that
 * wait are a heap.  As on the switched network, sending only queues, and all
 * that happens at one instant is settled together when the alarm rings at its
 * end. */
#ifndef DS_NET_ROUTED_H
#define DS_NET_ROUTED_H

#include <distsys/topology.h>

#include "net/connection.h"
#include "net/flow/flow.h"
#include "net/fluid/flow_queue.h"
#include "net/places.h"
#include "topology/rule.h"

/* A link as it is now.  Latency and rate are of what is sent from now on; the
 * engine learns of the rate, and of up, when the instant is settled.  It is up
 * if the program has not taken it off and nobody else has. */
typedef struct ds__routed_link {
    double rate;
    double latency;
    uint32_t hop;  /* of the way that is being looked at, + 1 */
    uint32_t off;  /* how many have taken it off, besides the program */
    uint64_t hits; /* messages that it lost or kept by being off */
    bool fat;
    bool taken; /* off by the program */
    bool up;
    bool fell;    /* since the last settling */
    bool weighed; /* likewise: what weights go by has changed */
    bool changed;
} ds__routed_link;

/* What is told of a message when it has arrived.  Invariant: lost, of the links
 * in order, is what the engine says; it lies behind them. */
typedef struct ds__crossing {
    double began; /* to drain */
    double took;  /* until it was through */
    size_t num_links;
    double *lost;
    size_t links[];
} ds__crossing;

/* A flow is in fresh until the instant of its sending is settled, then in
 * waiting until its latency has passed, and then with the engine; in order, it
 * also stands in the line of its connection until it has left. */
typedef struct ds__routed_flow {
    ds__placed placed; /* first */
    ds__heap_node in_waiting;
    ds__path *path; /* NULL: it takes no time, or has left the engine */
    double latency;
    ds__crossing *crossing; /* NULL: nobody asks, or it drains not yet, or
                             * never */
    bool is_lost;
} ds__routed_flow;

/* What a topology may ask for. */
typedef struct ds__routed_traffic {
    ds__traffic traffic; /* first */
    const ds__flows *engine;
} ds__routed_traffic;

typedef struct ds__routed_told ds__routed_told;

typedef struct ds__routed {
    ds_net base;
    const ds_topology *topology;
    ds__routed_traffic traffic; /* if it asks */
    ds_flow_model model;
    bool in_order;
    bool stall;
    ds_crossing_fn *crossed; /* NULL: nobody asks */
    void *arg;
    ds__places places; /* indices of nodes */
    size_t *hosts;     /* by index */
    ds__flows *engine; /* NULL only if the network could not be made */
    uint64_t sent;
    ds__flow_queue fresh;
    ds__heap waiting;
    ds__slab flows; /* msg.dest is NULL in those that are lost or not in use */
    ds__connections connections; /* if in_order */

    ds__routed_link *links;
    size_t num_links;
    uint32_t *changed;
    size_t num_changed;
    bool reweighs; /* weights of what was sent may have changed */

    struct ds__routed_profile **profiles; /* by link; NULL: none has one */
    ds__heap profile_heap;                /* by when they say something */

    size_t *route; /* room for one */
    size_t max_route;
    ds__hop *hops; /* likewise */
    size_t max_hops;
    ds__routed_told *told; /* NULL: nothing yet */
} ds__routed;

/* ---- The way of a message (routed_way.c) ----------------------------------*/

/* Keeps count of what the topology asks for, if it does; false: no memory. */
bool ds__routed_watch(ds__routed *self);

/* Finds the path and the latency of a message between two of the nodes; false:
 * the network has failed. */
bool ds__routed_find_way(ds__routed *self, ds__routed_flow *flow);

/* Returns whether weights go by latencies, or by rates. */
bool ds__routed_weighs_latency(const ds__routed *self);
bool ds__routed_weighs_rate(const ds__routed *self);

/* Finds what a path would be with the weight that the links give it now, which
 * is good until the next way is looked for.  false: that is what it has, or
 * there is no memory and the network has failed. */
bool ds__routed_weigh(ds__routed *self, const ds__path *path,
                      ds__course *course);

/* Returns whether a link of a path is off, and counts it as a hit there. */
bool ds__routed_is_cut(ds__routed *self, const ds__path *path);

/* Returns the least rate of its route now; INFINITY: it has none. */
double ds__routed_least(const ds__routed *self, const ds__path *path);

/* ---- Links (routed_change.c) ----------------------------------------------*/

/* Tells the engine of what has changed, and appends what is lost by that. */
void ds__routed_change_links(ds__routed *self, ds__flow_queue *lost);

/* Set what has been found to be sound (routed_set.c).  A link may be taken by
 * the program, and off for so many others. */
void ds__routed_set_rate(ds__routed *self, size_t link, double rate);
void ds__routed_set_latency(ds__routed *self, size_t link, double latency);
void ds__routed_set_taken(ds__routed *self, size_t link, bool taken);
void ds__routed_set_off(ds__routed *self, size_t link, bool off);

/* Do what profiles say up to now, say when the next one says something, and
 * give one to a link; false: that has failed, which has been reported. */
void ds__routed_catch_up(ds__routed *self);
double ds__routed_next_change(const ds__routed *self);
bool ds__routed_give_profile(ds__routed *self, size_t link, const char *text,
                             const char *call);
void ds__routed_forget_profile(ds__routed *self, size_t link);
bool ds__routed_give_profiles(ds__routed *self); /* those of the topology */
void ds__routed_free_profiles(ds__routed *self);

/* ---- What is told (routed_tell.c) -----------------------------------------*/

/* Tells that the bytes of a message flow from now on by a way, if there are
 * any, and what that way is if it has not been told.  Only if the network is
 * watched. */
void ds__routed_tell_begin(ds__routed *self, const ds__routed_flow *flow,
                           const ds__course *way);

/* Tells that all that drains on a path goes by another way from now on, or that
 * a link has changed; nothing if nobody watches. */
void ds__routed_tell_move(ds__routed *self, const ds__path *from,
                          const ds__course *to);
void ds__routed_tell_link(const ds__routed *self, uint32_t l);

void ds__routed_told_free(ds__routed_told *told);

/* ---- How long a message took (routed_cross.c) -----------------------------*/

/* Keeps accounts from now on. */
void ds__routed_ask(ds__routed *self, ds_crossing_fn *crossed, void *arg);

/* Each does nothing if nobody asks: when a flow begins to drain, false being no
 * memory; when it is through; when its message arrives. */
bool ds__routed_cross_begin(const ds__routed *self, ds__routed_flow *flow);
void ds__routed_cross_end(const ds__routed *self, ds__routed_flow *flow);
void ds__routed_cross_tell(const ds__routed *self, const ds__routed_flow *flow);

/* ---- Messages (routed.c) --------------------------------------------------*/

extern const ds_net_ops ds__routed_ops;

#endif
