/* What is kept of a log: a snapshot, and the log behind it.
 *
 * They are two records of the disk under names of their own, and a cell says
 * which two count, so that a crash leaves the old or the new ones.  Who makes
 * no snapshots has no such cell. */
#ifndef PROTO_KEPT_H
#define PROTO_KEPT_H

#include "proto/cell.h"

enum { DS__KEPT_NAME = 32 };

typedef struct ds__kept {
    ds__cell cell;
    uint64_t generation;     /* 0: there is no snapshot */
    char log[DS__KEPT_NAME]; /* the record that the log is in */
} ds__kept;

/* Finds which two count, and removes what has been left of those before. False,
 * here and below: it is over. */
bool ds__kept_open(ds_handle *h, ds__kept *k, bool snapshots);

/* Reads the snapshot that counts: the caller's, who frees it; NULL if there is
 * none.  That there is no memory fails the run. */
bool ds__kept_read(ds_handle *h, const ds__kept *k, void **snapshot,
                   size_t *size);

/* Puts other ones in the place of both, which survive when it returns. */
bool ds__kept_replace(ds_handle *h, ds__kept *k, const void *snapshot,
                      size_t size, const void *log, size_t length);

#endif
