/* Where in its sources a program is. */
#ifndef DS_IMAGE_SITE_H
#define DS_IMAGE_SITE_H

#include "image/image.h"

/* Adds the line that makes a call which returns to that address, as file.c:12;
 * if nobody knows, the program and how far it is from its beginning.  Asks
 * addr2line, which takes milliseconds. */
void ds__image_site(const ds__image *image, const void *address,
                    ds__text *text);

#endif
