/* Matching, and how messages come. */

#include "mpi/message.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "mpi/call.h"
#include "mpi/guard.h"
#include "mpi/overlap.h"
#include "mpi/pool.h"
#include "mpi/race.h"
#include "mpi/signature.h"
#include "mpi/unbuffered.h"
#include "mpi/watch.h"

/* A message, seen by its receiver.  Invariants: an eager one has its bytes
 * behind it, unless it is bare, and no send; of the others both sides are known
 * once they match. */
typedef struct ds__envelope {
    ds__match match;
    ds__early early;
    ds__link waiting; /* among those that nobody has received */
    ds__spot sent;
    ds__knowledge *knowledge; /* of its sender */
    int base;                 /* of its type */
    size_t point;
    int source; /* of the world */
    int to;     /* the same */
    int from;   /* in the communicator */
    int context;
    int tag;
    size_t size;
    double posted;        /* by its sender; 0 if nobody watches */
    bool bare;            /* it is said to have size bytes, and has none */
    ds__request *send;    /* NULL: it is eager */
    ds__request *receive; /* that it matched */
    ds__request *left;    /* that it left from, and that may take it back */
    bool kept;            /* for one receive */
    bool cancelled;       /* it was taken back on its way */
    int events;           /* that tell of its arrival and have not come */
    size_t room;          /* of it and its bytes */
    char bytes[];
} ds__envelope;

static void free_envelope(void *envelope)
{
    ds__envelope *e = envelope;

    ds__pool_give(e, e->room);
}

/* What programs have sent and nobody has received, in the order of sending. */
static ds__link waiting = { &waiting, &waiting };

/* One table has what goes to a rank and what comes from it. */
static ds__table_key to_rank(int number)
{
    return (ds__table_key){ (uint64_t)number, 0, 0 };
}

static ds__table_key from_rank(int number)
{
    return (ds__table_key){ (uint64_t)number, 1, 0 };
}

static ds__match_key key_of(int context, int source, int tag)
{
    return (ds__match_key){
        .context = (uint64_t)context,
        .source = source == DS__MPI_ANY_SOURCE ? DS__ANY_SOURCE : source,
        .tag = tag == DS__MPI_ANY_TAG ? DS__ANY_TAG : tag,
    };
}

void ds__mpi_let_go(ds__request *r)
{
    if (r == NULL || r->left == NULL)
        return;
    assert(r->left->left == r);
    r->left->left = NULL;
    r->left = NULL;
}

/* ---- Requests, made and freed ---------------------------------------------*/

ds__request *ds__request_new(bool is_send, const void *buf, size_t count,
                             ds__type *type, int peer, int tag, ds__comm *comm,
                             ds__mode mode)
{
    ds__request *r = ds__pool_take(sizeof(*r));
    ds__rank *me = ds__me();

    assert(buf != DS__IN_PLACE && type != NULL);
    *r = (ds__request){
        .owner = me,
        .thread = me->now,
        .is_send = is_send,
        .buf = (void *)buf,
        .count = count,
        .type = ds__object_hold(type),
        .peer = peer,
        .tag = tag,
        .comm = ds__object_hold(comm),
        .context = comm->context,
        .mode = mode,
        .status = DS__EMPTY_STATUS,
        .posted = ds__spot_here(),
    };
    return r;
}

void ds__request_join(ds__request *receive, ds__request *send)
{
    assert(!receive->is_send && send->is_send && !send->active);
    receive->with = send;
    send->of = receive;
}

int ds__request_ask(ds__request *r)
{
    if (r->general == NULL)
        return 0;
    return r->general->call_query(r->general, &r->status);
}

int ds__request_leave(ds__request *r)
{
    ds__general *g = r->general;

    if (g == NULL)
        return 0;
    r->general = NULL;
    const int error = g->call_remove(g);
    free(g);
    return error;
}

void ds__request_free(ds__request *r)
{
    assert(!r->active && r->object.handle == 0 && r->envelope == NULL);
    ds__race_release(r->knowledge);
    ds__request_leave(r);
    ds__mpi_let_go(r);
    free(r->copy);
    free(r->parts);
    if (r->with != NULL) {
        r->with->active = false;
        ds__request_free(r->with);
    }
    ds__type_release(r->type);
    ds__comm_release(r->comm);
    if (r->job != NULL)
        r->drop(r->job);
    ds__pool_give(r, sizeof(*r));
}

/* ---- For who watches ------------------------------------------------------*/

static bool is_watched(void)
{
    return ds__the_world.watch != NULL;
}

static double now(void)
{
    return ds_now(ds__me()->now->h);
}

static void note_match(ds__request *r, const ds__envelope *e)
{
    if (r->peer == DS__MPI_ANY_SOURCE)
        ds__the_world.watch->match(r, e->from);
    r->times.other = e->posted;
    r->times.began = e->send == NULL ? e->posted : now();
    if (e->send == NULL)
        return;
    e->send->times.other = r->times.posted;
    e->send->times.began = r->times.began;
}

void ds__request_complete(ds__request *r)
{
    assert(r->active && !r->done);
    r->half = r->with != NULL && !r->with->done;
    if (r->half)
        return;
    r->done = true;
    if (is_watched())
        r->times.done = now();
    if (r->of != NULL && r->of->half) {
        ds__request_complete(r->of);
        return;
    }
    if (r->detached) {
        r->active = false;
        ds__request_free(r);
        return;
    }
    ds__mpi_wake(r->thread);
}

/* ---- Checking -------------------------------------------------------------*/

/* Lets go of a buffer that is the program's in the meantime only to read, if it
 * is sent, or not at all. */
static void guard(ds__request *r)
{
    r->sum = 0;
    if (ds__the_world.checking != DS__CHECK_NONE && r->user &&
        r->object.handle != 0 && r->peer != DS__PROC_NULL && !r->bare)
        r->sum = ds__guard_sum(r->buf, r->count, r->type);
}

void ds__request_check(const ds__request *r)
{
    if (r->sum == 0 || r->sum == ds__guard_sum(r->buf, r->count, r->type))
        return;
    if (r->is_send)
        ds__find(&r->posted, "its buffer was written to while the send was "
                             "under way; that is over when it is waited for");
    else
        ds__find(&r->posted,
                 "its buffer was written to while the receive was under way; "
                 "that is over when it is waited for");
}

/* What is sent has to be of the kind that is received. */
static void compare_types(const ds__request *r, const ds__envelope *e)
{
    assert(!r->is_send && e->context == r->context);
    if (e->size == 0 || r->count * r->type->size == 0 ||
        ds__bases_fit(r->type->base, e->base))
        return;
    ds__find_with(&r->posted, &e->sent, "%s is received where %s was sent by",
                  ds__base_name(r->type->base), ds__base_name(e->base));
}

static void note_race(const ds__rank *to, ds__request *r, ds__envelope *e)
{
    const ds__received received = {
        .receive = r->match.key,
        .message = key_of(e->context, e->from, e->tag),
        .number = r->match.number,
        .spot = r->posted,
        .source = e->source,
    };
    ds__request *s = e->send;

    assert(r->knowledge == NULL);
    r->knowledge = e->knowledge;
    e->knowledge = NULL;
    if (!r->user)
        return;
    r->open = ds__race_match(to->number, &received, r->knowledge);
    r->open_of = to->number;
    if (s == NULL || s->mode != DS__SYNCHRONOUS)
        return;
    s->open = r->open;
    s->open_of = to->number;
}

static void check_match(const ds__rank *to, ds__request *r, ds__envelope *e)
{
    if (ds__the_world.checking == DS__CHECK_NONE)
        return;
    compare_types(r, e);
    ds__unbuffered_meet(e->point, r->point);
    note_race(to, r, e);
}

/* ---- Receiving ------------------------------------------------------------*/

static void receive(ds__request *r, const ds__envelope *e, const char *bytes)
{
    const size_t room = r->count * r->type->size;
    assert(r->active && !r->done && !r->is_send);
    const size_t size = e->size < room ? e->size : room;

    ds__request_check(r);
    if (!e->bare)
        ds__type_unpack(r->buf, bytes, size, r->type);
    if (r->sum != 0)
        r->sum = ds__guard_sum(r->buf, r->count, r->type);
    r->status = (ds__status){
        .source = e->from,
        .tag = e->tag,
        .error = e->size > room ? DS__ERR_TRUNCATE : DS__SUCCESS,
        .bytes = size,
    };
    ds__request_complete(r);
}

/* Copies what the sender has; its buffer is as it was until it knows that it is
 * done. */
static void move_bytes(ds__envelope *e)
{
    const ds__request *s = e->send;

    if (e->bare) {
        receive(e->receive, e, NULL);
        return;
    }
    if (s->type->row) {
        receive(e->receive, e, ds__type_first(s->buf, s->type));
        return;
    }
    char *packed = ds__mpi_room(e->size);
    ds__type_pack(packed, s->buf, s->count, s->type);
    receive(e->receive, e, packed);
    free(packed);
}

static void one_event_less(ds__envelope *e)
{
    assert(e->events > 0);
    if (--e->events == 0)
        free_envelope(e);
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
    ds__request_complete(s);
    one_event_less(e);
}

/* ---- Sending --------------------------------------------------------------*/

/* Its sender, if it waits for that, hears of the arrival as well. */
static void ship(ds__envelope *e, const ds__rank *to, ds_free_fn *undo)
{
    assert(e->source != to->number);
    ds_send(ds__me()->now->h, ds__the_world.net,
            (ds_msg){
                .source = ds__the_world.ranks[e->source].port,
                .dest = to->port,
                .data = e,
                .free = undo,
                .size = (double)e->size,
                .done = e->send == NULL ? NULL : e->send->thread->wake,
                .done_data = e->send,
            });
}

/* Both sides of a message are there. */
static void match(ds__rank *to, ds__request *r, ds__envelope *e)
{
    ds__request *s = e->send;

    assert(r->active && !r->done && !r->is_send && e->context == r->context);
    if (is_watched())
        note_match(r, e);
    ds__list_remove(&e->waiting);
    check_match(to, r, e);
    ds__mpi_let_go(e->left);
    if (s == NULL) {
        receive(r, e, e->bytes);
        free_envelope(e);
        return;
    }
    e->receive = r;
    if (s->owner == to) {
        e->events = 1;
        bytes_gone(s);
        return;
    }
    e->events = 2;
    ship(e, to, NULL);
}

/* ---- Matching -------------------------------------------------------------*/

static void drop(ds__envelope *e)
{
    ds__race_release(e->knowledge);
    free_envelope(e);
}

/* The next envelope of its sender: a receive that was posted takes it, or it
 * waits for one. */
static void show(ds__rank *to, ds__envelope *e)
{
    if (e->cancelled) {
        drop(e);
        return;
    }
    ds__match *receive = ds__matcher_come(&to->matcher, &e->match,
                                          key_of(e->context, e->from, e->tag));

    if (receive != NULL)
        match(to, ds__container(receive, ds__request, match), e);
    else
        ds__mpi_wake(&to->program); /* it may look for one */
}

/* Envelopes that overtook others of their sender are kept back. */
static void come(ds__rank *to, ds__envelope *e)
{
    const ds__table_key from = from_rank(e->source);
    const ds__sequence_place place =
        ds__sequence_come(&to->sequences, from, &e->early, e->early.number);

    assert(place != DS__TWICE);
    if (place == DS__SEQUENCE_NO_MEMORY)
        ds__mpi_die(1, "there is no memory");
    if (place == DS__EARLY)
        return;
    show(to, e);
    for (ds__early *next = ds__sequence_next(&to->sequences, from);
         next != NULL; next = ds__sequence_next(&to->sequences, from))
        show(to, ds__container(next, ds__envelope, early));
}

static void post_send(ds__rank *me, ds__request *r)
{
    ds__rank *to = &ds__the_world.ranks[r->comm->remote->world[r->peer]];
    const size_t size = r->count * r->type->size;
    const bool eager =
        r->mode == DS__BUFFERED ||
        (r->mode == DS__STANDARD && (double)size <= ds__the_world.eager);
    const bool carries = eager && !r->bare;
    const size_t room = sizeof(ds__envelope) + (carries ? size : 0);
    ds__envelope *e = ds__pool_take(room);

    assert(r->peer >= 0 && r->peer < ds__comm_peers(r->comm));
    *e = (ds__envelope){
        .early.number = ds__sequence_draw(&me->sequences, to_rank(to->number)),
        .source = me->number,
        .to = to->number,
        .from = r->comm->rank,
        .context = r->context,
        .tag = r->tag,
        .size = size,
        .posted = r->times.posted,
        .sent = ds__spot_here(),
        .bare = r->bare,
        .base = r->type->base,
        .point = r->point,
        .knowledge = ds__race_tell(),
        .room = room,
    };
    ds__list_init(&e->waiting);
    if (r->user)
        ds__list_append(&waiting, &e->waiting);
    if (e->early.number == 0)
        ds__mpi_die(1, "there is no memory");
    if (!eager) {
        e->send = r;
        r->envelope = e;
        come(to, e);
        return;
    }
    if (carries)
        ds__type_pack(e->bytes, r->buf, r->count, r->type);
    if (r->object.handle != 0) {
        e->left = r;
        r->left = e;
    }
    ds__request_complete(r);
    if (to == me)
        come(to, e);
    else
        ship(e, to, free_envelope);
}

static void handle(ds__rank *me, ds_event *event);

/* Sees what has come, unless another thread of the rank does. */
static void look_at_port(ds__rank *me)
{
    ds_stream *const stream = ds_port_stream(me->port);
    ds_event event;

    while (me->receiver == NULL && ds_try_poll(me->now->h, &stream, 1, &event))
        handle(me, &event);
}

/* Returns whether an earlier message of the same sender fits as well. */
static bool is_behind(const ds__match_side *side, const ds__match *m,
                      ds__match_key key)
{
    const int32_t source = m->key.source;

    for (ds__match *i = ds__match_first(side); i != m;
         i = ds__match_next(side, i))
        if (i->key.source == source && ds__match_fits(key, i->key))
            return true;
    return false;
}

/* Draws one of the messages that have come and fit, of each sender its first;
 * NULL: there is none. */
static ds__match *draw(ds__rank *me, ds__match_key key)
{
    const ds__match_side *side = &me->matcher.unexpected;
    ds__match *drawn = NULL;
    unsigned n = 0;

    for (ds__match *m = ds__match_first(side); m != NULL;
         m = ds__match_next(side, m)) {
        if (!ds__match_fits(key, m->key) || is_behind(side, m, key))
            continue;
        if (ds_random(me->now->h) * ++n < 1)
            drawn = m;
    }
    return drawn;
}

static void post_receive(ds__rank *me, ds__request *r)
{
    const ds__match_key key = key_of(r->context, r->peer, r->tag);
    ds__match *message = NULL;

    if (ds__the_world.draws && r->peer == DS__MPI_ANY_SOURCE) {
        look_at_port(me);
        message = draw(me, key);
    }
    if (message != NULL)
        ds__matcher_withdraw(&me->matcher, message);
    else
        message = ds__matcher_post(&me->matcher, &r->match, key);
    if (message != NULL)
        match(me, r, ds__container(message, ds__envelope, match));
}

void ds__mpi_post(ds__request *r)
{
    assert(!r->active);
    ds__mpi_let_go(r);
    r->active = true;
    r->done = false;
    r->status = DS__EMPTY_STATUS;
    if (r->job != NULL) {
        r->begin(r->job);
        return;
    }
    if (is_watched()) {
        r->times = (ds__times){ .posted = now() };
        ds__the_world.watch->post(r);
    }
    guard(r);
    if (r->user && r->peer != DS__PROC_NULL) {
        ds__overlap_message(&r->posted, r->buf, r->count, r->type, !r->is_send);
        r->point = ds__unbuffered_begin(&r->posted, r->is_send);
    }
    if (r->peer == DS__PROC_NULL) {
        r->status.source = DS__PROC_NULL;
        ds__request_complete(r);
    } else if (r->is_send) {
        post_send(r->owner, r);
    } else {
        post_receive(r->owner, r);
    }
    ds__watch_work(ds__me());
}

/* Nobody receives it; what is on its way comes in vain. */
static void take_back(ds__envelope *e)
{
    ds__list_remove(&e->waiting);
    if (ds__matcher_withdraw(&ds__the_world.ranks[e->to].matcher, &e->match))
        drop(e);
    else
        e->cancelled = true;
}

static bool cancel_send(ds__request *r)
{
    ds__envelope *e = r->left != NULL ? r->left : r->envelope;

    assert(r->active && r->is_send);
    if (e == NULL || e->events > 0 || e->kept)
        return false;
    ds__mpi_let_go(r);
    r->envelope = NULL;
    e->send = NULL;
    take_back(e);
    r->status.cancelled = true;
    if (!r->done)
        ds__request_complete(r);
    return true;
}

bool ds__mpi_cancel(ds__request *r)
{
    assert(r->active);
    if (r->is_send)
        return cancel_send(r);
    if (r->done || !ds__matcher_withdraw(&r->owner->matcher, &r->match))
        return false;
    r->status.cancelled = true;
    ds__request_complete(r);
    return true;
}

/* The message that a receive would get now; NULL: there is none. */
static ds__envelope *probe(ds__rank *me, const ds__comm *comm, int source,
                           int tag)
{
    ds__match *found =
        ds__matcher_probe(&me->matcher, key_of(comm->context, source, tag));

    return found == NULL ? NULL : ds__container(found, ds__envelope, match);
}

static ds__status status_of(const ds__envelope *e)
{
    return (ds__status){
        .source = e->from,
        .tag = e->tag,
        .bytes = e->size,
    };
}

bool ds__mpi_find_message(ds__rank *me, const ds__comm *comm, int source,
                          int tag, ds__status *status)
{
    const ds__envelope *e = probe(me, comm, source, tag);

    if (e != NULL)
        *status = status_of(e);
    return e != NULL;
}

void ds__mpi_message_times(ds__rank *me, const ds__comm *comm, int source,
                           int tag, ds__times *times)
{
    const ds__envelope *e = probe(me, comm, source, tag);

    if (e == NULL)
        return;
    times->other = e->posted;
    times->began = e->posted;
    times->done = now();
}

ds__kept *ds__mpi_keep(ds__rank *me, ds__comm *comm, int source, int tag,
                       ds__status *status)
{
    ds__envelope *e = probe(me, comm, source, tag);
    ds__kept *kept;

    if (e == NULL)
        return NULL;
    *status = status_of(e);
    ds__matcher_withdraw(&me->matcher, &e->match);
    kept = ds__mpi_alloc(1, sizeof(*kept));
    kept->comm = ds__object_hold(comm);
    kept->envelope = e;
    e->kept = true;
    ds__object_add(kept, DS__MESSAGE);
    return kept;
}

ds__request *ds__mpi_receive_kept(ds__kept *kept, void *buf, size_t count,
                                  ds__type *type)
{
    ds__envelope *e = kept->envelope;
    ds__request *r = ds__request_new(false, buf, count, type, e->from, e->tag,
                                     kept->comm, DS__STANDARD);

    assert(e->receive == NULL);
    r->active = true;
    r->match.key = key_of(e->context, e->from, e->tag);
    match(r->owner, r, e);
    ds__object_remove(kept);
    ds__comm_release(kept->comm);
    free(kept);
    return r;
}

void ds__receives_stuck(const ds__rank *rank)
{
    const ds__match_side *posted = &rank->matcher.posted;
    const ds__match *m = ds__match_first(posted);

    for (; m != NULL; m = ds__match_next(posted, m)) {
        const ds__request *r = ds__container(m, ds__request, match);
        if (r->user)
            ds__race_stuck(rank, m, &r->posted);
    }
}

void ds__messages_lost(void)
{
    for (ds__link *l = waiting.next; l != &waiting; l = l->next) {
        const ds__envelope *e = ds__container(l, ds__envelope, waiting);
        ds__find(&e->sent,
                 "the message to rank %d, of %zu bytes with tag %d, was never "
                 "received",
                 e->to, e->size, e->tag);
    }
}

/* ---- Time -----------------------------------------------------------------*/

static void handle(ds__rank *me, ds_event *event)
{
    ds_msg msg;

    if (ds_unpack(event, &msg)) {
        ds__envelope *e = msg.data;
        if (e->send != NULL)
            bytes_came(e);
        else
            come(me, e);
        return;
    }
    assert(event->stream == me->now->wake);
    if (event->data != NULL)
        bytes_gone(event->data);
    else
        me->now->woken = false;
}

/* Waits for what concerns the caller, or comes on streams of its own. */
static bool await_event(ds__rank *me, ds_stream *const *own, size_t n,
                        double seconds, ds_event *event)
{
    ds__thread *t = me->now;
    ds_stream *streams[2 + DS__MOST_STREAMS] = { ds_port_stream(me->port),
                                                 t->wake };
    const bool receives = me->receiver == NULL;

    assert(me == ds__me() && !t->waiting && n <= DS__MOST_STREAMS);
    for (size_t i = 0; i < n; i++)
        streams[2 + i] = own[i];
    t->waiting = true;
    if (receives)
        me->receiver = t;
    const bool happened =
        ds__mpi_wait(me, streams + !receives, 1 + receives + n, seconds, event);
    if (receives)
        me->receiver = NULL;
    t->waiting = false;
    return happened;
}

bool ds__mpi_progress(ds__rank *me, double seconds)
{
    ds_event event;
    const bool happened = await_event(me, NULL, 0, seconds, &event);

    if (happened)
        handle(me, &event);
    return happened;
}

static bool is_among(const ds_stream *stream, ds_stream *const *streams,
                     size_t n)
{
    size_t i = 0;

    while (i < n && streams[i] != stream)
        i++;
    return i < n;
}

void ds__mpi_progress_until(ds__rank *me, ds_stream *const *streams, size_t n,
                            ds_event *event)
{
    await_event(me, streams, n, INFINITY, event);
    while (!is_among(event->stream, streams, n)) {
        handle(me, event);
        await_event(me, streams, n, INFINITY, event);
    }
}

void ds__mpi_pass_on(ds__rank *me)
{
    ds__thread *t = &me->program;

    if (me->helpers == NULL || me->receiver != NULL)
        return;
    for (; t != NULL; t = t == &me->program ? me->helpers : t->next)
        if (t->waiting) {
            ds__mpi_wake(t);
            return;
        }
}
