/* Ricart and Agrawala's mutual exclusion: an answer is a permission, and who is
 * inside, or older, puts it off until it has left.
 *
 * So no release is needed, and of two who want to enter the older one has no
 * answer to give. */
#include "proto/mutex_rules.h"

typedef struct ds_mutex_member member;

/* ---- The rules ------------------------------------------------------------*/

/* Of two with the same time the lower member goes first. */
static bool defer_if_older(const member *m, size_t from, ds_lamport time)
{
    return m->state == DS__INSIDE ||
           (m->state == DS__WANTS && ds__is_older(m->mine, m->me, time, from));
}

/* ---- Members --------------------------------------------------------------*/

static void try(ds_handle *h, member *m)
{
    if (m->state == DS__WANTS && m->answers == m->mutex->group.n - 1)
        ds__mutex_enter(h, m);
}

static void want(ds_handle *h, member *m)
{
    m->mine = ds_lamport_tick(&m->clock);
    m->answers = 0;
    ds__mutex_tell_others(h, m, DS__REQUEST, m->mine);
    try(h, m);
}

static void leave(ds_handle *h, member *m)
{
    for (size_t i = 0; i < m->mutex->group.n; i++)
        if (m->of[i].deferred) {
            m->of[i].deferred = false;
            ds__mutex_tell(h, m, i, DS__ANSWER, 0);
        }
}

static void take(ds_handle *h, member *m, size_t from,
                 const ds__mutex_packet *p)
{
    if (p->what == DS__ANSWER) {
        m->answers++;
        try(h, m);
        return;
    }
    m->kind->learns(m, p->time);
    if (m->kind->defers(m, from, p->time))
        m->of[from].deferred = true;
    else
        ds__mutex_tell(h, m, from, DS__ANSWER, 0);
}

const ds_mutex_kind ds_mutex_ricart_agrawala = {
    .links = { ds__links_in_turn, ds__links_keep },
    .want = want,
    .leave = leave,
    .take = take,
    .learns = ds__mutex_learn,
    .defers = defer_if_older,
};
