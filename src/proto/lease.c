/* Leases: a server gives a lock for a while, with a token that is higher than
 * all before.
 *
 * The server remembers the last token through crashes, but not until when its
 * lease lasts: who starts waits as long as one lasts.  The holder counts from
 * when it asked, and so it stops before the server gives another. */
#include "proto/lease_rules.h"

#include <assert.h>
#include <math.h>

#include "proto/answers.h"

/* A question, and its answer. */
typedef enum kind { ACQUIRE, RENEW, RELEASE } kind;

typedef struct packet {
    uint64_t number;
    kind kind;
    uint64_t token;
    bool yes;
} packet;

/* ---- Rules ----------------------------------------------------------------*/

static bool keep_on_disk(ds_handle *h, ds__cell *cell, const uint64_t *token)
{
    return ds__cell_save(h, cell, token);
}

static double rest_for_a_lease(const ds_lease *lease, double now)
{
    return now + lease->seconds;
}

bool ds_fence_admits(ds_fence *fence, uint64_t token)
{
    if (token < fence->highest)
        return false;
    fence->highest = token;
    return true;
}

const ds__lease_rules ds__lease_right = { keep_on_disk, rest_for_a_lease,
                                          ds_fence_admits };

/* ---- The server -----------------------------------------------------------*/

typedef struct server {
    const ds_lease *lease;
    const ds__lease_rules *rules;
    ds__cell cell;
    uint64_t token; /* of the last lease */
    uint64_t
        number;   /* of the question that it answered; 0: in an earlier life */
    double until; /* no other lease before */
} server;

/* Who asks again is told the same. */
static bool give(ds_handle *h, server *s, packet *p)
{
    p->yes = p->number == s->number;
    assert(p->number != 0);
    if (!p->yes && ds_now(h) >= s->until) {
        s->token++;
        s->number = p->number;
        s->until = ds_now(h) + s->lease->seconds;
        if (!s->rules->keep(h, &s->cell, &s->token))
            return false;
        p->yes = true;
    }
    p->token = s->token;
    return true;
}

/* A lease that has run out may be renewed as long as nobody else has had it. */
static bool answer(ds_handle *h, server *s, packet *p)
{
    if (p->kind == ACQUIRE)
        return give(h, s, p);
    p->yes = p->token == s->token && s->number != 0;
    if (p->yes)
        s->until = ds_now(h) + (p->kind == RENEW ? s->lease->seconds : 0);
    return true;
}

void ds__lease_serve(ds_handle *h, const ds_lease *lease,
                     const ds__lease_rules *rules)
{
    server s = { .lease = lease,
                 .rules = rules,
                 .until = rules->rests(lease, ds_now(h)) };
    bool goes_on =
        ds__cell_open(h, &s.cell, "lease", &s.token, sizeof(s.token));
    ds_msg m;

    while (goes_on && ds_recv(h, lease->group.ports[0], &m)) {
        packet p = *(const packet *)m.data;
        goes_on = answer(h, &s, &p);
        if (goes_on)
            ds_answer(h, &lease->group, &m, &p, sizeof(p));
        ds_msg_drop(&m);
    }
}

void ds_lease_serve(ds_handle *h, void *arg)
{
    ds__lease_serve(h, arg, &ds__lease_right);
}

/* ---- Clients --------------------------------------------------------------*/

ds_lease_client ds_lease_client_of(ds_handle *h, const ds_lease *lease,
                                   ds_port *port)
{
    return (ds_lease_client){
        .lease = lease,
        .asker = ds_asker_of(h, &lease->group, port, lease->patience,
                             lease->again, false),
    };
}

/* Asks the server.  Whether it has answered; *p becomes what. */
static bool ask(ds_handle *h, ds_lease_client *c, packet *p)
{
    return ds__answer_ask(h, &c->asker, 0, p, sizeof(*p));
}

/* The lease lasts from when it was asked for. */
static bool obtain(ds_handle *h, ds_lease_client *c, packet p)
{
    double began = ds_now(h);

    if (!ask(h, c, &p) || !p.yes)
        return false;
    c->token = p.token;
    assert(c->token > 0);
    c->until = began + c->lease->seconds;
    return ds_now(h) < c->until;
}

bool ds_lease_acquire(ds_handle *h, ds_lease_client *c)
{
    double patience = c->lease->patience;
    double end = patience > 0 ? ds_now(h) + patience : INFINITY;

    while (!obtain(h, c, (packet){ .kind = ACQUIRE }))
        if (ds_now(h) >= end || !ds_sleep(h, ds_random(h) * c->lease->again))
            return false;
    return true;
}

bool ds_lease_renew(ds_handle *h, ds_lease_client *c)
{
    return obtain(h, c, (packet){ .kind = RENEW, .token = c->token });
}

bool ds_lease_release(ds_handle *h, ds_lease_client *c)
{
    packet p = { .kind = RELEASE, .token = c->token };

    c->until = -INFINITY;
    return ask(h, c, &p);
}
