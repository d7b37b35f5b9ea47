/* What is asked of a trace: a file, and options after commas. */
#ifndef DS_TRACE_SPEC_H
#define DS_TRACE_SPEC_H

#include <stdbool.h>
#include <stddef.h>

#define DS__LAST_LEAST ((size_t)64 * 1024)

typedef struct ds__spec {
    char *text; /* all of it */
    char *file;
    size_t last; /* bytes of records that are kept in memory; 0: all records
                  * are written */
    bool steps;  /* those of collectives, too */
} ds__spec;

typedef enum ds__spec_fault {
    DS__SPEC_SOUND,
    DS__SPEC_UNKNOWN, /* there is no such option */
    DS__SPEC_NO_FILE,
    DS__SPEC_NO_MEMORY,
} ds__spec_fault;

/* Reads such as "run.dstrace,last=64M,steps".  Unless it is sound, there is
 * nothing to free. */
ds__spec_fault ds__spec_read(ds__spec *spec, const char *text);
void ds__spec_free(ds__spec *spec);

#endif
