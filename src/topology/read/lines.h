/* The lines of a file, and the words of each.
 *
 * What is wrong is said with the path and the line.  A comment begins with #;
 * lines without a word are passed over. */
#ifndef DS_TOPOLOGY_READ_LINES_H
#define DS_TOPOLOGY_READ_LINES_H

#include <stdbool.h>
#include <stddef.h>

#include <distsys/topology.h>

#include "topology/number.h"

/* Invariants: text ends with a 0 that was its only one; at is the beginning of
 * a line of it, or its end; words and comment are in text; n <= max. */
typedef struct ds__lines {
    ds_topology *topology;
    const char *path;
    char *text;
    char *at;      /* the line after this one */
    size_t number; /* of this line, from 1; 0: before the first */
    char **words;
    size_t n;
    size_t max;
    char *line;          /* this one, until it is cut */
    const char *comment; /* behind it, without the # */
} ds__lines;

/* Reads a file; false: it cannot be read, or is no text, which is said. */
bool ds__lines_open(ds__lines *lines, ds_topology *topology, const char *path,
                    size_t length);
void ds__lines_close(ds__lines *lines);

/* Goes to the next line that has a word; false: there is none. */
bool ds__lines_find(ds__lines *lines);

/* Cuts it into words, at blanks and at any of these characters; false: no
 * memory, which is said. */
bool ds__lines_cut(ds__lines *lines, const char *between);

/* Both. */
bool ds__lines_next(ds__lines *lines);

/* Stores the first word of the file, and leaves the file as it is. */
void ds__lines_peek(const ds__lines *lines, char *word, size_t size);

/* Says what is wrong with this line; always false. */
__attribute__((format(printf, 2, 3))) bool
ds__lines_wrong(const ds__lines *lines, const char *format, ...);

/* Says it of the whole file; always false. */
__attribute__((format(printf, 2, 3))) bool
ds__lines_wrong_file(const ds__lines *lines, const char *format, ...);

bool ds__lines_is(const ds__lines *lines, size_t word, const char *text);

/* Whether the line has so many words. */
bool ds__lines_has(const ds__lines *lines, size_t min, size_t max,
                   const char *form);

/* Read a word. */
bool ds__lines_count(const ds__lines *lines, size_t word, const char *what,
                     size_t min, size_t max, size_t *count);
bool ds__lines_rate(const ds__lines *lines, size_t word, const ds__unit *units,
                    const char *allowed, double *rate);
bool ds__lines_seconds(const ds__lines *lines, size_t word, double *seconds);

#endif
