/* The log of a Raft, in memory and on the disk, who votes by it, and what the
 * machine has done.
 *
 * Entries up to a base have been replaced by a snapshot; they were committed,
 * and so nobody ever wants to change them. */
#include "proto/raft.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/observe.h>

const ds__entry *ds__raft_at(const ds__raft *s, int64_t index)
{
    assert(index > s->base.index && index <= s->last);
    return &s->log[index - s->base.index - 1];
}

int64_t ds__raft_name(const ds__entry *e)
{
    uint64_t name = (uint64_t)e->term;

    name = name * 1000 + e->request.client % 1000;
    name = name * 1000 + (uint64_t)e->request.number % 1000;
    return (int64_t)name;
}

bool ds__raft_make_room(ds__raft *s, int64_t entries)
{
    int64_t room = s->room == 0 ? 32 : s->room * 2;

    if (entries <= s->room)
        return true;
    if (room < entries)
        room = entries;
    ds__entry *log = realloc(s->log, (size_t)room * sizeof(*log));
    if (log == NULL) {
        ds_fail(s->h, "ds_raft_serve: there is no memory for %lld entries",
                (long long)room);
        return false;
    }
    s->log = log;
    s->room = room;
    return true;
}

size_t ds__raft_length(const ds__raft *s)
{
    return (size_t)(s->last - s->base.index) * sizeof(ds__entry);
}

/* ---- Who votes ------------------------------------------------------------*/

static bool changes_voters(const ds__entry *e)
{
    return e->request.command.op == DS__OWN;
}

int64_t ds__raft_voters_at(const ds__raft *s, int64_t index, bool *voters)
{
    int64_t change = s->base.index;

    memcpy(voters, s->base_voters, s->n * sizeof(*voters));
    for (int64_t i = s->base.index + 1; i <= index; i++) {
        const ds__entry *e = ds__raft_at(s, i);
        if (!changes_voters(e))
            continue;
        voters[e->request.command.key] = e->request.command.arg[0] != 0;
        change = i;
    }
    return change;
}

void ds__raft_find_voters(ds__raft *s)
{
    s->voters_at = ds__raft_voters_at(s, s->last, s->voters);
    s->num_voters = 0;
    for (size_t i = 0; i < s->n; i++)
        s->num_voters += s->voters[i];
}

/* Goes by the latest entry, which says who votes.  Of one who did not, a leader
 * knows nothing. */
static void change_voters(ds__raft *s, const ds_command *change)
{
    const size_t who = (size_t)change->key;
    const bool joins = change->arg[0] != 0 && !s->voters[who];

    ds__raft_find_voters(s);
    if (joins)
        s->peers[who] = (ds__peer){ .next = s->last + 1,
                                    .joined = s->round,
                                    .heard = -INFINITY };
}

/* ---- Entries --------------------------------------------------------------*/

/* Takes what stands from index on out of the log, none of which was committed.
 */
static void truncate(ds__raft *s, int64_t index)
{
    assert(index > s->base.index && index <= s->last);
    if (index <= s->commit) {
        ds_fail(s->h,
                "state machine safety: member %zu replaces entry %lld at index "
                "%lld, which it knew committed",
                s->me, (long long)ds__raft_name(ds__raft_at(s, index)),
                (long long)index);
        return;
    }
    s->last = index - 1;
    if (s->synced > s->last)
        s->synced = s->last;
    ds_disk_cut(s->h, s->kept.log, ds__raft_length(s));
    ds_observe(s->h, DS_FACT_CUT, index, 0);
    s->log_is_new = true;
    if (index <= s->voters_at)
        ds__raft_find_voters(s);
}

void ds__raft_append(ds__raft *s, const ds__entry *e)
{
    assert(e->index == s->last + 1);
    if (!ds__raft_make_room(s, e->index - s->base.index))
        return;
    s->log[s->last++ - s->base.index] = *e;
    ds_disk_append(s->h, s->kept.log, e, sizeof(*e));
    ds_observe(s->h, DS_FACT_APPEND, e->index, ds__raft_name(e));
    s->log_is_new = true;
    if (changes_voters(e))
        change_voters(s, &e->request.command);
}

void ds__raft_take(ds__raft *s, const ds__entry *entries, int64_t count)
{
    for (const ds__entry *e = entries; e < entries + count; e++) {
        if (e->index <= s->base.index)
            continue;
        if (e->index <= s->last && s->rules->truncates(s, e))
            truncate(s, e->index);
        if (e->index > s->last)
            ds__raft_append(s, e);
    }
}

/* ---- The machine ----------------------------------------------------------*/

/* Tells the client who waits for this entry, if there is one. */
static void answer(ds__raft *s, const ds__entry *e, const ds__done *done)
{
    const ds__wait *w = ds__waits_first(&s->commands);

    if (w == NULL || w->index != e->index)
        return;
    assert(s->role == DS__LEADER);
    ds_observe(s->h, DS_FACT_ACK, e->index, ds__raft_name(e));
    if (done->number == e->request.number)
        ds__waits_answer(s->h, &s->commands, &s->config->group, done->result);
    else
        ds__waits_drop(&s->commands);
}

static void apply(ds__raft *s, const ds__entry *e)
{
    const ds__request *r = &e->request;
    const ds__done *done = ds__replica_done(&s->replica, r->client);

    if (r->client == 0)
        return;
    if (!s->rules->was_logged(done, r))
        done = ds__replica_do(s->h, &s->replica, r);
    answer(s, e, done);
}

void ds__raft_commit(ds__raft *s, int64_t index)
{
    while (s->commit < index) {
        s->commit++;
        ds_observe(s->h, DS_FACT_COMMIT, s->commit,
                   ds__raft_name(ds__raft_at(s, s->commit)));
    }
    while (s->applied < s->commit) {
        s->applied++;
        apply(s, ds__raft_at(s, s->applied));
    }
}

/* ---- Snapshots ------------------------------------------------------------*/

ds__base ds__raft_base(const ds__raft *s)
{
    if (s->applied == s->base.index)
        return s->base;
    return (ds__base){
        .index = s->applied,
        .term = ds__raft_term_at(s, s->applied),
        .name = ds__raft_name(ds__raft_at(s, s->applied)),
    };
}

/* Figure 13, 6 and 7. */
void ds__raft_rebase(ds__raft *s, const ds__base *base, const bool *voters)
{
    bool goes_on = base->index <= s->last &&
                   ds__raft_term_at(s, base->index) == base->term;
    int64_t left = goes_on ? s->last - base->index : 0;

    assert(base->index >= s->base.index);
    if (left > 0)
        memmove(s->log, &s->log[base->index - s->base.index],
                (size_t)left * sizeof(*s->log));
    if (!goes_on) {
        ds_observe(s->h, DS_FACT_CUT, s->commit + 1, 0);
        ds_observe(s->h, DS_FACT_APPEND, base->index, base->name);
    }
    s->base = *base;
    memcpy(s->base_voters, voters, s->n * sizeof(*voters));
    s->last = base->index + left;
    ds__raft_find_voters(s);
}
