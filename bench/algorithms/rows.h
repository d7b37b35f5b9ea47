/* The algorithms, each in the file of its family; all.c has them in order. */
#ifndef BENCH_ALGORITHM_ROWS_H
#define BENCH_ALGORITHM_ROWS_H

#include "bench/algorithms/scene.h"

/* consensus.c */
extern const algorithm algorithm_paxos;

/* registers.c */
extern const algorithm algorithm_abd;
extern const algorithm algorithm_abd_read;

#endif
