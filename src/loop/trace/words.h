/* The words of a trace, such as calls and states, by numbers.
 *
 * The same few come again and again, mostly from the same place in memory, so a
 * pointer that was seen before is looked up by itself.  But what lies there may
 * have changed: so the word is compared all the same. */
#ifndef DS_TRACE_WORDS_H
#define DS_TRACE_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DS__WORDS_NEAR 64

/* Invariants: words 1 to count are there, each once; max is 0 or a power of
 * two, and at most half of the places, which hold numbers of words or 0, are
 * used. */
typedef struct ds__words {
    char **words; /* by number - 1 */
    size_t count;
    size_t room;
    uint16_t *places;
    size_t max;
    struct {
        const char *at;
        uint16_t number;
    } near[DS__WORDS_NEAR];
} ds__words;

typedef enum ds__word_kind {
    DS__WORD_OLD,
    DS__WORD_NEW,       /* it has just got its number */
    DS__WORD_TOO_MANY,  /* it has none */
    DS__WORD_NO_MEMORY, /* likewise */
} ds__word_kind;

/* The number of a word that was found last at the same place in memory, where
 * nothing has changed; 0: it was another one. */
static inline uint16_t ds__words_near(const ds__words *words, const char *word)
{
    const size_t near = ((uintptr_t)word >> 2) % DS__WORDS_NEAR;

    return words->near[near].at == word ? words->near[near].number : 0;
}

ds__word_kind ds__words_find(ds__words *words, const char *word,
                             uint16_t *number);
void ds__words_free(ds__words *words);
void ds__words_check(const ds__words *words);

#endif
