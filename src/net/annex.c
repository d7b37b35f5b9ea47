/* What this layer keeps with a loop: nodes, ports, networks and their accounts.
 *
 * It is made when it is first asked for and goes with the loop. */

#include <math.h>
#include <stdlib.h>

#include "net/net.h"

#define MAX_PORTS 5 /* that a report lists */

/* Networks go first: they may hold messages to ports. */
static void annex_free(ds__resident *resident)
{
    ds__annex *annex = ds__container(resident, ds__annex, resident);

    while (annex->nets != NULL) {
        ds_net *net = annex->nets;
        ds__net_state *state = net->state;
        annex->nets = net->next;
        const ds_loop *before = ds__operation_begin(annex->loop);
        if (net->ops->free != NULL)
            net->ops->free(net);
        ds__operation_end(before);
        free(state->asked);
        free(state->square);
        free(state);
    }
    while (annex->ports != NULL) {
        ds_port *port = annex->ports;
        annex->ports = port->next;
        ds__stream_clear(&port->stream);
        free(port->handler);
        free(port);
    }
    while (annex->nodes != NULL) {
        ds_node *node = annex->nodes;
        annex->nodes = node->next;
        node->life.free(node);
        free(node);
    }
    ds__boxes_free(annex);
    ds__parcels_free(&annex->parcels);
    ds__ledger_free(&annex->ledger);
    ds__piece_free_all(annex->pieces);
    free(annex->batch);
    free(annex);
}

/* ---- In the report of a deadlock ------------------------------------------*/

static void report_port(const ds_port *port, ds__text *text)
{
    const ds__queue *queue = &port->stream.queue;
    const ds__box *first = ds__queue_at(queue, 0)->data;
    const ds_port *source = first->msg.source;

    ds__text_add(text, "\n  ");
    port->stream.describe(&port->stream, text);
    if (port->stream.name != NULL)
        ds__text_add(text, " \"%s\"", port->stream.name);
    ds__text_add(text, " has %u message%s that nobody has received, %s%g bytes",
                 (unsigned)queue->len, queue->len == 1 ? "" : "s",
                 queue->len == 1 ? "of " : "the first of ", first->msg.size);
    if (source != NULL)
        ds__text_add(text, " from node %zu", source->node->number);
}

/* What lies at a port while its thread waits at another one.  The first few, as
 * they were made; the list of ports begins with the newest. */
static void report_ports(const ds__annex *annex, ds__text *text)
{
    const ds_port *oldest[MAX_PORTS];
    size_t n = 0;

    for (const ds_port *port = annex->ports; port != NULL; port = port->next)
        if (!ds__queue_empty(&port->stream.queue))
            oldest[n++ % MAX_PORTS] = port;
    for (size_t i = n; i > 0 && n - i < MAX_PORTS; i--)
        report_port(oldest[(i - 1) % MAX_PORTS], text);
    if (n > MAX_PORTS)
        ds__text_add(text,
                     "\n  and %zu more ports have messages that nobody "
                     "has received",
                     n - MAX_PORTS);
}

/* A message that stays in a network for ever is not to be seen in what threads
 * wait for. */
static void annex_report(const ds__resident *resident, ds__text *text)
{
    const ds__annex *annex =
        ds__container((ds__resident *)resident, ds__annex, resident);

    report_ports(annex, text);
    for (const ds_net *net = annex->nets; net != NULL; net = net->next) {
        const ds__net_state *state = net->state;
        const uint64_t held = ds__account_held(&state->account);
        if (held > 0)
            ds__text_add(text,
                         "\n  network %llu \"%s\" has neither delivered nor "
                         "lost %llu message%s",
                         (unsigned long long)state->number,
                         net->ops->name == NULL ? "" : net->ops->name,
                         (unsigned long long)held, held == 1 ? "" : "s");
    }
    for (const ds_node *node = annex->nodes; node != NULL; node = node->next)
        node->life.report(node, text);
}

static uint64_t annex_messages(const ds__resident *resident)
{
    const ds__annex *annex =
        ds__container((ds__resident *)resident, ds__annex, resident);
    uint64_t sent = 0;

    for (const ds_net *net = annex->nets; net != NULL; net = net->next)
        sent += net->state->account.given;
    return sent;
}

static void check_annex(const ds__resident *resident)
{
    ds__net_check(ds__container((ds__resident *)resident, ds__annex, resident));
}

ds__annex *ds__annex_of(ds_loop *loop, const char *call)
{
    ds__annex *annex = ds__loop_annex(loop);

    if (annex != NULL)
        return annex;
    annex = calloc(1, sizeof(*annex));
    if (annex == NULL) {
        ds__fail_memory(loop, call);
        return NULL;
    }
    annex->loop = loop;
    annex->resident.check = check_annex;
    ds__ledger_init(&annex->ledger);
    ds__parcels_init(&annex->parcels);
    annex->resident.free = annex_free;
    annex->resident.report = annex_report;
    annex->resident.messages = annex_messages;
    ds__loop_keep(loop, &annex->resident);
    ds__loop_set_annex(loop, annex);
    return annex;
}

bool ds__check_field(ds_loop *loop, const char *call, const char *name,
                     double value, double most)
{
    if (value >= 0 && value <= most && isfinite(value))
        return true;
    ds__fail(loop, DS_EMISUSE, "%s: %s is %g; it must be %s", call, name, value,
             most == 1 ? "between 0 and 1" : "finite and at least 0");
    return false;
}
