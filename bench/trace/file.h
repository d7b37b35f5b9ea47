/* Reads the file of a trace, record by record.
 *
 * It shows what can be shown: a chunk that is damaged or cut off is left out,
 * and said to be.  A kind of record that is not known is handed on like any
 * other, for whoever asks to skip. */
#ifndef BENCH_TRACE_FILE_H
#define BENCH_TRACE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/common/failure.h"
#include "loop/trace/crc.h"
#include "loop/trace/format.h"

/* One of them; what its fields mean is in loop/probe.h. */
typedef struct trace_record {
    uint64_t index; /* in the order of happening, from 0 */
    double time;
    unsigned kind; /* a ds__tell_kind, or one of a newer library */
    unsigned flag;
    uint32_t who;
    uint32_t a;
    uint32_t b;
    uint64_t number;  /* its value, if that is a number; of a message that is
                       * sent, its name */
    double real;      /* its value, if that is a double */
    const char *text; /* or word; NULL: none.  Good until the next record */
    bool kept;        /* from before what a flight recorder still has */
} trace_record;

typedef struct trace_file {
    const char *name; /* borrowed */
    uint8_t *bytes;
    size_t size;
    uint64_t total;           /* records that were made */
    uint64_t forgotten;       /* records that a flight recorder has not kept, */
    uint64_t forgotten_sends; /* ... and messages that were sent before */
    size_t damaged;           /* chunks that were left out, so far */
    char trouble[200]; /* what was wrong with the first of them, or empty */

    /* Where it is. */
    ds__crc crc;
    size_t next;      /* chunk */
    const uint8_t *p; /* in this one */
    const uint8_t *end;
    uint64_t index;
    uint64_t sends;
    uint32_t left; /* records of this chunk */
    bool kept;
    double time;
    ds__raw last[256]; /* by kind */
    char **words;      /* by number; words[0] is NULL */
    size_t num_words;
    char *text;
    size_t text_room;
} trace_file;

/* Opens it, or says why that is no trace which can be read. */
failure trace_open(trace_file *file, const char *name);
void trace_close(trace_file *file);

/* Takes the next record; false: there is none. */
bool trace_next(trace_file *file, trace_record *record);

/* Goes back to the beginning. */
void trace_rewind(trace_file *file);

/* What kinds, and so on, are called; "?" if that is not known. */
const char *trace_kind_name(unsigned kind);
const char *trace_loss_name(unsigned why);
const char *trace_held_name(unsigned why);
const char *trace_fault_name(unsigned what);

#endif
