/* Bruck's allgather. */

#include <assert.h>

#include "coll/bruck.h"

/* In each step a rank doubles what it has, with what the rank that far ahead
 * has; in the last one only as much as is missing. */
ds_vec *ds__bruck_allgather(ds_comm *c, unsigned step, ds_vec *mine)
{
    size_t p = ds_comm_size(c);
    size_t r = c->rank;
    ds__whole whole = { .len = ds__cut_total(c, mine) };

    ds__whole_put(c, &whole, 0, mine);
    for (size_t m = 1; m < p; m *= 2) {
        size_t n = m < p - m ? m : p - m;
        assert(m + n <= p);
        ds_vec *known =
            ds__step_slice(c, whole.vec, 0, ds__cut_from(c, whole.len, r, n));
        ds_vec *theirs =
            ds__step_exchange(c, (r + p - m) % p, known, (r + m) % p, step++);
        ds_vec_unref(known);
        ds__whole_take(c, &whole, ds__cut_from(c, whole.len, r, m), theirs);
    }
    return whole.vec;
}
