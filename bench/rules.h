/* Which allreduce the MPI libraries would choose, by the rules in their
 * sources, for a commutative operator of the library on doubles. */
#ifndef BENCH_RULES_H
#define BENCH_RULES_H

#include <distsys.h>

/* p ranks, len elements of 8 bytes each. */
typedef const ds_allreduce *rule_fn(size_t p, size_t len);

/* MPICH, MPIR_Allreduce_intra_auto(). */
rule_fn rules_mpich;

/* Open MPI, ompi_coll_tuned_allreduce_intra_dec_fixed(). */
rule_fn rules_open_mpi;

#endif
