/* Which part of a sweep this process has, where many are started that know
 * nothing of one another: as an option says, or the variables of Slurm, SGE,
 * PBS and Kubernetes. */
#ifndef BENCH_SWEEP_SHARD_H
#define BENCH_SWEEP_SHARD_H

#include <stdint.h>

#include "bench/common/failure.h"

/* The option is I/N, with I from 0; or N, and the environment has I; or NULL,
 * and the environment has both, or nothing: 0 of 1. */
failure shard_find(const char *option, uint64_t *shard, uint64_t *shards);

#endif
