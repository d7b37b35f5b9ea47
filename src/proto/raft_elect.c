/* Who leads a Raft: section 5.2 of the paper, and the vote before the term, 9.6
 * of the thesis. */
#include "proto/raft.h"

#include <assert.h>
#include <math.h>

#include <distsys/observe.h>

void ds__raft_wait_for_leader(ds__raft *s)
{
    s->deadline = s->now + ds__raft_patience(s) * (1 + ds_random(s->h));
}

void ds__raft_follow(ds__raft *s, int64_t term, size_t leader)
{
    assert(term >= s->term);
    if (s->rules->forgets_vote(s, term)) {
        s->vote = DS_NOBODY;
        s->vote_is_new = true;
    }
    if (term > s->term) {
        s->term = term;
        s->vote_is_new = true;
    }
    if (s->role == DS__LEADER || leader != DS_NOBODY)
        ds__raft_wait_for_leader(s);
    if (s->role == DS__LEADER) {
        ds__waits_clear(&s->commands);
        ds__waits_clear(&s->looks);
    }
    s->role = DS__FOLLOWER;
    s->leader = leader;
}

static void lead(ds__raft *s)
{
    s->role = DS__LEADER;
    s->leader = s->me;
    s->heard = s->now;
    for (size_t i = 0; i < s->n; i++)
        s->peers[i] = (ds__peer){ .next = s->last + 1, .heard = -INFINITY };
    ds_observe(s->h, DS_FACT_LEAD, s->term, 0);
    s->deadline = s->now; /* the first heartbeat */
}

/* Counts the votes that a candidate has. */
static void count_votes(ds__raft *s)
{
    size_t votes = 0;

    for (size_t i = 0; i < s->n; i++)
        votes += s->voters[i] && s->peers[i].grants;
    if (!ds__raft_is_quorum(s, votes))
        return;
    if (s->early)
        ds__raft_campaign(s, false);
    else
        lead(s);
}

void ds__raft_campaign(ds__raft *s, bool early)
{
    s->role = DS__CANDIDATE;
    s->leader = DS_NOBODY;
    s->early = early;
    for (size_t i = 0; i < s->n; i++)
        s->peers[i].grants = i == s->me;
    if (!early) {
        s->term++;
        s->vote = s->me;
        s->vote_is_new = true;
    }
    ds__raft_wait_for_leader(s);
    if (!ds__raft_keep(s))
        return;
    if (!early)
        ds_observe(s->h, DS_FACT_VOTE, s->term, (int64_t)s->me);
    ds__raft_packet p = {
        .kind = DS__ASK_VOTE,
        .early = early,
        .term = s->term + early,
        .index = s->last,
        .before = ds__raft_term_at(s, s->last),
    };
    for (size_t i = 0; i < s->n; i++)
        if (i != s->me && ds__raft_votes(s, i))
            ds__raft_send(s, i, &p, sizeof(p));
    count_votes(s);
}

static bool hears_leader(const ds__raft *s)
{
    return s->role == DS__LEADER ||
           s->rules->time(s) < s->heard + ds__raft_patience(s);
}

/* Says only whether it would vote, and changes nothing. */
static void on_ask_early(ds__raft *s, const ds__raft_packet *ask)
{
    bool yes = ask->term > s->term && s->rules->is_up_to_date(s, ask);
    ds__raft_packet p = {
        .kind = DS__VOTE,
        .early = true,
        .yes = yes,
        .term = yes ? ask->term : s->term,
    };

    if (ask->term > s->term || s->rules->tells_term(s))
        ds__raft_send(s, ask->from, &p, sizeof(p));
}

void ds__raft_on_ask(ds__raft *s, const ds__raft_packet *ask)
{
    if (s->config->steady && ask->term > s->term && hears_leader(s))
        return;
    if (ask->early) {
        on_ask_early(s, ask);
        return;
    }
    if (ask->term > s->term)
        ds__raft_follow(s, ask->term, DS_NOBODY);
    bool yes = ask->term == s->term && s->rules->may_vote(s, ask->from) &&
               s->rules->is_up_to_date(s, ask);
    if (yes && s->vote != ask->from) {
        s->vote = ask->from;
        s->vote_is_new = true;
    }
    if (!ds__raft_keep(s) || (ask->term < s->term && !s->rules->tells_term(s)))
        return;
    if (yes) {
        ds_observe(s->h, DS_FACT_VOTE, s->term, ask->from);
        ds__raft_wait_for_leader(s);
    }
    ds__raft_packet p = { .kind = DS__VOTE, .yes = yes, .term = s->term };
    ds__raft_send(s, ask->from, &p, sizeof(p));
}

void ds__raft_on_vote(ds__raft *s, const ds__raft_packet *vote)
{
    if (vote->term > s->term && !(vote->early && vote->yes)) {
        ds__raft_follow(s, vote->term, DS_NOBODY);
        ds__raft_keep(s);
    } else if (s->rules->counts_vote(s, vote) && vote->yes) {
        s->peers[vote->from].grants = true;
        count_votes(s);
    }
}
