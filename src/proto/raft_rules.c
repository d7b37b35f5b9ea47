/* The rules of a Raft that is right.  Figures and sections are those of the
 * paper. */
#include "proto/raft_rules.h"

#include <assert.h>

/* ---- What rules look at ---------------------------------------------------*/

int64_t ds__raft_term_at(const ds__raft *s, int64_t index)
{
    assert(index >= s->base.index && index <= s->last);
    return index > s->base.index ? s->log[index - s->base.index - 1].term
                                 : s->base.term;
}

bool ds__raft_votes(const ds__raft *s, size_t member)
{
    return s->voters[member];
}

bool ds__raft_is_quorum(const ds__raft *s, size_t voters)
{
    assert(voters <= s->num_voters);
    return voters >= s->rules->quorum(s->num_voters);
}

size_t ds__raft_heard_since(const ds__raft *s, double time)
{
    size_t heard = 0;

    for (size_t i = 0; i < s->n; i++)
        heard += s->voters[i] && (i == s->me || s->peers[i].heard > time);
    return heard;
}

double ds__raft_patience(const ds__raft *s)
{
    double ticks = s->config->patience > 0 ? s->config->patience : 3;

    return ticks * s->config->tick;
}

/* ---- Elections ------------------------------------------------------------*/

/* More than half, also of an even number. */
static size_t quorum(size_t members)
{
    return members / 2 + 1;
}

static bool may_vote(const ds__raft *s, size_t candidate)
{
    return s->vote == DS_NOBODY || s->vote == candidate;
}

/* Compares the last entries: section 5.4.1. */
static bool is_up_to_date(const ds__raft *s, const ds__raft_packet *ask)
{
    int64_t mine = ds__raft_term_at(s, s->last);

    return ask->before > mine || (ask->before == mine && ask->index >= s->last);
}

static bool forgets_vote(const ds__raft *s, int64_t term)
{
    return term > s->term;
}

bool ds__raft_write_vote(ds__raft *s, int64_t term, size_t vote)
{
    const int64_t record[2] = { term, vote == DS_NOBODY ? -1 : (int64_t)vote };

    s->saved_term = term;
    return ds__cell_write(s->h, &s->cell, record);
}

static bool write_vote(ds__raft *s)
{
    return ds__raft_write_vote(s, s->term, s->vote);
}

static bool counts_vote(const ds__raft *s, const ds__raft_packet *vote)
{
    return s->role == DS__CANDIDATE && vote->early == s->early &&
           vote->term == s->term + s->early;
}

static bool tells_term(const ds__raft *s)
{
    return true;
}

/* ---- Logs -----------------------------------------------------------------*/

static bool syncs_log(const ds__raft *s)
{
    return true;
}

/* Looks whether it is another one: a packet that is late must not shorten the
 * log.  Figure 2, AppendEntries, 3. */
static bool truncates(const ds__raft *s, const ds__entry *e)
{
    return ds__raft_term_at(s, e->index) != e->term;
}

/* Believes no entry behind index, which may be another leader's.  Figure 2,
 * AppendEntries, 5. */
static int64_t new_commit(const ds__raft *s, int64_t commit, int64_t index)
{
    return commit < index ? commit : index;
}

static bool counts_ack(const ds__raft *s, const ds__raft_packet *ack)
{
    return s->role == DS__LEADER && ack->term == s->term;
}

static bool is_of_voter(const ds__peer *peer, const ds__raft_packet *ack)
{
    return ack->round > peer->joined;
}

/* Counts only entries of its own term: a quorum may have an older one that is
 * replaced nevertheless.  Section 5.4.2, and figure 8. */
static bool may_commit(const ds__raft *s, int64_t index)
{
    return ds__raft_term_at(s, index) == s->term;
}

/* Gives up when a quorum has not answered for as long as others wait. */
static bool goes_on(const ds__raft *s)
{
    double since = s->rules->time(s) - 2 * ds__raft_patience(s);

    return !s->config->steady || s->heard > since ||
           ds__raft_is_quorum(s, ds__raft_heard_since(s, since));
}

/* Changes one member at a time, and after an entry of its own: another leader
 * may have changed another one, and quorums of the two need not meet.  Ongaro,
 * raft-dev, 2015. */
static bool may_change(const ds__raft *s)
{
    return s->voters_at <= s->commit && s->rules->knows_commit(s);
}

/* ---- Clients --------------------------------------------------------------*/

/* Only an entry of its own shows a leader how far those before it went: section
 * 8. */
static bool knows_commit(const ds__raft *s)
{
    return ds__raft_term_at(s, s->commit) == s->term;
}

/* Asks whether it was still the leader after the question had come: section 8,
 * and the thesis, 6.4. */
static bool may_look(const ds__raft *s, const ds__wait *w)
{
    size_t answered = 0;

    for (size_t i = 0; i < s->n; i++)
        answered +=
            s->voters[i] && (i == s->me || s->peers[i].round >= w->round);
    return s->applied >= w->index && ds__raft_is_quorum(s, answered);
}

static double time_now(const ds__raft *s)
{
    return s->now;
}

static void start(ds__raft *s)
{
}

const ds__raft_rules ds__raft_right = {
    .quorum = quorum,
    .may_vote = may_vote,
    .is_up_to_date = is_up_to_date,
    .forgets_vote = forgets_vote,
    .write_vote = write_vote,
    .counts_vote = counts_vote,
    .tells_term = tells_term,
    .syncs_log = syncs_log,
    .truncates = truncates,
    .new_commit = new_commit,
    .counts_ack = counts_ack,
    .is_of_voter = is_of_voter,
    .may_commit = may_commit,
    .goes_on = goes_on,
    .may_change = may_change,
    .knows_commit = knows_commit,
    .may_look = may_look,
    .time = time_now,
    .was_done = ds__was_done,
    .was_logged = ds__was_done,
    .load = ds__replica_load,
    .start = start,
};
