/* The accounts of networks; see the header. */

#include "net/ledger.h"

#include <stdlib.h>

#include "base/invariant.h"

#define BITS  64
#define LEAST 4 /* words */

void ds__ledger_init(ds__ledger *ledger)
{
    *ledger = (ds__ledger){ .first = 1 };
}

void ds__ledger_free(ds__ledger *ledger)
{
    free(ledger->words);
    ds__ledger_init(ledger);
}

/* ---- The ring -------------------------------------------------------------*/

static uint64_t *word_at(const ds__ledger *ledger, size_t i)
{
    return &ledger->words[(ledger->head + i) & (ledger->max - 1)];
}

/* Doubles the room; the oldest word comes to lie first. */
static bool grow(ds__ledger *ledger)
{
    size_t max = ledger->max == 0 ? LEAST : ledger->max * 2;
    uint64_t *words = calloc(max, sizeof(*words));

    if (words == NULL)
        return false;
    for (size_t i = 0; i < ledger->len; i++)
        words[i] = *word_at(ledger, i);
    free(ledger->words);
    ledger->words = words;
    ledger->head = 0;
    ledger->max = max;
    return true;
}

/* Sees to it that there are so many words. */
static bool reach(ds__ledger *ledger, size_t len)
{
    while (ledger->max < len)
        if (!grow(ledger))
            return false;
    while (ledger->len < len)
        *word_at(ledger, ledger->len++) = 0;
    return true;
}

/* Forgets words all of whose messages have left. */
static void shorten(ds__ledger *ledger)
{
    while (ledger->len > 0 && *word_at(ledger, 0) == UINT64_MAX) {
        ledger->head = (ledger->head + 1) & (ledger->max - 1);
        ledger->len--;
        ledger->first += BITS;
    }
}

/* ---- Leaving --------------------------------------------------------------*/

static ds__leaving cross_off(ds__ledger *ledger, uint64_t name)
{
    if (name > ledger->last)
        return DS__NO_SUCH;
    if (name < ledger->first)
        return DS__LEFT;

    const uint64_t i = name - ledger->first;
    const uint64_t bit = UINT64_C(1) << i % BITS;
    if (i / BITS >= ledger->len && !reach(ledger, (size_t)(i / BITS) + 1))
        return DS__UNRECORDED;
    uint64_t *word = word_at(ledger, (size_t)(i / BITS));
    if ((*word & bit) != 0)
        return DS__LEFT;
    *word |= bit;
    ledger->gone++;
    if (*word == UINT64_MAX)
        shorten(ledger);
    return DS__LEAVES;
}

/* Of a network around another, which hands on what it was given, the messages
 * leave by the inner one, and are not among those that it was given. */
ds__leaving ds__ledger_leave(ds__ledger *ledger, ds__account *account,
                             uint64_t name)
{
    ds__leaving how = name == 0 ? DS__LEAVES : cross_off(ledger, name);

    if (how == DS__LEFT || how == DS__NO_SUCH)
        return how;
    if (account->left < account->given)
        account->left++;
    else
        account->own++;
    return how;
}

/* ---- Invariants -----------------------------------------------------------*/

void ds__account_check(const ds__account *account)
{
    assert(account->left <= account->given);
}

static uint64_t count_bits(const ds__ledger *ledger)
{
    uint64_t n = 0;

    for (size_t i = 0; i < ledger->len; i++)
        n += (uint64_t)__builtin_popcountll(*word_at(ledger, i));
    return n;
}

/* Returns whether the names that the last word stands for are given out as far
 * as its bits are set. */
static bool ends_in_time(const ds__ledger *ledger)
{
    if (ledger->len == 0)
        return true;

    const uint64_t first = ledger->first + (ledger->len - 1) * BITS;
    if (first > ledger->last)
        return false;
    const uint64_t given = ledger->last - first + 1;
    return given >= BITS || *word_at(ledger, ledger->len - 1) >> given == 0;
}

void ds__ledger_check(const ds__ledger *ledger)
{
    assert((ledger->max & (ledger->max - 1)) == 0);
    assert(ledger->max == 0 || ledger->head < ledger->max);
    assert(ledger->len <= ledger->max);
    assert(ledger->first % BITS == 1);
    assert(ledger->len == 0 || *word_at(ledger, 0) != UINT64_MAX);
    assert(ledger->gone == ledger->first - 1 + count_bits(ledger));
    assert(ends_in_time(ledger));
}
