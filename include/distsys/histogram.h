#ifndef DISTSYS_HISTOGRAM_H
#define DISTSYS_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How often which values were seen, such as how long calls took, in memory that
 * does not grow with how many there are: 16 KiB, and 1 KiB for each power of
 * two that has any.  It is plain data, which belongs to no loop; one thread at
 * a time. */
typedef struct ds_histogram ds_histogram;

ds_histogram *ds_histogram_new(void);      /* NULL: no memory */
void ds_histogram_free(ds_histogram *all); /* NULL is allowed */

/* Counts a value, finite and at least 0; or all that another one has counted.
 * False, and nothing has changed: it is none, or there is no memory. */
bool ds_histogram_add(ds_histogram *all, double value);
bool ds_histogram_merge(ds_histogram *all, const ds_histogram *more);

/* How many values there are; the least, the greatest and their mean, which are
 * exact but for how doubles are rounded.  Of no values: NAN. */
uint64_t ds_histogram_count(const ds_histogram *all);
double ds_histogram_least(const ds_histogram *all);
double ds_histogram_most(const ds_histogram *all);
double ds_histogram_mean(const ds_histogram *all);

/* The value that a part of all does not exceed, 0 to 1, such as 0.99: the
 * nearest rank, which is the ceil(part n)-th of n values in order, and the
 * first for 0.  It is right to within 1/256 of itself, the first and the last
 * exactly.  NAN: there are no values, or part is not between 0 and 1. */
double ds_histogram_quantile(const ds_histogram *all, double part);

#ifdef __cplusplus
}
#endif

#endif
