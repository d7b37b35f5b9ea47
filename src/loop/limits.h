/* Why the system refuses another thread, or another stack for a fiber. */
#ifndef DS_LOOP_LIMITS_H
#define DS_LOOP_LIMITS_H

#include <stddef.h>

#include "base/text.h"

/* The system says EAGAIN or ENOMEM whatever it lacks.  These add the limit
 * that is used up, or nearest to it, by name and numbers, such as
 * "kernel.pid_max is 32768, and 32767 are in use".  They look at Linux's own
 * figures; where no limit is used up, or none can be seen, they say so.  error
 * is what pthread_create() returned. */
void ds__limits_of_thread(ds__text *text, int error, size_t stack_size);
void ds__limits_of_memory(ds__text *text, size_t stack_size);

#endif
