/* What a Raft keeps: its term and its vote in a cell, its log as a record that
 * grows and is cut, and snapshots. */
#include "proto/raft.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <distsys/observe.h>

/* ---- Changes --------------------------------------------------------------*/

bool ds__raft_look_at_clock(ds__raft *s)
{
    const double before = s->now;

    s->now = ds_now(s->h);
    return s->now > before;
}

bool ds__raft_keep(ds__raft *s)
{
    bool sync = s->vote_is_new || (s->log_is_new && s->rules->syncs_log(s));

    if (s->vote_is_new && !s->rules->write_vote(s))
        return false;
    if (sync) {
        if (!ds_disk_sync(s->h))
            return false;
        ds_observe(s->h, DS_FACT_SYNC, s->last, 0);
    }
    s->synced = s->last;
    s->vote_is_new = s->log_is_new = false;
    ds__raft_look_at_clock(s);
    return true;
}

void ds__raft_send(ds__raft *s, size_t to, ds__raft_packet *p, size_t size)
{
    const ds_group *g = &s->config->group;

    assert(!s->vote_is_new && !s->log_is_new);
    p->from = (uint32_t)s->me;
    ds_send_bytes(s->h, g->net, g->ports[s->me], g->ports[to], p, size);
}

/* ---- Snapshots ------------------------------------------------------------*/

/* The base, and who votes there. */
static size_t before_replica(const ds__raft *s)
{
    return sizeof(ds__base) + s->n * sizeof(bool);
}

void *ds__raft_snapshot(ds__raft *s, size_t before, size_t *size)
{
    const ds__base base = ds__raft_base(s);
    unsigned char *all;

    *size = before_replica(s) + ds__replica_size(&s->replica);
    all = malloc(before + *size);
    if (all == NULL) {
        ds_fail(s->h,
                "ds_raft_serve: there is no memory for a snapshot of %zu "
                "bytes",
                *size);
        return NULL;
    }
    memcpy(all + before, &base, sizeof(base));
    ds__raft_voters_at(s, s->applied, (bool *)(all + before + sizeof(base)));
    ds__replica_save(&s->replica, all + before + before_replica(s));
    return all;
}

/* Goes by a snapshot of the log up to its base. */
static void rebase(ds__raft *s, const unsigned char *snapshot)
{
    ds__base base;

    memcpy(&base, snapshot, sizeof(base));
    ds__raft_rebase(s, &base, (const bool *)(snapshot + sizeof(base)));
}

static void load_replica(ds__raft *s, const unsigned char *snapshot,
                         size_t size)
{
    const size_t before = before_replica(s);

    assert(size >= before);
    s->rules->load(s->h, &s->replica, snapshot + before, size - before);
}

/* Puts a snapshot and the log behind it in the place of those before. */
static bool keep_snapshot(ds__raft *s, const void *snapshot, size_t size)
{
    if (!ds__kept_replace(s->h, &s->kept, snapshot, size, s->log,
                          ds__raft_length(s)))
        return false;
    ds_observe(s->h, DS_FACT_SYNC, s->last, 0);
    s->synced = s->last;
    s->log_is_new = false;
    ds__raft_look_at_clock(s);
    return true;
}

bool ds__raft_install(ds__raft *s, const void *snapshot, size_t size)
{
    ds__base base;

    assert(size >= sizeof(base));
    memcpy(&base, snapshot, sizeof(base));
    if (base.index <= s->commit)
        return true;
    rebase(s, snapshot);
    s->commit = s->applied = base.index;
    load_replica(s, snapshot, size);
    return keep_snapshot(s, snapshot, size);
}

bool ds__raft_compact(ds__raft *s)
{
    size_t size;
    void *snapshot = ds__raft_snapshot(s, 0, &size);
    if (snapshot == NULL)
        return false;
    rebase(s, snapshot);
    bool goes_on = keep_snapshot(s, snapshot, size);
    free(snapshot);
    return goes_on;
}

/* ---- A new life -----------------------------------------------------------*/

static bool load_vote(ds__raft *s)
{
    int64_t record[2];

    if (!ds__cell_open(s->h, &s->cell, "vote", record, sizeof(record)))
        return false;
    s->term = s->saved_term = record[0];
    s->vote =
        s->cell.writes == 0 || record[1] < 0 ? DS_NOBODY : (size_t)record[1];
    return true;
}

/* Finds the snapshot that counts, if there is any. */
static bool load_snapshot(ds__raft *s)
{
    void *all;
    size_t size;

    if (!ds__kept_open(s->h, &s->kept, s->config->compact > 0) ||
        !ds__kept_read(s->h, &s->kept, &all, &size))
        return false;
    if (all == NULL)
        return true;
    memcpy(&s->base, all, sizeof(s->base));
    memcpy(s->base_voters, (unsigned char *)all + sizeof(s->base),
           s->n * sizeof(bool));
    load_replica(s, all, size);
    s->last = s->commit = s->applied = s->base.index;
    free(all);
    return true;
}

/* Takes entries as long as each stands in its place: where a crash has kept one
 * change and not the one before it, the log ends. */
static bool load_log(ds__raft *s)
{
    const size_t size = ds_disk_size(s->h, s->kept.log);
    const int64_t n = (int64_t)(size / sizeof(ds__entry));

    if (!ds__raft_make_room(s, n) ||
        !ds_disk_get(s->h, s->kept.log, 0, s->log,
                     (size_t)n * sizeof(ds__entry), NULL))
        return false;
    for (int64_t i = 0; i < n && s->log[i].index == s->last + 1; i++)
        s->last++;
    if (ds__raft_length(s) < size)
        ds_disk_cut(s->h, s->kept.log, ds__raft_length(s));
    ds_observe(s->h, DS_FACT_CUT, s->last + 1, 0);
    for (int64_t i = s->base.index + 1; i <= s->last; i++)
        ds_observe(s->h, DS_FACT_APPEND, i, ds__raft_name(ds__raft_at(s, i)));
    s->log_is_new = size > 0;
    ds__raft_find_voters(s);
    return true;
}

bool ds__raft_load(ds__raft *s)
{
    return load_vote(s) && load_snapshot(s) && load_log(s);
}
