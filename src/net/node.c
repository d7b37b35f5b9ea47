/* Nodes and ports. */

#include <stdlib.h>

#include "base/memory.h"
#include "net/net.h"

ds_node *ds_node_new(ds_loop *loop)
{
    if (!ds__may_build(loop, "ds_node_new"))
        return NULL;
    ds__annex *annex = ds__annex_of(loop, "ds_node_new");
    if (annex == NULL)
        return NULL;

    ds_node *node = malloc(sizeof(*node));
    if (node == NULL) {
        ds__fail_memory(loop, "ds_node_new");
        return NULL;
    }
    *node = (ds_node){
        .loop = loop,
        .number = annex->num_nodes++,
        .next = annex->nodes,
    };
    ds__life_init(node);
    annex->nodes = node;
    return node;
}

ds_loop *ds_node_loop(const ds_node *node)
{
    return node == NULL ? NULL : node->loop;
}

size_t ds_node_number(const ds_node *node)
{
    return node == NULL ? 0 : node->number;
}

static void describe(const ds_stream *stream, ds__text *text)
{
    const ds_port *port = ds__container((ds_stream *)stream, ds_port, stream);

    ds__text_add(text, "port %zu of ", port->number);
    ds__node_describe(port->node, text);
}

/* A NULL node comes from a constructor that failed: its loop knows. */
ds_port *ds_port_new(ds_node *node)
{
    if (node == NULL || !ds__may_build(node->loop, "ds_port_new"))
        return NULL;

    ds__annex *annex = ds__loop_annex(node->loop);
    ds_port *port = ds__new_lines(sizeof(*port));
    if (port == NULL) {
        ds__fail_memory(node->loop, "ds_port_new");
        return NULL;
    }
    ds__stream_init(&port->stream, node->loop);
    port->stream.describe = describe;
    port->stream.reserved = true;
    port->node = node;
    port->number = node->num_ports++;
    port->sibling = node->ports;
    node->ports = port;
    port->next = annex->ports;
    annex->ports = port;
    if (*ds__loop_probe(node->loop) != NULL)
        ds__tell_probe(node->loop,
                       (ds__record){ .kind = DS__TELL_PORT,
                                     .a = port->stream.number,
                                     .b = (uint32_t)node->number + 1,
                                     .x = (double)port->number });
    return port;
}

ds_node *ds_port_node(const ds_port *port)
{
    return port == NULL ? NULL : port->node;
}

ds_stream *ds_port_stream(const ds_port *port)
{
    return port == NULL ? NULL : (ds_stream *)&port->stream;
}
