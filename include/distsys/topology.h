#ifndef DISTSYS_TOPOLOGY_H
#define DISTSYS_TOPOLOGY_H

#include <distsys/net.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Hosts, links, and which links lead from one host to another.  A description:
 * it belongs to no loop, many networks may be made from it, and it does not
 * change once one has been.  The first thing that is wrong with it is kept,
 * what comes after does nothing, and the network that is made of it reports
 * it. */
typedef struct ds_topology ds_topology;

typedef enum ds_sharing {
    DS_SHARED = 0, /* what crosses it shares its rate */
    DS_FATPIPE,    /* each message may have all of it */
} ds_sharing;

typedef struct ds_link {
    const char *name; /* copied; NULL: its number */
    double rate;      /* bytes per second, finite and > 0 */
    double latency;   /* seconds, finite and >= 0 */
    ds_sharing sharing;
} ds_link;

/* NULL: no memory.  There is at least one host. */
ds_topology *ds_topology_new(size_t num_hosts);
void ds_topology_free(ds_topology *topology);

/* "": it is sound.  Otherwise what is wrong with it, which call found that, and
 * what would be right. */
const char *ds_topology_error(const ds_topology *topology);

/* Links go one way and are numbered from 0 in the order of their adding.
 * Returns the number of the new one, or SIZE_MAX if something is wrong. */
size_t ds_topology_add_link(ds_topology *topology, ds_link link);

/* Says which links lead from one host to another, in the place of what was said
 * before. */
void ds_topology_set_route(ds_topology *topology, size_t from, size_t to,
                           const size_t *links, size_t n);

/* Or by cables between places, and the shortest ways are found: hosts are the
 * places 0 to num_hosts - 1, switches come after them.  A cable is two links of
 * one name, the second one from b to a.  Returned are the place of the switch,
 * and the number of the first link; SIZE_MAX if something is wrong.
 *
 * A way may lead through other hosts.  Of several that are equally short, the
 * one is taken whose links come first in the order of numbers, looking at the
 * first link in which they differ.  A route that was set goes before. */
size_t ds_topology_add_switch(ds_topology *topology);
size_t ds_topology_add_cable(ds_topology *topology, size_t a, size_t b,
                             ds_link link);

size_t ds_topology_num_hosts(const ds_topology *topology);
size_t ds_topology_num_links(const ds_topology *topology);

/* A link by its number; NULL: there is none.  Good until the next is added. */
const ds_link *ds_topology_link(const ds_topology *topology, size_t link);

/* Says between which places a link leads: returns 1 if only from one to the
 * other, 2 if it is both directions of a cable, and 0, with nothing stored, if
 * it is a link by itself, or there is none of that number. */
size_t ds_topology_ends(const ds_topology *topology, size_t link, size_t *from,
                        size_t *to);

/* Stores the first max links of the way from one host to another, and returns
 * how many there are; 0 from a host to itself, unless a route was set.
 * SIZE_MAX: no way leads there, or there is no such host, or something is wrong
 * with the topology, or there is no memory, which ds_topology_error() then
 * says.  Any number of threads may ask at a time.  The number of the message
 * counts where the messages of a pair go different ways. */
size_t ds_topology_route(const ds_topology *topology, size_t from, size_t to,
                         uint64_t message, size_t *links, size_t max);

/* Well-known ones by a text, kind:shape and then options after commas:
 *
 *     star:32                    a switch, with a cable to each host
 *     tree:4,16                  4 racks of 16, and a root above the racks
 *     fattree:2;4,4;1,2;1,2      levels; children; parents; parallel cables
 *     ring:16  mesh:4x4  torus:4x4x4  hypercube:5  full:8
 *     dragonfly:9,1;4,1;2,1;2    groups, chassis, routers, each with how much
 *                                wider their cables are; hosts of a router
 *     file:PATH                  see distsys-topologies(7) for the formats
 *
 *     rate= latency=             of the links of hosts
 *     inner-rate=                of the others; as those of hosts if left out
 *     inner-latency=
 *     sharing=full|half          half: one link for both directions
 *     routing= ties= seed=       see distsys-topologies(7)
 *
 * NULL: out of memory.  A wrong text gives a topology whose error says where.
 */
ds_topology *ds_topology_parse(const char *text);

/* ---- Messages that share its links ----------------------------------------*/

/* How messages use their routes.  All 0: they share links max-min fairly, and
 * nothing is corrected.  SimGrid's corrections are there to be compared with.
 */
typedef struct ds_flow_model {
    double latency_factor;   /* 0: 1 */
    double bandwidth_factor; /* 0: 1; of what a message gets, delivered */
    double weight_s;         /* bytes: shares are in inverse proportion to the
                              * sum of latency + weight_s / rate over the
                              * route */
    bool weigh_latency;      /* to the latency of the route alone, as CM02
                              * does */
    double tcp_gamma;        /* bytes of window: no message is faster than
                              * gamma / (2 latencies of its route); 0: no
                              * limit */
    double cross_traffic;    /* of its rate that a message takes on the links of
                              * the way back */
    bool early_failure;      /* a link that goes off fails messages that are
                              * still in their latency as well, and those that
                              * are sent while it is */
} ds_flow_model;

extern const ds_flow_model ds_flow_cm02; /* SimGrid's, 4194304 and 0.05 */
extern const ds_flow_model ds_flow_lv08; /* 13.01, 0.97, 20537, those two */

/* How long a message took, and why: the four add up to that.  held[i] is of
 * links[i], and the two arrays are good while one is told. */
typedef struct ds_crossing {
    uint64_t message; /* its name, as in ds_msg.id */
    double latency;   /* seconds, of its route */
    double waiting;   /* behind messages of its pair, if they go in order */
    double draining;  /* as it would have alone */
    size_t num_links; /* of its route, each once */
    const size_t *links;
    const double *held; /* seconds more, for others shared the link */
} ds_crossing;
typedef void ds_crossing_fn(void *arg, const ds_crossing *crossing);

/* A network in which each message is a flow over the links of its route.  Its
 * latency passes first, and takes no capacity; then it drains, at most at
 * ds_msg.rate bytes a second (0: no limit) and at most at the least rate of its
 * route when it began to.  A message to oneself without a route takes no time.
 */
typedef struct ds_routed_net_config {
    ds_node *const *nodes; /* nodes[i] is on host i, or on hosts[i]; copied */
    size_t num_nodes;
    const size_t *hosts;         /* NULL: in order; several may share a host */
    const ds_topology *topology; /* borrowed; must outlive the loop */
    ds_flow_model model;
    bool in_order; /* messages of a pair of nodes go one after the other */
    bool stall;    /* a link that is off makes messages wait */
    ds_crossing_fn *crossed; /* told of each message right before it arrives,
                              * and may do nothing to the loop; NULL: nobody
                              * asks, and nothing is spent on it */
    void *arg;
} ds_routed_net_config;

ds_net *ds_routed_net_new(ds_loop *loop, const ds_routed_net_config *config);

/* While it runs, by any of its loop's threads, or before; settled with all that
 * happens at the same instant.  Over a link that is off messages are lost:
 * those that drain over it at once, others if it is off when their latency
 * ends.  A latency is that of messages that are sent from now on.  Shares that
 * go by latencies or rates follow both. */
void ds_link_set_rate(ds_net *net, size_t link, double rate);
void ds_link_set_latency(ds_net *net, size_t link, double latency);
void ds_link_set_up(ds_net *net, size_t link, bool up);

/* Has a link change by itself from now on, by a text of times in seconds from
 * now and what it is like from then on; with repeat all begins again after so
 * many seconds.  Without it the link stays as it is in the end.
 *
 *     0 rate 1G latency 10us; 5 off; 7 on; repeat 10
 *
 * It takes the place of the one that the link had; NULL: of that only, and the
 * link stays as it is, but if that one had taken it off. */
void ds_link_set_profile(ds_net *net, size_t link, const char *text);

typedef struct ds_link_use {
    double bytes;      /* that have crossed it, cross traffic aside */
    double busy;       /* seconds in which anything drained over it */
    double full;       /* seconds in which it had nothing left */
    double held;       /* seconds of messages that it, and no other link, held
                        * back: which link cost the time */
    uint64_t messages; /* that have begun to cross it */
    size_t most;       /* that drained over it at a time */
} ds_link_use;

/* What a link was used for up to now; all 0 if there is no such link. */
ds_link_use ds_link_get_use(const ds_net *net, size_t link);

/* LogGOPS (Hoefler, Schneider, Lumsdaine, HPDC 2010): no congestion, but the
 * overheads of processors.  Seconds, seconds a byte, and bytes.  ds_send()
 * takes the sender's overhead of virtual time, so it blocks on this network. */
typedef struct ds_loggops_net_config {
    ds_node *const *nodes;
    size_t num_nodes;
    double L, o, g, G, O, S;
} ds_loggops_net_config;

ds_net *ds_loggops_net_new(ds_loop *loop, const ds_loggops_net_config *config);

/* Keeps the processor of a node busy for so many seconds, when its turn has
 * come: what it sends and receives waits meanwhile.  A blocking call.  begun
 * gets an event, without data, when its turn has come; NULL: nobody asks. */
bool ds_loggops_work(ds_handle *h, ds_net *net, const ds_node *node,
                     double seconds, ds_stream *begun);

/* ds_send() over such a network, whose beginning somebody is told likewise. */
void ds_loggops_send(ds_handle *h, ds_net *net, ds_msg msg, ds_stream *begun);

/* Waits until the processor of a node has done what it is at now, and takes
 * nothing of it.  A blocking call.  passed gets an event, without data, when
 * the thread has gone on to wait for something else, and nothing else has
 * begun; NULL: nobody asks. */
bool ds_loggops_turn(ds_handle *h, ds_net *net, const ds_node *node,
                     ds_stream *passed);

#ifdef __cplusplus
}
#endif

#endif
