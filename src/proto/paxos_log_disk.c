/* What a member of a log by Paxos keeps: what it has promised in a cell, what
 * it has accepted as a record that grows, and snapshots; and what its machine
 * has done. */
#include "proto/paxos_log.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/observe.h>

/* ---- Changes --------------------------------------------------------------*/

bool ds__plog_keep(ds__plog *s)
{
    const int64_t last = s->accepted.last;
    bool sync = s->promise_is_new || (s->accepted_is_new && s->rules->syncs(s));

    if (s->promise_is_new && !s->rules->write_promise(s))
        return false;
    if (sync && !ds_disk_sync(s->h))
        return false;
    s->synced = last;
    s->promise_is_new = s->accepted_is_new = false;
    s->now = ds_now(s->h);
    return true;
}

void ds__plog_accept(ds__plog *s, const ds__proposal *p)
{
    assert(p->index > s->commit);
    if (!ds__slots_put(s->h, &s->accepted, p))
        return;
    ds_disk_append(s->h, s->kept.log, p, sizeof(*p));
    s->accepted_is_new = true;
}

/* ---- The machine ----------------------------------------------------------*/

/* Tells the client who waits for this instance, if there is one. */
static void answer(ds__plog *s, int64_t index, const ds__request *r,
                   const ds__done *done)
{
    const ds__wait *w = ds__waits_first(&s->commands);

    if (w == NULL || w->index != index)
        return;
    assert(s->role == DS__PLOG_LEADS);
    if (done->number == r->number)
        ds__waits_answer(s->h, &s->commands, &s->config->group, done->result);
    else
        ds__waits_drop(&s->commands);
}

static void apply(ds__plog *s, int64_t index, const ds__request *r)
{
    const ds__done *done = ds__replica_done(&s->replica, r->client);

    if (r->client == 0)
        return;
    if (!s->rules->was_done(done, r))
        done = ds__replica_do(s->h, &s->replica, r);
    answer(s, index, r, done);
}

int64_t ds__plog_name(const ds__request *r)
{
    return (int64_t)(r->client % 1000000000) * 1000 + r->number % 1000;
}

void ds__plog_commit(ds__plog *s, int64_t index)
{
    while (s->commit < index) {
        const ds__proposal *p = ds__slots_at(&s->accepted, ++s->commit);
        if (p == NULL)
            continue; /* never, by rules that are right */
        ds_observe(s->h, DS_FACT_DECIDE, s->commit, ds__plog_name(&p->request));
        apply(s, s->commit, &p->request);
    }
}

/* ---- Packets --------------------------------------------------------------*/

void ds__plog_send(ds__plog *s, size_t to, ds__plog_packet *p, size_t size)
{
    const ds_group *g = &s->config->group;

    assert(!s->promise_is_new);
    p->from = (uint32_t)s->me;
    ds_send_bytes(s->h, g->net, g->ports[s->me], g->ports[to], p, size);
}

/* ---- Snapshots ------------------------------------------------------------*/

/* How far it goes, and the replica, behind so many bytes for the caller, who
 * frees it.  NULL: there is no memory, which fails the run. */
static void *snapshot_of(ds__plog *s, size_t before, size_t *size)
{
    unsigned char *all;

    *size = sizeof(s->commit) + s->rules->saves(&s->replica);
    all = malloc(before + sizeof(s->commit) + ds__replica_size(&s->replica));
    if (all == NULL) {
        ds_fail(s->h,
                "ds_paxos_log_serve: there is no memory for a snapshot of %zu "
                "bytes",
                *size);
        return NULL;
    }
    memcpy(all + before, &s->commit, sizeof(s->commit));
    ds__replica_save(&s->replica, all + before + sizeof(s->commit));
    return all;
}

void ds__plog_send_state(ds__plog *s, size_t to, const ds__plog_packet *p)
{
    size_t size;
    unsigned char *all = snapshot_of(s, sizeof(*p), &size);

    if (all == NULL)
        return;
    memcpy(all, p, sizeof(*p));
    ((ds__plog_packet *)all)->kind = DS__PLOG_STATE;
    ((ds__plog_packet *)all)->count = (int64_t)size;
    ds__plog_send(s, to, (ds__plog_packet *)all, sizeof(*p) + size);
    free(all);
}

/* Has the machine be as it was when that was made. */
static void load_state(ds__plog *s, const void *snapshot, size_t size)
{
    const unsigned char *from = snapshot;

    assert(size >= sizeof(s->commit));
    memcpy(&s->commit, from, sizeof(s->commit));
    ds__replica_load(s->h, &s->replica, from + sizeof(s->commit),
                     size - sizeof(s->commit));
}

/* Forgets what a snapshot of now has, and keeps that and the rest. */
static bool keep_state(ds__plog *s, const void *snapshot, size_t size)
{
    ds__slots_rebase(&s->accepted, s->commit);
    const size_t most = (size_t)(s->accepted.last - s->commit);
    ds__proposal *left = malloc((most + 1) * sizeof(*left));
    if (left == NULL) {
        ds_fail(s->h,
                "ds_paxos_log_serve: there is no memory for %zu "
                "proposals",
                most);
        return false;
    }
    const int64_t n = ds__slots_copy(&s->accepted, s->commit, left);
    const int64_t last = s->accepted.last;
    bool goes_on = ds__kept_replace(s->h, &s->kept, snapshot, size, left,
                                    (size_t)n * sizeof(*left));
    free(left);
    s->synced = last;
    s->accepted_is_new = false;
    s->now = ds_now(s->h);
    return goes_on;
}

bool ds__plog_install(ds__plog *s, const void *snapshot, size_t size)
{
    int64_t commit;

    memcpy(&commit, snapshot, sizeof(commit));
    if (commit <= s->commit)
        return true;
    load_state(s, snapshot, size);
    return keep_state(s, snapshot, size);
}

bool ds__plog_compact(ds__plog *s)
{
    size_t size;
    void *snapshot = snapshot_of(s, 0, &size);
    bool goes_on = snapshot != NULL && keep_state(s, snapshot, size);

    free(snapshot);
    return goes_on;
}

/* ---- A new life -----------------------------------------------------------*/

static bool load_snapshot(ds__plog *s)
{
    void *snapshot;
    size_t size;

    if (!ds__kept_open(s->h, &s->kept, s->config->compact > 0) ||
        !ds__kept_read(s->h, &s->kept, &snapshot, &size))
        return false;
    if (snapshot != NULL)
        load_state(s, snapshot, size);
    free(snapshot);
    s->accepted.base = s->accepted.last = s->commit;
    return true;
}

/* A crash may have left any of what was not safe, which nobody has been told
 * of: it may be there, and it may be of a ballot that is not promised any more.
 */
static bool load_accepted(ds__plog *s)
{
    const size_t size = ds_disk_size(s->h, s->kept.log);
    ds__proposal p;

    for (size_t at = 0; at + sizeof(p) <= size; at += sizeof(p)) {
        if (!ds_disk_get(s->h, s->kept.log, at, &p, sizeof(p), NULL))
            return false;
        if (p.index > s->accepted.base &&
            !ds__slots_put(s->h, &s->accepted, &p))
            return false;
    }
    s->accepted_is_new = size > 0;
    return true;
}

bool ds__plog_load(ds__plog *s)
{
    return ds__cell_open(s->h, &s->cell, "promise", &s->promised,
                         sizeof(s->promised)) &&
           load_snapshot(s) && load_accepted(s);
}
