/* The agenda; see the header.  The total order of events is here. */

#include "loop/agenda.h"

#include <assert.h>
#include <stdlib.h>

#include "base/rng.h"

#define ARITY     4
#define RANK_BITS 62
#define RANK_MASK ((UINT64_C(1) << RANK_BITS) - 1)

/* ---- The order ------------------------------------------------------------*/

/* What is due or arrives at the very instant of a timeout beats it, and a
 * network re-plans once it has seen everything of the instant. */
static uint64_t class_of(ds__due_kind kind)
{
    static const uint64_t class[] = {
        [DS__DUE_EVENT] = 0,
        [DS__DUE_WAKE] = 0,
        [DS__DUE_ALARM] = 1,
        [DS__DUE_TIMEOUT] = 2,
    };

    return class[kind];
}

/* A permutation of the numbers below 2^62, another one for each seed: each
 * step can be undone, so two sequence numbers never tie. */
static uint64_t shuffle(uint64_t seed, uint64_t sequence)
{
    uint64_t x = (sequence + ds__mix(seed + DS__RNG_TIE)) & RANK_MASK;

    x ^= x >> 31;
    x = x * UINT64_C(0x3c79ac492ba7b653) & RANK_MASK;
    x ^= ds__mix(seed ^ DS__RNG_TIE) & RANK_MASK;
    x ^= x >> 29;
    x = x * UINT64_C(0x1c69b3f74ac4ae35) & RANK_MASK;
    x ^= x >> 32;
    x = x * UINT64_C(0x165667b19e3779f9) & RANK_MASK;
    return x ^ x >> 31;
}

/* Events are ordered by (time, class, tie, sequence).  The tie is drawn from
 * the seed and never the same for two of a class, or with FIFO ties always 0;
 * so class and either tie or sequence are one number, the rank. */
static unsigned before(const ds__agenda_entry *a, const ds__agenda_entry *b)
{
    return (unsigned)(a->time < b->time) |
           ((unsigned)(a->time == b->time) & (unsigned)(a->rank < b->rank));
}

/* ---- The heap -------------------------------------------------------------*/

static void place(ds__agenda *agenda, uint32_t i, const ds__agenda_entry *entry)
{
    agenda->entries[i] = *entry;
    agenda->where[entry->slot] = i;
}

/* Puts entry into the hole at i, or above it. */
static void rise(ds__agenda *agenda, uint32_t i, const ds__agenda_entry *entry)
{
    while (i > 0) {
        uint32_t parent = (i - 1) / ARITY;
        if (!before(entry, &agenda->entries[parent]))
            break;
        place(agenda, i, &agenda->entries[parent]);
        i = parent;
    }
    place(agenda, i, entry);
}

/* Which of four is the least is anybody's guess, so a full group is compared
 * without branches. */
static uint32_t least_child(const ds__agenda *agenda, uint32_t first)
{
    const ds__agenda_entry *entries = agenda->entries;
    uint32_t end = first + ARITY;
    uint32_t least = first;

    if (end <= agenda->count) {
        uint32_t a = first + before(&entries[first + 1], &entries[first]);
        uint32_t b =
            first + 2 + before(&entries[first + 3], &entries[first + 2]);
        return a + (b - a) * before(&entries[b], &entries[a]);
    }
    end = agenda->count;
    for (uint32_t i = first + 1; i < end; i++)
        if (before(&entries[i], &entries[least]))
            least = i;
    return least;
}

/* Puts entry into the hole at i, or below it. */
static void sink(ds__agenda *agenda, uint32_t i, const ds__agenda_entry *entry)
{
    uint32_t first;

    while ((first = i * ARITY + 1) < agenda->count) {
        uint32_t least = least_child(agenda, first);
        if (!before(&agenda->entries[least], entry))
            break;
        place(agenda, i, &agenda->entries[least]);
        i = least;
    }
    place(agenda, i, entry);
}

static void settle(ds__agenda *agenda, uint32_t i,
                   const ds__agenda_entry *entry)
{
    if (i > 0 && before(entry, &agenda->entries[(i - 1) / ARITY]))
        rise(agenda, i, entry);
    else
        sink(agenda, i, entry);
}

/* ---- Memory ---------------------------------------------------------------*/

void ds__agenda_init(ds__agenda *agenda, uint64_t seed, bool fifo)
{
    *agenda = (ds__agenda){ .seed = seed, .fifo = fifo };
}

void ds__agenda_free(ds__agenda *agenda)
{
    free(agenda->entries);
    free(agenda->dues);
    free(agenda->where);
    *agenda = (ds__agenda){ 0 };
}

/* Every array that has grown stays valid if the next one cannot. */
static bool grow_array(void **array, size_t count, size_t size)
{
    void *grown = realloc(*array, count * size);

    if (grown == NULL)
        return false;
    *array = grown;
    return true;
}

static bool grow(ds__agenda *agenda)
{
    uint32_t old = agenda->capacity;
    uint32_t new = old == 0 ? 16 : old * 2;
    void *entries = agenda->entries;
    void *dues = agenda->dues;
    void *where = agenda->where;

    if (new <= old)
        return false;
    bool grown = grow_array(&entries, new, sizeof(*agenda->entries)) &&
                 grow_array(&dues, new, sizeof(*agenda->dues)) &&
                 grow_array(&where, new, sizeof(*agenda->where));
    agenda->entries = entries;
    agenda->dues = dues;
    agenda->where = where;
    if (!grown)
        return false;

    for (uint32_t slot = old; slot < new; slot++)
        agenda->where[slot] = slot + 1;
    agenda->where[new - 1] = agenda->unused;
    agenda->unused = old;
    agenda->capacity = new;
    return true;
}

/* Makes room for one more, whether it comes now or later. */
static bool reserve(ds__agenda *agenda)
{
    return agenda->count + agenda->idle < agenda->capacity || grow(agenda);
}

/* ---- Operations -----------------------------------------------------------*/

static void add(ds__agenda *agenda, ds__due *due, double time, uint64_t number)
{
    assert(due->slot == 0 && agenda->count < agenda->capacity);

    ds__agenda_entry entry = {
        .rank = class_of(due->kind) << RANK_BITS | number,
        .slot = agenda->unused,
    };
    time += 0.0; /* no -0 */
    memcpy(&entry.time, &time, sizeof(time));
    agenda->unused = agenda->where[entry.slot];
    agenda->dues[entry.slot] = due;
    due->slot = entry.slot + 1;
    rise(agenda, agenda->count++, &entry);
}

bool ds__agenda_add(ds__agenda *agenda, ds__due *due, double time)
{
    if (!reserve(agenda))
        return false;

    uint64_t sequence = agenda->sequence++;
    add(agenda, due, time,
        agenda->fifo ? sequence : shuffle(agenda->seed, sequence));
    return true;
}

bool ds__agenda_promise(ds__agenda *agenda)
{
    if (!reserve(agenda))
        return false;
    agenda->idle++;
    return true;
}

void ds__agenda_add_alarm(ds__agenda *agenda, ds__due *due, double time,
                          uint64_t number)
{
    assert(agenda->idle > 0);
    agenda->idle--;
    add(agenda, due, time, number);
}

void ds__agenda_remove(ds__agenda *agenda, ds__due *due)
{
    if (due->slot == 0)
        return;

    uint32_t slot = due->slot - 1;
    uint32_t i = agenda->where[slot];
    ds__agenda_entry last = agenda->entries[--agenda->count];
    if (i < agenda->count)
        settle(agenda, i, &last);
    due->slot = 0;
    agenda->where[slot] = agenda->unused;
    agenda->unused = slot;
    agenda->idle += due->kind == DS__DUE_ALARM;
}

ds__due *ds__agenda_second(const ds__agenda *agenda)
{
    if (agenda->count < 2)
        return NULL;
    return agenda->dues[agenda->entries[least_child(agenda, 1)].slot];
}

/* What comes next will be looked at soon. */
ds__due *ds__agenda_take(ds__agenda *agenda)
{
    ds__due *first = agenda->dues[agenda->entries[0].slot];

    ds__agenda_remove(agenda, first);
    if (agenda->count > 0)
        __builtin_prefetch(agenda->dues[agenda->entries[0].slot]);
    return first;
}
