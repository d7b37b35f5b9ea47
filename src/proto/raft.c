/* A member of a Raft (Ongaro, Ousterhout 2014).
 *
 * A leader, elected for a term, puts commands into its log and copies it to the
 * others.  What a majority has on its disks is committed, and done by the
 * machine of each.  Two majorities share a member, which votes for nobody whose
 * log is behind its own: so who leads later has all that was committed.  And
 * logs that have the same entry at an index are the same up to there, because
 * nobody takes entries unless they fit to what it has before them. */
#include "proto/raft.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "proto/group.h"

/* ---- Following ------------------------------------------------------------*/

/* Follows who sent this, if its term is not over. */
static bool follows(ds__raft *s, const ds__raft_packet *p)
{
    if (p->term < s->term)
        return false;
    ds__raft_follow(s, p->term, p->from);
    s->heard = s->rules->time(s);
    return true;
}

static void acknowledge(ds__raft *s, const ds__raft_packet *p, bool yes,
                        int64_t index)
{
    ds__raft_packet ack = {
        .kind = DS__APPENDED,
        .yes = yes,
        .term = s->term,
        .index = index,
        .round = p->round,
        .sent = p->sent,
    };

    ds__raft_send(s, p->from, &ack, sizeof(ack));
}

/* Whether the log up to there is the leader's: what is committed is
 * everybody's.
 */
static bool fits(const ds__raft *s, const ds__raft_packet *p)
{
    return p->index <= s->last && (p->index < s->base.index ||
                                   ds__raft_term_at(s, p->index) == p->before);
}

static void on_append(ds__raft *s, const ds__raft_packet *p)
{
    int64_t equal = p->index + p->count;
    bool follows_it, fitting;

    if (p->term < s->term && !s->rules->tells_term(s))
        return;
    follows_it = follows(s, p);
    fitting = follows_it && fits(s, p);
    if (fitting)
        ds__raft_take(s, (const ds__entry *)(p + 1), p->count);
    else /* the first that may be equal */
        equal = s->last < p->index ? s->last : p->index - 1;
    if (!ds__raft_keep(s))
        return;
    if (fitting)
        ds__raft_commit(s, s->rules->new_commit(s, p->commit, equal));
    acknowledge(s, p, fitting, equal);
}

static void on_install(ds__raft *s, const ds__raft_packet *p)
{
    if (follows(s, p) && ds__raft_install(s, p + 1, (size_t)p->count) &&
        ds__raft_keep(s))
        acknowledge(s, p, true, p->index);
}

/* ---- Serving --------------------------------------------------------------*/

static void on_time(ds__raft *s)
{
    if (s->role != DS__LEADER && !ds__raft_votes(s, s->me)) {
        ds__raft_wait_for_leader(s);
    } else if (s->role != DS__LEADER) {
        ds__raft_campaign(s, s->config->pre_vote);
    } else if (!s->rules->goes_on(s)) {
        ds__raft_follow(s, s->term, DS_NOBODY);
    } else {
        s->deadline = s->now + s->config->tick;
        ds__raft_send_appends(s, true);
    }
}

static void on_packet(ds__raft *s, const ds__raft_packet *p)
{
    switch (p->kind) {
    case DS__ASK_VOTE:
        ds__raft_on_ask(s, p);
        break;
    case DS__VOTE:
        ds__raft_on_vote(s, p);
        break;
    case DS__APPEND:
        on_append(s, p);
        break;
    case DS__APPENDED:
        ds__raft_on_appended(s, p);
        break;
    case DS__INSTALL:
        on_install(s, p);
        break;
    }
}

/* Whether a snapshot is worth it. */
static bool is_long(const ds__raft *s)
{
    return s->config->compact > 0 &&
           s->applied - s->base.index >= s->config->compact;
}

/* Waits for a packet or the deadline, and handles it; false: it is over. */
static bool step(ds__raft *s)
{
    const double wait = s->deadline - s->now;
    ds_msg m;

    if (!ds_recv_timeout(s->h, s->config->group.ports[s->me],
                         wait > 0 ? wait : 0, &m))
        return false;
    if (ds__raft_look_at_clock(s))
        s->woke = s->now;
    if (m.dest == NULL)
        on_time(s);
    else if (!m.damaged && ds__is_call(&m))
        ds__raft_on_call(s, &m);
    else if (!m.damaged)
        on_packet(s, m.data);
    ds_msg_drop(&m);
    assert(s->base.index <= s->applied && s->applied <= s->commit &&
           s->commit <= s->last);
    return !is_long(s) || ds__raft_compact(s);
}

static bool open(ds__raft *s)
{
    const ds_raft *config = s->config;
    const size_t first = config->voters > 0 ? config->voters : s->n;
    const size_t batch = config->batch > 0 ? config->batch : 64;

    if (first > s->n) {
        ds_fail(s->h, "ds_raft_serve: voters is %zu, of %zu members", first,
                s->n);
        return false;
    }
    s->voters = calloc(2 * s->n, sizeof(*s->voters));
    s->peers = calloc(s->n, sizeof(*s->peers));
    s->packet = malloc(sizeof(*s->packet) + batch * sizeof(ds__entry));
    if (s->voters == NULL || s->peers == NULL || s->packet == NULL) {
        ds_fail(s->h, "ds_raft_serve: there is no memory");
        return false;
    }
    s->base_voters = s->voters + s->n;
    memset(s->base_voters, true, first);
    return ds__replica_open(s->h, &s->replica, config->machine);
}

static void close(ds__raft *s)
{
    ds__replica_close(&s->replica);
    ds__waits_close(&s->commands);
    ds__waits_close(&s->looks);
    free(s->packet);
    free(s->peers);
    free(s->voters);
    free(s->log);
}

void ds__raft_serve(ds_handle *h, const ds_raft *config,
                    const ds__raft_rules *rules)
{
    ds__raft s = {
        .h = h,
        .config = config,
        .rules = rules,
        .n = config->group.n,
        .vote = DS_NOBODY,
        .leader = DS_NOBODY,
        .now = ds_now(h),
    };

    s.heard = s.woke = s.now;
    if (ds__group_enter(h, &config->group, "ds_raft_serve", &s.me) &&
        open(&s)) {
        rules->start(&s);
        ds__raft_wait_for_leader(&s);
        if (ds__raft_load(&s) && ds__raft_keep(&s))
            while (step(&s))
                continue;
    }
    close(&s);
}

void ds_raft_serve(ds_handle *h, void *arg)
{
    ds__raft_serve(h, arg, &ds__raft_right);
}

bool ds_raft_change(ds_handle *h, ds_session *s, size_t member, bool votes)
{
    const ds__request r = {
        .client = s->asker.identity,
        .number = ++s->number,
        .command = { .op = DS__OWN, .key = (int64_t)member, .arg = { votes } },
    };
    int64_t ignored;

    return ds__group_has(h, s->asker.group, "ds_raft_change", member) &&
           ds__session_call(h, s, DS__CHANGE, &r, &ignored);
}
