/* Which allreduces there are.  A new one needs a line here. */

#include <string.h>

#include <distsys/allreduce.h>

static const ds_allreduce *const all[] = {
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
};

const ds_allreduce *const *ds_allreduce_all(size_t *n)
{
    if (n != NULL)
        *n = sizeof(all) / sizeof(*all);
    return all;
}

const ds_allreduce *ds_allreduce_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(all) / sizeof(*all); i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}
