/* What shapes are called, in reports and when members compare theirs. */
#ifndef DS_COLL_SHAPE_H
#define DS_COLL_SHAPE_H

#include <distsys/allreduce.h>

#include "base/text.h"

/* Adds its sides, as "8x8". */
void ds__shape_add_sides(ds__text *text, const ds_shape *shape);

/* Writes a name that equal shapes of p members have in common, and hardly any
 * others; empty if it is NULL. */
void ds__shape_name(const ds_shape *shape, size_t p, char *text, size_t size);

#endif
