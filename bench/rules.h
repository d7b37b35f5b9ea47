/* Which algorithms the MPI libraries choose, by the rules in their sources, for
 * a commutative operator of the library on doubles and one rank a machine.
 * What rules.c says of their versions is in the manual pages too. */
#ifndef BENCH_RULES_H
#define BENCH_RULES_H

#include <distsys.h>

/* The name of the algorithm for p ranks that give len elements of 8 bytes each;
 * NULL: one that is not among those of dist-sys. */
typedef const char *rule_fn(size_t p, size_t len);

/* What one library does. */
struct rule {
    const char *name;      /* of a column in CSV and JSON */
    const char *loss_name; /* and of what the choice costs */
    const char *title;     /* in Markdown */
    rule_fn *choose;       /* NULL: there is but one algorithm */
};

/* What is known of them about one collective. */
enum { RULES_MAX = 2 };
struct rules {
    size_t n;
    struct rule rule[RULES_MAX];
};

extern const struct rules rules_allreduce; /* MPICH and Open MPI */

/* MPICH only: nearly all that Open MPI would choose is not here. */
const struct rules *rules_of(ds_collective_kind kind);

#endif
