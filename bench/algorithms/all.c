/* Which algorithms there are. */
#include "bench/algorithms/rows.h"

static const algorithm *const all[] = {
    &algorithm_chain,
    &algorithm_2pc,
    &algorithm_3pc,
    &algorithm_paxos_commit,
    &algorithm_paxos,
    &algorithm_abd,
    &algorithm_abd_read,
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
