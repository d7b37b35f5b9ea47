/* Relocates the first image of a program, and notes for the others which words
 * point into it. */
#ifndef DS_IMAGE_RELOCATE_H
#define DS_IMAGE_RELOCATE_H

#include "image/elf.h"

/* Words of an image, by how far they are from its beginning; freed by the
 * owner. */
typedef struct ds__slots {
    size_t *at;
    size_t n;
    size_t max;
} ds__slots;

/* A word that says where an object of somebody else is, or a copy of it. */
typedef struct ds__foreign {
    const char *name;
    size_t at;
    bool is_copy;
} ds__foreign;

typedef struct ds__binding {
    /* Returns the address that a name is bound to; 0: nothing. */
    uintptr_t (*find)(void *arg, const char *name);
    /* Is told of each object or function that is not the program's own. */
    void (*bound)(void *arg, const ds__foreign *what);
    void *arg;
} ds__binding;

/* Fills in the image at base.  Slots gets the words that have base in them.
 * False: why says which relocation or symbol it is. */
bool ds__relocate(const ds__elf *elf, unsigned char *base,
                  const ds__binding *binding, ds__slots *slots, ds__text *why);

#endif
