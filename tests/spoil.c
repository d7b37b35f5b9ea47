/* Collectives whose results are wrong on rank 1, to be loaded before those of
 * the library: what programs that check results must notice.  SPOIL says what
 * is wrong: "element", the last one; "length"; or "absent", if the rank takes
 * no part, so that the others wait for ever. */

#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <distsys.h>

static bool is_absent(ds_comm *c)
{
    return strcmp(getenv("SPOIL"), "absent") == 0 && ds_comm_rank(c) == 1;
}

/* The right vector is let go of. */
static ds_vec *spoil(ds_comm *c, ds_vec *right)
{
    bool longer = strcmp(getenv("SPOIL"), "length") == 0;

    if (right == NULL || ds_comm_rank(c) != 1)
        return right;
    ds_vec *wrong = ds_vec_new(right->len + longer);
    for (size_t i = 0; i < right->len; i++)
        wrong->data[i] = right->data[i];
    wrong->data[wrong->len - 1] += 1;
    ds_vec_unref(right);
    return wrong;
}

ds_vec *ds_allreduce_run(const ds_allreduce *how, ds_comm *c, ds_vec *mine,
                         const ds_op *op)
{
    ds_vec *(*run)(const ds_allreduce *, ds_comm *, ds_vec *, const ds_op *);

    *(void **)&run = dlsym(RTLD_NEXT, "ds_allreduce_run");
    if (is_absent(c))
        return ds_vec_ref(mine);
    return spoil(c, run(how, c, mine, op));
}

ds_vec *ds_collective_run(const ds_collective *how, ds_comm *c, ds_vec *mine,
                          const ds_op *op, size_t root)
{
    ds_vec *(*run)(const ds_collective *, ds_comm *, ds_vec *, const ds_op *,
                   size_t);

    *(void **)&run = dlsym(RTLD_NEXT, "ds_collective_run");
    if (is_absent(c))
        return ds_vec_ref(mine);
    return spoil(c, run(how, c, mine, op, root));
}
