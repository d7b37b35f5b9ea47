/* Exceptions and backtraces through images. */
#ifndef DS_IMAGE_UNWIND_H
#define DS_IMAGE_UNWIND_H

#include "image/image.h"

/* Stores where the calling thread is in the image, innermost call first, as
 * return addresses; at most max.  Returns how many there are. */
size_t ds__image_frames(const ds__image *image, void **frames, size_t max);

#endif
