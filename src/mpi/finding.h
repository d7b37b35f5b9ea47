/* Mistakes that do not stop a program: they are noted when they are found, and
 * told together when the run is over. */
#ifndef DS_MPI_FINDING_H
#define DS_MPI_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "mpi/spot.h"

/* How much is looked for. */
typedef enum ds__checking {
    DS__CHECK_NONE,  /* what a call cannot do without */
    DS__CHECK_USUAL, /* whatever costs next to nothing */
    DS__CHECK_FULL,
} ds__checking;

/* Notes one.  The same at the same line, by whatever rank, is one that was
 * found so many times; which are the same says the format, a literal. */
void ds__find(const ds__spot *spot, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same of two calls, of which the text ends with the other. */
void ds__find_with(const ds__spot *spot, const ds__spot *other,
                   const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Notes what is no mistake by itself, and is told only if the run fails. */
void ds__suspect(const ds__spot *spot, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Says on standard error what was found.  Returns how many mistakes. */
size_t ds__findings_tell(bool failed);

#endif
