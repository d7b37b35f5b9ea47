/* Runs that are traced, and their records, for tests of traces. */
#ifndef TRACING_H
#define TRACING_H

#include "stage.h"

#include "bench/trace/file.h"

/* A name for a file of this test that does not exist; removed at the end. */
const char *tracing_file(void);

/* All records of a file, with copies of their texts (NULL stays NULL). */
typedef struct records {
    size_t n;
    trace_record *all;
    uint64_t forgotten;
    size_t damaged;
    char trouble[200];
} records;

records records_of(const char *file);
void records_free(records *r);

/* How many there are of a kind, and the i-th of them, from 0, which must be
 * there. */
size_t count_of(const records *r, ds__tell_kind kind);
const trace_record *nth_of(const records *r, ds__tell_kind kind, size_t i);

/* All bytes of a file, to be freed. */
char *bytes_of(const char *file, size_t *size);
void write_bytes(const char *file, const char *bytes, size_t size);

#endif
