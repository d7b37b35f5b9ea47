/* What is known of the points: which are done, which of these have failed, and
 * in which way.
 *
 * It is made from lines of results alone, so that a sweep that goes on after a
 * break knows what one without a break would.  Of several lines about a point
 * the one of the last try counts. */
#ifndef BENCH_SWEEP_TALLY_H
#define BENCH_SWEEP_TALLY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/table.h"

/* A way to fail: how it ended, and the first line of the text but for the
 * numbers in it. */
#define TALLY_KIND 200

/* A point that has failed once.  cost is what tells which one is the quickest
 * to look at: events, or if there are none seconds. */
typedef struct tally_failure {
    ds__entry entry; /* by point */
    uint64_t try;
    size_t kind;
    double cost;
    bool mended; /* a later try went well */
} tally_failure;

typedef struct tally_kind {
    ds__entry entry; /* by what the name is hashed to */
    size_t number;
    char name[TALLY_KIND];
} tally_kind;

/* Invariants: failed <= done; done bits are set; failed is the number of
 * failures that are not mended. */
typedef struct tally {
    unsigned char *bits;
    size_t size; /* bytes of bits */
    uint64_t done;
    uint64_t failed;
    uint64_t again; /* lines about points that had been done */
    ds__table failures;
    ds__table kinds;
} tally;

void tally_init(tally *t);
void tally_free(tally *t);

bool tally_is_done(const tally *t, uint64_t point);

/* Takes a line of results; false: it is none.  *fresh: the first of its kind of
 * failure. */
bool tally_add(tally *t, const char *line, size_t n, bool *fresh);

/* How often a point has been tried that has failed; 0: it has not. */
uint64_t tally_tries(const tally *t, uint64_t point);

/* The points that are failed, in their order, to be freed. */
uint64_t *tally_failed_points(const tally *t, size_t *n);

/* Failures of one kind, all together. */
typedef struct tally_group {
    const char *name;
    uint64_t count;
    uint64_t first;    /* point, the least */
    uint64_t quickest; /* of equal ones the least */
    double cost;
} tally_group;

/* Most frequent ones first, to be freed. */
tally_group *tally_groups(const tally *t, size_t *n);

#endif
