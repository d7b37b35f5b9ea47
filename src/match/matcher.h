/* Which receive gets which message, as MPI has it.
 *
 * A receive names a context, a source and a tag, and may leave the last two
 * open.  A message that has come goes to the receive that was posted first of
 * those that it fits; a receive that is posted takes the message that has come
 * first of those that fit it.  Whatever finds nothing waits here: receives are
 * posted, messages are unexpected.
 *
 * Both sides are lists in the order of coming, and of each those without
 * anything open lie in buckets by their key besides, so that finding one takes
 * no longer however many there are.  Receives with something open are a list of
 * their own, and only for them, or by them, is a list walked along.
 *
 * Nothing here allocates but buckets, and without memory for more of them it
 * only becomes slower.  What is matched belongs to the caller, and embeds a
 * ds__match.  That messages of one sender come in the order of sending is for
 * sequence.h. */
#ifndef DS_MATCH_MATCHER_H
#define DS_MATCH_MATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/list.h"

/* In the key of a receive: whoever sent it, and whatever its tag is. */
#define DS__ANY_SOURCE (-1)
#define DS__ANY_TAG    (-1)

/* What is not open is at least 0. */
typedef struct ds__match_key {
    uint64_t context; /* that both sides agree on, such as a communicator */
    int32_t source;
    int32_t tag;
} ds__match_key;

/* One receive, or one message.  The key may be read, and the rest is the
 * matcher's. */
typedef struct ds__match {
    ds__match_key key;
    uint64_t number;             /* in the order of coming to its side */
    struct ds__match_side *side; /* where it waits; NULL: nowhere */
    ds__link all;                /* in the list of its side */
    ds__link alike; /* in its bucket, or among those with something open */
} ds__match;

#define DS__FEW_BUCKETS 4

/* Invariants: all is in the order of numbers, and so is each bucket, and open;
 * each of the count in all is in the bucket of its key, or in open if anything
 * of that is; num_buckets is a power of two. */
typedef struct ds__match_side {
    ds__link all;
    ds__link open;
    size_t count;
    uint64_t numbers; /* given out */
    size_t num_buckets;
    ds__link *buckets;
    ds__link few[DS__FEW_BUCKETS]; /* buckets points here until it needs more */
} ds__match_side;

/* Invariant: no receive in posted fits a message in unexpected. */
typedef struct ds__matcher {
    ds__match_side posted;
    ds__match_side unexpected;
} ds__matcher;

/* It must not be moved afterwards. */
void ds__matcher_init(ds__matcher *matcher);

/* Frees the buckets.  What still waits stays the caller's, and is not told. */
void ds__matcher_free(ds__matcher *matcher);

/* Takes up a receive.  Returns the message that it gets, which waits no more;
 * NULL: there is none yet, and the receive waits from now on. */
ds__match *ds__matcher_post(ds__matcher *matcher, ds__match *receive,
                            ds__match_key key);

/* Takes up a message that has come, of which nothing is open.  Returns the
 * receive that gets it, which waits no more; NULL: there is none yet, and the
 * message waits from now on. */
ds__match *ds__matcher_come(ds__matcher *matcher, ds__match *message,
                            ds__match_key key);

/* Returns the message that a receive with this key would get, and leaves it
 * where it is; NULL: there is none. */
ds__match *ds__matcher_probe(const ds__matcher *matcher, ds__match_key key);

/* Takes a receive back, or a message out: to cancel, or to keep what a probe
 * has found for one receive.  False: it does not wait here any more. */
bool ds__matcher_withdraw(ds__matcher *matcher, ds__match *match);

/* Returns whether a receive with this key fits a message with that one. */
bool ds__match_fits(ds__match_key receive, ds__match_key message);

/* Returns the first that waits on a side, and who came next after one; NULL:
 * nobody. */
ds__match *ds__match_first(const ds__match_side *side);
ds__match *ds__match_next(const ds__match_side *side, const ds__match *match);

void ds__matcher_check(const ds__matcher *matcher);

#endif
