#ifndef DISTSYS_CRDT_H
#define DISTSYS_CRDT_H

#include <distsys/gossip.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Data types that replicas change without asking anybody, and that come to the
 * same wherever the same is known: Shapiro, Preguica, Baquero, Zawirski, "A
 * Comprehensive Study of Convergent and Commutative Replicated Data Types",
 * INRIA RR-7506, 2011.
 *
 * All of them are views of a set of entries, so whoever has these in any way,
 * late, twice, in another order, has the state of all objects.  An object is a
 * number, and of one type for ever. */
typedef struct ds_crdt ds_crdt;

enum { DS_CRDT_REPLICAS = 1 << 20 };

/* The view of a replica, whose number is less than that, and nobody else's: a
 * replica that has forgotten what it did must take another one.  The state
 * stays the caller's, who merges into it what others know.  NULL: there is no
 * memory, or no such number. */
ds_crdt *ds_crdt_new(uint64_t replica, ds_entries *state);
void ds_crdt_free(ds_crdt *c); /* NULL is allowed */

/* What has been changed here since the last call, or since the beginning; it is
 * the caller's then, to send and to free: Almeida, Shoker, Baquero, "Delta
 * State Replicated Data Types", JPDC 111, 2018.  NULL: no memory. */
ds_entries *ds_crdt_delta(ds_crdt *c);

/* A member sends the delta, or all of its state, to all others, who hear it: 40
 * bytes an entry, and if there is none nothing is sent.  A network that loses
 * messages needs all now and then.  False: there is no memory; or, from
 * ds_crdt_hear(), the message is none of these, which is misuse and fails the
 * run. */
bool ds_crdt_tell(ds_handle *h, ds_crdt *c, const ds_group *g, bool all);
bool ds_crdt_hear(ds_handle *h, ds_crdt *c, const ds_msg *m);
/* Adds the delta to gossip, and takes in what the member on this machine knows;
 * to be done once a period.  False: no memory, or nobody serves here. */
bool ds_crdt_sync(ds_handle *h, ds_crdt *c, const ds_gossip *g);

/* What changes something returns false if there is no memory; it may be done
 * in part then, and to do it again does the rest. */

/* ---- Counters -------------------------------------------------------------*/

/* What each replica has added is an entry, and what it has subtracted another
 * one: 2n for n replicas.  Nobody subtracts from a G-counter; n is at least 0.
 * No total may be greater than an int64_t. */
bool ds_g_counter_add(ds_crdt *c, uint64_t object, int64_t n);
bool ds_pn_counter_add(ds_crdt *c, uint64_t object, int64_t n);
int64_t ds_counter_read(const ds_crdt *c, uint64_t object); /* of both */

/* ---- Sets -----------------------------------------------------------------*/

/* A G-set, an entry an element.  If something is removed too it is a 2P-set,
 * and what has been removed from that can never come back. */
bool ds_g_set_add(ds_crdt *c, uint64_t object, int64_t element);
bool ds_two_phase_set_remove(ds_crdt *c, uint64_t object, int64_t element);

/* An OR-set: a removal removes the additions that this replica knows, and none
 * that others make meanwhile, so the addition wins.  Each addition is an entry,
 * which stays as a tombstone. */
bool ds_or_set_add(ds_crdt *c, uint64_t object, int64_t element);
bool ds_or_set_remove(ds_crdt *c, uint64_t object, int64_t element);

/* Of all three.  Stores at most so many elements, the least first, and returns
 * how many there are. */
bool ds_set_has(const ds_crdt *c, uint64_t object, int64_t element);
size_t ds_set_read(const ds_crdt *c, uint64_t object, int64_t *elements,
                   size_t most);

/* ---- Registers ------------------------------------------------------------*/

/* Last writer wins, one entry: of two writes the one that knew of the other, or
 * that of the later time, or that of the greater replica.  now is ds_hlc_now(),
 * see <distsys/clocks.h>, from 0 to 100 days, of which whole microseconds
 * count; with 0 it is Lamport's time.  False from a read: nothing is there. */
bool ds_lww_write(ds_crdt *c, uint64_t object, int64_t now, int64_t value);
bool ds_lww_erase(ds_crdt *c, uint64_t object, int64_t now);
bool ds_lww_read(const ds_crdt *c, uint64_t object, int64_t *value);

/* Many values: a write replaces what this replica knows, and stays beside what
 * others write meanwhile.  Each write is an entry, which stays as a tombstone.
 * A read stores at most so many values, the oldest first, and returns how many
 * there are. */
bool ds_mv_write(ds_crdt *c, uint64_t object, int64_t value);
size_t ds_mv_read(const ds_crdt *c, uint64_t object, int64_t *values,
                  size_t most);

/* ---- Texts ----------------------------------------------------------------*/

/* A replicated growable array: Roh, Jeon, Kim, Lee, "Replicated Abstract Data
 * Types", JPDC 71(3), 2011.  Each element, such as a character, is put behind
 * another one, or at the beginning, and stays there; of those that are put
 * behind the same one the newest comes first.  So what two replicas type at one
 * place from left to right is not mixed.  An element is an entry, which stays
 * as a tombstone.
 *
 * Elements are named by keys.  after is the key of one that is known here, or
 * NULL; *key, if that is not NULL, becomes that of the new one. */
bool ds_rga_insert(ds_crdt *c, uint64_t object, const ds_key *after,
                   int64_t value, ds_key *key);
bool ds_rga_delete(ds_crdt *c, const ds_key *key);
/* The elements that are there, in their order, in an array for free(); NULL: no
 * memory.  n log n. */
ds_entry *ds_rga_read(const ds_crdt *c, uint64_t object, size_t *n);

#ifdef __cplusplus
}
#endif

#endif
