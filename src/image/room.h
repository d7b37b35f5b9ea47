/* Room for the thread-local variables of a program, in each thread of the
 * system.
 *
 * A linker lets a program find its own directly below the thread pointer, and
 * what lies there are those of the program that runs the process.  So that has
 * some that it does not use, which are the last of its own, next to the
 * pointer: libdistsys-room.la is the last library that it is linked with. */
#ifndef DS_IMAGE_ROOM_H
#define DS_IMAGE_ROOM_H

enum { DS__ROOM = 4096 };

/* Where it begins in this thread; for ds__locals_offer(). */
void *ds__room_here(void);

#endif
