/* From the entry point of a program to main(), and out of it by exit(). */
#ifndef DS_IMAGE_START_H
#define DS_IMAGE_START_H

#include "image/image.h"

/* Runs the program on the calling thread: constructors, main(), what it has
 * asked for at its end, destructors.  Returns its exit code.  argv ends with
 * NULL and belongs to the program while it runs. */
int ds__image_run(ds__image *image, int argc, char **argv);

/* Leaves the current image's program at once, as _exit() does. */
_Noreturn void ds__image_leave(int code);

/* Says that this image's thread goes on after others had their turn. */
void ds__image_resume(ds__image *image);

/* What stands for functions of those names. */
int ds__start_main(int (*main)(int, char **, char **), int argc, char **argv,
                   void (*init)(int, char **, char **), void (*fini)(void),
                   void (*rtld_fini)(void), void *stack_end);
_Noreturn void ds__start_exit(int code);
int ds__start_atexit(void (*fn)(void));
int ds__start_cxa_atexit(void (*fn)(void *), void *arg, void *dso);

#endif
