/* Work that members give each other, until there is none anywhere.
 *
 * Who waits for work is idle, so that nobody has to say it: what there is to
 * know of termination is done while a member waits.  By Safra, that is to pass
 * on a token; by Dijkstra and Scholten, to tell whoever has set one to work
 * that nothing is left of it. */
#include "proto/snapshot_rules.h"

#include <assert.h>

#include <distsys/fault.h>

#include "proto/group.h"
#include "proto/payload.h"

/* What is in front of work. */
typedef struct packet {
    ds__head head;
    enum { WORK = 1, TOKEN, SIGNAL, FINISHED } kind;
    ds__tally token;
} packet;

/* Dijkstra and Scholten: who is engaged has been given work and has not
 * answered its parent; member 0 begins so, and has none. */
struct ds_worker {
    const ds_work *w;
    const ds__work_rules *rules;
    ds__links_rules links_rules;
    ds__links links;
    size_t me;
    bool begun;
    ds__tally own;
    bool engaged;
    size_t parent;
    uint64_t deficit; /* messages sent that have no signal */
    bool done;        /* all of the work is */
    bool over;        /* it receives no more */
};

/* ---- The rules ------------------------------------------------------------*/

static void count_and_blacken(ds__tally *own)
{
    own->surplus--;
    own->black = true;
}

static void whiten(ds__tally *own)
{
    own->black = false;
}

static bool white_and_even(const ds__tally *token)
{
    return !token->black && token->surplus == 0;
}

static bool when_all_are_answered(uint64_t deficit)
{
    return deficit == 0;
}

static bool answer_unless_new(bool engaged)
{
    return engaged;
}

const ds__work_rules ds__work_right = {
    .count = count_and_blacken,
    .passed = whiten,
    .tells_end = white_and_even,
    .signals = when_all_are_answered,
    .answers_at_once = answer_unless_new,
};

/* ---- Joining --------------------------------------------------------------*/

ds_worker *ds__work_join(ds_handle *h, const ds_work *w,
                         const ds__work_rules *rules)
{
    ds_worker *me = ds_alloc(h, sizeof(*me));

    if (me == NULL || !ds__group_enter(h, &w->group, "ds_work_join", &me->me))
        return NULL;
    me->w = w;
    me->rules = rules;
    me->links_rules = (ds__links_rules){ ds__links_in_turn, ds__links_keep };
    me->engaged = me->me == 0;
    me->parent = DS_NOBODY;
    return ds__links_open(h, &me->links, &w->group, 0, &me->links_rules) ? me
                                                                         : NULL;
}

ds_worker *ds_work_join(ds_handle *h, const ds_work *w)
{
    return ds__work_join(h, w, &ds__work_right);
}

static void send(ds_handle *h, ds_worker *me, size_t to, packet p)
{
    ds__links_send(h, &me->links, to, &p, sizeof(p));
}

static void announce(ds_handle *h, ds_worker *me)
{
    me->done = true;
    for (size_t i = 0; i < me->w->group.n; i++)
        if (i != me->me)
            send(h, me, i, (packet){ .kind = FINISHED });
}

/* ---- Safra ----------------------------------------------------------------*/

static void pass(ds_handle *h, ds_worker *me, ds__tally token)
{
    size_t n = me->w->group.n;

    send(h, me, (me->me + n - 1) % n,
         (packet){ .kind = TOKEN, .token = token });
    me->rules->passed(&me->own);
}

static void take_token(ds_handle *h, ds_worker *me, ds__tally token)
{
    token.surplus += me->own.surplus;
    token.black = token.black || me->own.black;
    if (me->me != 0)
        pass(h, me, token);
    else if (me->rules->tells_end(&token))
        announce(h, me);
    else
        pass(h, me, (ds__tally){ .surplus = 0 });
}

/* ---- Dijkstra and Scholten ------------------------------------------------*/

static void engage(ds_handle *h, ds_worker *me, size_t by)
{
    if (me->rules->answers_at_once(me->engaged)) {
        send(h, me, by, (packet){ .kind = SIGNAL });
        return;
    }
    me->engaged = true;
    me->parent = by;
}

static void disengage(ds_handle *h, ds_worker *me)
{
    if (!me->engaged || !me->rules->signals(me->deficit))
        return;
    me->engaged = false;
    if (me->parent == DS_NOBODY)
        announce(h, me);
    else
        send(h, me, me->parent, (packet){ .kind = SIGNAL });
}

static void see_signal(ds_handle *h, ds_worker *me)
{
    assert(me->deficit > 0);
    me->deficit--;
    disengage(h, me);
}

/* ---- Work -----------------------------------------------------------------*/

void ds_work_send(ds_handle *h, ds_worker *me, size_t to, const void *bytes,
                  size_t size)
{
    const packet head = { .kind = WORK };

    if (me->over)
        return;
    me->own.surplus++;
    me->deficit++;
    ds__payload_send(h, &me->links, to, &head, sizeof(head), bytes, size);
}

static void be_idle(ds_handle *h, ds_worker *me)
{
    if (me->w->way == DS_DIJKSTRA_SCHOLTEN)
        disengage(h, me);
    else if (me->me == 0 && !me->begun)
        pass(h, me, (ds__tally){ .surplus = 0 });
    me->begun = true;
}

/* True: it is work, which the caller gets. */
static bool see(ds_handle *h, ds_worker *me, ds_msg *m)
{
    const packet p = *(const packet *)m->data;

    if (p.kind == TOKEN)
        take_token(h, me, p.token);
    else if (p.kind == SIGNAL)
        see_signal(h, me);
    else if (p.kind == FINISHED)
        me->done = true;
    if (p.kind != WORK)
        return false;
    me->rules->count(&me->own);
    if (me->w->way == DS_DIJKSTRA_SCHOLTEN)
        engage(h, me, ds_group_sender(&me->w->group, m));
    ds__payload_strip(m, sizeof(packet));
    return true;
}

bool ds_work_recv(ds_handle *h, ds_worker *me, ds_msg *m)
{
    if (!me->over)
        be_idle(h, me);
    while (!me->over && !me->done && ds__links_recv(h, &me->links, m)) {
        if (see(h, me, m))
            return true;
        ds_msg_drop(m);
    }
    if (!me->over)
        ds__links_close(&me->links);
    me->over = true;
    return false;
}

bool ds_work_is_done(const ds_worker *me)
{
    return me->done;
}
