/* The families of planted bugs, in the order in which they are shown. */
#include "bench/planted/planted.h"

const planted_family *const planted_families[] = {
    &planted_raft,
    &planted_paxos,
    &planted_paxos_log,
    &planted_abd,
    &planted_cas,
    &planted_commit,
    &planted_broadcast_commit,
    &planted_broadcast,
    &planted_clocks,
    &planted_dotted,
    &planted_hashing,
    &planted_lease,
    &planted_mutex,
    &planted_snapshot,
    &planted_termination,
    &planted_bully,
    &planted_ring,
    &planted_chord,
    &planted_swim,
    &planted_detector,
    &planted_gossip,
    &planted_replicas,
    &planted_failover,
    &planted_chain,
    &planted_viewstamp,
    &planted_transactions,
    &planted_watch,
    NULL,
};

const planted_row *planted_row_at(size_t i)
{
    const planted_family *const *f = planted_families;

    for (; *f != NULL && i >= (*f)->n; f++)
        i -= (*f)->n;
    return *f == NULL ? NULL : &(*f)->rows[i];
}
