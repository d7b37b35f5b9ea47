/* Inside vectors: what the collectives need beyond <distsys/vec.h>. */
#ifndef DS_COLL_VEC_H
#define DS_COLL_VEC_H

#include <distsys/vec.h>

/* len elements: a phantom if model is one, else with whatever was in memory;
 * NULL: no memory. */
ds_vec *ds__vec_like(const ds_vec *model, size_t len);

#endif
