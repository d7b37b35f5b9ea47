/* The words of a trace; see the header. */

#include "loop/trace/words.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "loop/trace/format.h"

#define FEWEST 64 /* places */

/* FNV-1a. */
static uint64_t hash(const char *word)
{
    uint64_t h = UINT64_C(0xcbf29ce484222325);

    for (; *word != '\0'; word++)
        h = (h ^ (unsigned char)*word) * UINT64_C(0x100000001b3);
    return h ^ h >> 32;
}

/* The place of a word, or the one where it would be. */
static uint16_t *find(const ds__words *w, const char *word)
{
    size_t i = hash(word) & (w->max - 1);

    while (w->places[i] != 0 && strcmp(w->words[w->places[i] - 1], word) != 0)
        i = (i + 1) & (w->max - 1);
    return &w->places[i];
}

static bool grow_places(ds__words *w)
{
    ds__words wide = *w;

    if (w->count * 2 < w->max)
        return true;
    wide.max = w->max == 0 ? FEWEST : w->max * 2;
    wide.places = calloc(wide.max, sizeof(*wide.places));
    if (wide.places == NULL)
        return false;
    for (size_t i = 0; i < w->count; i++)
        *find(&wide, w->words[i]) = (uint16_t)(i + 1);
    free(w->places);
    w->places = wide.places;
    w->max = wide.max;
    return true;
}

static bool grow_words(ds__words *w)
{
    if (w->count < w->room)
        return true;

    const size_t room = w->room == 0 ? FEWEST / 2 : w->room * 2;
    char **words = realloc(w->words, room * sizeof(*words));
    if (words == NULL)
        return false;
    w->words = words;
    w->room = room;
    return true;
}

static ds__word_kind add(ds__words *w, const char *word)
{
    const size_t size = strlen(word) + 1;

    if (w->count == DS__WORDS_MAX)
        return DS__WORD_TOO_MANY;
    if (!grow_places(w) || !grow_words(w))
        return DS__WORD_NO_MEMORY;
    char *copy = malloc(size);
    if (copy == NULL)
        return DS__WORD_NO_MEMORY;
    w->words[w->count++] = memcpy(copy, word, size);
    *find(w, word) = (uint16_t)w->count;
    return DS__WORD_NEW;
}

static ds__word_kind look_up(ds__words *w, const char *word, uint16_t *number)
{
    ds__word_kind kind = DS__WORD_OLD;

    *number = w->max == 0 ? 0 : *find(w, word);
    if (*number != 0)
        return kind;
    kind = add(w, word);
    if (kind == DS__WORD_NEW)
        *number = (uint16_t)w->count;
    return kind;
}

ds__word_kind ds__words_find(ds__words *w, const char *word, uint16_t *number)
{
    const size_t near = ((uintptr_t)word >> 2) % DS__WORDS_NEAR;

    if (w->near[near].at == word &&
        strcmp(w->words[w->near[near].number - 1], word) == 0) {
        *number = w->near[near].number;
        return DS__WORD_OLD;
    }
    ds__word_kind kind = look_up(w, word, number);
    if (*number != 0) {
        w->near[near].at = word;
        w->near[near].number = *number;
    }
    return kind;
}

void ds__words_free(ds__words *w)
{
    for (size_t i = 0; i < w->count; i++)
        free(w->words[i]);
    free(w->words);
    free(w->places);
    *w = (ds__words){ 0 };
}

void ds__words_check(const ds__words *w)
{
    size_t used = 0;

    assert((w->max & (w->max - 1)) == 0 && w->count <= w->room);
    for (size_t i = 0; i < w->max; i++)
        used += w->places[i] != 0;
    assert(used == w->count && used * 2 <= w->max + 1);
    for (size_t i = 0; i < w->count; i++)
        assert(*find(w, w->words[i]) == i + 1);
}
