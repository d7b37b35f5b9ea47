/* What a leader of a Raft does: it copies its log to others, section 5.3,
 * counts copies, 5.4.2, and answers clients, 8.  What clients only look at is
 * not in the log: 6.4 of the thesis. */
#include "proto/raft.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/observe.h>

/* ---- Sending --------------------------------------------------------------*/

static int64_t batch(const ds__raft *s)
{
    return s->config->batch > 0 ? (int64_t)s->config->batch : 64;
}

static ds__raft_packet append_to(ds__raft *s, ds__raft_kind kind,
                                 int64_t before)
{
    return (ds__raft_packet){
        .kind = kind,
        .term = s->term,
        .index = before,
        .before = ds__raft_term_at(s, before),
        .commit = s->commit,
        .round = ++s->round,
        .sent = s->rules->time(s),
    };
}

/* To a member that lacks entries which are not there any more. */
static void send_snapshot(ds__raft *s, size_t to)
{
    size_t size;
    unsigned char *all = ds__raft_snapshot(s, sizeof(ds__raft_packet), &size);

    if (all == NULL)
        return;
    ds__raft_packet p = append_to(s, DS__INSTALL, s->applied);
    p.count = (int64_t)size;
    memcpy(all, &p, sizeof(p));
    s->peers[to].carried = p.round;
    ds__raft_send(s, to, (ds__raft_packet *)all, sizeof(p) + size);
    free(all);
}

/* Sends a member what is new to it, or a heartbeat. */
static void send_append(ds__raft *s, size_t to, bool heartbeat)
{
    ds__peer *peer = &s->peers[to];
    bool lacks = peer->next <= s->base.index;

    if (lacks && !heartbeat) {
        send_snapshot(s, to);
        return;
    }
    ds__raft_packet *p = s->packet;
    *p = append_to(s, DS__APPEND, lacks ? s->base.index : peer->next - 1);
    if (!heartbeat)
        p->count =
            (int64_t)fmin((double)(s->last - p->index), (double)batch(s));
    if (p->count > 0) {
        memcpy(p + 1, ds__raft_at(s, peer->next),
               (size_t)p->count * sizeof(ds__entry));
        peer->carried = p->round;
    }
    ds__raft_send(s, to, p, sizeof(*p) + (size_t)p->count * sizeof(ds__entry));
}

void ds__raft_send_appends(ds__raft *s, bool heartbeat)
{
    for (size_t i = 0; i < s->n; i++)
        if (i != s->me && ds__raft_votes(s, i))
            send_append(s, i, heartbeat);
}

/* ---- What has been copied -------------------------------------------------*/

/* Answers the questions that have waited long enough. */
static void answer_looks(ds__raft *s)
{
    const ds__replica *r = &s->replica;
    ds__wait *w;

    while ((w = ds__waits_first(&s->looks)) != NULL &&
           s->rules->may_look(s, w)) {
        int64_t seen =
            w->call.what == DS__LOOK
                ? r->machine->look(r->state, &w->call.request.command)
                : 0;
        ds__waits_answer(s->h, &s->looks, &s->config->group, seen);
    }
}

static bool has(const ds__raft *s, size_t member, int64_t index)
{
    return index <= (member == s->me ? s->synced : s->peers[member].match);
}

/* Commits what a quorum has, and leads no longer if that says that it is to go:
 * 4.2.2 of the thesis. */
static void count_copies(ds__raft *s)
{
    for (int64_t index = s->last; index > s->commit; index--) {
        size_t have = 0;
        for (size_t i = 0; i < s->n; i++)
            have += s->voters[i] && has(s, i, index);
        if (ds__raft_is_quorum(s, have) && s->rules->may_commit(s, index))
            ds__raft_commit(s, index);
    }
    answer_looks(s);
    if (!ds__raft_votes(s, s->me) && s->voters_at <= s->commit)
        ds__raft_follow(s, s->term, DS_NOBODY);
}

/* Learns how far a follower is. */
static void note_ack(ds__peer *peer, const ds__raft_packet *ack)
{
    if (ack->yes && ack->index > peer->match)
        peer->match = ack->index;
    if (!ack->yes && ack->index + 1 < peer->next)
        peer->next = ack->index + 1;
    if (peer->next <= peer->match)
        peer->next = peer->match + 1;
    if (ack->round > peer->round)
        peer->round = ack->round;
    if (ack->sent > peer->heard)
        peer->heard = ack->sent;
    assert(peer->match < peer->next);
}

void ds__raft_on_appended(ds__raft *s, const ds__raft_packet *ack)
{
    ds__peer *peer = &s->peers[ack->from];

    if (ack->term > s->term) {
        ds__raft_follow(s, ack->term, DS_NOBODY);
        ds__raft_keep(s);
        return;
    }
    if (!s->rules->counts_ack(s, ack) || !s->rules->is_of_voter(peer, ack))
        return;
    note_ack(peer, ack);
    /* What was sent has come, or had time to. */
    if (peer->next <= s->last && ack->round >= peer->carried)
        send_append(s, ack->from, false);
    count_copies(s);
}

/* ---- Clients --------------------------------------------------------------*/

static void propose(ds__raft *s, const ds__request *r)
{
    ds__raft_append(s, &(ds__entry){ s->term, s->last + 1, *r });
    if (!ds__raft_keep(s))
        return;
    ds__raft_send_appends(s, false);
    count_copies(s);
}

/* Puts an entry of this term into the log, with which those before it are
 * committed, unless there is one. */
static void begin_term(ds__raft *s)
{
    const ds__request nothing = { .client = 0 };

    if (ds__raft_term_at(s, s->last) != s->term)
        propose(s, &nothing);
}

/* Has a request done, and its client told. */
static void propose_for(ds__raft *s, const ds_msg *question,
                        const ds__request *r)
{
    if (ds__waits_add(s->h, &s->commands, question, s->last + 1, 0))
        propose(s, r);
}

/* As new as what is committed now, if it still leads; a heartbeat asks that. */
static void on_look(ds__raft *s, const ds_msg *question)
{
    int64_t index = s->commit;

    if (!s->rules->knows_commit(s)) /* ... before an entry of this term is */
        index = s->last + (ds__raft_term_at(s, s->last) != s->term);
    if (!ds__waits_add(s->h, &s->looks, question, index, s->round + 1))
        return;
    if (index > s->last) {
        begin_term(s);
        return;
    }
    answer_looks(s);
    if (ds__waits_first(&s->looks) != NULL)
        ds__raft_send_appends(s, true);
}

/* Changes who votes, unless it is so, as far as who still leads knows. */
static void on_change(ds__raft *s, const ds_msg *question)
{
    const ds__request *r = &((const ds__call *)question->data)->request;
    const bool votes = r->command.arg[0] != 0;
    const bool is_so = ds__raft_votes(s, (size_t)r->command.key) == votes;
    const size_t left = votes ? s->num_voters + 1 : s->num_voters - 1;

    if (is_so && s->voters_at <= s->commit) {
        on_look(s, question);
    } else if (!is_so && left > 0 && left >= s->config->least &&
               s->rules->may_change(s)) {
        propose_for(s, question, r);
    } else {
        ds__call_refuse(s->h, &s->config->group, question, s->me);
        begin_term(s);
    }
}

/* A look has no number. */
static void lead(ds__raft *s, const ds_msg *question)
{
    const ds__call *c = question->data;
    const ds__done *done = ds__replica_done(&s->replica, c->request.client);

    if (c->what == DS__LOOK)
        on_look(s, question);
    else if (s->rules->was_done(done, &c->request))
        ds__call_done(s->h, &s->config->group, question, done);
    else if (c->what == DS__DO)
        propose_for(s, question, &c->request);
    else
        on_change(s, question);
}

void ds__raft_on_call(ds__raft *s, const ds_msg *question)
{
    if (s->role == DS__LEADER)
        lead(s, question);
    else
        ds__call_refuse(s->h, &s->config->group, question, s->leader);
}
