/* Parcels: copies of small payloads, which are taken and dropped by the
 * million.
 *
 * Those of at most DS__PARCEL_MOST bytes are put aside when they are dropped,
 * and used again by the same loop; that takes a few instructions where malloc()
 * and free() take a hundred.  A parcel may be dropped at any time, even when
 * its loop has gone or by a thread of the program's own: only who has the baton
 * of its loop puts it aside, all others free it. */
#ifndef DS_NET_PARCEL_H
#define DS_NET_PARCEL_H

#include <stddef.h>

#include "loop/loop.h"

#define DS__PARCEL_STEP 16
#define DS__PARCEL_MOST 256

typedef struct ds__parcel ds__parcel;

/* Those put aside, by their size in steps; each has room for all of its step.
 */
typedef struct ds__parcels {
    size_t most; /* what is larger is freed */
    ds__parcel *spare[DS__PARCEL_MOST / DS__PARCEL_STEP + 1];
} ds__parcels;

/* Returns a copy for the messages of this loop, or of none (NULL); NULL: no
 * memory. */
void *ds__parcel_new(ds_loop *loop, const void *bytes, size_t size);

/* Another one like it, and the end of one: for ds_msg. */
void *ds__parcel_clone(const void *bytes);
void ds__parcel_drop(void *bytes);

void ds__parcels_init(ds__parcels *parcels);

/* Frees all that are put aside. */
void ds__parcels_free(ds__parcels *parcels);

#endif
