/* The way into every collective: checks, and the number of the call. */

#include <assert.h>

#include <distsys/allreduce.h>
#include <distsys/collective.h>

#include "coll/comm.h"
#include "coll/kind.h"
#include "coll/parts.h"

/* ---- Checks ---------------------------------------------------------------*/

/* Tells whether all of an algorithm's kind have a trait. */
static bool is(const ds_collective *how, unsigned trait)
{
    return (ds_collective_kind_traits(how->kind) & trait) != 0;
}

static bool check_arguments(ds_comm *c, const char *function,
                            const ds_collective *how, const ds_op *op)
{
    const char *fault = NULL;

    if (how == NULL || how->run == NULL)
        fault = "the algorithm is NULL";
    else if (is(how, DS_TRAIT_REDUCES) &&
             (op == NULL || (op->reduce == NULL && op->combine == NULL)))
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
    return !is(how, DS_TRAIT_GATHERS) || ds__comm_check_total(c, len, function);
}

/* ---- Running --------------------------------------------------------------*/

static ds_vec *run(const char *function, const ds_collective *how, ds_comm *c,
                   ds_vec *mine, const ds_op *op, size_t root)
{
    ds__call call = {
        .function = function,
        .algorithm = how->name,
        .op = is(how, DS_TRAIT_REDUCES) ? op->name : NULL,
        .len = mine->len,
        .size = mine->size,
        .root = is(how, DS_TRAIT_ROOT) ? root : 0,
        .granularity = how->granularity,
        .group = how->group,
        .chunk = how->chunk,
        .shape = how->shape,
    };
    unsigned traits = how->traits;

    if (!is(how, DS_TRAIT_REDUCES))
        traits &= ~DS_TRAIT_COMMUTATIVE;

    if (!check_power(c, function, how) ||
        !check_total(c, function, how, mine->len) ||
        !ds__call_check(c, &call, traits, op) || !ds__call_begin(c, &call))
        return NULL;
    return ds__call_end(c, how->run(how, c, mine, op, call.root));
}

ds_vec *ds__collective_enter(const char *function, const ds_collective *how,
                             ds_comm *c, ds_vec *mine, const ds_op *op,
                             size_t root)
{
    if (!ds__comm_enter(c, function) || !check_arguments(c, function, how, op))
        return NULL;
    if (is(how, DS_TRAIT_ROOT) && !ds__comm_check_rank(c, root, function))
        return NULL;
    if (!is(how, DS_TRAIT_EMPTY))
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
    return ds__collective_enter("ds_collective_run", how, c, mine, op, root);
}

/* ---- Parts ----------------------------------------------------------------*/

/* An alltoall has others in each direction. */
static bool check_parts(ds_comm *c, const char *function,
                        const ds_collective *how)
{
    const char *name = how->name == NULL ? "?" : how->name;

    if ((how->traits & DS_TRAIT_PARTS) != 0 && how->kind != DS_ALLTOALL)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE,
             how->kind == DS_ALLTOALL
                 ? "%s: %s has parts that are given and others that are "
                   "taken; ds_alltoallv() does that"
                 : "%s: %s does not know how to do parts of different lengths",
             function, name);
    return false;
}

/* Who knows the lengths says them, and has a vector of all or of its part. */
static bool check_lengths(ds_comm *c, const char *function,
                          const ds_collective *how, const ds_vec *mine,
                          const size_t *counts, size_t *total)
{
    return ds__parts_total(c, counts, function, total) &&
           ds__parts_fit(c, mine,
                         is(how, DS_TRAIT_GATHERS) ? counts[c->rank] : *total,
                         function);
}

static ds_vec *run_parts(const char *function, const ds_collective *how,
                         ds_comm *c, ds_vec *mine, const size_t *counts,
                         const ds_op *op, size_t root)
{
    const bool rooted = is(how, DS_TRAIT_ROOT);
    const bool knows = !rooted || c->rank == root;
    size_t total = 0;
    ds__call call = {
        .function = function,
        .algorithm = how->name,
        .op = is(how, DS_TRAIT_REDUCES) ? op->name : NULL,
        .root = rooted ? root : 0,
        .counts = knows ? counts : NULL,
        .part = !knows && how->kind == DS_GATHER ? mine : NULL,
    };

    if ((knows && !check_lengths(c, function, how, mine, counts, &total)) ||
        !ds__call_check(c, &call, is(how, DS_TRAIT_REDUCES) ? how->traits : 0,
                        op))
        return NULL;
    call.len = rooted ? 0 : total;
    if (!ds__call_begin(c, &call))
        return NULL;
    return ds__call_end(c, how->run(how, c, mine, op, call.root));
}

ds_vec *ds_collective_run_parts(const ds_collective *how, ds_comm *c,
                                ds_vec *mine, const size_t *counts,
                                const ds_op *op, size_t root)
{
    static const char function[] = "ds_collective_run_parts";

    if (!ds__comm_enter(c, function) || !check_arguments(c, function, how, op))
        return NULL;
    if (!check_parts(c, function, how) || !check_power(c, function, how))
        return NULL;
    if (is(how, DS_TRAIT_ROOT) && !ds__comm_check_rank(c, root, function))
        return NULL;
    if (how->kind != DS_SCATTER || c->rank == root)
        return ds__comm_check_vec(c, mine, function)
                   ? run_parts(function, how, c, mine, counts, op, root)
                   : NULL;

    ds_vec *nothing = ds_vec_phantom(0);
    if (nothing == NULL) {
        ds__fail_memory(c->group->loop, function);
        return NULL;
    }
    ds_vec *result = run_parts(function, how, c, nothing, NULL, op, root);
    ds_vec_unref(nothing);
    return result;
}

/* ---- Allreduces -----------------------------------------------------------*/

/* Returns what a description says that it runs: the allreduce itself, which may
 * be part of something larger, unless a parameter was changed in the copy. */
static const ds_allreduce *allreduce_of(const ds_collective *how,
                                        ds_allreduce *changed)
{
    const ds_allreduce *own = how->allreduce;

    assert(own != NULL);
    if (own->granularity == how->granularity && own->group == how->group &&
        own->chunk == how->chunk && own->shape == how->shape)
        return own;
    *changed = *own;
    changed->granularity = how->granularity;
    changed->group = how->group;
    changed->chunk = how->chunk;
    changed->shape = how->shape;
    return changed;
}

static ds_vec *run_allreduce(const ds_collective *self, ds_comm *c,
                             ds_vec *mine, const ds_op *op, size_t root)
{
    ds_allreduce changed;
    const ds_allreduce *allreduce = allreduce_of(self, &changed);

    return allreduce->run(allreduce, c, mine, op);
}

static ds_cost cost_allreduce(const void *self, size_t p, size_t len)
{
    ds_allreduce changed;
    const ds_allreduce *allreduce = allreduce_of(self, &changed);

    return allreduce->cost(allreduce, p, len);
}

ds_collective ds__collective_of(const ds_allreduce *allreduce)
{
    return (ds_collective){
        .name = allreduce->name,
        .kind = DS_ALLREDUCE,
        .run = run_allreduce,
        .traits = allreduce->traits,
        .chunk = allreduce->chunk,
        .cost = allreduce->cost == NULL ? NULL : cost_allreduce,
        .idea = allreduce->idea,
        .granularity = allreduce->granularity,
        .group = allreduce->group,
        .allreduce = allreduce,
        .shape = allreduce->shape,
    };
}

ds_vec *ds_allreduce_run(const ds_allreduce *algorithm, ds_comm *c,
                         ds_vec *mine, const ds_op *op)
{
    ds_collective how = { 0 };

    if (algorithm != NULL && algorithm->run != NULL)
        how = ds__collective_of(algorithm);
    return ds__collective_enter("ds_allreduce_run", &how, c, mine, op, 0);
}

/* ---- By the names of MPI --------------------------------------------------*/

ds_vec *ds_bcast(ds_comm *c, ds_vec *vec, size_t root)
{
    return ds__collective_enter("ds_bcast", &ds_bcast_binomial, c, vec, NULL,
                                root);
}

ds_vec *ds_reduce(ds_comm *c, ds_vec *vec, const ds_op *op, size_t root)
{
    return ds__collective_enter("ds_reduce", &ds_reduce_binomial, c, vec, op,
                                root);
}

ds_vec *ds_gather(ds_comm *c, ds_vec *vec, size_t root)
{
    return ds__collective_enter("ds_gather", &ds_gather_binomial, c, vec, NULL,
                                root);
}

ds_vec *ds_scatter(ds_comm *c, ds_vec *vec, size_t root)
{
    return ds__collective_enter("ds_scatter", &ds_scatter_binomial, c, vec,
                                NULL, root);
}

ds_vec *ds_allgather(ds_comm *c, ds_vec *vec)
{
    return ds__collective_enter("ds_allgather", &ds_allgather_ring, c, vec,
                                NULL, 0);
}

ds_vec *ds_reduce_scatter(ds_comm *c, ds_vec *vec, const ds_op *op)
{
    return ds__collective_enter("ds_reduce_scatter", &ds_reduce_scatter_ring, c,
                                vec, op, 0);
}

ds_vec *ds_alltoall(ds_comm *c, ds_vec *vec)
{
    return ds__collective_enter("ds_alltoall", &ds_alltoall_pairwise, c, vec,
                                NULL, 0);
}

bool ds_barrier(ds_comm *c)
{
    ds_vec *nothing = ds__collective_enter(
        "ds_barrier", &ds_barrier_dissemination, c, NULL, NULL, 0);

    ds_vec_unref(nothing);
    return nothing != NULL;
}

ds_vec *ds_scan(ds_comm *c, ds_vec *vec, const ds_op *op)
{
    return ds__collective_enter("ds_scan", &ds_scan_recursive_doubling, c, vec,
                                op, 0);
}

ds_vec *ds_exscan(ds_comm *c, ds_vec *vec, const ds_op *op)
{
    return ds__collective_enter("ds_exscan", &ds_exscan_recursive_doubling, c,
                                vec, op, 0);
}
