/* The places of a network: which of the nodes that it was made with is which.
 *
 * A network knows its nodes by their places in the array of its config, and is
 * asked about nodes, which have numbers of their loop. */
#ifndef DS_NET_PLACES_H
#define DS_NET_PLACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys/net.h>

/* Invariant: all of size are 0, or a place + 1 that no other node has. */
typedef struct ds__places {
    uint32_t *of; /* by number of node */
    size_t size;
} ds__places;

#define DS__UNPLACED SIZE_MAX

/* Makes room for nodes, which have no places yet.  False: one is NULL or of
 * another loop, or there is no memory, and the network has failed with the name
 * of the call that it was made with. */
bool ds__places_init(ds__places *places, ds_net *net, const char *call,
                     ds_node *const *nodes, size_t num_nodes);
void ds__places_free(ds__places *places);

/* Gives a node its place.  Returns the one that it has already, which stays, or
 * DS__UNPLACED. */
size_t ds__places_put(ds__places *places, const ds_node *node, size_t place);

/* Finds the place of a node.  False: it has none. */
static inline bool ds__places_find(const ds__places *places,
                                   const ds_node *node, uint32_t *place)
{
    const size_t number = ds_node_number(node);

    if (number >= places->size || places->of[number] == 0)
        return false;
    *place = places->of[number] - 1;
    return true;
}

#endif
