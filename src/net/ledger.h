/* The accounts of networks: which messages they were given, and have let go.
 *
 * Each message that is sent gets a name, and each leaves its network once.  A
 * bit for each name, from the oldest message that is still held, tells a
 * message that leaves from one that has left already.
 *
 * A network that makes its messages anew loses their names.  Such messages can
 * only be counted: while it holds some, it is taken to let go of one of those,
 * and after that they are its own.  Their bits stay, 1 for each message sent
 * since the first of them. */
#ifndef DS_NET_LEDGER_H
#define DS_NET_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of one network.  Invariant: left <= given. */
typedef struct ds__account {
    uint64_t given; /* messages sent over it */
    uint64_t left;  /* those of them that it has delivered or lost */
    uint64_t own;   /* others that it has delivered or lost */
} ds__account;

/* Of one loop.  Bit i, from the lowest of the word at head, stands for the name
 * first + i, and is set when that message has left.
 *
 * Invariants: max is 0 or a power of two, head < max then, and len <= max; the
 * first word, if there is one, has a bit that is not set; of the names up to
 * last, gone have left, which are those before first and the bits set; no bit
 * after last is set. */
typedef struct ds__ledger {
    uint64_t last;  /* name that was given; 0: none yet */
    uint64_t first; /* that the words stand for, one more than a multiple of
                     * 64 */
    uint64_t gone;
    uint64_t *words; /* in a ring */
    size_t head;
    size_t len;
    size_t max;
} ds__ledger;

typedef enum ds__leaving {
    DS__LEAVES,     /* as it should */
    DS__LEFT,       /* it had left before */
    DS__NO_SUCH,    /* no message has this name */
    DS__UNRECORDED, /* as it should, but there is no memory to remember it */
} ds__leaving;

void ds__ledger_init(ds__ledger *ledger);
void ds__ledger_free(ds__ledger *ledger);

/* Notes that a message with this name leaves, or one without if it is 0. */
ds__leaving ds__ledger_leave(ds__ledger *ledger, ds__account *account,
                             uint64_t name);

/* Notes that a message leaves as it should, in a few instructions.  false: it
 * may be another case, and nothing is noted. */
static inline bool ds__ledger_leave_fast(ds__ledger *ledger,
                                         ds__account *account, uint64_t name)
{
    const uint64_t i = name - ledger->first; /* 0 wraps round */
    const uint64_t bit = UINT64_C(1) << (i & 63);

    if (i / 64 >= ledger->len || account->left == account->given)
        return false;
    uint64_t *word =
        &ledger->words[(ledger->head + i / 64) & (ledger->max - 1)];
    if (((*word | bit) + 1) == 0 || (*word & bit) != 0)
        return false;
    *word |= bit;
    ledger->gone++;
    account->left++;
    return true;
}

void ds__ledger_check(const ds__ledger *ledger);
void ds__account_check(const ds__account *account);

/* Notes that a network is given a message, and returns its name. */
static inline uint64_t ds__ledger_enter(ds__ledger *ledger,
                                        ds__account *account)
{
    account->given++;
    return ++ledger->last;
}

/* Returns how many it has been given and has not let go. */
static inline uint64_t ds__account_held(const ds__account *account)
{
    return account->given - account->left;
}

#endif
