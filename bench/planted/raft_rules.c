/* The rules of a Raft that is right.  Figures, and their rules by number, are
 * those of the paper. */

#include "bench/planted/raft_rules.h"

#include <distsys/disk.h>

/* ---- What rules look at ---------------------------------------------------*/

int64_t raft_term_at(const raft_server *s, int64_t index)
{
    return index > 0 ? s->log[index - 1].term : 0;
}

size_t raft_count(unsigned set)
{
    size_t n = 0;

    for (; set != 0; set &= set - 1)
        n++;
    return n;
}

bool raft_is_quorum(const raft_server *s, unsigned servers)
{
    return raft_count(servers & s->voters) >=
           s->rules.quorum(raft_count(s->voters));
}

double raft_patience(const raft_server *s)
{
    return s->cluster->setup.patience * s->cluster->setup.tick;
}

/* ---- Elections ------------------------------------------------------------*/

static size_t quorum(size_t servers)
{
    return servers / 2 + 1;
}

static bool may_vote(const raft_server *s, int candidate)
{
    return s->vote == RAFT_NOBODY || s->vote == candidate;
}

/* Compares the last entries: section 5.4.1. */
static bool is_up_to_date(const raft_server *s, const raft_packet *ask)
{
    int64_t mine = raft_term_at(s, s->last);

    return ask->before > mine || (ask->before == mine && ask->index >= s->last);
}

static bool forgets_vote(const raft_server *s, int64_t term)
{
    return term > s->term;
}

/* Puts them into one of two records in turn, since a crash may leave nothing of
 * the one that is being written; the one with the higher number counts. */
bool raft_write_vote(raft_server *s, int64_t term, int vote)
{
    const int64_t record[3] = { ++s->saved, term, vote };

    s->saved_term = term;
    return ds_disk_put(s->h, s->saved % 2 == 0 ? "vote 0" : "vote 1", record,
                       sizeof(record));
}

static bool write_vote(raft_server *s)
{
    return raft_write_vote(s, s->term, s->vote);
}

static bool counts_vote(const raft_server *s, const raft_packet *vote)
{
    return s->role == RAFT_CANDIDATE && vote->early == s->early &&
           vote->term == s->term + s->early;
}

static bool tells_term(const raft_server *s)
{
    return true;
}

/* ---- Logs -----------------------------------------------------------------*/

static bool syncs_log(const raft_server *s)
{
    return true;
}

/* Looks whether it is another one: a packet that is late must not shorten the
 * log.  Figure 2, AppendEntries, 3. */
static bool truncates(const raft_server *s, const raft_entry *e)
{
    return raft_term_at(s, e->index) != e->term;
}

/* Believes no entry behind index, which may be another leader's.  Figure 2,
 * AppendEntries, 5. */
static int64_t new_commit(const raft_server *s, int64_t commit, int64_t index)
{
    return commit < index ? commit : index;
}

static bool counts_ack(const raft_server *s, const raft_packet *ack)
{
    return s->role == RAFT_LEADER && ack->term == s->term;
}

static bool is_of_voter(const raft_peer *peer, const raft_packet *ack)
{
    return ack->round > peer->joined;
}

/* Counts only entries of its own term: a quorum may have an older one that is
 * replaced nevertheless.  Section 5.4.2, and figure 8. */
static bool may_commit(const raft_server *s, int64_t index)
{
    return raft_term_at(s, index) == s->term;
}

/* Gives up when a quorum has not answered for as long as others wait. */
static bool goes_on(const raft_server *s)
{
    double since = s->rules.time(s) - 2 * raft_patience(s);
    unsigned heard = 1u << s->me;

    if (!(s->cluster->setup.options & RAFT_STEADY) || s->heard > since)
        return true;
    for (int i = 0; i < s->cluster->setup.servers; i++)
        if (s->peers[i].heard > since)
            heard |= 1u << i;
    return raft_is_quorum(s, heard);
}

/* Changes one server at a time, and after an entry of its own: another leader
 * may have changed another one, and quorums of the two need not meet.  Ongaro,
 * raft-dev, 2015. */
static bool may_change(const raft_server *s)
{
    return s->voters_at <= s->commit && s->rules.knows_commit(s);
}

/* ---- Clients --------------------------------------------------------------*/

/* Only an entry of its own shows a leader how far those before it went. */
static bool knows_commit(const raft_server *s)
{
    return raft_term_at(s, s->commit) == s->term;
}

/* Asks whether it was still the leader after the read had come. */
static bool may_read(const raft_server *s, const raft_read *r)
{
    unsigned answered = 1u << s->me;

    for (int i = 0; i < s->cluster->setup.servers; i++)
        if (s->peers[i].round >= r->round)
            answered |= 1u << i;
    return s->applied >= r->index && raft_is_quorum(s, answered);
}

bool raft_reads_by_lease(const raft_server *s, const raft_read *r)
{
    double since = s->rules.time(s) - raft_patience(s);
    unsigned heard = 1u << s->me;

    for (int i = 0; i < s->cluster->setup.servers; i++)
        if (s->peers[i].heard > since)
            heard |= 1u << i;
    return s->applied >= r->index && raft_is_quorum(s, heard);
}

static double time_now(const raft_server *s)
{
    return s->now;
}

static bool was_done(const raft_server *s, const raft_command *c)
{
    return c->number <= s->done[c->client].number;
}

static void start(raft_server *s)
{
}

/* ---- All ------------------------------------------------------------------*/

static const raft_rules right = {
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
    .may_read = may_read,
    .time = time_now,
    .was_done = was_done,
    .start = start,
};

#define FILL_IN(rule)                                                          \
    if (rules->rule == NULL)                                                   \
    rules->rule = right.rule

void raft_complete(raft_rules *rules)
{
    FILL_IN(quorum);
    FILL_IN(may_vote);
    FILL_IN(is_up_to_date);
    FILL_IN(forgets_vote);
    FILL_IN(write_vote);
    FILL_IN(counts_vote);
    FILL_IN(tells_term);
    FILL_IN(syncs_log);
    FILL_IN(truncates);
    FILL_IN(new_commit);
    FILL_IN(counts_ack);
    FILL_IN(is_of_voter);
    FILL_IN(may_commit);
    FILL_IN(goes_on);
    FILL_IN(may_change);
    FILL_IN(knows_commit);
    FILL_IN(may_read);
    FILL_IN(time);
    FILL_IN(was_done);
    FILL_IN(start);
}
