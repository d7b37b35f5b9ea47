/* Whether all networks and ports of a loop are as they should be. */

#include "base/invariant.h"
#include "net/net.h"

static void check_net(const ds__annex *annex, const ds_net *net)
{
    const ds__net_state *state = net->state;

    assert(net->loop == annex->loop && state->annex == annex);
    assert(state->net == net && state->number < annex->num_nets);
    ds__account_check(&state->account);
}

/* Checks a port, and of many events in a row not each. */
static void check_port(const ds__annex *annex, const ds_port *port)
{
    const ds_stream *stream = &port->stream;

    assert(stream->reserved && stream->loop == annex->loop);
    assert(port->number < port->node->num_ports);
    for (uint32_t i = 0; i < stream->queue.len; i += 1 + i / 8) {
        const ds_event *event = ds__queue_at(&stream->queue, i);
        const ds__box *box = event->data;
        assert(event->stream == stream && box->event.payload.data == box);
        assert(box->event.slot == DS__EMBEDDED);
        assert(!ds__due_pending(&box->event.due));
        assert(box->state->annex == annex && box->msg.done == NULL);
    }
}

/* Checks all, and that every name was given to one of the networks. */
void ds__net_check(const ds__annex *annex)
{
    uint64_t given = 0;

    for (const ds_net *net = annex->nets; net != NULL; net = net->next) {
        check_net(annex, net);
        given += net->state->account.given;
    }
    assert(given == annex->ledger.last);
    ds__ledger_check(&annex->ledger);
    for (const ds_port *port = annex->ports; port != NULL; port = port->next)
        check_port(annex, port);
}
