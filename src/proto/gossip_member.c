/* What a member of a gossip knows, what of that is a rumour, and what it writes
 * to others.
 *
 * Anti-entropy compares ranges of keys.  A range that differs is cut where the
 * own keys of the one who sees that are, so the parts are equal wherever keys
 * lie, and the two need not agree on a tree beforehand. */
#include "proto/gossip_rules.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef struct ds_gossip_member member;

_Static_assert(DS__PARTS >= 2 && DS__FEW >= DS__PARTS, "no part is empty");

/* ---- The rules ------------------------------------------------------------*/

/* Demers et al. 1987, 1.4: blind, with a counter. */
static bool until_it_was_told_so_often(size_t periods, size_t hot)
{
    return periods < hot;
}

static bool whatever_is_new(bool key_was_known)
{
    return true;
}

static bool by_digest(const ds_entries_sum *mine, const ds_entries_sum *other)
{
    return mine->count == other->count && mine->digest == other->digest;
}

const ds__gossip_rules ds__gossip_right = {
    .entries = &ds__entries_right,
    .is_hot = until_it_was_told_so_often,
    .is_rumour = whatever_is_new,
    .is_same = by_digest,
};

/* ---- Rumours --------------------------------------------------------------*/

/* Where the rumour of a key is, or belongs. */
static size_t place_of(const member *m, const ds_key *key)
{
    size_t low = 0, high = m->num_rumours;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ds_key_compare(&m->rumours[middle].entry->key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool grow(member *m)
{
    size_t max = m->max_rumours == 0 ? 1 : 2 * m->max_rumours;
    ds__rumour *wider;

    if (m->num_rumours < m->max_rumours)
        return true;
    wider = realloc(m->rumours, max * sizeof(*wider));
    if (wider == NULL)
        return false;
    m->rumours = wider;
    m->max_rumours = max;
    return true;
}

/* There is room. */
static void begin_rumour(member *m, const ds_entry *known)
{
    size_t at = place_of(m, &known->key);

    if (at == m->num_rumours || m->rumours[at].entry != known) {
        assert(m->num_rumours < m->max_rumours);
        memmove(&m->rumours[at + 1], &m->rumours[at],
                (m->num_rumours - at) * sizeof(*m->rumours));
        m->num_rumours++;
    }
    m->rumours[at] = (ds__rumour){ .entry = known };
}

bool ds__member_learn(member *m, const ds_entry *entry, bool *news)
{
    bool known = ds_entries_find(m->known, &entry->key) != NULL;

    if (!grow(m) || !ds_entries_put(m->known, entry, news))
        return false;
    if (*news && m->gossip->hot > 0 && m->rules->is_rumour(known))
        begin_rumour(m, ds_entries_find(m->known, &entry->key));
    return true;
}

void ds__member_cool(member *m)
{
    size_t n = 0;

    for (size_t i = 0; i < m->num_rumours; i++)
        if (m->rules->is_hot(m->rumours[i].periods, m->gossip->hot)) {
            m->rumours[n] = m->rumours[i];
            m->rumours[n++].periods++;
        }
    m->num_rumours = n;
}

/* Whether somebody who tells this, or nothing, may not know a rumour. */
static bool is_missing(const ds__told *told, const ds_entry *rumour)
{
    const ds_entry *same =
        told == NULL ? NULL : ds__told_find(told, &rumour->key);

    return same == NULL || ds_entry_is_less(same, rumour);
}

void ds__write_rumours(member *m, const ds__told *told)
{
    for (size_t i = 0; i < m->num_rumours; i++)
        if (is_missing(told, m->rumours[i].entry))
            ds__letter_add_entry(&m->letter, m->rumours[i].entry);
}

/* ---- Ranges ---------------------------------------------------------------*/

static const ds_key least = { .element = INT64_MIN };

static const ds_key *end_of(const ds__range *r)
{
    return ds_key_compare(&r->to, &least) == 0 ? NULL : &r->to;
}

static ds_entries_sum sum_of(const member *m, const ds__range *r)
{
    return ds_entries_sum_of(m->known, &r->from, end_of(r));
}

static bool is_in(const ds_entry *e, const ds__range *r)
{
    return e != NULL &&
           (end_of(r) == NULL || ds_key_compare(&e->key, &r->to) < 0);
}

static void claim(member *m, const ds__range *r, bool listed)
{
    const ds_entries_sum mine = sum_of(m, r);

    ds__letter_add_claim(&m->letter, &(ds__claim){ .range = *r,
                                                   .count = mine.count,
                                                   .digest = mine.digest,
                                                   .listed = listed });
}

void ds__write_all(member *m)
{
    claim(m, &(ds__range){ least, least }, false);
}

/* ---- Differences ----------------------------------------------------------*/

/* What is in a range, but for what somebody has told. */
static void tell_range(member *m, const ds__range *r, const ds__told *told)
{
    for (const ds_entry *e = ds_entries_from(m->known, &r->from); is_in(e, r);
         e = ds_entries_after(m->known, &e->key))
        if (is_missing(told, e))
            ds__letter_add_entry(&m->letter, e);
}

/* There are so many in it, and no part is empty. */
static void claim_parts(member *m, const ds__range *r, size_t count)
{
    size_t before = ds_entries_sum_of(m->known, NULL, &r->from).count;
    ds__range part = *r;

    assert(count >= DS__PARTS);
    for (size_t i = 1; i < DS__PARTS; i++) {
        size_t at =
            before + count / DS__PARTS * i + count % DS__PARTS * i / DS__PARTS;
        part.to = ds_entries_at(m->known, at)->key;
        claim(m, &part, false);
        part.from = part.to;
    }
    part.to = r->to;
    claim(m, &part, false);
}

static void answer(member *m, const ds__claim *c, const ds__told *told)
{
    const ds_entries_sum mine = sum_of(m, &c->range);
    const ds_entries_sum other = { .count = c->count, .digest = c->digest };

    if (c->listed) {
        tell_range(m, &c->range, told);
    } else if (!m->rules->is_same(&mine, &other)) {
        if (mine.count > DS__FEW && other.count > 0) {
            claim_parts(m, &c->range, mine.count);
        } else {
            claim(m, &c->range, true);
            tell_range(m, &c->range, NULL);
        }
    }
}

void ds__write_differences(member *m, const ds__told *told)
{
    for (size_t i = 0; i < told->num_claims; i++)
        answer(m, &told->claims[i], told);
}
