/* The places of a network; see the header. */

#include "net/places.h"

#include <assert.h>
#include <stdlib.h>

static bool check_node(ds_net *net, const char *call, const ds_node *node,
                       size_t i)
{
    const char *fault = node == NULL ? "is NULL" : "belongs to another loop";

    if (node != NULL && ds_node_loop(node) == net->loop)
        return true;
    ds_net_fail(net, DS_EMISUSE, "%s: config->nodes[%zu] %s", call, i, fault);
    return false;
}

bool ds__places_init(ds__places *places, ds_net *net, const char *call,
                     ds_node *const *nodes, size_t num_nodes)
{
    size_t size = 0;

    *places = (ds__places){ 0 };
    for (size_t i = 0; i < num_nodes; i++) {
        if (!check_node(net, call, nodes[i], i))
            return false;
        if (ds_node_number(nodes[i]) >= size)
            size = ds_node_number(nodes[i]) + 1;
    }
    places->of = calloc(size + 1, sizeof(*places->of));
    if (places->of == NULL) {
        ds_net_fail(net, DS_ENOMEM, "%s: out of memory", call);
        return false;
    }
    places->size = size;
    return true;
}

void ds__places_free(ds__places *places)
{
    free(places->of);
}

size_t ds__places_put(ds__places *places, const ds_node *node, size_t place)
{
    assert(ds_node_number(node) < places->size && place < UINT32_MAX);
    uint32_t *of = &places->of[ds_node_number(node)];

    if (*of != 0)
        return (size_t)*of - 1;
    *of = (uint32_t)place + 1;
    return DS__UNPLACED;
}
