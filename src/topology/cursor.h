/* Goes through the text of a topology from left to right.
 *
 * What is wrong is said with its place: the character, from 1, at which a piece
 * begins that is not what is allowed there. */
#ifndef DS_TOPOLOGY_CURSOR_H
#define DS_TOPOLOGY_CURSOR_H

#include <stdbool.h>
#include <stddef.h>

#include <distsys/topology.h>

/* Invariant: text <= at <= end. */
typedef struct ds__cursor {
    ds_topology *topology; /* of which it is said */
    const char *text;
    const char *at;
    const char *end; /* of what may be read, not of the text */
} ds__cursor;

/* Says what is wrong with the text from a place on; always false. */
__attribute__((format(printf, 3, 4))) bool
ds__cursor_wrong(const ds__cursor *cursor, const char *from, const char *format,
                 ...);

/* Reads a whole number of something. */
bool ds__cursor_count(ds__cursor *cursor, const char *what, size_t min,
                      size_t max, size_t *count);

/* Reads one character. */
bool ds__cursor_sign(ds__cursor *cursor, char sign, const char *before);

/* Whether nothing is left. */
bool ds__cursor_end(ds__cursor *cursor, const char *after);

#endif
