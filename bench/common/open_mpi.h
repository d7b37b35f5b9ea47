/* What Open MPI chooses, each a rule_fn of one kind. */
#ifndef BENCH_OPEN_MPI_H
#define BENCH_OPEN_MPI_H

#include "bench/common/rules.h"

rule_fn open_mpi_allreduce;
rule_fn open_mpi_bcast;
rule_fn open_mpi_reduce;
rule_fn open_mpi_gather;
rule_fn open_mpi_scatter;
rule_fn open_mpi_allgather;
rule_fn open_mpi_reduce_scatter;
rule_fn open_mpi_alltoall;
rule_fn open_mpi_barrier;

#endif
