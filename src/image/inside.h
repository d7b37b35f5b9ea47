/* What making the first image of a program takes; for load.c. */
#ifndef DS_IMAGE_INSIDE_H
#define DS_IMAGE_INSIDE_H

#include "image/image.h"

/* Maps memory for all images, and the first one as it is in the file; false:
 * errno says why. */
bool ds__image_map_first(ds__program *program);

/* Notes how much of it is more than zeros, once it is relocated. */
void ds__image_measure_first(ds__program *program);

#endif
