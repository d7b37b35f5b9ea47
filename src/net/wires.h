/* Links of a routed network, for who takes them off for a while besides the
 * program. */
#ifndef DS_NET_WIRES_H
#define DS_NET_WIRES_H

#include "net/net.h"

/* 0: it is no routed network.  Links are numbered from 0. */
size_t ds__num_wires(const ds_net *net);
const char *ds__wire_name(const ds_net *net, size_t link);

/* Takes a link off, or takes that back: it is on if all have, and the program
 * has not taken it off. */
void ds__wire_set_off(ds_net *net, size_t link, bool off);

/* Puts on whatever the program has taken off. */
void ds__wires_mend(ds_net *net);

/* How many messages a link has lost, or kept waiting, by being off. */
uint64_t ds__wire_hits(const ds_net *net, size_t link);

/* A way with more is looked at up to here. */
#define DS__MOST_WIRES 64

/* Stores the first max links of the way that a message would have now from one
 * node to another, and returns how many they are; 0: none leads there. */
size_t ds__wires_between(const ds_net *net, const ds_node *from,
                         const ds_node *to, size_t *links, size_t max);

#endif
