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
 * come: what it sends and receives waits meanwhile.  A blocking call. */
bool ds_loggops_work(ds_handle *h, ds_net *net, const ds_node *node,
                     double seconds);

/* When the processor of a node has done what it has begun; 0: it has never
 * begun anything. */
double ds_loggops_busy(const ds_net *net, const ds_node *node);

#ifdef __cplusplus
}
#endif

#endif
