/* See locals.h.  What a linker has worked out: those of a program end at the
 * thread pointer, and begin a multiple of their alignment before it. */

#include "image/locals.h"

#include <assert.h>
#include <string.h>

#include "image/room.h"

static void *(*room_here)(void);

/* Whose are in the room of this thread; NULL: nobody's yet. */
static _Thread_local ds__image *inside;

void ds__locals_offer(void *(*room)(void))
{
    room_here = room;
}

#if defined(__x86_64__)
static char *thread_pointer(void)
{
    char *pointer;

    __asm__("mov %%fs:0, %0" : "=r"(pointer));
    return pointer;
}
#else
static char *thread_pointer(void)
{
    return NULL;
}
#endif

static size_t size_of(const ds__elf *elf)
{
    const size_t align = elf->locals.align;

    return (elf->locals.size + align - 1) / align * align;
}

static char *place_of(const ds__elf *elf)
{
    return thread_pointer() - size_of(elf);
}

/* Between the room and the pointer there may be what aligns it, and no other
 * variable. */
bool ds__locals_fit(const ds__elf *elf, ds__text *why)
{
    enum { GAP = 64 };

    if (elf->locals.size == 0)
        return true;
    const char *room = room_here == NULL ? NULL : room_here();
    const size_t align = elf->locals.align;
    if (room == NULL || thread_pointer() < room + DS__ROOM ||
        thread_pointer() - (room + DS__ROOM) >= GAP) {
        ds__text_add(why, "it has thread-local variables, which are not copied "
                          "for each rank here");
        return false;
    }
    if (size_of(elf) > DS__ROOM || align > GAP) {
        ds__text_add(why,
                     "it has %zu bytes of thread-local variables, aligned to "
                     "%zu; there is room for %d, aligned to %d",
                     elf->locals.size, align, DS__ROOM, GAP);
        return false;
    }
    return true;
}

bool ds__locals_make(ds__image *im)
{
    const ds__elf *elf = &im->program->elf;

    if (elf->locals.size == 0)
        return true;
    im->locals = calloc(1, size_of(elf));
    if (im->locals == NULL)
        return false;
    assert(elf->locals.file_size <= elf->locals.size);
    memcpy(im->locals, im->base + elf->locals.at, elf->locals.file_size);
    return true;
}

void ds__locals_enter(ds__image *im)
{
    const ds__elf *elf = &im->program->elf;
    assert(im->locals != NULL && size_of(elf) <= DS__ROOM);
    char *place = place_of(elf);

    if (inside == im)
        return;
    if (inside != NULL)
        memcpy(inside->locals, place, size_of(elf));
    memcpy(place, im->locals, size_of(elf));
    inside = im;
}
