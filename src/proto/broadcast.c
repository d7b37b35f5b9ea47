/* Broadcasts: best effort, reliable, and in orders.
 *
 * The one idea: a message is kept until it has been delivered and everybody who
 * is owed it has it, and each kind of broadcast is two answers.  Who owes a
 * message to others: its sender, or everybody who has heard it.  When may it be
 * delivered: at once, when it is next in its lane, or when its causes have
 * been. Total order is an order of one lane, that of the sequencer, which
 * delivers what members send it by sending it there. */
#include "proto/broadcast_rules.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/fault.h>
#include <distsys/observe.h>

#include "proto/group.h"

typedef ds__broadcast_head head;
typedef ds__broadcast_message message;

enum { SEQUENCER = 0 };

static size_t members(const ds_broadcaster *me)
{
    return me->b->group.n;
}

static size_t vector_size(const ds_broadcaster *me)
{
    return me->b->order == DS_BROADCAST_CAUSAL ? members(me) * sizeof(uint64_t)
                                               : 0;
}

/* Whether it is on its way to the sequencer, and not to the members. */
static bool is_request(const ds_broadcaster *me, const head *p)
{
    return me->b->order == DS_BROADCAST_TOTAL && p->lane < members(me);
}

/* ---- Sending --------------------------------------------------------------*/

/* From now on it is sent again to whoever has not got it. */
static void owe(ds_handle *h, const ds_broadcaster *me, message *m)
{
    m->missing = 0;
    bool again = me->rules->sends_again(me->b->again);
    for (size_t i = 0; again && i < members(me); i++)
        m->missing += !m->has[i];
    m->again = ds_now(h) + me->b->again;
}

/* Sends it to those who are not known to have it, and owes it to them from now
 * on, if the network may lose packets. */
static void tell(ds_handle *h, const ds_broadcaster *me, message *m)
{
    for (size_t i = 0; i < members(me); i++)
        if (!m->has[i])
            ds_tell(h, &me->b->group, i, m->packet, m->size);
    owe(h, me, m);
}

static void send_again(ds_handle *h, const ds_broadcaster *me)
{
    for (message *m = me->first; m != NULL; m = m->next)
        if (m->missing > 0 && ds_now(h) >= m->again)
            tell(h, me, m);
}

static void acknowledge(ds_handle *h, const ds_broadcaster *me, head p,
                        size_t to)
{
    p.acknowledges = 1;
    ds_tell(h, &me->b->group, to, &p, sizeof(p));
}

/* A name that no other message has, for observers. */
static int64_t name_of(const ds_broadcaster *me, const head *p)
{
    uint64_t number = p->own * members(me) + p->sender;

    return (int64_t)(p->instance << 40 ^ number);
}

static void start(ds_handle *h, ds_broadcaster *me, const head *p,
                  const void *bytes, size_t size)
{
    size_t front = sizeof(*p) + vector_size(me);
    message *m = ds__broadcast_keep(h, me, p, front + size);

    if (m == NULL)
        return;
    assert(!m->heard && m->missing == 0);
    if (me->b->order == DS_BROADCAST_CAUSAL)
        me->rules->note_causes(me,
                               (uint64_t *)(void *)(m->packet + sizeof(*p)));
    if (size > 0)
        memcpy(m->packet + front, bytes, size);
    for (size_t i = 0; i < members(me); i++)
        m->has[i] = is_request(me, p) && i != SEQUENCER;
    tell(h, me, m);
    ds__broadcast_forget(me);
}

void ds_broadcast_send(ds_handle *h, ds_broadcaster *me, const void *bytes,
                       size_t size)
{
    uint64_t number = me->sent + 1;
    const head p = {
        .instance = me->b->instance,
        .number = number,
        .own = number,
        .lane = (uint32_t)me->me,
        .sender = (uint32_t)me->me,
    };

    ds_observe(h, DS_FACT_SEND, name_of(me, &p), DS_TO_ALL);
    start(h, me, &p, bytes, size);
    me->sent = number;
}

/* The sequencer sends it to all, with a number of its own lane. */
static void sequence(ds_handle *h, ds_broadcaster *me, const message *request)
{
    head p = request->head;

    p.number = ++me->sequenced;
    p.lane = (uint32_t)members(me);
    start(h, me, &p, request->packet + sizeof(p), request->size - sizeof(p));
}

/* ---- Hearing --------------------------------------------------------------*/

/* It has all that it had not before: up to which number is none missing? */
static void move_prefix(ds_broadcaster *me, uint32_t lane)
{
    head next = { .lane = lane, .number = me->prefix[lane] + 1 };

    for (message *m; (m = ds__broadcast_find(me, &next)) != NULL && m->heard;
         next.number++)
        me->prefix[lane] = next.number;
}

static void hear_first(ds_handle *h, ds_broadcaster *me, message *m)
{
    m->heard = true;
    move_prefix(me, m->head.lane);
    size_t from = m->head.lane < members(me) ? m->head.sender : SEQUENCER;
    if (!me->b->reliable || from == me->me || is_request(me, &m->head))
        return;
    ds__broadcast_note(m, from);
    me->rules->relay(h, me, m);
}

static void hear(ds_handle *h, ds_broadcaster *me, const ds_msg *packet)
{
    size_t from = ds_group_sender(&me->b->group, packet);
    head p;

    if (from == DS_NOBODY || packet->size < (double)sizeof(p))
        return;
    memcpy(&p, packet->data, sizeof(p));
    if (p.instance != me->b->instance)
        return;
    message *m = ds__broadcast_find(me, &p);
    if (p.acknowledges) {
        if (m != NULL)
            me->rules->note(m, from);
        return;
    }
    if (me->b->again > 0)
        acknowledge(h, me, p, from);
    bool is_new = me->rules->is_new(me, &p);
    if (is_new && m == NULL &&
        (m = ds__broadcast_keep(h, me, &p, (size_t)packet->size)))
        memcpy(m->packet, packet->data, m->size);
    if (m == NULL)
        return;
    ds__broadcast_note(m, from);
    ds__broadcast_note(m, me->me);
    if (is_new)
        hear_first(h, me, m);
}

/* ---- The rules ------------------------------------------------------------*/

static void relay_at_once(ds_handle *h, ds_broadcaster *me, message *m)
{
    tell(h, me, m);
}

static bool on_one_that_loses(double again)
{
    return again > 0;
}

static bool unless_heard(const ds_broadcaster *me, const head *p)
{
    const message *m = ds__broadcast_find(me, p);

    return p->number > me->prefix[p->lane] && (m == NULL || !m->heard);
}

static bool next_in_lane(const ds_broadcaster *me, const message *m)
{
    return m->head.number == me->delivered[m->head.lane] + 1;
}

/* Cachin et al., Algorithm 3.15: the sender had delivered no more than the
 * receiver has. */
static bool delivered_causes(const ds_broadcaster *me, const message *m)
{
    const uint64_t *vector = ds__broadcast_vector(m);

    for (size_t i = 0; i < members(me); i++)
        if (vector[i] > me->delivered[i])
            return false;
    return true;
}

static void note_delivered_and_sent(const ds_broadcaster *me, uint64_t *vector)
{
    memcpy(vector, me->delivered, vector_size(me));
    vector[me->me] = me->sent;
}

const ds__broadcast_rules ds__broadcast_right = {
    .relay = relay_at_once,
    .sends_again = on_one_that_loses,
    .note = ds__broadcast_note,
    .is_new = unless_heard,
    .in_turn = next_in_lane,
    .has_causes = delivered_causes,
    .note_causes = note_delivered_and_sent,
};

/* ---- Delivering -----------------------------------------------------------*/

static bool may_deliver(const ds_broadcaster *me, const message *m)
{
    if (!m->heard || m->delivered)
        return false;
    if (me->b->order == DS_BROADCAST_UNORDERED)
        return true;
    if (me->b->order == DS_BROADCAST_CAUSAL)
        return me->rules->has_causes(me, m);
    return me->rules->in_turn(me, m);
}

static bool hand_over(ds_handle *h, const ds_broadcaster *me, const message *m,
                      ds_msg *msg)
{
    size_t front = sizeof(head) + vector_size(me), size = m->size - front;
    void *data = malloc(size > 0 ? size : 1);

    if (data == NULL) {
        ds_fail(h, "ds_broadcast_recv: there is no memory for %zu bytes", size);
        return false;
    }
    memcpy(data, m->packet + front, size);
    *msg = (ds_msg){ .source = me->b->group.ports[m->head.sender],
                     .dest = me->b->group.ports[me->me],
                     .data = data,
                     .free = free,
                     .size = (double)size };
    ds_observe(h, DS_FACT_DELIVER, name_of(me, &m->head), 0);
    return true;
}

/* Delivers, to the caller or to all, what may be.  False: nothing for the
 * caller is there. */
static bool deliver(ds_handle *h, ds_broadcaster *me, ds_msg *msg)
{
    bool got = false;
    message *m = me->first;

    while (m != NULL && !got) {
        if (!may_deliver(me, m)) {
            m = m->next;
            continue;
        }
        assert(m->head.number > 0 && m->head.lane <= members(me));
        m->delivered = true;
        me->delivered[m->head.lane]++;
        if (is_request(me, &m->head))
            sequence(h, me, m);
        else
            got = hand_over(h, me, m, msg);
        ds__broadcast_forget(me);
        m = me->first; /* it may have been what others wait for */
    }
    return got;
}

bool ds_broadcast_recv_timeout(ds_handle *h, ds_broadcaster *me, double seconds,
                               ds_msg *msg)
{
    double end = ds_now(h) + seconds;
    double again = me->b->again > 0 ? me->b->again : INFINITY;
    ds_msg packet;

    *msg = (ds_msg){ .dest = NULL };
    while (!deliver(h, me, msg)) {
        send_again(h, me);
        double wait = fmin(fmax(end - ds_now(h), 0), again);
        if (!ds_recv_timeout(h, me->b->group.ports[me->me], wait, &packet))
            return false;
        if (packet.dest == NULL && ds_now(h) >= end)
            return true;
        if (packet.dest != NULL)
            hear(h, me, &packet);
        ds_msg_drop(&packet);
        ds__broadcast_forget(me);
    }
    return true;
}

bool ds_broadcast_recv(ds_handle *h, ds_broadcaster *me, ds_msg *msg)
{
    return ds_broadcast_recv_timeout(h, me, INFINITY, msg);
}

/* ---- Taking part ----------------------------------------------------------*/

ds_broadcaster *ds__broadcast_join(ds_handle *h, const ds_broadcast *b,
                                   const ds__broadcast_rules *rules)
{
    size_t lanes = b->group.n + 1;
    ds_broadcaster *me =
        ds_alloc(h, sizeof(*me) + 2 * lanes * sizeof(*me->prefix));

    if (me == NULL ||
        !ds__group_enter(h, &b->group, "ds_broadcast_join", &me->me))
        return NULL;
    me->b = b;
    me->rules = rules;
    me->prefix = (uint64_t *)(me + 1);
    me->delivered = me->prefix + lanes;
    return me;
}

ds_broadcaster *ds_broadcast_join(ds_handle *h, const ds_broadcast *b)
{
    return ds__broadcast_join(h, b, &ds__broadcast_right);
}
