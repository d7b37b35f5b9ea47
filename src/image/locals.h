/* Thread-local variables of a program, of which each image has its own.
 *
 * They are in the room that the program which runs all images has for them.
 * Where images share a thread of the system, those of the last one that ran are
 * taken out when another one goes on; where each has a thread, they stay. */
#ifndef DS_IMAGE_LOCALS_H
#define DS_IMAGE_LOCALS_H

#include "image/image.h"

/* Says where the room begins in the thread that calls; without it programs that
 * have any are refused. */
void ds__locals_offer(void *(*room)(void));

/* Returns whether there is room for those of a program; false: why says why
 * not. */
bool ds__locals_fit(const ds__elf *elf, ds__text *why);

/* Makes those of a new image; false: no memory. */
bool ds__locals_make(ds__image *image);

/* Has this thread see those of an image that has any. */
void ds__locals_enter(ds__image *image);

#endif
