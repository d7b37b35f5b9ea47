/* What of the system's library a rank meets in another form. */
#ifndef DS_IMAGE_LIBC_H
#define DS_IMAGE_LIBC_H

#include <stdint.h>

/* Returns the address of what stands for the function of that name; 0: nothing
 * does, the name means what it means in this process. */
uintptr_t ds__libc_find(const char *name);

#endif
