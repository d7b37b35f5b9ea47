/* Parts of different lengths: how long they are together. */
#ifndef DS_COLL_PARTS_H
#define DS_COLL_PARTS_H

#include "coll/comm.h"

/* Each fails the run, in the name of a function, and returns false, if it is
 * not so: that there are counts, of no more elements together than can be
 * counted; that a vector is as long as they say. */
bool ds__parts_total(const ds_comm *c, const size_t *counts,
                     const char *function, size_t *total);
bool ds__parts_fit(const ds_comm *c, const ds_vec *vec, size_t wanted,
                   const char *function);

#endif
