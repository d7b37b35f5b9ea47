/* The agenda; see the header.  The total order of events is here. */

#include "loop/agenda.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>

#include "base/rng.h"

#define FREE       UINT64_MAX /* the time of a free slot, later than any other */
#define LEAST      16         /* slots that an agenda has at first */
#define LAST_LOOKS 5          /* of the last matches, for the second */
#define RANK_BITS  62
#define RANK_MASK  ((UINT64_C(1) << RANK_BITS) - 1)

/* ---- The order ------------------------------------------------------------*/

/* A permutation of the numbers below 2^62, another one for each seed: each
 * step can be undone, so two sequence numbers never tie. */
static uint64_t shuffle(const ds__agenda *agenda, uint64_t sequence)
{
    uint64_t x = (sequence + agenda->shift) & RANK_MASK;

    x ^= x >> 31;
    x = x * UINT64_C(0x3c79ac492ba7b653) & RANK_MASK;
    x ^= agenda->flip;
    x ^= x >> 29;
    x = x * UINT64_C(0x1c69b3f74ac4ae35) & RANK_MASK;
    x ^= x >> 32;
    x = x * UINT64_C(0x165667b19e3779f9) & RANK_MASK;
    return x ^ x >> 31;
}

/* Events are ordered by (time, class, tie, sequence).  The tie is drawn from
 * the seed and never the same for two of a class, or with FIFO ties always 0;
 * so class and either tie or sequence are one number, the rank.
 *
 * Which of two is earlier is anybody's guess, so time and rank are compared as
 * one number, for which no processor needs a branch. */
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 wide;
#define EARLIER(time1, rank1, time2, rank2)                                    \
    (((wide)(time1) << 64 | (rank1)) < ((wide)(time2) << 64 | (rank2)))
#else
#define EARLIER(time1, rank1, time2, rank2)                                    \
    ((time1) < (time2) || ((time1) == (time2) && (rank1) < (rank2)))
#endif

static inline bool before(const ds__agenda *agenda, uint32_t a, uint32_t b)
{
    return EARLIER(agenda->times[a], agenda->ranks[a], agenda->times[b],
                   agenda->ranks[b]);
}

/* ---- The tournament -------------------------------------------------------*/

/* Plays all matches of the way of a slot, which has this time and rank now, to
 * the last one: whoever was there before may have won any of them. */
static inline void play_all(ds__agenda *agenda, uint32_t slot, uint64_t time,
                            uint64_t rank)
{
    const uint64_t *times = agenda->times;
    const uint64_t *ranks = agenda->ranks;
    uint32_t *winners = agenda->winners;
    uint32_t winner = slot;
    size_t other = slot ^ 1; /* so wide that it need not be made an index */

    for (size_t i = ((size_t)agenda->capacity + slot) / 2;; i /= 2) {
        bool beaten = EARLIER(times[other], ranks[other], time, rank);
        time = beaten ? times[other] : time;
        rank = beaten ? ranks[other] : rank;
        winner = beaten ? (uint32_t)other : winner;
        winners[i] = winner;
        if (i == 1)
            return;
        other = winners[i ^ 1];
    }
}

/* Plays those of a newcomer, up to the first that it loses. */
static void play_on(ds__agenda *agenda, uint32_t slot)
{
    size_t i = ((size_t)agenda->capacity + slot) / 2;

    for (; i > 0 && !before(agenda, agenda->winners[i], slot); i /= 2)
        agenda->winners[i] = slot;
}

/* Which slot comes out of number i. */
static uint32_t winner_of(const ds__agenda *agenda, size_t i)
{
    return i < agenda->capacity ? agenda->winners[i]
                                : (uint32_t)(i - agenda->capacity);
}

static uint32_t winner_of_match(const ds__agenda *agenda, size_t i)
{
    uint32_t a = winner_of(agenda, 2 * i);
    uint32_t b = winner_of(agenda, 2 * i + 1);

    return before(agenda, b, a) ? b : a;
}

/* ---- Memory ---------------------------------------------------------------*/

void ds__agenda_init(ds__agenda *agenda, uint64_t seed, bool fifo)
{
    *agenda = (ds__agenda){ .open = DS__NO_SLOT, .fifo = fifo };
    ds__agenda_reseed(agenda, seed);
}

void ds__agenda_reseed(ds__agenda *agenda, uint64_t seed)
{
    agenda->shift = ds__mix(seed + DS__RNG_TIE);
    agenda->flip = ds__mix(seed ^ DS__RNG_TIE) & RANK_MASK;
}

void ds__agenda_free(ds__agenda *agenda)
{
    free(agenda->winners);
    free(agenda->times);
    free(agenda->ranks);
    free(agenda->dues);
    *agenda = (ds__agenda){ .open = DS__NO_SLOT };
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

static bool grow_arrays(ds__agenda *agenda, size_t capacity)
{
    void *winners = agenda->winners;
    void *times = agenda->times;
    void *ranks = agenda->ranks;
    void *dues = agenda->dues;
    bool grown = grow_array(&winners, capacity, sizeof(*agenda->winners)) &&
                 grow_array(&times, capacity, sizeof(*agenda->times)) &&
                 grow_array(&ranks, capacity, sizeof(*agenda->ranks)) &&
                 grow_array(&dues, capacity, sizeof(*agenda->dues));

    agenda->winners = winners;
    agenda->times = times;
    agenda->ranks = ranks;
    agenda->dues = dues;
    return grown;
}

/* Twice as many slots, so the numbers of all of them change and all matches are
 * played again.  The chain of free slots ends in the old capacity, which is the
 * first of the new ones. */
static bool grow(ds__agenda *agenda)
{
    uint32_t old = agenda->capacity;
    uint32_t new = old == 0 ? LEAST : old * 2;

    if (new <= old)
        return false;
    ds__agenda_close(agenda);
    if (!grow_arrays(agenda, new))
        return false;

    for (uint32_t slot = old; slot < new; slot++) {
        agenda->times[slot] = FREE;
        agenda->ranks[slot] = slot + 1;
    }
    agenda->capacity = new;
    for (size_t i = new; i-- > 1;)
        agenda->winners[i] = winner_of_match(agenda, i);
    return true;
}

/* ---- Slots ----------------------------------------------------------------*/

/* Whether there is room for one more, whether it comes now or later. */
static inline bool has_room(const ds__agenda *agenda)
{
    return agenda->count + agenda->idle < agenda->capacity;
}

static uint32_t get_slot(ds__agenda *agenda)
{
    uint32_t slot = agenda->unused;

    assert(slot < agenda->capacity);
    agenda->unused = (uint32_t)agenda->ranks[slot];
    return slot;
}

static void put_slot(ds__agenda *agenda, uint32_t slot)
{
    agenda->times[slot] = FREE;
    agenda->ranks[slot] = agenda->unused;
    agenda->unused = slot;
}

/* A time that is 0 may be -0. */
static inline uint64_t bits_of(double time)
{
    uint64_t bits;

    memcpy(&bits, &time, sizeof(bits));
    return bits & INT64_MAX;
}

static void fill_slot(ds__agenda *agenda, uint32_t slot, ds__due *due,
                      uint64_t time, uint64_t rank)
{
    agenda->times[slot] = time;
    agenda->ranks[slot] = rank;
    agenda->dues[slot] = due;
    due->slot = slot + 1;
}

void ds__agenda_close(ds__agenda *agenda)
{
    uint32_t slot = agenda->open;

    if (slot == DS__NO_SLOT)
        return;
    agenda->open = DS__NO_SLOT;
    put_slot(agenda, slot);
    play_all(agenda, slot, FREE, agenda->ranks[slot]);
}

/* ---- Operations -----------------------------------------------------------*/

/* There is room; true. */
static bool add(ds__agenda *agenda, ds__due *due, double seconds,
                uint64_t number)
{
    uint64_t time = bits_of(seconds);
    uint64_t rank = ds__due_class(due->kind) << RANK_BITS | number;
    uint32_t slot = agenda->open;

    assert(due->slot == 0);
    agenda->count++;
    if (slot != DS__NO_SLOT) {
        agenda->open = DS__NO_SLOT;
        fill_slot(agenda, slot, due, time, rank);
        play_all(agenda, slot, time, rank);
    } else {
        slot = get_slot(agenda);
        fill_slot(agenda, slot, due, time, rank);
        play_on(agenda, slot);
    }
    return true;
}

__attribute__((cold, noinline)) static bool
grow_and_add(ds__agenda *agenda, ds__due *due, double time)
{
    return grow(agenda) && ds__agenda_add(agenda, due, time);
}

bool ds__agenda_add(ds__agenda *agenda, ds__due *due, double time)
{
    if (!has_room(agenda))
        return grow_and_add(agenda, due, time);

    uint64_t number = agenda->sequence++;
    if (!agenda->fifo)
        number = shuffle(agenda, number);
    return add(agenda, due, time, number);
}

bool ds__agenda_promise(ds__agenda *agenda)
{
    if (!has_room(agenda) && !grow(agenda))
        return false;
    agenda->idle++;
    return true;
}

void ds__agenda_add_alarm(ds__agenda *agenda, ds__due *due, double time,
                          uint64_t number)
{
    assert(agenda->idle > 0 && agenda->count < agenda->capacity);
    agenda->idle--;
    add(agenda, due, time, number);
}

void ds__agenda_take_out(ds__agenda *agenda, ds__due *due)
{
    uint32_t slot = due->slot - 1;
    due->slot = 0;
    agenda->count--;
    agenda->idle += ds__due_is_alarm(due->kind);
    put_slot(agenda, slot);
    size_t i = ((size_t)agenda->capacity + slot) / 2;
    for (; i > 0 && agenda->winners[i] == slot; i /= 2)
        agenda->winners[i] = winner_of_match(agenda, i);
}

/* Goes on from match i to the one from which LAST_LOOKS lead to the last. */
static inline size_t near_the_last(size_t i)
{
    int left = (int)(sizeof(unsigned long) * CHAR_BIT) - 1 -
               __builtin_clzl((unsigned long)i);

    return left > LAST_LOOKS ? i >> (left - LAST_LOOKS) : i;
}

/* The second is one of those that lost to the first: in the last match with
 * probability 1/2, in the one before with 1/4, and so on, if slots are in no
 * order; and in one of the first matches if they are in the order of time, as
 * with FIFO ties.  So those in the middle are left out. */
ds__due *ds__agenda_likely_second(ds__agenda *agenda)
{
    if (agenda->count < 2)
        return NULL;
    ds__agenda_close(agenda);

    const uint32_t *winners = agenda->winners;
    uint32_t first = winners[1];
    uint32_t second = first ^ 1;
    size_t i = ((size_t)agenda->capacity + first) / 2;
    if (i > 1) {
        if (before(agenda, winners[i ^ 1], second))
            second = winners[i ^ 1];
        i = near_the_last(i / 2);
    }
    for (; i > 1; i /= 2)
        if (before(agenda, winners[i ^ 1], second))
            second = winners[i ^ 1];
    return agenda->times[second] == FREE ? NULL : agenda->dues[second];
}

/* ---- Invariants -----------------------------------------------------------*/

/* Tells whether number i is this slot, or a match on its way to the last. */
static bool is_on_way_of(const ds__agenda *agenda, size_t i, uint32_t slot)
{
    size_t number = (size_t)agenda->capacity + slot;

    while (number > i)
        number /= 2;
    return number == i;
}

static void check_match(const ds__agenda *agenda, size_t i)
{
    uint32_t open = agenda->open;
    bool as_before = open != DS__NO_SLOT && is_on_way_of(agenda, i, open);

    assert(agenda->winners[i] ==
           (as_before ? open : winner_of_match(agenda, i)));
}

static uint32_t check_slots_in_use(const ds__agenda *agenda)
{
    uint32_t n = 0;

    for (uint32_t slot = 0; slot < agenda->capacity; slot++) {
        if (agenda->times[slot] == FREE || slot == agenda->open)
            continue;
        const ds__due *due = agenda->dues[slot];
        assert(due->slot == slot + 1);
        assert(agenda->ranks[slot] >> RANK_BITS == ds__due_class(due->kind));
        n++;
    }
    return n;
}

static uint32_t check_free_slots(const ds__agenda *agenda)
{
    uint32_t n = 0;
    uint32_t slot = agenda->unused;

    for (; slot < agenda->capacity; slot = (uint32_t)agenda->ranks[slot]) {
        assert(agenda->times[slot] == FREE && slot != agenda->open);
        assert(++n <= agenda->capacity);
    }
    assert(slot == agenda->capacity);
    return n;
}

void ds__agenda_check(const ds__agenda *agenda)
{
    bool open = agenda->open != DS__NO_SLOT;
    uint32_t free_slots = check_free_slots(agenda);

    assert((agenda->capacity & (agenda->capacity - 1)) == 0);
    assert(check_slots_in_use(agenda) == agenda->count);
    assert(agenda->count + free_slots + open == agenda->capacity);
    assert(agenda->idle <= free_slots + open);
    for (size_t i = 1; i < agenda->capacity; i++)
        check_match(agenda, i);
}
