/* Questions and answers.
 *
 * The one idea: a question has a number that nobody has used before, and an
 * answer that does not repeat the newest number is none.  So what is late,
 * comes twice, or was meant for an earlier life of the machine needs no thought
 * elsewhere. */
#include "proto/group.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* What is asked, and what has come of it. */
typedef struct inquiry {
    const void *packet;
    size_t size;
    size_t to;       /* the member, or DS_NOBODY: all of them */
    ds_msg *answers; /* got of them are there, each of another member */
    size_t got;
    size_t wanted; /* more than got, until it is answered */
} inquiry;

ds_asker ds_asker_of(ds_handle *h, const ds_group *group, ds_port *port,
                     double patience, double again, bool thrifty)
{
    uint64_t first = (uint64_t)ldexp(ds_random(h), 53) + 1;

    return (ds_asker){ .group = group,
                       .port = port,
                       .patience = patience,
                       .again = again,
                       .thrifty = thrifty,
                       .number = first,
                       .identity = first };
}

static uint64_t number_of(const void *packet)
{
    uint64_t number;

    memcpy(&number, packet, sizeof(number));
    return number;
}

static bool has_answered(const inquiry *q, const ds_port *who)
{
    for (size_t i = 0; i < q->got; i++)
        if (q->answers[i].source == who)
            return true;
    return false;
}

/* To n of those who have not answered, from some member on. */
static void send(ds_handle *h, const ds_asker *a, const inquiry *q,
                 size_t first, size_t n)
{
    const ds_group *g = a->group;

    for (size_t i = 0; i < n; i++) {
        ds_port *to = g->ports[(first + i) % g->n];
        if (!has_answered(q, to))
            ds_send_bytes(h, g->net, a->port, to, q->packet, q->size);
    }
}

static void send_first(ds_handle *h, const ds_asker *a, const inquiry *q)
{
    size_t n = a->group->n;

    if (q->to != DS_NOBODY)
        send(h, a, q, q->to, 1);
    else if (a->thrifty)
        send(h, a, q, (size_t)(ds_random(h) * (double)n), q->wanted);
    else
        send(h, a, q, 0, n);
}

static void send_again(ds_handle *h, const ds_asker *a, const inquiry *q)
{
    if (q->to != DS_NOBODY)
        send(h, a, q, q->to, 1);
    else
        send(h, a, q, 0, a->group->n);
}

static bool is_answer(const ds_asker *a, const inquiry *q, const ds_msg *m)
{
    return m->data != NULL && m->size >= (double)sizeof(uint64_t) &&
           number_of(m->data) == a->number && !has_answered(q, m->source);
}

/* Waits until then.  False: it is over. */
static bool hear(ds_handle *h, const ds_asker *a, inquiry *q, double until)
{
    ds_msg m;

    assert(q->got < q->wanted);
    if (!ds_recv_timeout(h, a->port, fmax(until - ds_now(h), 0), &m))
        return false;
    if (m.dest == NULL)
        return true;
    if (is_answer(a, q, &m))
        q->answers[q->got++] = m;
    else
        ds_msg_drop(&m);
    return true;
}

/* Until there are enough answers, time is up, or it is over. */
static void converse(ds_handle *h, const ds_asker *a, inquiry *q)
{
    double end = a->patience > 0 ? ds_now(h) + a->patience : INFINITY;
    double next = a->again > 0 ? ds_now(h) + a->again : INFINITY;

    send_first(h, a, q);
    while (q->got < q->wanted && hear(h, a, q, fmin(end, next)) &&
           ds_now(h) < end)
        if (ds_now(h) >= next) {
            send_again(h, a, q);
            next += a->again;
        }
}

static bool ask(ds_handle *h, ds_asker *a, inquiry *q, void *packet)
{
    a->number++;
    memcpy(packet, &a->number, sizeof(a->number));
    q->packet = packet;
    converse(h, a, q);
    if (q->got == q->wanted)
        return true;
    while (q->got > 0)
        ds_msg_drop(&q->answers[--q->got]);
    return false;
}

bool ds_ask(ds_handle *h, ds_asker *a, size_t to, void *packet, size_t size,
            ds_msg *answer)
{
    inquiry q = { .size = size, .to = to, .answers = answer, .wanted = 1 };

    return ds__group_has(h, a->group, "ds_ask", to) && ask(h, a, &q, packet);
}

bool ds_ask_all(ds_handle *h, ds_asker *a, void *packet, size_t size,
                size_t wanted, ds_msg *answers)
{
    inquiry q = {
        .size = size, .to = DS_NOBODY, .answers = answers, .wanted = wanted
    };

    if (wanted <= a->group->n)
        return ask(h, a, &q, packet);
    ds_fail(h, "ds_ask_all: %zu answers are wanted, of %zu members", wanted,
            a->group->n);
    return false;
}

void ds_answer(ds_handle *h, const ds_group *g, const ds_msg *question,
               void *packet, size_t size)
{
    memcpy(packet, question->data, sizeof(uint64_t));
    ds_send_bytes(h, g->net, question->dest, question->source, packet, size);
}
