/* A flight recorder: the last chunks, in a ring in memory, written when
 * somebody wants to see them. */
#ifndef DS_TRACE_FLIGHT_H
#define DS_TRACE_FLIGHT_H

#include "loop/trace/standing.h"
#include "loop/trace/writer.h"

/* Invariants: chunks from first on, used of them, round the ring, are in the
 * order of their making; the last of them is being filled. */
typedef struct ds__flight {
    ds__trace_file file;
    ds__encoder encoder;
    ds__standing standing;
    ds__chunk spare; /* for what stands */
    size_t count;    /* chunks of the ring */
    size_t first;
    size_t used;
    ds__chunk ring[];
} ds__flight;

/* One that keeps at least so many bytes of records; NULL: no memory. */
ds__flight *ds__flight_new(size_t bytes);

/* 0, or an errno: see ds__trace_file_open(). */
int ds__flight_open(ds__flight *flight, const char *name);
void ds__flight_free(ds__flight *flight); /* and closes the file */

/* Returns the next chunk to fill, which may be the oldest one.  NULL: there is
 * no memory for what must not be forgotten. */
ds__chunk *ds__flight_turn(ds__flight *flight);

/* Writes all that there is; returns how many records. */
size_t ds__flight_write(ds__flight *flight);

#endif
