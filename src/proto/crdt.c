/* Replicated data types: what they have in common, counters, sets and
 * registers.
 *
 * The one idea: a state is entries of which the greater stays, and there is
 * nothing else to merge.  A counter keeps a number for each replica, which only
 * grows.  Everything else comes alive as an entry and dies by the lowest bit of
 * its rank; whoever replaces or removes something kills what he knows, and what
 * he does not know lives on. */
#include <stdlib.h>

#include "proto/crdt_rules.h"

/* ---- Stamps ---------------------------------------------------------------*/

static uint64_t after_all_seen(const ds_crdt *c, uint64_t seen, uint64_t now)
{
    uint64_t time = (seen >> DS__STAMP_BITS) + 1;

    return (time > now ? time : now) << DS__STAMP_BITS | c->replica;
}

static uint64_t always_another(const ds_crdt *c, uint64_t seen,
                               const ds_entry *live)
{
    return c->rules->stamp(c, seen, 0);
}

const ds__crdt_rules ds__crdt_right = {
    .stamp = after_all_seen,
    .dot = always_another,
};

/* ---- Replicas -------------------------------------------------------------*/

ds_crdt *ds__crdt_new(uint64_t replica, ds_entries *state,
                      const ds__crdt_rules *rules)
{
    ds_crdt *c = replica < DS_CRDT_REPLICAS ? malloc(sizeof(*c)) : NULL;

    if (c == NULL)
        return NULL;
    *c = (ds_crdt){ .rules = rules, .replica = replica, .state = state };
    c->delta = ds_entries_new();
    if (c->delta != NULL)
        return c;
    free(c);
    return NULL;
}

ds_crdt *ds_crdt_new(uint64_t replica, ds_entries *state)
{
    return ds__crdt_new(replica, state, &ds__crdt_right);
}

void ds_crdt_free(ds_crdt *c)
{
    if (c == NULL)
        return;
    ds_entries_free(c->delta);
    free(c);
}

ds_entries *ds_crdt_delta(ds_crdt *c)
{
    ds_entries *delta = c->delta, *next = ds_entries_new();

    if (next == NULL)
        return NULL;
    c->delta = next;
    return delta;
}

/* The delta first: if there is no memory for the rest, nothing has happened
 * here, and to do it again makes the same entry. */
bool ds__crdt_put(ds_crdt *c, const ds_entry *e)
{
    return ds_entries_put(c->delta, e, NULL) &&
           ds_entries_put(c->state, e, NULL);
}

bool ds__crdt_kill(ds_crdt *c, const ds_entry *e)
{
    ds_entry dead = *e;

    dead.rank |= 1;
    return ds__crdt_put(c, &dead);
}

/* ---- Entries of an object -------------------------------------------------*/

static const ds_entry *if_of(const ds_entry *e, uint64_t object)
{
    return e != NULL && e->key.object == object ? e : NULL;
}

static const ds_entry *if_of_both(const ds_entry *e, uint64_t object,
                                  int64_t element)
{
    e = if_of(e, object);
    return e != NULL && e->key.element == element ? e : NULL;
}

const ds_entry *ds__crdt_first(const ds_crdt *c, uint64_t object)
{
    ds_key key = { .object = object, .element = INT64_MIN };

    return if_of(ds_entries_from(c->state, &key), object);
}

const ds_entry *ds__crdt_next(const ds_crdt *c, const ds_entry *e)
{
    return if_of(ds_entries_after(c->state, &e->key), e->key.object);
}

const ds_entry *ds__crdt_first_of(const ds_crdt *c, uint64_t object,
                                  int64_t element)
{
    ds_key key = { .object = object, .element = element };

    return if_of_both(ds_entries_from(c->state, &key), object, element);
}

const ds_entry *ds__crdt_next_of(const ds_crdt *c, const ds_entry *e)
{
    return if_of_both(ds_entries_after(c->state, &e->key), e->key.object,
                      e->key.element);
}

ds_entries_sum ds__crdt_sum(const ds_crdt *c, uint64_t object)
{
    ds_key from = { .object = object, .element = INT64_MIN };
    ds_key to = { .object = object + 1, .element = INT64_MIN };

    return ds_entries_sum_of(c->state, &from, to.object > 0 ? &to : NULL);
}

/* ---- Counters -------------------------------------------------------------*/

enum { PLUS = 0, MINUS = 1 }; /* dots */

static bool count(ds_crdt *c, uint64_t object, uint64_t dot, int64_t n)
{
    ds_entry e = {
        .key = { .object = object, .element = (int64_t)c->replica, .dot = dot },
        .value = n,
    };
    const ds_entry *mine = ds_entries_find(c->state, &e.key);

    if (mine != NULL)
        e.value += mine->value;
    return ds__crdt_put(c, &e);
}

bool ds_g_counter_add(ds_crdt *c, uint64_t object, int64_t n)
{
    return count(c, object, PLUS, n);
}

bool ds_pn_counter_add(ds_crdt *c, uint64_t object, int64_t n)
{
    return n < 0 ? count(c, object, MINUS, -n) : count(c, object, PLUS, n);
}

int64_t ds_counter_read(const ds_crdt *c, uint64_t object)
{
    int64_t sum = 0;

    for (const ds_entry *e = ds__crdt_first(c, object); e != NULL;
         e = ds__crdt_next(c, e))
        sum += e->key.dot == PLUS ? e->value : -e->value;
    return sum;
}

/* ---- Sets -----------------------------------------------------------------*/

bool ds_g_set_add(ds_crdt *c, uint64_t object, int64_t element)
{
    const ds_entry e = { .key = { .object = object, .element = element } };

    return ds__crdt_put(c, &e);
}

bool ds_two_phase_set_remove(ds_crdt *c, uint64_t object, int64_t element)
{
    const ds_entry e = { .key = { .object = object, .element = element } };

    return ds__crdt_kill(c, &e);
}

static const ds_entry *find_live(const ds_crdt *c, uint64_t object,
                                 int64_t element)
{
    const ds_entry *e = ds__crdt_first_of(c, object, element);

    while (e != NULL && ds__is_dead(e))
        e = ds__crdt_next_of(c, e);
    return e;
}

/* RR-7506, specification 15: what is known of the element here is removed. */
bool ds_or_set_remove(ds_crdt *c, uint64_t object, int64_t element)
{
    for (const ds_entry *e; (e = find_live(c, object, element)) != NULL;)
        if (!ds__crdt_kill(c, e))
            return false;
    return true;
}

/* Its new dot stands for all additions that were known, so there are never more
 * alive than replicas have made at once. */
static bool replace(ds_crdt *c, uint64_t object, int64_t element, uint64_t dot,
                    int64_t value)
{
    const ds_entry e = {
        .key = { .object = object, .element = element, .dot = dot },
        .value = value,
    };

    return ds_or_set_remove(c, object, element) && ds__crdt_put(c, &e);
}

bool ds_or_set_add(ds_crdt *c, uint64_t object, int64_t element)
{
    const ds_entry *live = find_live(c, object, element);
    uint64_t dot = c->rules->dot(c, ds__crdt_sum(c, object).dot, live);

    if (live != NULL && live->key.dot == dot)
        return true;
    return replace(c, object, element, dot, 0);
}

bool ds_set_has(const ds_crdt *c, uint64_t object, int64_t element)
{
    return find_live(c, object, element) != NULL;
}

size_t ds_set_read(const ds_crdt *c, uint64_t object, int64_t *elements,
                   size_t most)
{
    size_t n = 0;
    const ds_entry *last = NULL;

    for (const ds_entry *e = ds__crdt_first(c, object); e != NULL;
         e = ds__crdt_next(c, e)) {
        if (ds__is_dead(e) ||
            (last != NULL && last->key.element == e->key.element))
            continue;
        if (n < most)
            elements[n] = e->key.element;
        last = e;
        n++;
    }
    return n;
}

/* ---- Registers ------------------------------------------------------------*/

static bool write_last(ds_crdt *c, uint64_t object, int64_t now, int64_t value,
                       bool dead)
{
    ds_entry e = { .key = { .object = object }, .value = value };
    const ds_entry *old = ds_entries_find(c->state, &e.key);
    uint64_t seen = old == NULL ? 0 : old->rank >> 1;

    e.rank = c->rules->stamp(c, seen, (uint64_t)now / 1000) << 1 | dead;
    return ds__crdt_put(c, &e);
}

bool ds_lww_write(ds_crdt *c, uint64_t object, int64_t now, int64_t value)
{
    return write_last(c, object, now, value, false);
}

bool ds_lww_erase(ds_crdt *c, uint64_t object, int64_t now)
{
    return write_last(c, object, now, 0, true);
}

bool ds_lww_read(const ds_crdt *c, uint64_t object, int64_t *value)
{
    const ds_entry *e = find_live(c, object, 0);

    if (e == NULL)
        return false;
    *value = e->value;
    return true;
}

/* An OR-set of one element, whose additions have values. */
bool ds_mv_write(ds_crdt *c, uint64_t object, int64_t value)
{
    uint64_t dot = c->rules->stamp(c, ds__crdt_sum(c, object).dot, 0);

    return replace(c, object, 0, dot, value);
}

size_t ds_mv_read(const ds_crdt *c, uint64_t object, int64_t *values,
                  size_t most)
{
    size_t n = 0;

    for (const ds_entry *e = ds__crdt_first(c, object); e != NULL;
         e = ds__crdt_next(c, e)) {
        if (ds__is_dead(e))
            continue;
        if (n < most)
            values[n] = e->value;
        n++;
    }
    return n;
}
