/* Lamport's mutual exclusion: requests have times, and the oldest enters.
 *
 * Who has heard something later than its own request from all others knows all
 * requests that are older, since links keep the order. */
#include "proto/mutex_rules.h"

typedef struct ds_mutex_member member;

/* Lamport 1978, rule 5: it is the oldest, and all have said something later. */
static bool is_first(const member *m)
{
    for (size_t i = 0; i < m->mutex->group.n; i++)
        if (i != m->me && ds__is_older(m->of[i].heard, i, m->mine, m->me))
            return false;
    return ds__mutex_oldest(m) == m->me;
}

static void try(ds_handle *h, member *m)
{
    if (m->state == DS__WANTS && m->kind->may_enter(m))
        ds__mutex_enter(h, m);
}

/* Rule 1. */
static void want(ds_handle *h, member *m)
{
    m->mine = ds_lamport_tick(&m->clock);
    m->of[m->me].request = m->mine;
    ds__mutex_tell_others(h, m, DS__REQUEST, m->mine);
    try(h, m);
}

/* Rule 3. */
static void leave(ds_handle *h, member *m)
{
    m->of[m->me].request = 0;
    ds__mutex_tell_others(h, m, DS__RELEASE, ds_lamport_tick(&m->clock));
}

/* Rules 2 and 4. */
static void take(ds_handle *h, member *m, size_t from,
                 const ds__mutex_packet *p)
{
    m->kind->learns(m, p->time);
    m->of[from].heard = p->time;
    if (p->what == DS__REQUEST) {
        m->of[from].request = p->time;
        ds__mutex_tell(h, m, from, DS__ANSWER, ds_lamport_tick(&m->clock));
    }
    if (p->what == DS__RELEASE)
        m->of[from].request = 0;
    try(h, m);
}

const ds_mutex_kind ds_mutex_lamport = {
    .links = { ds__links_in_turn, ds__links_keep },
    .want = want,
    .leave = leave,
    .take = take,
    .learns = ds__mutex_learn,
    .may_enter = is_first,
};
