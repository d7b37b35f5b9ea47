/* Packets on their way from one member to another, in both modes. */

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/invariant.h"
#include "coll/comm.h"
#include "coll/vec.h"
#include "net/net.h"

/* ---- Waiting --------------------------------------------------------------*/

static bool wait(ds_comm *c, ds__awaited what, ds_event *event)
{
    return c->wait != NULL ? c->wait(c, &what, event)
                           : ds__poll(c->handle, what.streams, what.n, INFINITY,
                                      event, ds__comm_function(c));
}

/* ---- Sending --------------------------------------------------------------*/

ds__packet *ds__packet_make(ds_comm *c, ds__key key, ds_vec *vec, double size)
{
    c->sent += size;
    return ds__packet_new(&c->group->packets->slab, key, c->rank, vec, size);
}

/* From here on the packet is the network's. */
static ds_msg message(const ds_comm *from, const ds_comm *to,
                      ds__packet *packet)
{
    assert(packet->place == DS__PACKET_KEPT);
    packet->to = (uint32_t)to->rank;
    packet->place = DS__PACKET_AWAY;
    return (ds_msg){
        .source = from->port,
        .dest = to->port,
        .data = packet,
        .free = ds__packet_free,
        .size = packet->trip.size,
        .done = packet->edge == NULL ? NULL : packet->edge->done,
    };
}

/* Begins the trip of a packet: whoever waits for it from here on waits for what
 * led c to this moment. */
static void leave(const ds_comm *c, ds__packet *packet)
{
    packet->trip.path = c->path;
    packet->trip.start = ds_loop_now(c->group->loop);
    if (packet->edge != NULL)
        packet->edge->latest = packet->trip;
}

/* Keeps which message led c to send the next n, if somebody asks. */
static void keep(ds_comm *c, size_t n)
{
    ds__comm_group *group = c->group;

    if (group->keeps &&
        !ds__chain_add(&group->chain, ds__net_last(group->net) + 1, n, c->last))
        ds__comm_fail_memory(c);
}

/* Sends a packet now that nothing holds it back.  The caller is who came last,
 * the sender or the receiver. */
static void start(ds_comm *caller, ds_comm *to, ds__packet *packet)
{
    const ds__comm_group *group = caller->group;
    const ds_comm *from = &group->members[packet->from];
    ds__edge *edge = packet->edge;

    assert(packet->from < group->size && to->group == group);
    leave(caller, packet);
    const ds_msg msg = message(from, to, packet);
    if (edge != NULL)
        edge->latest.id = ds__net_last(group->net) + 1;
    keep(caller, 1);
    ds__send_ahead(caller->handle, group->net, &msg, 1);
}

static void meet(ds_comm *c, size_t rank, ds__packet *packet)
{
    ds_comm *to = &c->group->members[rank];

    if (!ds__mode_leaves(c, packet->trip.size)) {
        ds__packet *awaited = ds__mailbox_take(&to->expected, packet->key);
        if (awaited == NULL) {
            ds__mailbox_put(&to->parked, packet);
            return;
        }
        ds__packet_free(awaited);
    }
    start(c, to, packet);
}

void ds__packet_post_edge(ds_comm *c, size_t to, ds__packet *packet,
                          ds__edge *edge)
{
    if (packet == NULL) {
        ds__comm_fail_memory(c);
        return;
    }
    if (edge->done == NULL)
        edge->done = ds_stream_new(c->group->loop);
    if (edge->done == NULL || ds__gone(c->handle)) {
        ds__packet_free(packet);
        return;
    }
    assert(packet->edge == NULL && to < c->group->size);
    packet->edge = edge;
    edge->busy++;
    edge->key = packet->key;
    edge->to = to;
    meet(c, to, packet);
}

void ds__packet_post(ds_comm *c, size_t to, ds__packet *packet)
{
    if (packet == NULL)
        ds__comm_fail_memory(c);
    else if (ds__mode_leaves(c, packet->trip.size))
        start(c, &c->group->members[to], packet);
    else
        ds__packet_post_edge(c, to, packet, &c->sends);
}

static void drop_all(ds_msg *msgs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ds_msg_drop(&msgs[i]);
}

/* Sends to all others in one batch, so that the network plans once. */
static void send_others(ds_comm *c, ds__key key, ds_vec *vec, double size)
{
    size_t others = c->group->size - 1;
    ds_msg *msgs = malloc(others * sizeof(*msgs));
    size_t made = 0;

    for (; msgs != NULL && made < others; made++) {
        size_t to = made < c->rank ? made : made + 1;
        ds__packet *packet = ds__packet_make(c, key, vec, size);
        if (packet == NULL)
            break;
        leave(c, packet);
        msgs[made] = message(c, &c->group->members[to], packet);
    }
    if (made == others) {
        keep(c, others);
        ds__send_ahead(c->handle, c->group->net, msgs, others);
    } else {
        drop_all(msgs, made);
        ds__comm_fail_memory(c);
    }
    free(msgs);
}

void ds__packet_post_others(ds_comm *c, ds__key key, ds_vec *vec)
{
    double size = ds__vec_bytes(vec);

    if (c->group->size == 1)
        return;
    if (ds__mode_leaves(c, size)) {
        send_others(c, key, vec, size);
        return;
    }
    for (size_t to = 0; to < c->group->size; to++)
        if (to != c->rank)
            ds__packet_post(c, to, ds__packet_make(c, key, vec, size));
}

/* Waits for one arrival over an edge.  If several are under way the event does
 * not say which has arrived, and the one that left last stands for it. */
static bool await_arrival(ds_comm *c, ds__edge *edge)
{
    double since = ds_loop_now(c->group->loop);
    ds_event event;

    if (!wait(c, (ds__awaited){ &edge->done, 1, edge->to, true }, &event))
        return false;
    assert(edge->busy > 0);
    edge->busy--;
    ds__comm_waited(c, since, &edge->latest, edge->to, true);
    return true;
}

bool ds__packet_flush(ds_comm *c)
{
    bool alive = true;

    ds__set_note(c->handle, ds__note_flush, ds__whom_flush, c);
    while (alive && c->sends.busy > 0)
        alive = await_arrival(c, &c->sends);
    ds__set_note(c->handle, NULL, NULL, NULL);
    return alive;
}

/* ---- Receiving ------------------------------------------------------------*/

/* Puts an empty packet of this key, which says that c has been here first. */
static ds__packet *put_empty(ds_comm *c, ds__mailbox *box, ds__key key)
{
    ds__packet *empty = ds__packet_make(c, key, NULL, 0);

    if (empty == NULL) {
        ds__comm_fail_memory(c);
        return NULL;
    }
    empty->mode = c->mode;
    ds__mailbox_put(box, empty);
    return empty;
}

void ds__packet_expect(ds_comm *c, ds__key key)
{
    if (c->mode == DS_COMM_ASYNC || ds__gone(c->handle))
        return;

    ds__packet *parked = ds__mailbox_take(&c->parked, key);
    if (parked != NULL)
        start(c, c, parked);
    else if (!ds__mailbox_has(&c->early, key))
        put_empty(c, &c->expected, key);
}

/* Takes back that c expects a packet, now that it has come: one that leaves at
 * once does not look whether it is expected. */
static ds__packet *expected_no_more(ds_comm *c, ds__packet *packet)
{
    if (packet != NULL && c->mode == DS_COMM_EAGER)
        ds__packet_free(ds__mailbox_take(&c->expected, packet->key));
    return packet;
}

static void delivered_twice(ds_comm *c, const ds__packet *packet)
{
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: the network has delivered a message from rank %u to rank %zu "
             "twice; it delivers or loses each once",
             ds__comm_function(c), (unsigned)packet->from, c->rank);
}

/* Returns the packet of a message that has arrived; NULL: nobody will want it.
 * A network of somebody's own could deliver anything here. */
static ds__packet *unwrap(ds_comm *c, ds_msg *msg)
{
    ds__packet *packet = msg->data;

    if (msg->free != ds__packet_free) {
        ds_msg_drop(msg);
        return NULL;
    }
    if (packet->place != DS__PACKET_AWAY || packet->to != c->rank) {
        delivered_twice(c, packet);
        return NULL;
    }
    packet->place = DS__PACKET_KEPT;
    packet->trip.id = msg->id;
    if (packet->key.call == 0 || packet->key.call >= c->oldest)
        return packet;
    ds__packet_free(packet);
    return NULL;
}

/* Puts a message away until c asks for it. */
static void put_away(ds_comm *c, ds_msg *msg, double since)
{
    ds__packet *packet = unwrap(c, msg);

    if (packet == NULL)
        return;
    ds__comm_waited(c, since, &packet->trip, packet->from, false);
    ds__mailbox_put(&c->early, packet);
}

static ds__packet *wait_for(ds_comm *c, ds__key key)
{
    ds_stream *const stream = ds_port_stream(c->port);
    double since = ds_loop_now(c->group->loop);
    ds_event event;
    ds_msg msg;

    while (wait(c, (ds__awaited){ &stream, 1, key.from, false }, &event) &&
           ds_unpack(&event, &msg)) {
        ds__packet *packet = unwrap(c, &msg);
        if (packet == NULL)
            continue;
        if (ds__key_equal(packet->key, key)) {
            ds__comm_waited(c, since, &packet->trip, packet->from, false);
            return packet;
        }
        ds__mailbox_put(&c->early, packet);
    }
    return NULL;
}

ds__packet *ds__packet_take(ds_comm *c, ds__key key)
{
    if (ds__gone(c->handle))
        return NULL;
    if (ds__checking())
        ds__comm_check(c);

    ds__packet *packet = ds__mailbox_take(&c->early, key);
    if (packet == NULL) {
        c->wanted = key;
        ds__set_note(c->handle, ds__note_take, ds__whom_take, c);
        packet = wait_for(c, key);
        ds__set_note(c->handle, NULL, NULL, NULL);
    }
    return expected_no_more(c, packet);
}

ds__packet *ds__packet_arrived(ds_comm *c, ds__key key)
{
    return expected_no_more(c, ds__mailbox_take(&c->early, key));
}

/* ---- Several with one tag -------------------------------------------------*/

/* Tells whether both sides of a packet with a tag are in one mode. */
static bool check_modes(ds_comm *c, size_t from, uint32_t from_mode, size_t to,
                        uint32_t to_mode)
{
    if (from_mode == to_mode)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: rank %zu sends in %s mode and rank %zu receives in %s mode; "
             "ds_comm_set_mode() is called alike on all members",
             ds__comm_function(c), from, ds__mode_name(from_mode), to,
             ds__mode_name(to_mode));
    return false;
}

/* Finds out which receive a packet is for: the one that waits already, or a
 * later one, which is told the packet's number. */
static bool announce(ds_comm *c, size_t rank, ds__packet *packet)
{
    ds_comm *to = &c->group->members[rank];
    ds__packet *awaited = ds__mailbox_take(&to->expected, packet->key);

    if (awaited == NULL) {
        ds__packet *told = put_empty(c, &to->announced, packet->key);
        if (told != NULL)
            packet->key.number = told->kind = ++to->announcements;
        return told != NULL;
    }
    bool agree = check_modes(c, c->rank, c->mode, rank, awaited->mode);
    if (agree && !ds__mode_leaves(c, packet->trip.size))
        ds__mailbox_put(&to->expected, awaited);
    else
        ds__packet_free(awaited);
    return agree;
}

void ds__packet_post_tagged(ds_comm *c, size_t to, ds__packet *packet)
{
    if (packet == NULL || announce(c, to, packet))
        ds__packet_post(c, to, packet);
    else
        ds__packet_free(packet);
}

ds__key ds__packet_expect_tagged(ds_comm *c, ds__key key)
{
    ds__packet *told = ds__mailbox_take(&c->announced, key);

    if (told == NULL) {
        put_empty(c, &c->expected, key);
        return key;
    }
    check_modes(c, key.from, told->mode, c->rank, c->mode);
    key.number = told->kind;
    ds__packet_free(told);
    ds__packet *parked = ds__mailbox_take(&c->parked, key);
    if (parked != NULL)
        start(c, c, parked);
    return key;
}

/* ---- Both at once ---------------------------------------------------------*/

static void note_arrival(ds_comm *c, ds__edge *edges, size_t n, double since,
                         ds_event *event)
{
    ds_msg msg;

    if (ds_unpack(event, &msg)) {
        put_away(c, &msg, since);
        return;
    }
    for (size_t i = 0; i < n; i++)
        if (edges[i].done == event->stream) {
            assert(edges[i].busy > 0);
            edges[i].busy--;
            ds__comm_waited(c, since, &edges[i].latest, edges[i].to, true);
        }
}

bool ds__packet_wait(ds_comm *c, ds__edge *edges, size_t n)
{
    ds_stream *streams[1 + DS__MAX_EDGES] = { ds_port_stream(c->port) };
    double since = ds_loop_now(c->group->loop);
    size_t used = 1;
    ds_event event;

    assert(n <= DS__MAX_EDGES);
    if (ds__checking())
        ds__comm_check(c);
    for (size_t i = 0; i < n; i++)
        if (edges[i].busy > 0)
            streams[used++] = edges[i].done;
    ds__set_note(c->handle, ds__note_wait, ds__whom_wait, c);
    bool alive =
        wait(c, (ds__awaited){ streams, used, DS__ANY, false }, &event);
    ds__set_note(c->handle, NULL, NULL, NULL);
    if (alive)
        note_arrival(c, edges, n, since, &event);
    return alive;
}

static bool has_event(const ds_stream *stream)
{
    return !ds__queue_empty(&stream->queue);
}

bool ds__packet_pending(const ds_comm *c, const ds__edge *edges, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (edges[i].busy > 0 && has_event(edges[i].done))
            return true;
    return has_event(ds_port_stream(c->port));
}
