/* Raymond's mutual exclusion: a token moves on a tree, and each member knows
 * which neighbour is nearer to it.
 *
 * That neighbour is asked once for all who wait, here or beyond: those are in a
 * queue, of whom each stands for all on its side.  Along the way that the token
 * goes all point after it. */
#include "proto/mutex_rules.h"

#include <assert.h>

typedef struct ds_mutex_member member;

/* ---- The rules ------------------------------------------------------------*/

static bool ask_for_who_waits(const member *m)
{
    return true;
}

/* ---- Members --------------------------------------------------------------*/

/* Raymond 1989, ASSIGN_PRIVILEGE: the first who waits gets it, perhaps a thread
 * here. */
static void give(ds_handle *h, member *m, size_t first)
{
    assert(m->holder == m->me);
    m->of[first].request = 0;
    m->holder = first;
    m->asked = false;
    if (first != m->me)
        ds__mutex_tell(h, m, first, DS__ANSWER, 0);
    else if (m->state == DS__WANTS)
        ds__mutex_enter(h, m);
}

/* ASSIGN_PRIVILEGE and MAKE_REQUEST, after whatever has happened. */
static void act(ds_handle *h, member *m)
{
    size_t first = ds__mutex_oldest(m);

    if (first != DS_NOBODY && m->holder == m->me && m->kind->gives(m)) {
        give(h, m, first);
        if (!m->kind->asks_back(m))
            return;
        first = ds__mutex_oldest(m);
    }
    if (first != DS_NOBODY && m->holder != m->me && !m->asked) {
        m->asked = true;
        ds__mutex_tell(h, m, m->holder, DS__REQUEST, 0);
    }
}

static void queue(ds_handle *h, member *m, size_t who)
{
    m->of[who].request = ds_lamport_tick(&m->clock);
    act(h, m);
}

static void want(ds_handle *h, member *m)
{
    queue(h, m, m->me);
}

static void take(ds_handle *h, member *m, size_t from,
                 const ds__mutex_packet *p)
{
    if (p->what == DS__REQUEST) {
        queue(h, m, from);
        return;
    }
    m->holder = m->me;
    act(h, m);
}

static void begin(ds_handle *h, member *m)
{
    m->holder = m->me == 0 ? 0 : (m->me - 1) / 2;
    assert(m->state == DS__OUTSIDE);
}

const ds_mutex_kind ds_mutex_raymond = {
    .links = { ds__links_in_turn, ds__links_keep },
    .begin = begin,
    .want = want,
    .leave = act,
    .take = take,
    .gives = ds__mutex_is_outside,
    .asks_back = ask_for_who_waits,
};
