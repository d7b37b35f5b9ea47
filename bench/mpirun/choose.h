/* Which algorithm does a collective of a program: what --coll says. */
#ifndef BENCH_MPIRUN_CHOOSE_H
#define BENCH_MPIRUN_CHOOSE_H

#include <distsys/collective.h>

#include "bench/common/failure.h"
#include "mpi/rank.h"

/* What a rule says: an algorithm, or who knows one. */
typedef enum choose_who {
    CHOOSE_GIVEN,
    CHOOSE_MPICH,
    CHOOSE_OMPI,
    CHOOSE_BEST,
} choose_who;

/* From and to, both included. */
typedef struct choose_span {
    double least;
    double most;
} choose_span;

typedef struct choose_rule {
    char *text;              /* as it was given, for reports */
    ds_collective_kind kind; /* 0: all */
    choose_span ranks;
    choose_span bytes; /* of a member's vector */
    choose_span count; /* of its elements */
    choose_who who;
    const ds_collective *how; /* if it is given */
} choose_rule;

/* That calls were done otherwise than a rule says. */
typedef struct choose_note {
    const choose_rule *rule;
    const char
        *wanted; /* NULL: what the library of the rule does is not here */
    const char *instead;
    const char *why;
    unsigned long long calls;
} choose_note;

/* The first rule that fits counts. */
typedef struct chooser {
    choose_rule *rules;
    size_t n;
    choose_note *notes;
    size_t num_notes;
    double latency; /* that closed forms are of */
    double rate;
    double reading;
} chooser;

/* Reads what --coll says, items with commas between them; on_switch: closed
 * forms can be had.  The text need not stay. */
failure choose_read(chooser *c, const char *text, bool on_switch);

/* A ds__chooser's choose(), with the chooser. */
const ds_collective *choose(void *arg, const ds__case *what);

/* Says on standard error what was done otherwise than wanted. */
void choose_report(const chooser *c, const char *program);

void choose_free(chooser *c);

#endif
