/* Which algorithms the MPI libraries choose, by the rules in their sources,
 * with one rank a machine.  What rules.c says of their versions is in the
 * manual pages too. */
#ifndef BENCH_RULES_H
#define BENCH_RULES_H

#include <stdbool.h>

#include <distsys.h>

/* What they look at. */
typedef struct rule_case {
    size_t p;
    size_t len;      /* elements that each gives */
    size_t size;     /* of each, in bytes */
    bool commutes;   /* the operator does, or there is none */
    bool predefined; /* it is one of the library */
} rule_case;

/* The name of the algorithm; NULL: one that is not among those of dist-sys. */
typedef const char *rule_fn(const rule_case *c);

/* The same for doubles and a commutative operator of the library. */
const char *rule_for_doubles(rule_fn *choose, size_t p, size_t len);

/* What one library does. */
typedef struct rule {
    const char *name;      /* of a column in CSV and JSON */
    const char *loss_name; /* and of what the choice costs */
    const char *title;     /* for people */
    rule_fn *choose;       /* NULL: there is but one algorithm */
} rule;

/* What is known of them about one collective. */
enum { RULES_MAX = 2 };
typedef struct rules {
    size_t n; /* of which the first so many are printed by --crossover, whose */
    size_t shown; /* ranges end where one of these changes its choice */
    rule rule[RULES_MAX];
} rules;

/* MPICH's and Open MPI's; of scans MPICH's alone.  Open MPI's are shown of an
 * allreduce only: most of what it chooses for the others is not here. */
const rules *rules_of(ds_collective_kind kind);

/* The algorithm of that name; NULL: there is none. */
const ds_collective *rules_find(ds_collective_kind kind, const char *name);

#endif
