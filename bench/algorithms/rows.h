/* The algorithms, each in the file of its family; all.c has them in order. */
#ifndef BENCH_ALGORITHM_ROWS_H
#define BENCH_ALGORITHM_ROWS_H

#include "bench/algorithms/scene.h"

/* broadcasts.c */
extern const algorithm algorithm_best_effort;
extern const algorithm algorithm_reliable;
extern const algorithm algorithm_fifo;
extern const algorithm algorithm_causal;
extern const algorithm algorithm_total_order;

/* chains.c */
extern const algorithm algorithm_chain;

/* commits.c */
extern const algorithm algorithm_2pc;
extern const algorithm algorithm_3pc;
extern const algorithm algorithm_paxos_commit;

/* consensus.c */
extern const algorithm algorithm_paxos;

/* detectors.c */
extern const algorithm algorithm_heartbeat;
extern const algorithm algorithm_phi;
extern const algorithm algorithm_swim;

/* elections.c */
extern const algorithm algorithm_chang_roberts;
extern const algorithm algorithm_hirschberg_sinclair;
extern const algorithm algorithm_bully;

/* exclusion.c */
extern const algorithm algorithm_lease;
extern const algorithm algorithm_lamport;
extern const algorithm algorithm_ricart_agrawala;
extern const algorithm algorithm_maekawa;
extern const algorithm algorithm_token_ring;
extern const algorithm algorithm_raymond;

/* gossips.c */
extern const algorithm algorithm_gossip_push;
extern const algorithm algorithm_gossip_pull;
extern const algorithm algorithm_gossip_push_pull;
extern const algorithm algorithm_gossip_anti_entropy;

/* logs.c */
extern const algorithm algorithm_raft;
extern const algorithm algorithm_multi_paxos;

/* registers.c */
extern const algorithm algorithm_abd;
extern const algorithm algorithm_abd_read;

/* replicas.c */
extern const algorithm algorithm_crdt_g_counter;
extern const algorithm algorithm_crdt_pn_counter;
extern const algorithm algorithm_crdt_g_set;
extern const algorithm algorithm_crdt_2p_set;
extern const algorithm algorithm_crdt_or_set;
extern const algorithm algorithm_crdt_or_set_gossip;
extern const algorithm algorithm_crdt_lww;
extern const algorithm algorithm_crdt_mv;
extern const algorithm algorithm_crdt_rga;

/* snapshots.c */
extern const algorithm algorithm_chandy_lamport;
extern const algorithm algorithm_safra;
extern const algorithm algorithm_dijkstra_scholten;

#endif
