/* Inside vectors: what the collectives need beyond <distsys/vec.h>. */
#ifndef DS_COLL_VEC_H
#define DS_COLL_VEC_H

#include <stdbool.h>

#include <distsys/loop.h>
#include <distsys/vec.h>

/* len elements: a phantom if model is one, else with whatever was in memory;
 * NULL: no memory. */
ds_vec *ds__vec_like(const ds_vec *model, size_t len);

/* Makes a vector of elements that somebody else uses again when the call is
 * over in which it is made; what is sent of it, or kept, is a copy.  NULL: no
 * memory. */
ds_vec *ds__vec_lend(void *data, size_t len, size_t size);

/* Whether a vector, or what it is a slice of, is of that kind. */
bool ds__vec_is_lent(const ds_vec *vec);

/* Returns a copy of what is no phantom; NULL: no memory. */
ds_vec *ds__vec_copy(const ds_vec *vec);

/* Returns the bytes that a vector takes on the wire. */
static inline double ds__vec_bytes(const ds_vec *vec)
{
    return (double)vec->len * (double)vec->size;
}

/* False, and recorded, if vec is NULL, for want of memory or because it should
 * have been a slice of what is not there.  which is "the vector", say. */
bool ds__vec_check(ds_loop *loop, const ds_vec *vec, const char *function,
                   const char *which);

#endif
