/* The way into every allreduce: checks, and the number of the call. */

#include <distsys/allreduce.h>

#include "coll/comm.h"

static bool check(ds_comm *c, const ds_allreduce *algorithm, const ds_op *op)
{
    const char *fault = NULL;

    if (algorithm == NULL || algorithm->run == NULL)
        fault = "the algorithm is NULL";
    else if (op == NULL || op->reduce == NULL)
        fault = "the operator is NULL";
    if (fault == NULL)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE, "ds_allreduce_run: %s", fault);
    return false;
}

ds_vec *ds_allreduce_run(const ds_allreduce *algorithm, ds_comm *c,
                         ds_vec *mine, const ds_op *op)
{
    if (!ds__comm_enter(c, "ds_allreduce_run") || !check(c, algorithm, op) ||
        !ds__comm_check_vec(c, mine, "ds_allreduce_run"))
        return NULL;

    ds__call call = {
        .function = "ds_allreduce_run",
        .algorithm = algorithm->name,
        .op = op->name,
        .len = mine->len,
        .parameter =
            algorithm->granularity + algorithm->group + algorithm->chunk,
    };
    if (!ds__call_check(c, &call, algorithm->traits, op) ||
        !ds__call_begin(c, &call))
        return NULL;
    return ds__call_end(c, algorithm->run(algorithm, c, mine, op));
}
