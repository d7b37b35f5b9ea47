/* Tells who listens what goes wrong, or right again: with machines, with links.
 *
 * Messages are told in box.c, where it must be quick; this is rare. */

#include "net/net.h"

static bool is_watched(const ds_loop *loop)
{
    return *ds__loop_probe((ds_loop *)loop) != NULL;
}

static uint32_t node_of(const ds_node *node)
{
    return node == NULL ? 0 : (uint32_t)node->number + 1;
}

void ds__tell_machine(const ds_node *node, ds__fault_kind what, double x,
                      const char *text)
{
    if (is_watched(node->loop))
        ds__tell_probe(node->loop, (ds__record){ .kind = DS__TELL_FAULT,
                                                 .flag = what,
                                                 .a = node_of(node),
                                                 .x = x,
                                                 .text = text });
}

void ds__tell_links(const ds_net *net, const ds__link_fault *fault)
{
    const bool parts = fault->what == DS__FAULT_PART;

    if (is_watched(net->loop))
        ds__tell_probe(net->loop,
                       (ds__record){ .kind = DS__TELL_FAULT,
                                     .flag = fault->what,
                                     .who = net->state->number + 1,
                                     .a = node_of(fault->from),
                                     .b = parts ? (uint32_t)fault->more
                                                : node_of(fault->to),
                                     .x = (double)fault->line,
                                     .text = fault->text });
}

void ds__tell_wire(const ds_net *net, size_t link, bool off, uint64_t line,
                   const char *text)
{
    if (is_watched(net->loop))
        ds__tell_probe(net->loop,
                       (ds__record){ .kind = DS__TELL_FAULT,
                                     .flag = off ? DS__FAULT_OFF : DS__FAULT_ON,
                                     .who = net->state->number + 1,
                                     .a = (uint32_t)link + 1,
                                     .x = (double)line,
                                     .text = text });
}

const char *ds__tell_fields(const ds_loop *loop, const ds__told_field *fields,
                            size_t n, char buf[DS__TOLD_MAX])
{
    ds__text text;

    if (!is_watched(loop))
        return NULL;
    ds__text_init(&text, buf, DS__TOLD_MAX);
    for (size_t i = 0; i < n; i++)
        if (fields[i].value != 0)
            ds__text_add(&text, "%s%s %.9g", text.used == 0 ? "" : " ",
                         fields[i].name, fields[i].value);
    return buf;
}
