/* What a member of a log by Paxos does to lead, and as a leader: it asks for
 * promises once, finishes what others have begun, and then proposes what
 * clients want.  What clients only look at is in no instance. */
#include "proto/paxos_log.h"

#include <distsys/observe.h>

/* ---- Who leads ------------------------------------------------------------*/

static double patience(const ds__plog *s)
{
    const double ticks = s->config->patience > 0 ? s->config->patience : 3;

    return ticks * s->config->tick;
}

void ds__plog_wait_for_leader(ds__plog *s)
{
    s->deadline = s->now + patience(s) * (1 + ds_random(s->h));
}

void ds__plog_follow(ds__plog *s, int64_t ballot, size_t leader)
{
    if (ballot > s->promised) {
        s->promised = ballot;
        s->promise_is_new = true;
    }
    if (s->role == DS__PLOG_LEADS || leader != DS_NOBODY)
        ds__plog_wait_for_leader(s);
    if (s->role == DS__PLOG_LEADS) {
        ds__waits_clear(&s->commands);
        ds__waits_clear(&s->looks);
    }
    s->role = DS__PLOG_FOLLOWS;
    s->leader = leader;
}

/* ---- Sending --------------------------------------------------------------*/

static int64_t batch(const ds__plog *s)
{
    return s->config->batch > 0 ? (int64_t)s->config->batch : 64;
}

static ds__plog_packet next_accept(ds__plog *s)
{
    return (ds__plog_packet){ .kind = DS__PLOG_ACCEPT,
                              .ballot = s->promised,
                              .commit = s->commit,
                              .round = ++s->round };
}

/* Copies what a member has not been sent, as proposals of this ballot, in which
 * what is chosen is proposed again. */
static int64_t copy_next(const ds__plog *s, int64_t next, ds__proposal *to)
{
    const ds__proposal *p;
    int64_t n = 0;

    for (; n < batch(s) && (p = ds__slots_at(&s->accepted, next + n)) != NULL;
         n++) {
        to[n] = *p;
        to[n].ballot = s->promised;
    }
    return n;
}

/* Sends a member what it has not been sent, or a snapshot that has it; or
 * nothing but that there is a leader. */
static void send_accept(ds__plog *s, size_t to, bool only_asks)
{
    ds__plog_peer *peer = &s->peers[to];
    ds__plog_packet *p = s->packet;

    *p = next_accept(s);
    if (!only_asks && peer->next <= s->accepted.base) {
        peer->carried = p->round;
        peer->next = s->commit + 1;
        ds__plog_send_state(s, to, p);
        return;
    }
    if (!only_asks)
        p->count = copy_next(s, peer->next, (ds__proposal *)(p + 1));
    if (p->count > 0)
        peer->carried = p->round;
    peer->next += p->count;
    ds__plog_send(s, to, p,
                  sizeof(*p) + (size_t)p->count * sizeof(ds__proposal));
}

static void send_accepts(ds__plog *s, bool only_ask)
{
    for (size_t i = 0; i < s->n; i++)
        if (i != s->me)
            send_accept(s, i, only_ask);
}

/* ---- What is chosen -------------------------------------------------------*/

/* Answers the questions that have waited long enough. */
static void answer_looks(ds__plog *s)
{
    const ds__replica *r = &s->replica;
    ds__wait *w;

    while ((w = ds__waits_first(&s->looks)) != NULL && s->commit >= w->index &&
           s->rules->may_look(s, w))
        ds__waits_answer(s->h, &s->looks, &s->config->group,
                         r->machine->look(r->state, &w->call.request.command));
}

static bool has(const ds__plog *s, size_t member, int64_t index)
{
    return index <= (member == s->me ? s->synced : s->peers[member].match);
}

static void count_copies(ds__plog *s)
{
    for (int64_t index = s->accepted.last; index > s->commit; index--) {
        size_t have = 0;
        for (size_t i = 0; i < s->n; i++)
            have += has(s, i, index);
        if (ds__plog_is_quorum(s, have))
            ds__plog_commit(s, index);
    }
    answer_looks(s);
}

void ds__plog_on_accepted(ds__plog *s, const ds__plog_packet *ack)
{
    ds__plog_peer *peer = &s->peers[ack->from];

    if (ack->ballot > s->promised) {
        ds__plog_follow(s, ack->ballot, DS_NOBODY);
        ds__plog_keep(s);
        return;
    }
    if (!s->rules->counts_ack(s, ack))
        return;
    if (ack->index > peer->match)
        peer->match = ack->index;
    if (ack->round > peer->round)
        peer->round = ack->round;
    if (peer->next <= peer->match)
        peer->next = peer->match + 1;
    peer->heard = s->now;
    /* What was sent has come, or had time to: what lacks is sent again.  That
     * may be more than before: a new life does not know what is chosen. */
    if (ack->index < s->accepted.last && ack->round >= peer->carried) {
        peer->next = ack->index + 1;
        send_accept(s, ack->from, false);
    }
    count_copies(s);
}

/* ---- Phase 1 --------------------------------------------------------------*/

static void propose(ds__plog *s, int64_t index, const ds__request *r)
{
    const ds__proposal p = { s->promised, index, *r };

    ds_observe(s->h, DS_FACT_PROPOSE, index, ds__plog_name(r));
    ds__plog_accept(s, &p);
}

/* Finishes what others have begun, and fills the gaps in it.  All have to be
 * told who leads in any case. */
static void lead(ds__plog *s)
{
    s->role = DS__PLOG_LEADS;
    s->leader = s->me;
    s->begun = s->found.last > s->commit ? s->found.last : s->commit;
    s->synced = s->commit;
    for (size_t i = 0; i < s->n; i++)
        s->peers[i] = (ds__plog_peer){ .next = s->commit + 1, .heard = s->now };
    for (int64_t i = s->commit + 1; i <= s->begun; i++) {
        const ds__request r = s->rules->finishes(s, i);
        propose(s, i, &r);
    }
    s->deadline = s->now + s->config->tick;
    send_accepts(s, false);
    if (ds__plog_keep(s))
        count_copies(s);
}

static void find(ds__plog *s, const ds__proposal *all, int64_t count)
{
    for (const ds__proposal *p = all; p < all + count; p++) {
        const ds__proposal *known = ds__slots_at(&s->found, p->index);
        if (p->index > s->found.base && s->rules->binds(known, p))
            ds__slots_put(s->h, &s->found, p);
    }
}

static void count_promises(ds__plog *s)
{
    size_t promises = 0;

    for (size_t i = 0; i < s->n; i++)
        promises += s->peers[i].promises;
    if (ds__plog_is_quorum(s, promises))
        lead(s);
}

void ds__plog_campaign(ds__plog *s)
{
    const int64_t n = (int64_t)s->n;

    s->role = DS__PLOG_ASKS;
    s->leader = DS_NOBODY;
    s->promised = (s->promised / n + 1) * n + (int64_t)s->me;
    s->promise_is_new = true;
    for (size_t i = 0; i < s->n; i++)
        s->peers[i] = (ds__plog_peer){ .promises = i == s->me };
    s->found.base = s->found.last = s->commit;
    for (int64_t i = s->commit + 1; i <= s->accepted.last; i++) {
        const ds__proposal *own = ds__slots_at(&s->accepted, i);
        find(s, own, own != NULL);
    }
    ds__plog_wait_for_leader(s);
    if (!ds__plog_keep(s))
        return;
    ds_observe(s->h, DS_FACT_VOTE, s->promised, (int64_t)s->me);
    ds__plog_packet p = { .kind = DS__PLOG_PREPARE,
                          .ballot = s->promised,
                          .index = s->commit };
    for (size_t i = 0; i < s->n; i++)
        if (i != s->me)
            ds__plog_send(s, i, &p, sizeof(p));
    count_promises(s);
}

/* A promise that begins behind what is known to be chosen has too little; the
 * snapshot that comes with it is for the next ballot. */
void ds__plog_on_promise(ds__plog *s, const ds__plog_packet *promise)
{
    if (promise->ballot > s->promised) {
        ds__plog_follow(s, promise->ballot, DS_NOBODY);
        ds__plog_keep(s);
    } else if (s->role == DS__PLOG_ASKS && promise->yes &&
               promise->ballot == s->promised && promise->index <= s->commit) {
        find(s, (const ds__proposal *)(promise + 1), promise->count);
        s->peers[promise->from].promises = true;
        count_promises(s);
    }
}

/* ---- Leading --------------------------------------------------------------*/

/* Whether a majority has answered for as long as others wait. */
static bool is_heard(const ds__plog *s)
{
    size_t heard = 0;

    for (size_t i = 0; i < s->n; i++)
        heard += i == s->me || s->peers[i].heard > s->now - 2 * patience(s);
    return ds__plog_is_quorum(s, heard);
}

void ds__plog_on_tick(ds__plog *s)
{
    s->deadline = s->now + s->config->tick;
    if (is_heard(s))
        send_accepts(s, true);
    else
        ds__plog_follow(s, s->promised, DS_NOBODY);
}

/* Has a request done, and its client told. */
static void propose_for(ds__plog *s, const ds_msg *question,
                        const ds__request *r)
{
    const int64_t index = s->accepted.last + 1;

    if (!ds__waits_add(s->h, &s->commands, question, index, 0))
        return;
    propose(s, index, r);
    send_accepts(s, false);
    if (ds__plog_keep(s))
        count_copies(s);
}

/* As new as what is chosen now, which what others had begun may be, if it still
 * leads. */
static void on_look(ds__plog *s, const ds_msg *question)
{
    const int64_t index = s->commit > s->begun ? s->commit : s->begun;

    if (!ds__waits_add(s->h, &s->looks, question, index, s->round + 1))
        return;
    answer_looks(s);
    if (ds__waits_first(&s->looks) != NULL)
        send_accepts(s, true);
}

static void serve(ds__plog *s, const ds_msg *question)
{
    const ds__call *c = question->data;
    const ds__done *done = ds__replica_done(&s->replica, c->request.client);

    if (c->what == DS__LOOK)
        on_look(s, question);
    else if (c->what == DS__CHANGE)
        ds_fail(s->h, "ds_raft_change: the members of a ds_paxos_log do not "
                      "change; those of a ds_raft do");
    else if (s->rules->was_done(done, &c->request))
        ds__call_done(s->h, &s->config->group, question, done);
    else
        propose_for(s, question, &c->request);
}

void ds__plog_on_call(ds__plog *s, const ds_msg *question)
{
    if (s->role == DS__PLOG_LEADS)
        serve(s, question);
    else
        ds__call_refuse(s->h, &s->config->group, question, s->leader);
}
