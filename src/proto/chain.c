/* Chain replication: members.
 *
 * The one idea: a member passes on all that the next one is not known to have,
 * and does so again until it hears that the tail has it.  So it does not matter
 * what is lost, late or twice there, whether the next one is still the same, or
 * whether it has anything at all.  What the chain is, each epoch says anew, and
 * members of different epochs do not listen to each other. */
#include "proto/chain_rules.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/fault.h>

#include "proto/group.h"

typedef ds__chain_packet packet;

/* has is how much the next one is known to have, in this epoch; known: it has
 * said so.  Reads are answered before lease_end only. */
typedef struct member {
    const ds_chain *chain;
    const ds__chain_rules *rules;
    size_t me;
    ds__order order;
    size_t place; /* in it; DS_NOBODY: not in the chain */
    ds__history all;
    ds__cell cell;
    uint64_t since; /* epoch in which its history was begun */
    bool complete;  /* it is, see ds__order */
    uint64_t has;
    bool known;
    double lease_end;
    uint64_t ping; /* number of the last, and when it was sent */
    double pinged_at;
    double next_ping;
    double next_put; /* INFINITY: the next one has all */
} member;

static const char history_name[] = "updates";

/* ---- The history ----------------------------------------------------------*/

static bool make_room(ds_handle *h, ds__history *all, size_t n)
{
    size_t room = all->room > 0 ? all->room : 16;
    ds__update *more;

    if (n <= all->room)
        return true;
    while (room < n)
        room *= 2;
    more = realloc(all->updates, room * sizeof(*more));
    if (more == NULL) {
        ds_fail(h, "ds_chain_serve: there is no memory for %zu updates", room);
        return false;
    }
    all->updates = more;
    all->room = room;
    return true;
}

/* Behind those there are. */
static bool extend(ds_handle *h, member *m, const ds__update *updates, size_t n)
{
    ds__history *all = &m->all;

    assert(n == 0 || updates[0].number == all->n + 1);
    if (n == 0)
        return true;
    if (!make_room(h, all, all->n + n) || !m->rules->keep(h, updates, n))
        return false;
    memcpy(all->updates + all->n, updates, n * sizeof(*updates));
    all->n += n;
    return true;
}

/* A crash may have left a later update without an earlier one. */
static bool load(ds_handle *h, ds__history *all)
{
    ds__update u;
    size_t got;

    for (;;) {
        size_t at = all->n * sizeof(u);
        if (!ds_disk_get(h, history_name, at, &u, sizeof(u), &got))
            return false;
        if (got < sizeof(u) || u.number != all->n + 1)
            return ds_disk_cut(h, history_name, at);
        if (!make_room(h, all, all->n + 1))
            return false;
        all->updates[all->n++] = u;
    }
}

static int64_t newest(const ds__history *all, uint64_t key, uint64_t of,
                      uint64_t *number)
{
    assert(of <= all->n);
    for (size_t i = of; i-- > 0;)
        if (all->updates[i].key == key) {
            *number = i + 1;
            return all->updates[i].value;
        }
    *number = 0;
    return 0;
}

/* ---- The rules ------------------------------------------------------------*/

static bool keep_on_disk(ds_handle *h, const ds__update *updates, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!ds_disk_append(h, history_name, &updates[i], sizeof(*updates)))
            return false;
    return ds_disk_sync(h);
}

static bool while_promised(double now, double until)
{
    return now < until;
}

static bool never(void)
{
    return false;
}

/* A client has one write after the other, so that its newest tells. */
static bool find_request(const ds__history *all, const ds__update *u,
                         size_t *which)
{
    for (size_t i = all->n; i-- > 0;)
        if (all->updates[i].client == u->client) {
            *which = i;
            return all->updates[i].request >= u->request;
        }
    return false;
}

static bool forget_all(ds_handle *h, ds__history *all)
{
    all->n = 0;
    all->committed = 0;
    return ds_disk_cut(h, history_name, 0) && ds_disk_sync(h);
}

const ds__chain_rules ds__chain_right = {
    .keep = keep_on_disk,
    .may_read = while_promised,
    .shows_dirty = never,
    .is_known = find_request,
    .begin_anew = forget_all,
    .reads_incomplete = never,
};

/* ---- The chain ------------------------------------------------------------*/

size_t ds__order_find(const ds__order *o, size_t who)
{
    for (size_t i = 0; i < o->n; i++)
        if (o->at[i].member == who)
            return i;
    return DS_NOBODY;
}

static bool is_head(const member *m)
{
    return m->place == 0;
}

static bool is_tail(const member *m)
{
    return m->place + 1 == m->order.n;
}

static bool may_read(ds_handle *h, const member *m)
{
    return m->place != DS_NOBODY &&
           (m->complete || m->rules->reads_incomplete()) &&
           m->rules->may_read(ds_now(h), m->lease_end);
}

static void tell(ds_handle *h, const member *m, size_t place, packet p)
{
    p.epoch = m->order.epoch;
    ds_tell(h, &m->chain->group, m->order.at[place].member, &p, sizeof(p));
}

/* To the one before. */
static void tell_has(ds_handle *h, const member *m)
{
    if (!is_head(m))
        tell(h, m, m->place - 1,
             (packet){ .kind = DS__HAS,
                       .n = m->all.n,
                       .committed = m->all.committed,
                       .complete = m->complete });
}

static void answer(ds_handle *h, const member *m, ds_port *client,
                   uint64_t number, int64_t value)
{
    const packet p = { .number = number, .update.value = value };

    ds_send_bytes(h, m->chain->group.net, m->chain->group.ports[m->me], client,
                  &p, sizeof(p));
}

/* All that the next one is not known to have; or, to hear that, nothing. */
static void put(ds_handle *h, member *m)
{
    const ds__history *all = &m->all;
    size_t n = m->known ? all->n - m->has : 0;
    packet p = { .number = all->n - n + 1,
                 .kind = DS__PUT,
                 .epoch = m->order.epoch,
                 .n = all->n,
                 .complete = m->complete };
    size_t size = sizeof(p) + n * sizeof(*all->updates);
    unsigned char *both = malloc(size);

    assert(all->n >= m->has);
    m->next_put = ds_now(h) + m->chain->again;
    if (both == NULL) {
        ds_fail(h, "ds_chain_serve: there is no memory for %zu updates", n);
        return;
    }
    memcpy(both, &p, sizeof(p));
    if (n > 0)
        memcpy(both + sizeof(p), all->updates + all->n - n,
               n * sizeof(*all->updates));
    ds_tell(h, &m->chain->group, m->order.at[m->place + 1].member, both, size);
    free(both);
}

/* What the tail has is committed. */
static void pass_on(ds_handle *h, member *m, size_t before)
{
    if (!is_tail(m)) {
        put(h, m);
        return;
    }
    m->all.committed = m->all.n;
    for (size_t i = before; i < m->all.n; i++)
        answer(h, m, m->all.updates[i].port, m->all.updates[i].question, 0);
    tell_has(h, m);
}

/* ---- What members say -----------------------------------------------------*/

static bool see_put(ds_handle *h, member *m, const ds_msg *msg)
{
    const packet *p = msg->data;
    size_t before = m->all.n, old = before + 1 - (size_t)p->number;
    size_t n = (size_t)((msg->size - (double)sizeof(*p)) / sizeof(ds__update));

    /* There is no gap, and something that is new. */
    if (p->number <= before + 1 && n > old) {
        ds__update *updates = malloc((n - old) * sizeof(*updates));
        bool kept = false;
        if (updates != NULL) {
            memcpy(updates,
                   (const unsigned char *)(p + 1) + old * sizeof(*updates),
                   (n - old) * sizeof(*updates));
            kept = extend(h, m, updates, n - old);
        } else
            ds_fail(h, "ds_chain_serve: there is no memory");
        free(updates);
        if (!kept)
            return false;
    }
    bool completes = !m->complete && p->complete && m->all.n >= p->n;
    m->complete = m->complete || completes;
    if (m->all.n > before || completes || is_tail(m))
        pass_on(h, m, before);
    else
        tell_has(h, m);
    return true;
}

static void see_has(ds_handle *h, member *m, const packet *p)
{
    uint64_t committed = p->committed < m->all.n ? p->committed : m->all.n;
    bool first = !m->known;

    m->known = true;
    if (p->n > m->has && p->n <= m->all.n)
        m->has = p->n;
    if (committed > m->all.committed) {
        m->all.committed = committed;
        tell_has(h, m);
    }
    if (m->all.committed == m->all.n)
        m->next_put = INFINITY;
    if ((first && m->has < m->all.n) || (m->complete && !p->complete))
        put(h, m);
}

/* How much it has is what is committed. */
static void see_ask(ds_handle *h, const member *m, packet p, size_t from)
{
    size_t place = ds__order_find(&m->order, from);

    if (!is_tail(m) || !may_read(h, m))
        return;
    p.kind = DS__TELL;
    p.committed = m->all.n;
    tell(h, m, place, p);
}

static void see_tell(ds_handle *h, const member *m, const packet *p)
{
    uint64_t number;

    if (p->committed <= m->all.n)
        answer(h, m, p->update.port, p->update.question,
               newest(&m->all, p->update.key, p->committed, &number));
}

/* ---- What clients want ----------------------------------------------------*/

static bool see_write(ds_handle *h, member *m, const ds_msg *msg)
{
    const packet *p = msg->data;
    ds__update u = p->update;
    size_t before = m->all.n, which;

    if (!is_head(m))
        return true;
    if (m->rules->is_known(&m->all, &u, &which)) {
        if (which < m->all.committed &&
            m->all.updates[which].request == u.request)
            answer(h, m, msg->source, p->number, 0);
        return true;
    }
    u.number = m->all.n + 1;
    u.port = msg->source;
    u.question = p->number;
    if (!extend(h, m, &u, 1))
        return false;
    pass_on(h, m, before);
    return true;
}

static void see_read(ds_handle *h, const member *m, const ds_msg *msg)
{
    packet p = *(const packet *)msg->data;
    uint64_t number;

    if (!may_read(h, m))
        return;
    int64_t value = newest(&m->all, p.update.key, m->all.n, &number);
    if (is_tail(m) || number <= m->all.committed || m->rules->shows_dirty()) {
        answer(h, m, msg->source, p.number, value);
        return;
    }
    p.kind = DS__ASK;
    p.update.port = msg->source;
    p.update.question = p.number;
    tell(h, m, m->order.n - 1, p);
}

/* ---- What the master says -------------------------------------------------*/

static void ping(ds_handle *h, member *m)
{
    const ds_group *to = &m->chain->master;
    const packet p = { .number = ++m->ping,
                       .kind = DS__PING,
                       .since = m->since,
                       .complete = m->complete };

    m->pinged_at = ds_now(h);
    m->next_ping = m->pinged_at + m->chain->period;
    ds_send_bytes(h, to->net, m->chain->group.ports[m->me], to->ports[0], &p,
                  sizeof(p));
    if (m->place != DS_NOBODY && !m->complete)
        tell_has(h, m);
}

/* Another place in the chain, perhaps with another history. */
static bool enter(ds_handle *h, member *m, const ds__order_packet *p)
{
    const ds__order *o = &m->order;

    m->order.epoch = p->epoch;
    m->order.n = p->n;
    memcpy(m->order.at, p->at, p->n * sizeof(*p->at));
    m->place = ds__order_find(o, m->me);
    m->has = 0;
    m->known = false;
    m->next_put = INFINITY;
    if (m->place == DS_NOBODY)
        return true;
    if (o->at[m->place].since != m->since) {
        m->since = o->at[m->place].since;
        m->complete = false;
        if (!m->rules->begin_anew(h, &m->all) ||
            !ds__cell_save(h, &m->cell, &m->since))
            return false;
    }
    m->complete = m->complete || o->at[m->place].complete;
    if (!is_tail(m))
        m->next_put = ds_now(h);
    else if (m->complete)
        m->all.committed = m->all.n;
    return true;
}

/* Only what answers the last ping of this life counts: an older order may be
 * of a time when a former life knew better. */
static bool see_order(ds_handle *h, member *m, const ds_msg *msg)
{
    const ds__order_packet *p = msg->data;

    if (p->p.number != m->ping)
        return true;
    if (p->epoch > m->order.epoch && !enter(h, m, p))
        return false;
    if (m->place != DS_NOBODY)
        m->lease_end = m->pinged_at + m->chain->lease;
    return true;
}

/* ---- The body -------------------------------------------------------------*/

/* Of the same epoch, and the neighbour that it should come from. */
static bool heeds(member *m, const packet *p, size_t from)
{
    size_t place = ds__order_find(&m->order, from);

    if (p->epoch != m->order.epoch || m->place == DS_NOBODY ||
        place == DS_NOBODY)
        return false;
    return p->kind == DS__PUT   ? place + 1 == m->place
           : p->kind == DS__HAS ? place == m->place + 1
                                : true;
}

static bool see(ds_handle *h, member *m, const ds_msg *msg)
{
    const packet *p = msg->data;
    size_t from = ds_group_sender(&m->chain->group, msg);

    if (p->kind == DS__ORDER)
        return see_order(h, m, msg);
    if (p->kind == DS__WRITE)
        return see_write(h, m, msg);
    if (p->kind == DS__READ)
        see_read(h, m, msg);
    if (p->epoch > m->order.epoch)
        m->next_ping = ds_now(h);
    if (p->kind == DS__READ || !heeds(m, p, from))
        return true;
    switch (p->kind) {
    case DS__PUT:
        return see_put(h, m, msg);
    case DS__HAS:
        see_has(h, m, p);
        return true;
    case DS__ASK:
        see_ask(h, m, *p, from);
        return true;
    default:
        assert(p->kind == DS__TELL);
        see_tell(h, m, p);
        return true;
    }
}

static bool step(ds_handle *h, member *m)
{
    double next = fmin(m->next_ping, m->next_put);
    bool goes_on = true;
    ds_msg msg = { .dest = NULL };

    if (!ds_recv_timeout(h, m->chain->group.ports[m->me],
                         fmax(next - ds_now(h), 0), &msg))
        return false;
    if (msg.dest != NULL)
        goes_on = see(h, m, &msg);
    ds_msg_drop(&msg);
    if (goes_on && ds_now(h) >= m->next_ping)
        ping(h, m);
    if (goes_on && ds_now(h) >= m->next_put)
        put(h, m);
    return goes_on;
}

void ds__chain_serve(ds_handle *h, const ds_chain *chain,
                     const ds__chain_rules *rules)
{
    member m = { .chain = chain,
                 .rules = rules,
                 .place = DS_NOBODY,
                 .lease_end = -INFINITY,
                 .next_ping = ds_now(h),
                 .next_put = INFINITY,
                 .ping = (uint64_t)ldexp(ds_random(h), 53) };

    m.order.at = ds_alloc(h, chain->group.n * sizeof(*m.order.at));
    if (m.order.at != NULL &&
        ds__group_enter(h, &chain->group, "ds_chain_serve", &m.me) &&
        ds__cell_open(h, &m.cell, "since", &m.since, sizeof(m.since)) &&
        load(h, &m.all))
        while (step(h, &m)) {
        }
    free(m.all.updates);
}

void ds_chain_serve(ds_handle *h, void *arg)
{
    ds__chain_serve(h, arg, &ds__chain_right);
}
