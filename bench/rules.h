/* Which algorithms the MPI libraries would choose, by the rules in their
 * sources, for a commutative operator of the library on doubles.
 *
 * A rule names an algorithm.  That some of Open MPI's then hand vectors of
 * fewer elements than ranks on to another, as its rings do to recursive
 * doubling, is their own affair and not followed. */
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

/* MPICH only: Open MPI has tables that change with every version. */
const struct rules *rules_of(ds_collective_kind kind);

#endif
