/* Down to a power of two and up again. */

#include <assert.h>

#include "coll/fold.h"

ds__fold ds__fold_of(const ds_comm *c)
{
    size_t p = ds_comm_size(c);
    ds__fold f = { .q = (size_t)1 << ds__floor_lg(p) };

    assert(f.q <= p && p < 2 * f.q);
    f.r = p - f.q;
    if (c->rank < 2 * f.r) {
        f.out = c->rank % 2 == 0;
        f.rank = c->rank / 2;
    } else {
        f.rank = c->rank - f.r;
    }
    return f;
}

ds_vec *ds__fold_down(ds_comm *c, const ds__fold *f, ds_vec *mine,
                      const ds_op *op)
{
    if (c->rank >= 2 * f->r)
        return ds_vec_ref(mine);
    if (f->out) {
        ds__step_send(c, c->rank + 1, DS__FOLD_STEP, mine);
        return NULL;
    }
    ds_vec *lower = ds__step_recv(c, c->rank - 1, DS__FOLD_STEP);
    return ds__step_combine(c, op, lower, ds_vec_ref(mine));
}

ds_vec *ds__fold_up(ds_comm *c, const ds__fold *f, ds_vec *result)
{
    if (c->rank >= 2 * f->r)
        return result;
    if (f->out)
        return ds__step_recv(c, c->rank + 1, DS__UNFOLD_STEP);
    ds__step_send(c, c->rank - 1, DS__UNFOLD_STEP, result);
    return result;
}

ds_cost ds__fold_cost(size_t p, size_t len)
{
    if ((size_t)1 << ds__floor_lg(p) == p)
        return (ds_cost){ 0 };
    return ds__cost_add(ds__cost_step((double)len, true),
                        ds__cost_step((double)len, false));
}
