/* Routes that were given link by link.
 *
 * For each source there is a list of destinations in the order of their
 * numbers, eight bytes for each, and all routes lie one after the other in one
 * array of numbers: a million routes of eight links take 45 MB. */
#ifndef DS_TOPOLOGY_GIVEN_H
#define DS_TOPOLOGY_GIVEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/trail.h"

typedef struct ds__given_entry {
    uint32_t to;
    uint32_t at; /* where its number of links stands, and then they */
} ds__given_entry;

/* Invariant: entries are in the order of to, each once; n <= max. */
typedef struct ds__given_row {
    ds__given_entry *entries;
    uint32_t n;
    uint32_t max;
} ds__given_row;

/* All zeros: none yet.  Invariants: rows is NULL or has a row for each host;
 * num_words <= max_words. */
typedef struct ds__given {
    ds__given_row *rows;
    size_t num_rows;
    uint32_t *words;
    size_t num_words;
    size_t max_words;
} ds__given;

void ds__given_free(ds__given *given);

/* Keeps a route between two of num_hosts hosts; false: no memory. */
bool ds__given_set(ds__given *given, size_t num_hosts, size_t from, size_t to,
                   const size_t *links, size_t n);

/* Adds the route, if there is one. */
ds__way ds__given_route(const ds__given *given, size_t from, size_t to,
                        ds__trail *path);

void ds__given_check(const ds__given *given);

#endif
