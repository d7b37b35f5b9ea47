/* Groups: who is a member, and telling members something. */
#include "proto/group.h"

#include <distsys/fault.h>

ds_group ds_group_of(ds_net *net, ds_node *const *nodes, ds_port **ports,
                     size_t n)
{
    for (size_t i = 0; i < n; i++)
        ports[i] = ds_port_new(nodes[i]);
    return (ds_group){ .net = net, .ports = ports, .n = n };
}

/* Members are mostly machines that were made one after the other, so the search
 * begins where a machine is then. */
static size_t member_at(const ds_group *g, const ds_node *node)
{
    if (node == NULL || g->n == 0)
        return DS_NOBODY;
    size_t first = ds_node_number(ds_port_node(g->ports[0]));
    size_t likely = (ds_node_number(node) - first) % g->n;
    for (size_t i = 0; i < g->n; i++) {
        size_t at = likely < g->n - i ? likely + i : likely + i - g->n;
        if (ds_port_node(g->ports[at]) == node)
            return at;
    }
    return DS_NOBODY;
}

size_t ds_group_me(const ds_group *g, const ds_handle *h)
{
    return member_at(g, ds_handle_node(h));
}

size_t ds_group_sender(const ds_group *g, const ds_msg *m)
{
    return member_at(g, ds_port_node(m->source));
}

size_t ds_group_majority(const ds_group *g)
{
    return g->n / 2 + 1;
}

bool ds__group_enter(ds_handle *h, const ds_group *g, const char *call,
                     size_t *me)
{
    *me = ds_group_me(g, h);
    if (*me != DS_NOBODY)
        return true;
    ds_fail(h, "%s: the caller is on no machine of a member of the group",
            call);
    return false;
}

bool ds__group_has(ds_handle *h, const ds_group *g, const char *call,
                   size_t member)
{
    if (member < g->n)
        return true;
    ds_fail(h, "%s: there is no member %zu, but 0 to %zu", call, member,
            g->n - 1);
    return false;
}

/* ---- Telling --------------------------------------------------------------*/

/* The port that the caller sends from; NULL, and the run fails: it has none. */
static ds_port *port_of(ds_handle *h, const ds_group *g, const char *call)
{
    size_t me;

    return ds__group_enter(h, g, call, &me) ? g->ports[me] : NULL;
}

void ds_tell(ds_handle *h, const ds_group *g, size_t to, const void *packet,
             size_t size)
{
    ds_port *from = port_of(h, g, "ds_tell");

    if (from != NULL && ds__group_has(h, g, "ds_tell", to))
        ds_send_bytes(h, g->net, from, g->ports[to], packet, size);
}

static void tell_each(ds_handle *h, const ds_group *g, const ds_port *but,
                      const void *packet, size_t size)
{
    ds_port *from =
        port_of(h, g, but == NULL ? "ds_tell_all" : "ds_tell_others");

    for (size_t i = 0; from != NULL && i < g->n; i++)
        if (g->ports[i] != but)
            ds_send_bytes(h, g->net, from, g->ports[i], packet, size);
}

void ds_tell_others(ds_handle *h, const ds_group *g, const void *packet,
                    size_t size)
{
    size_t me = ds_group_me(g, h);

    tell_each(h, g, me == DS_NOBODY ? g->ports[0] : g->ports[me], packet, size);
}

void ds_tell_all(ds_handle *h, const ds_group *g, const void *packet,
                 size_t size)
{
    tell_each(h, g, NULL, packet, size);
}
