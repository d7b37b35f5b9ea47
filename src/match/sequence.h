/* The order of sending, on networks where messages overtake each other.
 *
 * Whoever sends numbers its messages to each destination, and whoever receives
 * goes by these numbers: one that comes before its time is kept until those
 * before it have come.  Each pair has an entry from its first message on, so
 * that a thousand members of whom each talks to a few need no square of them.
 */
#ifndef DS_MATCH_SEQUENCE_H
#define DS_MATCH_SEQUENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/table.h"

/* Embedded in what is kept, which stays the caller's. */
typedef struct ds__early {
    uint64_t number;
} ds__early;

typedef struct ds__sequences {
    ds__table table;
} ds__sequences;

void ds__sequences_init(ds__sequences *all);

/* Forgets all; calls fn for each that is kept, unless it is NULL, in no order.
 */
void ds__sequences_free(ds__sequences *all, void (*fn)(ds__early *early));

/* Returns the number of the next message to a destination, from 1; 0: no
 * memory. */
uint64_t ds__sequence_draw(ds__sequences *all, ds__table_key to);

typedef enum ds__sequence_place {
    DS__IN_TURN,            /* it is the next one */
    DS__EARLY,              /* it is kept */
    DS__TWICE,              /* one with this number has come before */
    DS__SEQUENCE_NO_MEMORY, /* nothing has changed */
} ds__sequence_place;

/* Notes that the message with this number has come from a source.  After one in
 * its turn ask for those that were kept. */
ds__sequence_place ds__sequence_come(ds__sequences *all, ds__table_key from,
                                     ds__early *message, uint64_t number);

/* Takes out the kept one whose turn it is now; NULL: it has not come yet. */
ds__early *ds__sequence_next(ds__sequences *all, ds__table_key from);

#endif
