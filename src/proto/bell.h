/* Bells: threads of a machine wait until another one rings, which the others
 * hear in the order in which they came.
 *
 * A bell dies with the machine, and so do all that wait for it. */
#ifndef PROTO_BELL_H
#define PROTO_BELL_H

#include <distsys/loop.h>

/* On the stack of who waits. */
typedef struct ds__waiter {
    struct ds__waiter *next;
    ds_stream *stream;
} ds__waiter;

/* Zeros: nobody waits. */
typedef struct ds__bell {
    ds__waiter *first;
} ds__bell;

/* Waits until it rings.  False: it is over, and there may be no bell any more.
 */
bool ds__bell_wait(ds_handle *h, ds__bell *bell);

/* Lets the first go on, or all that wait now. */
void ds__bell_ring(ds_handle *h, ds__bell *bell);
void ds__bell_ring_all(ds_handle *h, ds__bell *bell);

#endif
