/* A set of byte strings; see the header. */

#include "explore/memo.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

void ds__memo_init(ds__memo *memo, size_t most)
{
    *memo = (ds__memo){ .most = most };
}

void ds__memo_free(ds__memo *memo)
{
    free(memo->slots);
    free(memo->words);
    *memo = (ds__memo){ 0 };
}

static uint32_t hash_of(const unsigned char *bytes, size_t size)
{
    uint64_t hash = size;

    while (size > 0) {
        uint64_t word = 0;
        size_t part = size < sizeof(word) ? size : sizeof(word);
        memcpy(&word, bytes, part);
        hash = ds__mix(hash ^ word) + UINT64_C(0x9e3779b97f4a7c15);
        bytes += part;
        size -= part;
    }
    return (uint32_t)(hash >> 32);
}

/* Each string has its length before it, and begins with a word. */
static size_t words_for(size_t size)
{
    return 1 + (size + 7) / 8;
}

const unsigned char *ds__memo_at(const ds__memo *memo, ds__memo_place place,
                                 size_t *size)
{
    assert(place > 0 && place < memo->used);
    *size = (size_t)memo->words[place];
    return (const unsigned char *)&memo->words[place + 1];
}

static bool is_at(const ds__memo *memo, ds__memo_place place, const void *bytes,
                  size_t size)
{
    size_t own;
    const unsigned char *there = ds__memo_at(memo, place, &own);

    return own == size && memcmp(there, bytes, size) == 0;
}

/* Finds the slot of a string, or the empty one where it belongs. */
static ds__memo_slot *slot_of(const ds__memo *memo, uint32_t hash,
                              const void *bytes, size_t size)
{
    size_t i = hash & (memo->num_slots - 1);

    for (;; i = (i + 1) & (memo->num_slots - 1)) {
        ds__memo_slot *slot = &memo->slots[i];
        if (slot->place == 0 ||
            (slot->hash == hash && is_at(memo, slot->place, bytes, size)))
            return slot;
    }
}

static bool may_take(const ds__memo *memo, size_t slots, size_t words)
{
    return slots <= memo->most / sizeof(ds__memo_slot) &&
           words <= memo->most / 8 &&
           slots * sizeof(ds__memo_slot) + words * 8 <= memo->most;
}

static bool grow_slots(ds__memo *memo)
{
    size_t num_slots = memo->num_slots == 0 ? 64 : memo->num_slots * 2;
    ds__memo_slot *slots = NULL;

    if (may_take(memo, num_slots, memo->capacity))
        slots = calloc(num_slots, sizeof(*slots));
    if (slots == NULL)
        return false;
    for (size_t i = 0; i < memo->num_slots; i++) {
        size_t at = memo->slots[i].hash & (num_slots - 1);
        if (memo->slots[i].place == 0)
            continue;
        while (slots[at].place != 0)
            at = (at + 1) & (num_slots - 1);
        slots[at] = memo->slots[i];
    }
    free(memo->slots);
    memo->slots = slots;
    memo->num_slots = num_slots;
    return true;
}

static bool grow_words(ds__memo *memo, size_t extra)
{
    size_t capacity = memo->capacity == 0 ? 256 : memo->capacity * 2;

    if (capacity < memo->used + extra)
        capacity = memo->used + extra;
    if (capacity > UINT32_MAX || !may_take(memo, memo->num_slots, capacity))
        return false;
    uint64_t *words = realloc(memo->words, capacity * sizeof(*words));
    if (words == NULL)
        return false;
    memo->words = words;
    memo->capacity = capacity;
    return true;
}

/* Sees to it that one more string fits.  Place 0 stays unused. */
static bool reserve(ds__memo *memo, size_t size)
{
    size_t extra = words_for(size) + (memo->used == 0);

    if (size > memo->most)
        return false;
    if ((memo->count + 1) * 2 >= memo->num_slots && !grow_slots(memo))
        return false;
    if (memo->capacity - memo->used < extra && !grow_words(memo, extra))
        return false;
    if (memo->used == 0)
        memo->words[memo->used++] = 0;
    return true;
}

ds__memo_answer ds__memo_add(ds__memo *memo, const void *bytes, size_t size,
                             ds__memo_place *place)
{
    uint32_t hash = hash_of(bytes, size);

    if (!reserve(memo, size))
        return DS__MEMO_FULL;
    assert((memo->num_slots & (memo->num_slots - 1)) == 0 &&
           memo->count * 2 < memo->num_slots);
    ds__memo_slot *slot = slot_of(memo, hash, bytes, size);
    if (slot->place != 0) {
        *place = slot->place;
        return DS__MEMO_KNOWN;
    }

    *slot = (ds__memo_slot){ hash, (ds__memo_place)memo->used };
    *place = slot->place;
    memo->words[memo->used] = size;
    memcpy(&memo->words[memo->used + 1], bytes, size);
    memo->used += words_for(size);
    assert(memo->used <= memo->capacity);
    memo->count++;
    return DS__MEMO_NEW;
}
