/* Snapshots of a computation that goes on (Chandy, Lamport 1985).
 *
 * Who takes part records its state and sends a marker on each link.  A marker
 * tells whoever receives it that all before it was sent before that state, and
 * all behind it after it; who has not recorded its own state does so then.
 * What comes on a link between the receiver's state and the marker was under
 * way.  So much rests on links that keep the order. */
#include "proto/snapshot_rules.h"

#include <assert.h>
#include <string.h>

#include <distsys/fault.h>

#include "proto/group.h"
#include "proto/payload.h"

/* What is in front of a message. */
typedef struct packet {
    ds__head head;
    uint64_t snapshot;
    enum { MESSAGE = 1, MARKER, DONE } kind;
} packet;

/* unmarked is how many members' markers of the snapshot have not come yet, and
 * marked has the others and itself; 0: there is none. */
struct ds_snapshot_member {
    const ds_snapshot *s;
    const ds__snapshot_rules *rules;
    ds__links_rules links_rules;
    ds__links links;
    size_t me;
    uint64_t snapshot; /* the last that it takes part in */
    bool *marked;
    size_t unmarked;
    uint64_t taken; /* by itself, so many */
    size_t done;    /* members that have recorded all of its last */
    ds_stream *whole;
    bool over; /* nobody receives any more */
};

/* ---- The rules ------------------------------------------------------------*/

static bool until_the_marker(bool marked)
{
    return !marked;
}

const ds__snapshot_rules ds__snapshot_right = {
    .in_turn = ds__links_in_turn,
    .was_under_way = until_the_marker,
};

/* ---- Taking part ----------------------------------------------------------*/

ds_snapshot_member *ds__snapshot_join(ds_handle *h, const ds_snapshot *s,
                                      const ds__snapshot_rules *rules)
{
    ds_snapshot_member *me = ds_alloc(h, sizeof(*me));

    if (me == NULL)
        return NULL;
    me->s = s;
    me->rules = rules;
    me->links_rules = (ds__links_rules){ rules->in_turn, ds__links_keep };
    me->marked = ds_alloc(h, s->group.n);
    me->whole = ds_stream_new(ds_handle_loop(h));
    if (!ds__group_enter(h, &s->group, "ds_snapshot_join", &me->me) ||
        me->marked == NULL || me->whole == NULL ||
        !ds__links_open(h, &me->links, &s->group, s->again, &me->links_rules))
        return NULL;
    return me;
}

ds_snapshot_member *ds_snapshot_join(ds_handle *h, const ds_snapshot *s)
{
    return ds__snapshot_join(h, s, &ds__snapshot_right);
}

static void send(ds_handle *h, ds_snapshot_member *me, size_t to, packet p)
{
    ds__links_send(h, &me->links, to, &p, sizeof(p));
}

/* Numbers tell who has taken which. */
static size_t taker(const ds_snapshot_member *me, uint64_t snapshot)
{
    return (size_t)(snapshot % me->s->group.n);
}

static void count_done(ds_handle *h, ds_snapshot_member *me)
{
    if (++me->done == me->s->group.n)
        ds_schedule(h, me->whole, 0, NULL, NULL);
}

static void see_end(ds_handle *h, ds_snapshot_member *me)
{
    size_t to = taker(me, me->snapshot);

    if (me->unmarked > 0)
        return;
    if (to == me->me)
        count_done(h, me);
    else
        send(h, me, to, (packet){ .kind = DONE, .snapshot = me->snapshot });
}

static void take_part(ds_handle *h, ds_snapshot_member *me, uint64_t snapshot)
{
    size_t n = me->s->group.n;

    if (me->unmarked > 0) {
        ds_fail(h, "ds_snapshot_take: another snapshot is being taken; one "
                   "begins when the one before is there");
        return;
    }
    me->snapshot = snapshot;
    memset(me->marked, 0, n);
    me->marked[me->me] = true;
    me->unmarked = n - 1;
    me->s->record(h, snapshot, me->s->arg);
    for (size_t i = 0; i < n; i++)
        if (i != me->me)
            send(h, me, i, (packet){ .kind = MARKER, .snapshot = snapshot });
}

static void see_marker(ds_handle *h, ds_snapshot_member *me, size_t from,
                       uint64_t snapshot)
{
    if (me->snapshot != snapshot)
        take_part(h, me, snapshot);
    if (me->marked[from])
        return;
    assert(me->unmarked > 0);
    me->marked[from] = true;
    me->unmarked--;
    see_end(h, me);
}

/* ---- Messages -------------------------------------------------------------*/

void ds_snapshot_send(ds_handle *h, ds_snapshot_member *me, size_t to,
                      const void *bytes, size_t size)
{
    const packet head = { .kind = MESSAGE };

    if (!me->over)
        ds__payload_send(h, &me->links, to, &head, sizeof(head), bytes, size);
}

/* True: it is a message of the computation, which the caller gets. */
static bool see(ds_handle *h, ds_snapshot_member *me, ds_msg *m)
{
    size_t from = ds_group_sender(&me->s->group, m);
    const packet p = *(const packet *)m->data;

    if (p.kind == MARKER)
        see_marker(h, me, from, p.snapshot);
    else if (p.kind == DONE)
        count_done(h, me);
    if (p.kind != MESSAGE)
        return false;
    ds__payload_strip(m, sizeof(packet));
    if (me->unmarked > 0 && me->rules->was_under_way(me->marked[from]) &&
        me->s->record_message != NULL)
        me->s->record_message(h, me->snapshot, m, me->s->arg);
    return true;
}

bool ds_snapshot_recv(ds_handle *h, ds_snapshot_member *me, ds_msg *m)
{
    while (ds__links_recv(h, &me->links, m)) {
        if (see(h, me, m))
            return true;
        ds_msg_drop(m);
    }
    me->over = true;
    ds__links_close(&me->links);
    return false;
}

bool ds_snapshot_take(ds_handle *h, ds_snapshot_member *me, uint64_t *snapshot)
{
    ds_event e;

    *snapshot = ++me->taken * me->s->group.n + me->me;
    me->done = 0;
    take_part(h, me, *snapshot);
    see_end(h, me);
    return ds_poll(h, me->whole, &e);
}
