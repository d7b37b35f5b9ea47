/* Which receive gets which message; see the header. */

#include "match/matcher.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "base/rng.h"

static ds__match *in_all(const ds__link *link)
{
    return ds__container(link, ds__match, all);
}

static ds__match *in_alike(const ds__link *link)
{
    return ds__container(link, ds__match, alike);
}

/* ---- Keys -----------------------------------------------------------------*/

static bool is_open(ds__match_key key)
{
    return key.source == DS__ANY_SOURCE || key.tag == DS__ANY_TAG;
}

static bool is_same(ds__match_key a, ds__match_key b)
{
    return a.context == b.context && a.source == b.source && a.tag == b.tag;
}

bool ds__match_fits(ds__match_key receive, ds__match_key message)
{
    return receive.context == message.context &&
           (receive.source == DS__ANY_SOURCE ||
            receive.source == message.source) &&
           (receive.tag == DS__ANY_TAG || receive.tag == message.tag);
}

static uint64_t hash(ds__match_key key)
{
    return ds__mix(key.context + ds__mix((uint64_t)(uint32_t)key.source << 32 |
                                         (uint32_t)key.tag));
}

/* ---- One side -------------------------------------------------------------*/

static void use_buckets(ds__match_side *side, ds__link *buckets, size_t n)
{
    side->buckets = buckets;
    side->num_buckets = n;
    for (size_t i = 0; i < n; i++)
        ds__list_init(&buckets[i]);
}

static void init_side(ds__match_side *side)
{
    *side = (ds__match_side){ .numbers = 0 };
    ds__list_init(&side->all);
    ds__list_init(&side->open);
    use_buckets(side, side->few, DS__FEW_BUCKETS);
}

static ds__link *bucket_of(const ds__match_side *side, ds__match_key key)
{
    return &side->buckets[hash(key) & (side->num_buckets - 1)];
}

/* Puts it where those like it are. */
static void file(ds__match_side *side, ds__match *match)
{
    ds__list_append(is_open(match->key) ? &side->open
                                        : bucket_of(side, match->key),
                    &match->alike);
}

static void free_buckets(ds__match_side *side)
{
    if (side->buckets != side->few)
        free(side->buckets);
}

/* Doubles the buckets, if there is memory, and files all anew, in order. */
static void grow(ds__match_side *side)
{
    const size_t n = side->num_buckets * 2;
    ds__link *buckets =
        n > SIZE_MAX / sizeof(*buckets) ? NULL : malloc(n * sizeof(*buckets));

    if (buckets == NULL)
        return;
    for (ds__link *l = side->all.next; l != &side->all; l = l->next)
        ds__list_remove(&in_all(l)->alike);
    free_buckets(side);
    use_buckets(side, buckets, n);
    for (ds__link *l = side->all.next; l != &side->all; l = l->next)
        file(side, in_all(l));
}

static void add(ds__match_side *side, ds__match *match)
{
    if (side->count == side->num_buckets)
        grow(side);
    match->side = side;
    match->number = side->numbers++;
    ds__list_append(&side->all, &match->all);
    file(side, match);
    side->count++;
}

static void take_out(ds__match *match)
{
    assert(match->side->count > 0);
    ds__list_remove(&match->all);
    ds__list_remove(&match->alike);
    match->side->count--;
    match->side = NULL;
}

/* Finds the first that has exactly this key. */
static ds__match *find_same(const ds__match_side *side, ds__match_key key)
{
    const ds__link *bucket = bucket_of(side, key);

    for (const ds__link *l = bucket->next; l != bucket; l = l->next)
        if (is_same(in_alike(l)->key, key))
            return in_alike(l);
    return NULL;
}

/* ---- Both -----------------------------------------------------------------*/

/* Finds the first receive with something open that fits a message. */
static ds__match *find_open(const ds__match_side *posted, ds__match_key message)
{
    const ds__link *open = &posted->open;

    for (const ds__link *l = open->next; l != open; l = l->next)
        if (ds__match_fits(in_alike(l)->key, message))
            return in_alike(l);
    return NULL;
}

static ds__match *find_receive(const ds__match_side *posted,
                               ds__match_key message)
{
    ds__match *same = find_same(posted, message);
    ds__match *open = find_open(posted, message);

    if (same == NULL || open == NULL)
        return same == NULL ? open : same;
    return same->number < open->number ? same : open;
}

static ds__match *find_message(const ds__match_side *unexpected,
                               ds__match_key receive)
{
    const ds__link *all = &unexpected->all;

    if (!is_open(receive))
        return find_same(unexpected, receive);
    for (const ds__link *l = all->next; l != all; l = l->next)
        if (ds__match_fits(receive, in_all(l)->key))
            return in_all(l);
    return NULL;
}

static void init_match(ds__match *match, ds__match_key key)
{
    assert(key.source >= DS__ANY_SOURCE && key.tag >= DS__ANY_TAG);
    *match = (ds__match){ .key = key };
    ds__list_init(&match->all);
    ds__list_init(&match->alike);
}

ds__match *ds__matcher_post(ds__matcher *matcher, ds__match *receive,
                            ds__match_key key)
{
    ds__match *message = find_message(&matcher->unexpected, key);

    init_match(receive, key);
    if (message != NULL)
        take_out(message);
    else
        add(&matcher->posted, receive);
    return message;
}

ds__match *ds__matcher_come(ds__matcher *matcher, ds__match *message,
                            ds__match_key key)
{
    ds__match *receive = find_receive(&matcher->posted, key);

    assert(!is_open(key));
    init_match(message, key);
    if (receive != NULL)
        take_out(receive);
    else
        add(&matcher->unexpected, message);
    return receive;
}

ds__match *ds__matcher_probe(const ds__matcher *matcher, ds__match_key key)
{
    return find_message(&matcher->unexpected, key);
}

bool ds__matcher_withdraw(ds__matcher *matcher, ds__match *match)
{
    if (match->side == NULL)
        return false;
    assert(match->side == &matcher->posted ||
           match->side == &matcher->unexpected);
    take_out(match);
    return true;
}

/* ---- Walking along --------------------------------------------------------*/

static ds__match *at(const ds__match_side *side, const ds__link *link)
{
    return link == &side->all ? NULL : in_all(link);
}

ds__match *ds__match_first(const ds__match_side *side)
{
    return at(side, side->all.next);
}

ds__match *ds__match_next(const ds__match_side *side, const ds__match *match)
{
    return at(side, match->all.next);
}

/* ---- Beginning and end ----------------------------------------------------*/

void ds__matcher_init(ds__matcher *matcher)
{
    init_side(&matcher->posted);
    init_side(&matcher->unexpected);
}

void ds__matcher_free(ds__matcher *matcher)
{
    free_buckets(&matcher->posted);
    free_buckets(&matcher->unexpected);
}

/* ---- Invariants -----------------------------------------------------------*/

/* Returns how many there are in a list of those alike. */
static size_t check_alike(const ds__match_side *side, const ds__link *list)
{
    const ds__match *last = NULL;
    size_t n = 0;

    for (const ds__link *l = list->next; l != list; l = l->next) {
        const ds__match *m = in_alike(l);
        assert(l->next->prev == l && l->prev->next == l);
        assert(last == NULL || last->number < m->number);
        assert(is_open(m->key) ? list == &side->open
                               : list == bucket_of(side, m->key));
        last = m;
        n++;
    }
    return n;
}

static void check_side(const ds__match_side *side)
{
    const ds__match *last = NULL;
    size_t n = 0;
    size_t filed = check_alike(side, &side->open);

    assert((side->num_buckets & (side->num_buckets - 1)) == 0);
    for (const ds__match *m = ds__match_first(side); m != NULL;
         m = ds__match_next(side, m)) {
        assert(last == NULL || last->number < m->number);
        assert(m->side == side && m->number < side->numbers);
        last = m;
        n++;
    }
    for (size_t i = 0; i < side->num_buckets; i++)
        filed += check_alike(side, &side->buckets[i]);
    assert(n == side->count && filed == side->count);
}

void ds__matcher_check(const ds__matcher *matcher)
{
    check_side(&matcher->posted);
    check_side(&matcher->unexpected);
    assert(ds__list_empty(&matcher->unexpected.open));
    for (const ds__match *m = ds__match_first(&matcher->posted); m != NULL;
         m = ds__match_next(&matcher->posted, m))
        assert(find_message(&matcher->unexpected, m->key) == NULL);
}
