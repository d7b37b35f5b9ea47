/* Which algorithms there are. */
#include "bench/algorithms/rows.h"

static const algorithm *const all[] = {
    &algorithm_best_effort,
    &algorithm_reliable,
    &algorithm_fifo,
    &algorithm_causal,
    &algorithm_total_order,
    &algorithm_gossip_push,
    &algorithm_gossip_pull,
    &algorithm_gossip_push_pull,
    &algorithm_gossip_anti_entropy,
    &algorithm_chain,
    &algorithm_2pc,
    &algorithm_3pc,
    &algorithm_paxos_commit,
    &algorithm_paxos,
    &algorithm_heartbeat,
    &algorithm_phi,
    &algorithm_swim,
    &algorithm_chang_roberts,
    &algorithm_hirschberg_sinclair,
    &algorithm_bully,
    &algorithm_lease,
    &algorithm_lamport,
    &algorithm_ricart_agrawala,
    &algorithm_maekawa,
    &algorithm_token_ring,
    &algorithm_raymond,
    &algorithm_raft,
    &algorithm_multi_paxos,
    &algorithm_abd,
    &algorithm_abd_read,
    &algorithm_crdt_g_counter,
    &algorithm_crdt_pn_counter,
    &algorithm_crdt_g_set,
    &algorithm_crdt_2p_set,
    &algorithm_crdt_or_set,
    &algorithm_crdt_or_set_gossip,
    &algorithm_crdt_lww,
    &algorithm_crdt_mv,
    &algorithm_crdt_rga,
    &algorithm_chandy_lamport,
    &algorithm_safra,
    &algorithm_dijkstra_scholten,
    NULL,
};

const algorithm *const *algorithm_all(size_t *n)
{
    if (n != NULL)
        *n = sizeof(all) / sizeof(*all) - 1;
    return all;
}
