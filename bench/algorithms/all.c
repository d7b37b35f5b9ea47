/* Which algorithms there are. */
#include "bench/algorithms/rows.h"

static const algorithm *const all[] = {
    &algorithm_abd,
    &algorithm_abd_read,
    &algorithm_paxos,
    NULL,
};

const algorithm *const *algorithm_all(size_t *n)
{
    if (n != NULL)
        *n = sizeof(all) / sizeof(*all) - 1;
    return all;
}
