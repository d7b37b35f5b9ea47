/* The rules of a log by Paxos that is right. */
#include "proto/paxos_log_rules.h"

#include <assert.h>

bool ds__plog_is_quorum(const ds__plog *s, size_t members)
{
    assert(members <= s->n);
    return members >= s->rules->quorum(s->n);
}

/* More than half, also of an even number: two of them share a member. */
static size_t quorum(size_t members)
{
    return members / 2 + 1;
}

static bool is_higher(const ds__plog *s, int64_t ballot)
{
    return ballot > s->promised;
}

static bool is_not_lower(const ds__plog *s, int64_t ballot)
{
    return ballot >= s->promised;
}

static bool write_promise(ds__plog *s)
{
    return ds__cell_write(s->h, &s->cell, &s->promised);
}

static bool always(const ds__plog *s)
{
    return true;
}

/* A majority may have accepted that of the highest ballot, and no other. */
static bool is_of_higher(const ds__proposal *known, const ds__proposal *other)
{
    return known == NULL || other->ballot > known->ballot;
}

/* Of what nobody in a majority has accepted nothing is chosen. */
static ds__request found_or_nothing(const ds__plog *s, int64_t index)
{
    const ds__proposal *found = ds__slots_at(&s->found, index);

    return found != NULL ? found->request : (ds__request){ .client = 0 };
}

static bool is_of_this_ballot(const ds__plog *s, const ds__plog_packet *ack)
{
    return s->role == DS__PLOG_LEADS && ack->yes && ack->ballot == s->promised;
}

/* Believes nothing of other ballots, whose proposals may be others; nor what it
 * lacks. */
static int64_t as_far_as_all_is_there(const ds__plog *s, int64_t commit,
                                      int64_t index)
{
    return commit < index ? commit : index;
}

/* Asks whether it was still the leader after the question had come. */
static bool is_answered(const ds__plog *s, const ds__wait *w)
{
    size_t answered = 0;

    for (size_t i = 0; i < s->n; i++)
        answered += i == s->me || s->peers[i].round >= w->round;
    return ds__plog_is_quorum(s, answered);
}

const ds__plog_rules ds__plog_right = {
    .quorum = quorum,
    .may_promise = is_higher,
    .may_accept = is_not_lower,
    .write_promise = write_promise,
    .syncs = always,
    .binds = is_of_higher,
    .finishes = found_or_nothing,
    .counts_ack = is_of_this_ballot,
    .new_commit = as_far_as_all_is_there,
    .may_look = is_answered,
    .was_done = ds__was_done,
    .saves = ds__replica_size,
};
