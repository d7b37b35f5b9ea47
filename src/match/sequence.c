/* The order of sending; see the header.
 *
 * What is kept is in a ring of places by number, as large as what comes
 * earliest needs, since thousands may come before their time in no order. */

#include "match/sequence.h"

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

/* Invariant: whoever is kept has a number greater than passed, by at most max,
 * which is 0 or a power of two, and is at the place of that number. */
typedef struct sequence {
    ds__entry entry; /* first */
    uint64_t passed; /* the last number given out, or come in its turn */
    ds__early **ring;
    size_t max;
} sequence;

void ds__sequences_init(ds__sequences *all)
{
    ds__table_init(&all->table, sizeof(sequence));
}

void ds__sequences_free(ds__sequences *all, void (*fn)(ds__early *early))
{
    sequence *s;

    for (size_t i = 0; (s = ds__table_next(&all->table, &i)) != NULL; i++) {
        for (size_t k = 0; k < s->max && fn != NULL; k++)
            if (s->ring[k] != NULL)
                fn(s->ring[k]);
        free(s->ring);
    }
    ds__table_free(&all->table);
}

uint64_t ds__sequence_draw(ds__sequences *all, ds__table_key to)
{
    sequence *s = ds__table_put(&all->table, to);

    return s == NULL ? 0 : ++s->passed;
}

static ds__early **place_of(const sequence *s, uint64_t number)
{
    assert(number > s->passed && number - s->passed <= s->max);
    return &s->ring[number & (s->max - 1)];
}

/* Makes room for what comes so many numbers early; false: no memory. */
static bool grow(sequence *s, uint64_t distance)
{
    sequence larger = { .passed = s->passed, .max = s->max > 0 ? s->max : 4 };

    while (larger.max < distance && larger.max <= SIZE_MAX / 2)
        larger.max *= 2;
    if (larger.max == s->max)
        return true;
    larger.ring =
        larger.max < distance ? NULL : calloc(larger.max, sizeof(ds__early *));
    if (larger.ring == NULL)
        return false;
    for (size_t k = 0; k < s->max; k++)
        if (s->ring[k] != NULL)
            *place_of(&larger, s->ring[k]->number) = s->ring[k];
    free(s->ring);
    s->ring = larger.ring;
    s->max = larger.max;
    return true;
}

static bool is_kept(const sequence *s, uint64_t number)
{
    return number - s->passed <= s->max && *place_of(s, number) != NULL;
}

ds__sequence_place ds__sequence_come(ds__sequences *all, ds__table_key from,
                                     ds__early *message, uint64_t number)
{
    sequence *s = ds__table_put(&all->table, from);

    assert(number > 0);
    if (s == NULL)
        return DS__SEQUENCE_NO_MEMORY;
    if (number <= s->passed || is_kept(s, number))
        return DS__TWICE;
    if (number == s->passed + 1) {
        s->passed = number;
        return DS__IN_TURN;
    }
    if (!grow(s, number - s->passed))
        return DS__SEQUENCE_NO_MEMORY;
    message->number = number;
    *place_of(s, number) = message;
    return DS__EARLY;
}

ds__early *ds__sequence_next(ds__sequences *all, ds__table_key from)
{
    sequence *s = ds__table_find(&all->table, from);

    if (s == NULL || s->max == 0)
        return NULL;
    ds__early **place = place_of(s, s->passed + 1);
    ds__early *next = *place;
    if (next == NULL)
        return NULL;
    *place = NULL;
    s->passed++;
    return next;
}
