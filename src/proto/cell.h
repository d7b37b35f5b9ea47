/* Cells: a small record on the disk of a machine that a crash leaves either as
 * it was before a write or as it is after it, never in between.
 *
 * A cell is two records of the disk, written in turns, and each has the number
 * of its write in front.  Only the one that is written can be torn; the other
 * has what was there before (Lampson, Sturgis, "Crash Recovery in a Distributed
 * Data Storage System", 1979: careful pages in pairs). */
#ifndef PROTO_CELL_H
#define PROTO_CELL_H

#include <distsys/disk.h>

/* So that what has been torn is seen by its size. */
enum { DS__CELL_MOST = 504 };

typedef struct ds__cell {
    const char *name;
    size_t size;     /* of what is in it, at most DS__CELL_MOST */
    uint64_t writes; /* the number of the newest */
} ds__cell;

/* Opens it and reads the newest that is whole, or zeros if it was never
 * written.  False, here and below: the machine or the simulation is over. */
bool ds__cell_open(ds_handle *h, ds__cell *c, const char *name, void *data,
                   size_t size);

/* Writes it; it survives a crash once ds_disk_sync() has returned true. Between
 * two writes there is such a sync, or a crash may tear both records. */
bool ds__cell_write(ds_handle *h, ds__cell *c, const void *data);

/* Writes it and waits until it survives. */
bool ds__cell_save(ds_handle *h, ds__cell *c, const void *data);

#endif
