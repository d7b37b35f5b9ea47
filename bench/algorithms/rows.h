/* The algorithms, each in the file of its family; all.c has them in order. */
#ifndef BENCH_ALGORITHM_ROWS_H
#define BENCH_ALGORITHM_ROWS_H

#include "bench/algorithms/scene.h"

/* chains.c */
extern const algorithm algorithm_chain;

/* commits.c */
extern const algorithm algorithm_2pc;
extern const algorithm algorithm_3pc;
extern const algorithm algorithm_paxos_commit;

/* consensus.c */
extern const algorithm algorithm_paxos;

/* registers.c */
extern const algorithm algorithm_abd;
extern const algorithm algorithm_abd_read;

/* snapshots.c */
extern const algorithm algorithm_chandy_lamport;
extern const algorithm algorithm_safra;
extern const algorithm algorithm_dijkstra_scholten;

#endif
