/* Makes the memory of this process other than it would have been, so that a
 * program that hangs on addresses, or on memory that nobody has filled, does
 * something else. */
#ifndef DS_EXPLORE_RUNNER_PERTURB_H
#define DS_EXPLORE_RUNNER_PERTURB_H

#include <stdint.h>

/* How, is drawn from the seed.  What it takes it keeps, until the process ends.
 */
void ds__perturb(uint64_t seed);

#endif
