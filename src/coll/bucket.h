/* Buckets: rings along one side of a torus after the other. */
#ifndef DS_COLL_BUCKET_H
#define DS_COLL_BUCKET_H

#include "coll/lanes.h"

/* The schedule of buckets, on a grid of any sides. */
ds__schedule *ds__bucket_schedule(const ds__grid *grid, size_t lane,
                                  size_t len);

#endif
