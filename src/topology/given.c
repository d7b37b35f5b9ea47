/* Routes that were given; see the header. */

#include "topology/given.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

void ds__given_free(ds__given *given)
{
    for (size_t i = 0; i < given->num_rows; i++)
        free(given->rows[i].entries);
    free(given->rows);
    free(given->words);
    *given = (ds__given){ 0 };
}

/* The place of the first entry that is not before this destination. */
static uint32_t find_place(const ds__given_row *row, size_t to)
{
    uint32_t low = 0;
    uint32_t high = row->n;

    if (high > 0 && row->entries[high - 1].to < to)
        return high; /* it is the usual order of giving them */
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;

        if (row->entries[middle].to < to)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool holds(const ds__given_row *row, uint32_t place, size_t to)
{
    return place < row->n && row->entries[place].to == to;
}

static bool make_room_for_entry(ds__given_row *row)
{
    if (row->n < row->max)
        return true;
    uint32_t max = row->max == 0 ? 4 : 2 * row->max;
    ds__given_entry *entries =
        reallocarray(row->entries, max, sizeof(*entries));

    if (entries == NULL)
        return false;
    row->entries = entries;
    row->max = max;
    return true;
}

static bool make_room_for_words(ds__given *given, size_t n)
{
    size_t max = given->max_words == 0 ? 64 : given->max_words;

    while (max - given->num_words < n)
        max *= 2;
    if (max == given->max_words)
        return true;
    if (max > (size_t)UINT32_MAX + 1)
        return false;
    uint32_t *words = reallocarray(given->words, max, sizeof(*words));

    if (words == NULL)
        return false;
    given->words = words;
    given->max_words = max;
    return true;
}

static bool make_rows(ds__given *given, size_t num_hosts)
{
    if (given->rows != NULL)
        return true;
    given->rows = calloc(num_hosts, sizeof(*given->rows));
    if (given->rows != NULL)
        given->num_rows = num_hosts;
    return given->rows != NULL;
}

/* Returns where they stand. */
static uint32_t append_words(ds__given *given, const size_t *links, size_t n)
{
    uint32_t at = (uint32_t)given->num_words;

    given->words[at] = (uint32_t)n;
    for (size_t i = 0; i < n; i++)
        given->words[at + 1 + i] = (uint32_t)links[i];
    given->num_words += n + 1;
    return at;
}

bool ds__given_set(ds__given *given, size_t num_hosts, size_t from, size_t to,
                   const size_t *links, size_t n)
{
    if (n >= UINT32_MAX || !make_rows(given, num_hosts) ||
        !make_room_for_words(given, n + 1))
        return false;
    assert(given->num_rows == num_hosts && from < num_hosts);
    ds__given_row *row = &given->rows[from];
    uint32_t place = find_place(row, to);

    if (!holds(row, place, to)) {
        if (!make_room_for_entry(row))
            return false;
        memmove(row->entries + place + 1, row->entries + place,
                (row->n - place) * sizeof(*row->entries));
        row->n++;
    }
    row->entries[place].to = (uint32_t)to;
    row->entries[place].at = append_words(given, links, n);
    return true;
}

ds__way ds__given_route(const ds__given *given, size_t from, size_t to,
                        ds__trail *path)
{
    if (given->rows == NULL)
        return DS__WAY_NONE;
    const ds__given_row *row = &given->rows[from];
    uint32_t place = find_place(row, to);

    if (!holds(row, place, to))
        return DS__WAY_NONE;
    const uint32_t *words = given->words + row->entries[place].at;
    for (uint32_t i = 0; i < words[0]; i++)
        ds__trail_add(path, words[1 + i]);
    return DS__WAY_FOUND;
}

void ds__given_check(const ds__given *given)
{
    assert(given->num_words <= given->max_words);
    for (size_t i = 0; i < given->num_rows; i++) {
        const ds__given_row *row = &given->rows[i];

        assert(row->n <= row->max);
        for (uint32_t j = 0; j < row->n; j++) {
            uint32_t at = row->entries[j].at;

            assert(j == 0 || row->entries[j - 1].to < row->entries[j].to);
            assert(at < given->num_words);
            assert(given->words[at] < given->num_words - at);
        }
    }
}
