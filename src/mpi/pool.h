/* Memory for what lives briefly and comes again: requests and messages.
 *
 * A piece that is given back is the next one of its size.  Sizes are powers of
 * two, so that messages of any lengths share a few of them; of each no more
 * lies idle than fills a megabyte, and what is longer is malloc()'s. */
#ifndef DS_MPI_POOL_H
#define DS_MPI_POOL_H

#include <stddef.h>

/* Never NULL; what is in it is unspecified. */
void *ds__pool_take(size_t size);

/* Gives back what was taken with that size. */
void ds__pool_give(void *memory, size_t size);

#endif
