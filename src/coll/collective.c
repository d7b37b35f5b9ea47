/* The way into every collective but the allreduces, and which there are.  A new
 * one needs a line here. */

#include <string.h>

#include <distsys/collective.h>

#include "coll/comm.h"

static const ds_collective *const all[] = {
    &ds_bcast_binomial,
    &ds_bcast_scatter_allgather,
    &ds_bcast_chain,
    &ds_reduce_binomial,
    &ds_reduce_scatter_gather,
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

const ds_collective *const *ds_collective_all(size_t *n)
{
    if (n != NULL)
        *n = sizeof(all) / sizeof(*all);
    return all;
}

const ds_collective *ds_collective_find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(all) / sizeof(*all); i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

/* ---- Checks ---------------------------------------------------------------*/

static bool has_root(ds_collective_kind kind)
{
    return kind == DS_BCAST || kind == DS_REDUCE || kind == DS_GATHER ||
           kind == DS_SCATTER;
}

static bool reduces(ds_collective_kind kind)
{
    return kind == DS_REDUCE || kind == DS_REDUCE_SCATTER || kind == DS_SCAN ||
           kind == DS_EXSCAN;
}

static bool check_arguments(ds_comm *c, const char *function,
                            const ds_collective *how, const ds_op *op)
{
    const char *fault = NULL;

    if (how == NULL || how->run == NULL)
        fault = "the algorithm is NULL";
    else if (reduces(how->kind) && (op == NULL || op->reduce == NULL))
        fault = "the operator is NULL";
    if (fault == NULL)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE, "%s: %s", function, fault);
    return false;
}

static bool check_power(ds_comm *c, const char *function,
                        const ds_collective *how)
{
    size_t p = ds_comm_size(c);

    if ((how->traits & DS_TRAIT_POWER) == 0 || (p & (p - 1)) == 0)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: %s needs a number of ranks that is a power of two; %zu is "
             "none",
             function, how->name == NULL ? "?" : how->name, p);
    return false;
}

/* What is gathered becomes one vector. */
static bool check_total(ds_comm *c, const char *function,
                        const ds_collective *how, size_t len)
{
    bool gathers = how->kind == DS_GATHER || how->kind == DS_ALLGATHER;

    return !gathers || ds__comm_check_total(c, len, function);
}

/* ---- Running --------------------------------------------------------------*/

static ds_vec *run(const char *function, const ds_collective *how, ds_comm *c,
                   ds_vec *mine, const ds_op *op, size_t root)
{
    ds__call call = {
        .function = function,
        .algorithm = how->name,
        .op = reduces(how->kind) ? op->name : NULL,
        .len = mine->len,
        .root = has_root(how->kind) ? root : 0,
        .parameter = how->chunk,
    };
    unsigned traits = how->traits;

    if (!reduces(how->kind))
        traits &= ~DS_TRAIT_COMMUTATIVE;

    if (!check_power(c, function, how) ||
        !check_total(c, function, how, mine->len) ||
        !ds__call_check(c, &call, traits, op) || !ds__call_begin(c, &call))
        return NULL;
    return ds__call_end(c, how->run(how, c, mine, op, call.root));
}

static ds_vec *enter(const char *function, const ds_collective *how, ds_comm *c,
                     ds_vec *mine, const ds_op *op, size_t root)
{
    if (!ds__comm_enter(c, function) || !check_arguments(c, function, how, op))
        return NULL;
    if (has_root(how->kind) && !ds__comm_check_rank(c, root, function))
        return NULL;
    if (how->kind != DS_BARRIER)
        return ds__comm_check_vec(c, mine, function)
                   ? run(function, how, c, mine, op, root)
                   : NULL;

    ds_vec *nothing = ds_vec_phantom(0);
    if (nothing == NULL) {
        ds__fail_memory(c->group->loop, function);
        return NULL;
    }
    ds_vec *result = run(function, how, c, nothing, op, root);
    ds_vec_unref(nothing);
    return result;
}

ds_vec *ds_collective_run(const ds_collective *how, ds_comm *c, ds_vec *mine,
                          const ds_op *op, size_t root)
{
    return enter("ds_collective_run", how, c, mine, op, root);
}

ds_vec *ds_bcast(ds_comm *c, ds_vec *vec, size_t root)
{
    return enter("ds_bcast", &ds_bcast_binomial, c, vec, NULL, root);
}

ds_vec *ds_reduce(ds_comm *c, ds_vec *vec, const ds_op *op, size_t root)
{
    return enter("ds_reduce", &ds_reduce_binomial, c, vec, op, root);
}

ds_vec *ds_gather(ds_comm *c, ds_vec *vec, size_t root)
{
    return enter("ds_gather", &ds_gather_binomial, c, vec, NULL, root);
}

ds_vec *ds_scatter(ds_comm *c, ds_vec *vec, size_t root)
{
    return enter("ds_scatter", &ds_scatter_binomial, c, vec, NULL, root);
}

ds_vec *ds_allgather(ds_comm *c, ds_vec *vec)
{
    return enter("ds_allgather", &ds_allgather_ring, c, vec, NULL, 0);
}

ds_vec *ds_reduce_scatter(ds_comm *c, ds_vec *vec, const ds_op *op)
{
    return enter("ds_reduce_scatter", &ds_reduce_scatter_ring, c, vec, op, 0);
}

ds_vec *ds_alltoall(ds_comm *c, ds_vec *vec)
{
    return enter("ds_alltoall", &ds_alltoall_pairwise, c, vec, NULL, 0);
}

bool ds_barrier(ds_comm *c)
{
    ds_vec *nothing =
        enter("ds_barrier", &ds_barrier_dissemination, c, NULL, NULL, 0);

    ds_vec_unref(nothing);
    return nothing != NULL;
}

ds_vec *ds_scan(ds_comm *c, ds_vec *vec, const ds_op *op)
{
    return enter("ds_scan", &ds_scan_recursive_doubling, c, vec, op, 0);
}

ds_vec *ds_exscan(ds_comm *c, ds_vec *vec, const ds_op *op)
{
    return enter("ds_exscan", &ds_exscan_recursive_doubling, c, vec, op, 0);
}
