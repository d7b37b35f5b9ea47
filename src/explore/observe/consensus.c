/* Consensus and replicated logs.
 *
 * What is seen here is seen before it does harm: two votes of one member in a
 * term come before two leaders, and those before two histories. */

#include "explore/observe/observer.h"

typedef unsigned long long number;

/* Whether a member has an entry that is committed at an index.  What a snapshot
 * has instead is everybody's. */
static bool has(const ds_observer *o, const ds__member *m, int64_t index,
                int64_t entry)
{
    return index <= m->length &&
           (index < m->begins || ds__observer_value(o, DS__NOTE_ENTRY, m->who,
                                                    (uint64_t)index) == entry);
}

/* ---- Terms ----------------------------------------------------------------*/

static void vote(ds_observer *o, ds__member *m, const ds__told *t)
{
    bool fresh;
    const ds__note *before = ds__observer_note_once(
        o, DS__NOTE_VOTE, t->who, (uint64_t)t->a, t->b, t, &fresh);

    if (before != NULL && before->value != t->b &&
        ds__observer_checks(o, DS_CHECK_VOTES))
        ds__observer_wrong(
            o,
            "one vote a term: member %llu votes for %lld in term %lld at %.9g, "
            "and had voted for %lld at %.9g",
            (number)t->who, (long long)t->b, (long long)t->a, t->time,
            (long long)before->value, before->time);
}

/* Finds what a leader lacks of what was committed in earlier terms.  Who knows
 * of a commit tells it without a term, so it counts for the highest term that
 * had a leader by then: that may miss something, but accuses nobody wrongly. */
static void check_completeness(ds_observer *o, const ds__member *m,
                               const ds__told *t)
{
    for (int64_t i = 1; i <= o->last_committed && !o->wrong; i++) {
        const ds__note *c =
            ds__observer_find(o, DS__NOTE_COMMITTED, (uint64_t)i, 0);
        if (c == NULL || c->term >= t->a || has(o, m, i, c->value))
            continue;
        ds__observer_wrong(
            o,
            "leader completeness: member %llu leads term %lld at %.9g without "
            "entry %lld at index %lld, which member %llu knew committed at "
            "%.9g",
            (number)t->who, (long long)t->a, t->time, (long long)c->value,
            (long long)i, (number)c->who, c->time);
    }
}

static void lead(ds_observer *o, ds__member *m, const ds__told *t)
{
    bool fresh;
    const ds__note *before = ds__observer_note_once(
        o, DS__NOTE_LEADER, (uint64_t)t->a, 0, 0, t, &fresh);

    if (before != NULL && before->who != t->who &&
        ds__observer_checks(o, DS_CHECK_ELECTION))
        ds__observer_wrong(
            o,
            "election safety: members %llu and %llu lead term %lld, since %.9g "
            "and %.9g",
            (number)before->who, (number)t->who, (long long)t->a, before->time,
            t->time);
    if (ds__observer_checks(o, DS_CHECK_COMPLETENESS))
        check_completeness(o, m, t);
    if (t->a > o->last_term)
        o->last_term = t->a;
}

/* ---- Logs -----------------------------------------------------------------*/

/* Nothing stands from index on. */
static void shorten(ds__member *m, int64_t index)
{
    if (m->length >= index)
        m->length = index - 1;
    if (m->synced >= index)
        m->synced = index - 1;
    if (m->begins > m->length)
        m->begins = 0;
}

static void cut(ds_observer *o, ds__member *m, const ds__told *t)
{
    shorten(m, t->a);
}

static void sync(ds_observer *o, ds__member *m, const ds__told *t)
{
    m->synced = t->a;
}

/* Equal entries at an index must have equal ones before them. */
static void check_matching(ds_observer *o, const ds__told *t, int64_t before)
{
    bool fresh;
    const ds__note *known = ds__observer_note_once(
        o, DS__NOTE_BEFORE, (uint64_t)t->a, (uint64_t)t->b, before, t, &fresh);

    if (known != NULL && known->value != before)
        ds__observer_wrong(
            o,
            "log matching: entry %lld at index %lld has %lld before it in the "
            "log of member %llu at %.9g, and %lld in that of member %llu at "
            "%.9g",
            (long long)t->b, (long long)t->a, (long long)before, (number)t->who,
            t->time, (long long)known->value, (number)known->who, known->time);
}

/* Writes the entry down, and takes out what it replaces. */
static void write(ds_observer *o, ds__member *m, const ds__told *t)
{
    bool fresh;
    ds__note *entry = ds__observer_note_once(o, DS__NOTE_ENTRY, t->who,
                                             (uint64_t)t->a, t->b, t, &fresh);

    if (entry == NULL)
        return;
    if (!fresh && t->a <= m->length && entry->value != t->b)
        shorten(m, t->a);
    if (t->a > m->length + 1)
        m->begins = t->a;
    if (t->a > m->length)
        m->length = t->a;
    entry->value = t->b;
    entry->who = t->who;
    entry->time = t->time;
}

static void append(ds_observer *o, ds__member *m, const ds__told *t)
{
    const ds__note *before;

    write(o, m, t);
    if (!ds__observer_checks(o, DS_CHECK_LOG) || t->a <= 1 || t->a == m->begins)
        return;
    before = ds__observer_find(o, DS__NOTE_ENTRY, t->who, (uint64_t)(t->a - 1));
    /* A log that begins after a snapshot has nothing to compare there. */
    if (before != NULL)
        check_matching(o, t, before->value);
}

/* Used of commits and of what state machines do: the first one counts. */
static void commit(ds_observer *o, ds__member *m, const ds__told *t)
{
    const char *does = t->fact == DS_FACT_APPLY ? "applies" : "commits";
    bool fresh;
    ds__note *before = ds__observer_note_once(
        o, DS__NOTE_COMMITTED, (uint64_t)t->a, 0, t->b, t, &fresh);

    if (before == NULL)
        return;
    if (fresh) {
        before->term = o->last_term;
        if (t->a > o->last_committed)
            o->last_committed = t->a;
    } else if (before->value != t->b &&
               ds__observer_checks(o, DS_CHECK_MACHINE)) {
        ds__observer_wrong(
            o,
            "state machine safety: member %llu %s entry %lld at index %lld at "
            "%.9g, and for member %llu it was %lld at %.9g",
            (number)t->who, does, (long long)t->b, (long long)t->a, t->time,
            (number)before->who, (long long)before->value, before->time);
    }
}

/* Counts the members that would still have an entry if all crashed now. */
static size_t count_durable(const ds_observer *o, int64_t index, int64_t entry)
{
    size_t count = 0;

    for (size_t i = 0; i < o->num_members; i++) {
        const ds__member *m = &o->members[i];
        count += m->synced >= index && has(o, m, index, entry);
    }
    return count;
}

static void acknowledge(ds_observer *o, ds__member *m, const ds__told *t)
{
    size_t members =
        o->config.members == 0 ? o->num_members : o->config.members;
    size_t quorum = o->config.quorum == 0 ? members / 2 + 1 : o->config.quorum;
    size_t durable = count_durable(o, t->a, t->b);

    if (durable < quorum && ds__observer_checks(o, DS_CHECK_DURABILITY))
        ds__observer_wrong(
            o,
            "durability: member %llu acknowledges entry %lld at index %lld at "
            "%.9g, when it was on the disks of %zu of %zu members; a quorum is "
            "%zu",
            (number)t->who, (long long)t->b, (long long)t->a, t->time, durable,
            members, quorum);
}

/* ---- Decisions ------------------------------------------------------------*/

static void propose(ds_observer *o, ds__member *m, const ds__told *t)
{
    o->any_proposed = true;
    ds__observer_note(o, DS__NOTE_PROPOSED, (uint64_t)t->a, (uint64_t)t->b, 1,
                      t);
}

static void decide(ds_observer *o, ds__member *m, const ds__told *t)
{
    const ds__note *before =
        ds__observer_find(o, DS__NOTE_DECIDED, (uint64_t)t->a, 0);

    if (!ds__observer_checks(o, DS_CHECK_AGREEMENT))
        return;
    if (o->any_proposed &&
        ds__observer_find(o, DS__NOTE_PROPOSED, (uint64_t)t->a,
                          (uint64_t)t->b) == NULL)
        ds__observer_wrong(
            o,
            "validity: member %llu decides %lld in instance %lld at %.9g, "
            "which nobody had proposed",
            (number)t->who, (long long)t->b, (long long)t->a, t->time);
    else if (before == NULL)
        ds__observer_note(o, DS__NOTE_DECIDED, (uint64_t)t->a, 0, t->b, t);
    else if (before->value != t->b)
        ds__observer_wrong(
            o,
            "agreement: member %llu decides %lld in instance %lld at %.9g, and "
            "member %llu had decided %lld at %.9g",
            (number)t->who, (long long)t->b, (long long)t->a, t->time,
            (number)before->who, (long long)before->value, before->time);
}

void ds__check_consensus(ds_observer *o, ds__member *m, const ds__told *t)
{
    static void (*const checks[DS_FACT_DECIDE + 1])(ds_observer *, ds__member *,
                                                    const ds__told *) = {
        [DS_FACT_VOTE] = vote,       [DS_FACT_LEAD] = lead,
        [DS_FACT_APPEND] = append,   [DS_FACT_CUT] = cut,
        [DS_FACT_SYNC] = sync,       [DS_FACT_COMMIT] = commit,
        [DS_FACT_APPLY] = commit,    [DS_FACT_ACK] = acknowledge,
        [DS_FACT_PROPOSE] = propose, [DS_FACT_DECIDE] = decide,
    };

    checks[t->fact](o, m, t);
}
