/* The partners of Swing, which Bine trees have as well. */
#ifndef DS_COLL_SWING_H
#define DS_COLL_SWING_H

#include "coll/lanes.h"

/* Returns the partner of a place in step s around a ring of an even number of
 * places: rho(s) = (1 - (-2)^(s+1)) / 3 = 1, -1, 3, -5, 11, ... onwards from an
 * even place, and as far back from an odd one. */
size_t ds__swing_partner(size_t ring, size_t at, unsigned s);

/* The schedule of Swing, on a grid of even sides. */
ds__schedule *ds__swing_schedule(const ds__grid *grid, size_t lane, size_t len);

#endif
