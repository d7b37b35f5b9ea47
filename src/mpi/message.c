/* Matching, and how messages come. */

#include "mpi/message.h"

#include <assert.h>
#include <stdlib.h>

#include "mpi/call.h"

/* A message, seen by its receiver.  Invariants: an eager one has its bytes
 * behind it and no send; of the others both sides are known once they match. */
struct ds__envelope {
    ds__envelope *next;
    int source; /* of the world */
    int from;   /* in the communicator */
    int context;
    int tag;
    uint64_t number; /* of those from this source to this receiver */
    size_t size;
    ds__request *send;    /* NULL: it is eager */
    ds__request *receive; /* that it matched */
    int events;           /* that tell of its arrival and have not come */
    char bytes[];
};

/* What went to a rank and came from it. */
typedef struct traffic {
    ds__entry entry;
    uint64_t sent;
    uint64_t seen;
} traffic;

static traffic *traffic_of(ds__rank *me, int other)
{
    if (me->peers.size == 0)
        ds__table_init(&me->peers, sizeof(traffic));
    traffic *p =
        ds__table_put(&me->peers, (ds__table_key){ (uint64_t)other, 0, 0 });
    if (p == NULL)
        ds__mpi_die(1, "there is no memory");
    return p;
}

/* ---- Requests -------------------------------------------------------------*/

ds__request *ds__request_new(bool is_send, const void *buf, size_t count,
                             ds__type *type, int peer, int tag, ds__comm *comm,
                             ds__mode mode)
{
    ds__request *r = ds__mpi_alloc(1, sizeof(*r));

    assert(buf != DS__IN_PLACE && type != NULL);
    r->owner = ds__me();
    r->is_send = is_send;
    r->buf = (void *)buf;
    r->count = count;
    r->type = ds__object_hold(type);
    r->peer = peer;
    r->tag = tag;
    r->comm = ds__object_hold(comm);
    r->context = comm->context;
    r->mode = mode;
    r->status = DS__EMPTY_STATUS;
    return r;
}

void ds__request_free(ds__request *r)
{
    assert(!r->active && r->object.handle == 0 && r->envelope == NULL);
    ds__type_release(r->type);
    ds__comm_release(r->comm);
    if (r->arrival != NULL)
        ds_stream_free(r->arrival);
    free(r);
}

static void complete(ds__request *r)
{
    assert(r->active && !r->done);
    r->done = true;
    if (r->detached) {
        r->active = false;
        ds__request_free(r);
        return;
    }
    ds__mpi_wake(r->owner);
}

/* ---- Receiving ------------------------------------------------------------*/

static void receive(ds__request *r, const ds__envelope *e, const char *bytes)
{
    const size_t room = r->count * r->type->size;
    assert(r->active && !r->done && !r->is_send);
    const size_t size = e->size < room ? e->size : room;

    ds__type_unpack(r->buf, bytes, size, r->type);
    r->status = (ds__status){
        .source = e->from,
        .tag = e->tag,
        .error = e->size > room ? DS__ERR_TRUNCATE : DS__SUCCESS,
        .bytes = size,
    };
    complete(r);
}

/* Copies what the sender has; its buffer is as it was until it knows that it is
 * done. */
static void move_bytes(ds__envelope *e)
{
    const ds__request *s = e->send;

    if (s->type->row) {
        receive(e->receive, e, ds__type_first(s->buf, s->type));
        return;
    }
    char *packed = ds__mpi_alloc(1, e->size + 1);
    ds__type_pack(packed, s->buf, s->count, s->type);
    receive(e->receive, e, packed);
    free(packed);
}

static void one_event_less(ds__envelope *e)
{
    assert(e->events > 0);
    if (--e->events == 0)
        free(e);
}

/* The receiver sees that the bytes are there, or the sender does; at the same
 * moment, in whatever order. */
static void bytes_came(ds__envelope *e)
{
    if (e->receive != NULL)
        move_bytes(e);
    e->receive = NULL;
    one_event_less(e);
}

static void bytes_gone(ds__request *s)
{
    ds__envelope *e = s->envelope;

    assert(e != NULL && e->send == s);
    if (e->receive != NULL)
        move_bytes(e);
    e->receive = NULL;
    s->envelope = NULL;
    complete(s);
    one_event_less(e);
}

/* ---- Sending --------------------------------------------------------------*/

static void ship(ds__envelope *e, const ds__rank *to, ds_stream *done,
                 ds_free_fn *undo)
{
    assert(e->source != to->number);
    ds_send(ds__me()->h, ds__the_world.net,
            (ds_msg){
                .source = ds__the_world.ranks[e->source].port,
                .dest = to->port,
                .data = e,
                .free = undo,
                .size = (double)e->size,
                .done = done,
            });
}

static void watch(ds__rank *owner, ds__request *s)
{
    assert(s->arrival != NULL && s->owner == owner);
    if (owner->num_shipping == owner->max_shipping) {
        owner->max_shipping = 2 * owner->max_shipping + 8;
        owner->shipping = ds__mpi_realloc(owner->shipping, owner->max_shipping,
                                          sizeof(ds__request *));
    }
    owner->shipping[owner->num_shipping++] = s;
    ds__mpi_wake(owner);
}

/* Both sides of a message are there. */
static void match(ds__rank *to, ds__request *r, ds__envelope *e)
{
    ds__request *s = e->send;

    assert(r->active && !r->done && !r->is_send && e->context == r->context);
    if (s == NULL) {
        receive(r, e, e->bytes);
        free(e);
        return;
    }
    e->receive = r;
    if (s->owner == to) {
        e->events = 1;
        bytes_gone(s);
        return;
    }
    e->events = 2;
    if (s->arrival == NULL)
        s->arrival = ds_stream_new(ds__the_world.loop);
    ship(e, to, s->arrival, NULL);
    watch(s->owner, s);
}

/* ---- Matching -------------------------------------------------------------*/

static bool fits(const ds__envelope *e, int context, int source, int tag)
{
    return e->context == context &&
           (source == DS__ANY_SOURCE || source == e->from) &&
           (tag == DS__ANY_TAG || tag == e->tag);
}

/* The next envelope of its sender: a receive that was posted takes it, or it
 * waits for one. */
static void show(ds__rank *to, ds__envelope *e)
{
    for (ds__request **p = &to->posted; *p != NULL; p = &(*p)->next) {
        ds__request *r = *p;
        if (!fits(e, r->context, r->peer, r->tag))
            continue;
        *p = r->next;
        if (to->posted_end == &r->next)
            to->posted_end = p;
        match(to, r, e);
        return;
    }
    assert(*to->unexpected_end == NULL);
    e->next = NULL;
    *to->unexpected_end = e;
    to->unexpected_end = &e->next;
    ds__mpi_wake(to);
}

/* Envelopes that overtook others of their sender are held back. */
static void come(ds__rank *to, ds__envelope *e)
{
    traffic *p = traffic_of(to, e->source);

    assert(e->number >= p->seen);
    if (e->number != p->seen) {
        e->next = to->held;
        to->held = e;
        return;
    }
    while (e != NULL) {
        const int source = e->source;
        const uint64_t next = ++p->seen;
        show(to, e);
        ds__envelope **h = &to->held;
        while (*h != NULL && ((*h)->source != source || (*h)->number != next))
            h = &(*h)->next;
        e = *h;
        if (e != NULL)
            *h = e->next;
    }
}

static void post_send(ds__rank *me, ds__request *r)
{
    ds__rank *to = &ds__the_world.ranks[r->comm->group->world[r->peer]];
    const size_t size = r->count * r->type->size;
    const bool eager =
        r->mode == DS__BUFFERED ||
        (r->mode == DS__STANDARD && (double)size <= ds__the_world.eager);
    ds__envelope *e = ds__mpi_alloc(1, sizeof(*e) + (eager ? size : 0));

    assert(r->peer >= 0 && r->peer < ds__comm_size(r->comm));
    e->source = me->number;
    e->from = r->comm->rank;
    e->context = r->context;
    e->tag = r->tag;
    e->size = size;
    e->number = traffic_of(me, to->number)->sent++;
    if (!eager) {
        e->send = r;
        r->envelope = e;
        come(to, e);
        return;
    }
    ds__type_pack(e->bytes, r->buf, r->count, r->type);
    complete(r);
    if (to == me)
        come(to, e);
    else
        ship(e, to, NULL, free);
}

static void post_receive(ds__rank *me, ds__request *r)
{
    for (ds__envelope **p = &me->unexpected; *p != NULL; p = &(*p)->next) {
        ds__envelope *e = *p;
        if (!fits(e, r->context, r->peer, r->tag))
            continue;
        *p = e->next;
        if (me->unexpected_end == &e->next)
            me->unexpected_end = p;
        match(me, r, e);
        return;
    }
    assert(*me->posted_end == NULL);
    r->next = NULL;
    *me->posted_end = r;
    me->posted_end = &r->next;
}

void ds__mpi_post(ds__request *r)
{
    assert(!r->active);
    r->active = true;
    r->done = false;
    r->status = DS__EMPTY_STATUS;
    if (r->peer == DS__PROC_NULL) {
        r->status.source = DS__PROC_NULL;
        complete(r);
    } else if (r->is_send) {
        post_send(r->owner, r);
    } else {
        post_receive(r->owner, r);
    }
}

bool ds__mpi_cancel(ds__request *r)
{
    ds__rank *me = r->owner;

    assert(r->active && !r->done && !r->is_send);
    for (ds__request **p = &me->posted; *p != NULL; p = &(*p)->next) {
        if (*p != r)
            continue;
        *p = r->next;
        if (me->posted_end == &r->next)
            me->posted_end = p;
        r->status.cancelled = true;
        complete(r);
        return true;
    }
    return false;
}

bool ds__mpi_find_message(ds__rank *me, const ds__comm *comm, int source,
                          int tag, ds__status *status)
{
    for (const ds__envelope *e = me->unexpected; e != NULL; e = e->next)
        if (fits(e, comm->context, source, tag)) {
            *status = (ds__status){
                .source = e->from,
                .tag = e->tag,
                .bytes = e->size,
            };
            return true;
        }
    return false;
}

/* ---- Time -----------------------------------------------------------------*/

static void handle(ds__rank *me, ds_event *event)
{
    ds_msg msg;

    if (event->stream == me->wake) {
        me->woken = false;
        return;
    }
    if (ds_unpack(event, &msg)) {
        ds__envelope *e = msg.data;
        if (e->send != NULL)
            bytes_came(e);
        else
            come(me, e);
        return;
    }
    for (size_t i = 0; i < me->num_shipping; i++) {
        ds__request *s = me->shipping[i];
        if (s->arrival != event->stream)
            continue;
        me->shipping[i] = me->shipping[--me->num_shipping];
        bytes_gone(s);
        return;
    }
    assert(!"an event of nobody");
}

bool ds__mpi_progress(ds__rank *me, double seconds)
{
    enum { FEW = 16 };
    ds_stream *few[FEW];
    ds_stream **streams = few;
    const size_t n = me->num_shipping + 2;
    assert(me == ds__me() && !me->waiting);
    ds_event event;

    if (n > FEW)
        streams = ds__mpi_alloc(n, sizeof(ds_stream *));
    streams[0] = ds_port_stream(me->port);
    streams[1] = me->wake;
    for (size_t i = 0; i < me->num_shipping; i++)
        streams[i + 2] = me->shipping[i]->arrival;
    me->waiting = true;
    const bool happened = ds__mpi_wait(me, streams, n, seconds, &event);
    me->waiting = false;
    if (streams != few)
        free(streams);
    if (happened)
        handle(me, &event);
    return happened;
}

int ds__request_words(const ds__request *r, ds__text *text)
{
    const int number = r->peer >= 0 ? r->comm->group->world[r->peer] : -1;

    ds__text_add(text, r->is_send ? "to " : "from ");
    if (number < 0)
        ds__text_add(text, "any rank");
    else
        ds__text_add(text, "rank %d", number);
    if (r->context != r->comm->context)
        return number;
    if (r->tag == DS__ANY_TAG)
        ds__text_add(text, ", any tag");
    else
        ds__text_add(text, ", tag %d", r->tag);
    if (r->comm != r->owner->world)
        ds__text_add(text, ", in a communicator of %d ranks",
                     ds__comm_size(r->comm));
    return number;
}
