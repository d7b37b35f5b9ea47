#ifndef DISTSYS_CLOCKS_H
#define DISTSYS_CLOCKS_H

#include <distsys/loop.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Clocks that tell what happened before what: one event before another if the
 * first can have had an effect on the second, along a thread and along
 * messages. All are plain data, which goes along in messages. */

/* ---- Lamport's: a number --------------------------------------------------*/

/* Lamport, "Time, Clocks, and the Ordering of Events in a Distributed System",
 * CACM 21(7), 1978.  What happened before has the smaller number; the converse
 * is not true.  Begins at 0. */
typedef uint64_t ds_lamport;

/* Something happens, such as sending: returns its time.  Or a message is
 * received whose sending had that time. */
ds_lamport ds_lamport_tick(ds_lamport *clock);
ds_lamport ds_lamport_receive(ds_lamport *clock, ds_lamport sent);

/* ---- Vectors: a number for each of n --------------------------------------*/

typedef enum ds_order {
    DS_SAME = 0,
    DS_BEFORE,
    DS_AFTER,
    DS_CONCURRENT,
} ds_order;

/* Fidge, ACSC 1988; Mattern, "Virtual Time and Global States of Distributed
 * Systems", 1989.  One event happened before another if and only if its vector
 * is less.  n numbers, 0 at first; me is the caller's. */
void ds_vector_tick(uint64_t *clock, size_t me);
void ds_vector_receive(uint64_t *clock, const uint64_t *sent, size_t n,
                       size_t me);
/* The least that is not less than either; *clock becomes that. */
void ds_vector_merge(uint64_t *clock, const uint64_t *other, size_t n);
ds_order ds_vector_compare(const uint64_t *a, const uint64_t *b, size_t n);

/* ---- Hybrid logical clocks: nearly the time of day ------------------------*/

/* Kulkarni, Demirbas, Madappa, Avva, Leone, "Logical Physical Clocks", OPODIS
 * 2014.  What happened before is less, by time and then by count; and time is
 * the greatest that the clock of any machine, of those that had an effect, has
 * shown.  So it is ahead of a machine's clock by no more than these differ. */
typedef struct ds_hlc {
    int64_t time; /* nanoseconds */
    uint64_t count;
} ds_hlc;

ds_hlc ds_hlc_tick(ds_hlc *clock, int64_t now);
ds_hlc ds_hlc_receive(ds_hlc *clock, ds_hlc sent, int64_t now);
ds_order ds_hlc_compare(ds_hlc a, ds_hlc b); /* never DS_CONCURRENT */
int64_t ds_hlc_now(const ds_handle *h);      /* ds_clock() */

/* ---- Dotted version vectors: values that were written at once -------------*/

/* The value of a key at a replica, or the values if several were written
 * without knowledge of each other: Almeida, Baquero, Goncalves, Preguica,
 * Fonte, "Scalable and Accurate Causality Tracking for Eventually Consistent
 * Stores", DAIS 2014.  A context is a vector of a number for each of n
 * replicas. */
typedef struct ds_dotted ds_dotted;

ds_dotted *ds_dotted_new(size_t n); /* NULL: no memory */
ds_dotted *ds_dotted_copy(const ds_dotted *values);
void ds_dotted_free(ds_dotted *values); /* NULL is allowed */

/* Somebody who has read, and got this context, writes at a replica: what he has
 * read is replaced, and what he has not stays beside it.  False: no memory. */
bool ds_dotted_write(ds_dotted *values, size_t replica, const uint64_t *context,
                     int64_t value);
/* Adds what another replica has, and drops what either knows to be replaced.
 * False: no memory. */
bool ds_dotted_merge(ds_dotted *values, const ds_dotted *other);
/* Stores at most so many values, by replica and then the newest first, and the
 * context of who reads them, unless that is NULL; returns how many there are.
 */
size_t ds_dotted_read(const ds_dotted *values, int64_t *read, size_t most,
                      uint64_t *context);

#ifdef __cplusplus
}
#endif

#endif
