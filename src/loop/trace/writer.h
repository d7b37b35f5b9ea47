/* Chunks of records to a file, by a thread of its own while a run is on: so
 * that encoding and writing cost the run nothing but room.
 *
 * There are two chunks.  One is filled while the other is written; whoever
 * fills both waits, so that nothing is lost.  What cannot be written ends the
 * trace, which standard error says in one line, and not the run. */
#ifndef DS_TRACE_WRITER_H
#define DS_TRACE_WRITER_H

#include <pthread.h>

#include "loop/trace/encode.h"

/* A file that is written.  Invariant: once failed, nothing more is. */
typedef struct ds__trace_file {
    const char *name; /* borrowed */
    int fd;
    bool failed;
} ds__trace_file;

/* Opens it, empty but for its head; 0, or an errno: nothing is open then.
 * EWOULDBLOCK: somebody else is writing it. */
int ds__trace_file_open(ds__trace_file *file, const char *name,
                        ds__encoder *encoder, uint32_t flags);

/* Empties it, but for its head. */
void ds__trace_file_restart(ds__trace_file *file, ds__encoder *encoder,
                            uint32_t flags);

/* Writes what an encoder has. */
void ds__trace_file_write(ds__trace_file *file, const ds__encoder *encoder);
void ds__trace_file_close(ds__trace_file *file);

/* full is under the lock; the file and the encoder belong to the thread while
 * it is on, and else to the caller. */
typedef struct ds__writer {
    ds__trace_file file;
    ds__encoder encoder;
    ds__chunk chunks[2];
    size_t filling; /* which of them is */

    pthread_t thread;
    bool on;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool full; /* the other one is to be written */
    bool over; /* nothing more comes */
} ds__writer;

/* 0, or an errno: see ds__trace_file_open(). */
int ds__writer_open(ds__writer *writer, const char *name);
void ds__writer_close(ds__writer *writer);

/* Around a run; 0, or an errno. */
int ds__writer_start(ds__writer *writer);
void ds__writer_stop(ds__writer *writer);

/* Has the chunk written that is being filled, and returns an empty one. */
ds__chunk *ds__writer_turn(ds__writer *writer);

#endif
