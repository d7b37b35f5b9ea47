/* Blunt plans: one line that loses or puts off much of all that is sent, all
 * the time, in place of many that hurt one machine at a time.  It says nothing
 * about the failure but that it exists; still it is one line. */
#ifndef DS_EXPLORE_SHRINK_BLUNT_H
#define DS_EXPLORE_SHRINK_BLUNT_H

#include "explore/shrink/gentler.h"

/* Writes the i-th of such lines that some hazards allow, over and over again,
 * from 0 to an end.  False: there is none. */
bool ds__blunt(unsigned hazards, const ds__bounds *bounds, double end, size_t i,
               ds__plan_line *line);

#endif
