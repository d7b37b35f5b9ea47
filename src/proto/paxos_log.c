/* A member of a log by Paxos (Lamport 2001, section 3).
 *
 * The one idea: a ballot is for all instances.  Who wants to lead asks a
 * majority to take no part in lower ballots, and hears what they have accepted
 * behind what is chosen; where it hears of something, it proposes that again,
 * and from then on what clients want, each in the next instance.  Two
 * majorities share a member: so what has been chosen is heard of.
 *
 * An acceptor answers up to where it has all.  So one number says what it
 * lacks, and what is lost is sent again. */
#include "proto/paxos_log.h"

#include <assert.h>
#include <stdlib.h>

#include <distsys/observe.h>

#include "proto/group.h"

/* Instances that an acceptor keeps proposals of before those in front of them
 * are chosen; others come again when these are. */
enum { WINDOW = 10000 };

/* ---- Phase 1: promises ----------------------------------------------------*/

/* Tells what it has accepted behind what the candidate needs, or has. */
static void promise(ds__plog *s, const ds__plog_packet *ask)
{
    const ds__slots *l = &s->accepted;
    const int64_t from = ask->index > l->base ? ask->index : l->base;
    const size_t most = l->last > from ? (size_t)(l->last - from) : 0;
    ds__plog_packet *p = malloc(sizeof(*p) + most * sizeof(ds__proposal));

    if (p == NULL) {
        ds_fail(s->h, "ds_paxos_log_serve: there is no memory for a promise");
        return;
    }
    *p = (ds__plog_packet){ .kind = DS__PLOG_PROMISE,
                            .yes = true,
                            .ballot = ask->ballot,
                            .index = from };
    if (from > ask->index)
        ds__plog_send_state(s, ask->from, p);
    p->count = ds__slots_copy(l, from, (ds__proposal *)(p + 1));
    ds__plog_send(s, ask->from, p,
                  sizeof(*p) + (size_t)p->count * sizeof(ds__proposal));
    free(p);
}

static void refuse(ds__plog *s, const ds__plog_packet *p, ds__plog_kind kind)
{
    ds__plog_packet no = { .kind = kind, .ballot = s->promised };

    ds__plog_send(s, p->from, &no, sizeof(no));
}

static void on_prepare(ds__plog *s, const ds__plog_packet *p)
{
    if (!s->rules->may_promise(s, p->ballot)) {
        refuse(s, p, DS__PLOG_PROMISE);
        return;
    }
    ds__plog_follow(s, p->ballot, DS_NOBODY);
    ds__plog_wait_for_leader(s);
    if (!ds__plog_keep(s))
        return;
    ds_observe(s->h, DS_FACT_VOTE, p->ballot, p->from);
    promise(s, p);
}

/* ---- Phase 2: accepting ---------------------------------------------------*/

static void take(ds__plog *s, const ds__proposal *all, int64_t count)
{
    for (const ds__proposal *p = all; p < all + count; p++) {
        const ds__proposal *known = ds__slots_at(&s->accepted, p->index);
        if (p->index > s->commit && p->index <= s->commit + WINDOW &&
            (known == NULL || known->ballot != p->ballot))
            ds__plog_accept(s, p);
    }
}

static void acknowledge(ds__plog *s, const ds__plog_packet *p, int64_t index)
{
    ds__plog_packet ack = { .kind = DS__PLOG_ACCEPTED,
                            .yes = true,
                            .ballot = p->ballot,
                            .index = index,
                            .round = p->round };

    ds__plog_send(s, p->from, &ack, sizeof(ack));
}

static void on_accept(ds__plog *s, const ds__plog_packet *p)
{
    if (!s->rules->may_accept(s, p->ballot)) {
        refuse(s, p, DS__PLOG_ACCEPTED);
        return;
    }
    ds__plog_follow(s, p->ballot, p->from);
    take(s, (const ds__proposal *)(p + 1), p->count);
    if (!ds__plog_keep(s))
        return;
    int64_t all = ds__slots_all_of(&s->accepted, s->commit, p->ballot);
    ds__plog_commit(s, s->rules->new_commit(s, p->commit, all));
    acknowledge(s, p, all > s->commit ? all : s->commit);
}

/* What is in a snapshot is chosen, whoever sends it; a leader lacks nothing. */
static void on_state(ds__plog *s, const ds__plog_packet *p)
{
    const bool of_leader = p->round > 0;

    if (s->role == DS__PLOG_LEADS)
        return;
    if (of_leader && !s->rules->may_accept(s, p->ballot)) {
        refuse(s, p, DS__PLOG_ACCEPTED);
        return;
    }
    if (of_leader)
        ds__plog_follow(s, p->ballot, p->from);
    if (ds__plog_install(s, p + 1, (size_t)p->count) && ds__plog_keep(s) &&
        of_leader)
        acknowledge(s, p, s->commit);
}

/* ---- Serving --------------------------------------------------------------*/

static void on_packet(ds__plog *s, const ds__plog_packet *p)
{
    switch (p->kind) {
    case DS__PLOG_PREPARE:
        on_prepare(s, p);
        break;
    case DS__PLOG_PROMISE:
        ds__plog_on_promise(s, p);
        break;
    case DS__PLOG_ACCEPT:
        on_accept(s, p);
        break;
    case DS__PLOG_ACCEPTED:
        ds__plog_on_accepted(s, p);
        break;
    case DS__PLOG_STATE:
        on_state(s, p);
        break;
    }
}

/* Whether a snapshot is worth it. */
static bool is_long(const ds__plog *s)
{
    return s->config->compact > 0 &&
           s->commit - s->accepted.base >= s->config->compact;
}

/* Waits for a packet or the deadline, and handles it; false: it is over. */
static bool step(ds__plog *s)
{
    const double wait = s->deadline - s->now;
    ds_msg m;

    if (!ds_recv_timeout(s->h, s->config->group.ports[s->me],
                         wait > 0 ? wait : 0, &m))
        return false;
    s->now = ds_now(s->h);
    if (m.dest == NULL && s->role == DS__PLOG_LEADS)
        ds__plog_on_tick(s);
    else if (m.dest == NULL)
        ds__plog_campaign(s);
    else if (!m.damaged && ds__is_call(&m))
        ds__plog_on_call(s, &m);
    else if (!m.damaged)
        on_packet(s, m.data);
    ds_msg_drop(&m);
    assert(s->accepted.base <= s->commit);
    return !is_long(s) || ds__plog_compact(s);
}

static bool open(ds__plog *s)
{
    const ds_paxos_log *config = s->config;
    const size_t batch = config->batch > 0 ? config->batch : 64;

    s->peers = calloc(s->n, sizeof(*s->peers));
    s->packet = malloc(sizeof(*s->packet) + batch * sizeof(ds__proposal));
    if (s->peers == NULL || s->packet == NULL) {
        ds_fail(s->h, "ds_paxos_log_serve: there is no memory");
        return false;
    }
    return ds__replica_open(s->h, &s->replica, config->machine);
}

static void close(ds__plog *s)
{
    ds__replica_close(&s->replica);
    ds__waits_close(&s->commands);
    ds__waits_close(&s->looks);
    free(s->packet);
    free(s->peers);
    free(s->accepted.all);
    free(s->found.all);
}

void ds__plog_serve(ds_handle *h, const ds_paxos_log *config,
                    const ds__plog_rules *rules)
{
    ds__plog s = {
        .h = h,
        .config = config,
        .rules = rules,
        .n = config->group.n,
        .leader = DS_NOBODY,
        .now = ds_now(h),
    };

    if (!ds__group_enter(h, &config->group, "ds_paxos_log_serve", &s.me))
        return;
    if (open(&s) && ds__plog_load(&s) && ds__plog_keep(&s)) {
        ds__plog_wait_for_leader(&s);
        while (step(&s))
            continue;
    }
    close(&s);
}

void ds_paxos_log_serve(ds_handle *h, void *arg)
{
    ds__plog_serve(h, arg, &ds__plog_right);
}
