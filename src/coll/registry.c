/* Which algorithms there are.  A new one needs a line here: an allreduce in the
 * first list, any other in the second.
 *
 * The catalogue has all of them as ds_collectives.  What an allreduce says of
 * itself is known only when the program runs, so whoever asks first copies it;
 * after that nothing changes any more. */

#include <stdatomic.h>
#include <string.h>

#include <distsys/allreduce.h>
#include <distsys/collective.h>

#include "coll/kind.h"

static const ds_allreduce *const allreduces[] = {
    &ds_allreduce_naive,
    &ds_allreduce_tree,
    &ds_allreduce_stream,
    &ds_allreduce_linear,
    &ds_allreduce_binomial,
    &ds_allreduce_recursive_doubling,
    &ds_allreduce_rabenseifner,
    &ds_allreduce_ring,
    &ds_allreduce_segmented_ring,
    &ds_allreduce_circulant,
    &ds_allreduce_allgather_reduce,
    &ds_allreduce_double_tree,
    &ds_allreduce_torus,
    &ds_allreduce_hierarchical,
    &ds_allreduce_swing,
    &ds_allreduce_swing_latency,
    &ds_allreduce_bine,
};
enum { NUM_ALLREDUCES = sizeof(allreduces) / sizeof(*allreduces) };

static const ds_collective *const others[] = {
    &ds_bcast_binomial,
    &ds_bcast_scatter_allgather,
    &ds_bcast_chain,
    &ds_bcast_bine,
    &ds_reduce_binomial,
    &ds_reduce_scatter_gather,
    &ds_reduce_bine,
    &ds_gather_binomial,
    &ds_scatter_binomial,
    &ds_allgather_ring,
    &ds_allgather_recursive_doubling,
    &ds_allgather_bruck,
    &ds_reduce_scatter_ring,
    &ds_reduce_scatter_recursive_halving,
    &ds_reduce_scatter_circulant,
    &ds_alltoall_pairwise,
    &ds_alltoall_bruck,
    &ds_barrier_dissemination,
    &ds_scan_recursive_doubling,
    &ds_exscan_recursive_doubling,
};
enum { NUM_OTHERS = sizeof(others) / sizeof(*others) };

/* ---- The allreduces -------------------------------------------------------*/

const ds_allreduce *const *ds_allreduce_all(size_t *n)
{
    if (n != NULL)
        *n = NUM_ALLREDUCES;
    return allreduces;
}

const ds_allreduce *ds_allreduce_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < NUM_ALLREDUCES; i++)
        if (strcmp(allreduces[i]->name, name) == 0)
            return allreduces[i];
    return NULL;
}

/* ---- The others -----------------------------------------------------------*/

const ds_collective *const *ds_collective_all(size_t *n)
{
    if (n != NULL)
        *n = NUM_OTHERS;
    return others;
}

const ds_collective *ds_collective_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < NUM_OTHERS; i++)
        if (strcmp(others[i]->name, name) == 0)
            return others[i];
    return NULL;
}

/* ---- All of them ----------------------------------------------------------*/

static ds_collective of_allreduces[NUM_ALLREDUCES];
static const ds_collective *catalogue[NUM_ALLREDUCES + NUM_OTHERS];
enum { EMPTY, FILLING, FULL };
static atomic_int state = EMPTY;

static void fill(void)
{
    for (size_t i = 0; i < NUM_ALLREDUCES; i++) {
        of_allreduces[i] = ds__collective_of(allreduces[i]);
        catalogue[i] = &of_allreduces[i];
    }
    memcpy(catalogue + NUM_ALLREDUCES, others, sizeof(others));
}

/* Two loops may run side by side and ask at the same time. */
const ds_collective *const *ds_collective_catalogue(size_t *n)
{
    int before = EMPTY;

    if (atomic_compare_exchange_strong(&state, &before, FILLING)) {
        fill();
        atomic_store(&state, FULL);
    }
    while (atomic_load(&state) != FULL)
        continue;
    if (n != NULL)
        *n = NUM_ALLREDUCES + NUM_OTHERS;
    return catalogue;
}
