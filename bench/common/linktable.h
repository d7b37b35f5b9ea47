/* What each link was used for, and the links of each kind together. */
#ifndef BENCH_LINKTABLE_H
#define BENCH_LINKTABLE_H

#include "bench/common/kind.h"
#include "bench/common/report.h"

/* A link, or all of a kind: then rate is the sum of theirs, and what is not a
 * number of bytes or of seconds of messages is a mean, or the most. */
typedef struct table table;

typedef struct row {
    const table *table;
    const report *report;
    size_t number; /* of the link, or how many they are */
    const char *name;
    kind kind;
    double rate;
    double latency;
    double bytes;
    double busy;
    double full;
    double held;
    uint64_t messages;
    size_t most;
    double all_held; /* of all links */
    bool is_there;   /* it is of the cut from the lower half of the hosts */
    bool is_back;
} row;

/* All of them, the one that held back most first, and equal ones by number.  Of
 * a kind that no link is of the number is 0. */
struct table {
    row *rows;
    size_t n;
    row kinds[KINDS];
};

/* Fills one in, which must stay where it is. */
void table_init(table *t, const report *r);
void table_free(table *t);

#endif
