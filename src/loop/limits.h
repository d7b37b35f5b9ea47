/* Why the system refuses another thread. */
#ifndef DS_LOOP_LIMITS_H
#define DS_LOOP_LIMITS_H

#include "base/text.h"

/* The system says EAGAIN whatever it lacks.  Adds the limit that is used up,
 * or nearest to it, by name and numbers, such as "kernel.pid_max is 32768, and
 * 32767 are in use".  Looks at Linux's own figures; where there are none it
 * says so. */
void ds__limits_explain(ds__text *text);

#endif
