/* Chain replication: the master, and clients.
 *
 * The master has heard of whom it answers, and promises not to take it out for
 * the time of a lease, which the member counts from when it asked: from before
 * the master counts.  It takes nobody out if nobody would be left that has all
 * there is. */
#include "proto/chain_rules.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include <distsys/fault.h>

#include "proto/answers.h"

typedef ds__chain_packet packet;

/* ---- The master -----------------------------------------------------------*/

typedef struct master {
    const ds_chain *chain;
    ds__order order;
    double *until;            /* when a promise to leave a member in ends */
    ds__order_packet *answer; /* with room for all */
} master;

static void append(master *m, size_t who)
{
    ds__order *o = &m->order;

    assert(o->n < m->chain->group.n);
    o->at[o->n].member = who;
    o->at[o->n].since = o->epoch;
    o->at[o->n].complete = o->n == 0;
    o->n++;
}

/* Whether it may go: somebody else has all. */
static bool can_spare(const ds__order *o, size_t place)
{
    for (size_t i = 0; i < o->n; i++)
        if (i != place && o->at[i].complete)
            return true;
    return false;
}

static void take_out(ds__order *o, size_t place)
{
    o->epoch++;
    o->n--;
    for (size_t i = place; i < o->n; i++)
        o->at[i] = o->at[i + 1];
}

/* One that has been spared is so until another one has all. */
static void look(master *m, double now)
{
    for (size_t i = m->order.n; i-- > 0;)
        if (now >= m->until[m->order.at[i].member] && can_spare(&m->order, i))
            take_out(&m->order, i);
}

/* When somebody's lease ends that can go. */
static double next_look(const master *m)
{
    double next = INFINITY;

    for (size_t i = 0; i < m->order.n; i++)
        if (can_spare(&m->order, i))
            next = fmin(next, m->until[m->order.at[i].member]);
    return next;
}

static void see_ping(ds_handle *h, master *m, const packet *p, size_t who)
{
    size_t place = ds__order_find(&m->order, who);

    if (place == DS_NOBODY) {
        m->order.epoch++;
        append(m, who);
    } else if (p->complete && p->since == m->order.at[place].since) {
        m->order.at[place].complete = true;
    }
    m->until[who] = ds_now(h) + m->chain->lease;
}

static void see(ds_handle *h, master *m, const ds_msg *msg)
{
    const packet *p = msg->data;
    size_t who = ds_group_sender(&m->chain->group, msg);

    if (p->kind == DS__PING && who != DS_NOBODY)
        see_ping(h, m, p, who);
    const size_t places = m->order.n * sizeof(*m->order.at);
    *m->answer = (ds__order_packet){ .p.kind = DS__ORDER,
                                     .epoch = m->order.epoch,
                                     .n = m->order.n };
    memcpy(m->answer->at, m->order.at, places);
    ds_answer(h, &m->chain->master, msg, m->answer,
              sizeof(*m->answer) + places);
}

/* They go with the machine. */
static bool open(ds_handle *h, master *m)
{
    const size_t n = m->chain->group.n;

    m->order.at = ds_alloc(h, n * sizeof(*m->order.at));
    m->until = ds_alloc(h, n * sizeof(*m->until));
    m->answer = ds_alloc(h, sizeof(*m->answer) + n * sizeof(*m->answer->at));
    return m->order.at != NULL && m->until != NULL && m->answer != NULL;
}

void ds_chain_master(ds_handle *h, void *arg)
{
    master m = { .chain = arg, .order.epoch = 1 };
    ds_msg msg;

    if (!open(h, &m))
        return;
    for (size_t i = 0; i < m.chain->group.n; i++) {
        append(&m, i);
        m.until[i] = ds_now(h) + m.chain->lease;
    }
    while (ds_recv_timeout(h, m.chain->master.ports[0],
                           fmax(next_look(&m) - ds_now(h), 0), &msg)) {
        look(&m, ds_now(h));
        if (msg.dest != NULL)
            see(h, &m, &msg);
        ds_msg_drop(&msg);
    }
}

/* ---- Clients --------------------------------------------------------------*/

ds_chain_client ds_chain_client_of(ds_handle *h, const ds_chain *chain,
                                   ds_port *port)
{
    return (ds_chain_client){
        .chain = chain,
        .members = ds_alloc(h, chain->group.n * sizeof(size_t)),
        .asker = ds_asker_of(h, &chain->group, port, chain->patience, 0, false),
    };
}

static void learn_order(ds_handle *h, ds_chain_client *c)
{
    packet p = { .kind = DS__ORDER };
    ds_msg m;

    c->n = 0;
    if (c->members == NULL)
        return;
    c->asker.group = &c->chain->master;
    if (!ds_ask(h, &c->asker, 0, &p, sizeof(p), &m))
        return;
    const ds__order_packet *o = m.data;
    for (c->n = 0; c->n < o->n; c->n++)
        c->members[c->n] = o->at[c->n].member;
    ds_msg_drop(&m);
}

/* Writes are for the head, reads for the tail or for any. */
static size_t whom(ds_handle *h, const ds_chain_client *c, const packet *p)
{
    if (p->kind == DS__WRITE)
        return c->members[0];
    return c->members[c->chain->craq ? (size_t)(ds_random(h) * (double)c->n)
                                     : c->n - 1];
}

static bool ask(ds_handle *h, ds_chain_client *c, packet *p)
{
    double end = c->chain->limit > 0 ? ds_now(h) + c->chain->limit : INFINITY;

    do {
        if (c->n == 0)
            learn_order(h, c);
        c->asker.group = &c->chain->group;
        if (c->n > 0 &&
            ds__answer_ask(h, &c->asker, whom(h, c, p), p, sizeof(*p)))
            return true;
        c->n = 0;
    } while (ds_now(h) < end && ds_sleep(h, 0));
    return false;
}

bool ds_chain_write(ds_handle *h, ds_chain_client *c, uint64_t key,
                    int64_t value)
{
    packet p = { .kind = DS__WRITE,
                 .update = { .key = key,
                             .value = value,
                             .client = c->asker.identity,
                             .request = ++c->request } };

    return ask(h, c, &p);
}

bool ds_chain_read(ds_handle *h, ds_chain_client *c, uint64_t key,
                   int64_t *value)
{
    packet p = { .kind = DS__READ, .update.key = key };
    bool answered = ask(h, c, &p);

    *value = answered ? p.update.value : 0;
    return answered;
}
