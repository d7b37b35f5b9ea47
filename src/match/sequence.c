/* The order of sending; see the header. */

#include "match/sequence.h"

#include <assert.h>
#include <stddef.h>

/* Invariant: kept is in the order of numbers, which differ and are greater than
 * passed + 1, but for the first after that one has come in its turn. */
typedef struct sequence {
    ds__entry entry; /* first */
    uint64_t passed; /* the last number given out, or come in its turn */
    ds__early *kept;
} sequence;

void ds__sequences_init(ds__sequences *all)
{
    ds__table_init(&all->table, sizeof(sequence));
}

static void give_back(ds__early *kept, void (*fn)(ds__early *early))
{
    while (kept != NULL) {
        ds__early *first = kept;
        kept = kept->next;
        fn(first);
    }
}

void ds__sequences_free(ds__sequences *all, void (*fn)(ds__early *early))
{
    sequence *s;

    for (size_t i = 0;
         fn != NULL && (s = ds__table_next(&all->table, &i)) != NULL; i++)
        give_back(s->kept, fn);
    ds__table_free(&all->table);
}

uint64_t ds__sequence_draw(ds__sequences *all, ds__table_key to)
{
    sequence *s = ds__table_put(&all->table, to);

    return s == NULL ? 0 : ++s->passed;
}

/* Keeps one in its place among the others; false: there is one already. */
static bool keep(sequence *s, ds__early *message, uint64_t number)
{
    ds__early **at = &s->kept;

    while (*at != NULL && (*at)->number < number)
        at = &(*at)->next;
    if (*at != NULL && (*at)->number == number)
        return false;
    *message = (ds__early){ .next = *at, .number = number };
    *at = message;
    return true;
}

ds__sequence_place ds__sequence_come(ds__sequences *all, ds__table_key from,
                                     ds__early *message, uint64_t number)
{
    sequence *s = ds__table_put(&all->table, from);

    assert(number > 0);
    if (s == NULL)
        return DS__SEQUENCE_NO_MEMORY;
    if (number <= s->passed)
        return DS__TWICE;
    if (number > s->passed + 1)
        return keep(s, message, number) ? DS__EARLY : DS__TWICE;
    if (s->kept != NULL && s->kept->number == number)
        return DS__TWICE;
    s->passed = number;
    return DS__IN_TURN;
}

ds__early *ds__sequence_next(ds__sequences *all, ds__table_key from)
{
    sequence *s = ds__table_find(&all->table, from);
    ds__early *first = s == NULL ? NULL : s->kept;

    if (first == NULL || first->number != s->passed + 1)
        return NULL;
    s->kept = first->next;
    s->passed = first->number;
    return first;
}
