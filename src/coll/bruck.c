/* Bruck's allgather. */

#include <assert.h>

#include "coll/bruck.h"

/* In each step a rank doubles what it has, with what the rank that far ahead
 * has; in the last one only as much as is missing. */
ds_vec *ds__bruck_allgather(ds_comm *c, unsigned step, ds_vec *mine)
{
    size_t p = ds_comm_size(c);
    size_t len = mine->len;
    ds__whole whole = { .len = p * len };

    ds__whole_put(c, &whole, 0, mine);
    for (size_t m = 1; m < p; m *= 2) {
        size_t n = m < p - m ? m : p - m;
        assert(m + n <= p);
        ds_vec *known = ds__step_slice(c, whole.vec, 0, n * len);
        ds_vec *theirs = ds__step_exchange(c, (c->rank + p - m) % p, known,
                                           (c->rank + m) % p, step++);
        ds_vec_unref(known);
        ds__whole_take(c, &whole, m * len, theirs);
    }
    return whole.vec;
}
