/* A set of byte strings: the configurations that a search has been to.
 *
 * Strings lie one after another in one piece of memory and are never taken
 * out, so a place in it names one for good, and the search needs no other copy
 * of its states to go back to. */
#ifndef DS_EXPLORE_MEMO_H
#define DS_EXPLORE_MEMO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A string of this memo; 0 is none. */
typedef uint32_t ds__memo_place;

typedef enum ds__memo_answer {
    DS__MEMO_NEW,
    DS__MEMO_KNOWN,
    DS__MEMO_FULL, /* no memory, or no more allowed; nothing changed */
} ds__memo_answer;

typedef struct ds__memo_slot {
    uint32_t hash;
    ds__memo_place place;
} ds__memo_slot;

/* Invariants: num_slots is 0 or a power of two, and more than half of the slots
 * are empty; used and most are in words of 8 bytes; used <= capacity. */
typedef struct ds__memo {
    ds__memo_slot *slots;
    size_t num_slots;
    size_t count;
    uint64_t *words;
    size_t used;
    size_t capacity;
    size_t most; /* bytes that all of it may take */
} ds__memo;

void ds__memo_init(ds__memo *memo, size_t most);
void ds__memo_free(ds__memo *memo);

/* Adds a string, which must not be in the memo's memory. */
ds__memo_answer ds__memo_add(ds__memo *memo, const void *bytes, size_t size,
                             ds__memo_place *place);

const unsigned char *ds__memo_at(const ds__memo *memo, ds__memo_place place,
                                 size_t *size);

#endif
