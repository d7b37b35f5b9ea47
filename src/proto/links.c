/* Links with numbers and receipts. */
#include "proto/links.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/fault.h>

/* What is kept by the sender, a copy, or held by the receiver, a message. */
typedef struct ds__parcel {
    struct ds__parcel *next;
    size_t member; /* at the other end of the link */
    ds_msg m;
} parcel;

bool ds__links_in_turn(uint64_t taken, uint64_t number)
{
    return number == taken + 1;
}

bool ds__links_keep(double again)
{
    return again > 0;
}

bool ds__links_open(ds_handle *h, ds__links *l, const ds_group *g, double again,
                    const ds__links_rules *rules)
{
    *l = (ds__links){
        .group = g,
        .rules = rules,
        .again = again,
        .due = again > 0 ? ds_now(h) + again : INFINITY,
        .of = ds_alloc(h, g->n * sizeof(*l->of)),
    };
    return l->of != NULL;
}

static void drop_all(parcel *first)
{
    while (first != NULL) {
        parcel *next = first->next;
        ds_msg_drop(&first->m);
        free(first);
        first = next;
    }
}

void ds__links_close(ds__links *l)
{
    drop_all(l->kept);
    drop_all(l->held);
}

static const ds__head *head_of(const ds_msg *m)
{
    assert(m->size >= (double)sizeof(ds__head));
    return m->data;
}

/* At the end of a list, which takes the message. */
static void append(ds_handle *h, parcel **list, size_t member, ds_msg m)
{
    parcel *new = malloc(sizeof(*new));

    if (new == NULL) {
        ds_msg_drop(&m);
        ds_fail(h, "ds__links_send: there is no memory");
        return;
    }
    *new = (parcel){ .member = member, .m = m };
    while (*list != NULL)
        list = &(*list)->next;
    *list = new;
}

/* The message is the caller's. */
static ds_msg take_out(parcel **at)
{
    parcel *out = *at;
    ds_msg m = out->m;

    *at = out->next;
    free(out);
    return m;
}

/* ---- Sending --------------------------------------------------------------*/

static void keep(ds_handle *h, ds__links *l, size_t to, const void *packet,
                 size_t size)
{
    void *copy = malloc(size);

    if (copy == NULL) {
        ds_fail(h, "ds__links_send: there is no memory");
        return;
    }
    memcpy(copy, packet, size);
    append(h, &l->kept, to,
           (ds_msg){ .data = copy, .free = free, .size = (double)size });
}

void ds__links_send(ds_handle *h, ds__links *l, size_t to, void *packet,
                    size_t size)
{
    const ds__head head = { .number = ++l->of[to].sent };

    memcpy(packet, &head, sizeof(head));
    ds_tell(h, l->group, to, packet, size);
    if (l->rules->keeps(l->again))
        keep(h, l, to, packet, size);
}

static void send_again(ds_handle *h, ds__links *l)
{
    l->due = ds_now(h) + l->again;
    for (const parcel *p = l->kept; p != NULL; p = p->next)
        ds_tell(h, l->group, p->member, p->m.data, (size_t)p->m.size);
}

/* ---- Receiving ------------------------------------------------------------*/

static void see_receipt(ds__links *l, size_t from, uint64_t taken)
{
    parcel **at = &l->kept;

    while (*at != NULL)
        if ((*at)->member == from && head_of(&(*at)->m)->number <= taken) {
            ds_msg gone = take_out(at);
            ds_msg_drop(&gone);
        } else {
            at = &(*at)->next;
        }
}

static void send_receipt(ds_handle *h, ds__links *l, size_t to)
{
    const ds__head head = { .taken = l->of[to].taken, .receipt = true };

    if (l->again > 0)
        ds_tell(h, l->group, to, &head, sizeof(head));
}

/* Takes one that is held and whose turn has come; what has been taken before is
 * dropped. */
static bool take(ds_handle *h, ds__links *l, ds_msg *m)
{
    parcel **at = &l->held;

    while (*at != NULL) {
        size_t from = (*at)->member;
        ds__link *link = &l->of[from];
        uint64_t number = head_of(&(*at)->m)->number;
        bool in_turn = l->rules->in_turn(link->taken, number);
        if (!in_turn && number > link->taken) {
            at = &(*at)->next;
            continue;
        }
        *m = take_out(at);
        link->taken += in_turn;
        send_receipt(h, l, from);
        if (in_turn)
            return true;
        ds_msg_drop(m);
    }
    return false;
}

static void sort_out(ds_handle *h, ds__links *l, ds_msg m)
{
    size_t from = ds_group_sender(l->group, &m);
    const ds__head *head = head_of(&m);

    if (!head->receipt) {
        append(h, &l->held, from, m);
        return;
    }
    see_receipt(l, from, head->taken);
    ds_msg_drop(&m);
}

bool ds__links_recv(ds_handle *h, ds__links *l, ds_msg *m)
{
    ds_port *port = l->group->ports[ds_group_me(l->group, h)];

    while (!take(h, l, m)) {
        if (!ds_recv_timeout(h, port, fmax(l->due - ds_now(h), 0), m))
            return false;
        if (m->dest == NULL)
            send_again(h, l);
        else
            sort_out(h, l, *m);
    }
    return true;
}
