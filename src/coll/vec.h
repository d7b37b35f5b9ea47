/* Inside vectors: what the collectives need beyond <distsys/vec.h>. */
#ifndef DS_COLL_VEC_H
#define DS_COLL_VEC_H

#include <distsys/vec.h>

/* Like ds_vec_new(), but with whatever was in memory; NULL: no memory. */
ds_vec *ds__vec_raw(size_t len);

/* len elements: a phantom if model is one, else raw; NULL: no memory. */
ds_vec *ds__vec_like(const ds_vec *model, size_t len);

#endif
