/* A token goes around a ring, and who has it may enter.  One alone keeps it. */
#include "proto/mutex_rules.h"

typedef struct ds_mutex_member member;

static void pass(ds_handle *h, member *m)
{
    size_t n = m->mutex->group.n;

    if (n == 1)
        return;
    m->holder = DS_NOBODY;
    ds__mutex_tell(h, m, (m->me + 1) % n, DS__ANSWER, 0);
}

static void want(ds_handle *h, member *m)
{
    if (m->holder == m->me)
        ds__mutex_enter(h, m);
}

static void take(ds_handle *h, member *m, size_t from,
                 const ds__mutex_packet *p)
{
    m->holder = m->me;
    if (m->state == DS__WANTS)
        ds__mutex_enter(h, m);
    if (m->kind->gives(m))
        pass(h, m);
}

/* Member 0 has it first. */
static void begin(ds_handle *h, member *m)
{
    m->holder = m->me == 0 ? 0 : DS_NOBODY;
    if (m->me == 0)
        pass(h, m);
}

const ds_mutex_kind ds_mutex_token_ring = {
    .links = { ds__links_in_turn, ds__links_keep },
    .begin = begin,
    .want = want,
    .leave = pass,
    .take = take,
    .gives = ds__mutex_is_outside,
};
