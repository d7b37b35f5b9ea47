/* Short texts; see the header. */

#include "topology/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"

#define BLOCK 4096 /* bytes of names in one, unless a name is longer */

/* Invariant: used <= size. */
struct ds__names_block {
    struct ds__names_block *before;
    size_t used;
    size_t size;
    char text[];
};

const char *ds__names_keep(ds__names *names, const char *text)
{
    struct ds__names_block *block = names->last;
    size_t length = strlen(text) + 1;

    if (block == NULL || block->size - block->used < length) {
        size_t size = length > BLOCK ? length : BLOCK;

        block = malloc(sizeof(*block) + size);
        if (block == NULL)
            return NULL;
        *block = (struct ds__names_block){ names->last, 0, size };
        names->last = block;
    }
    char *copy = memcpy(block->text + block->used, text, length);
    block->used += length;
    assert(block->used <= block->size);
    return copy;
}

void ds__names_free(ds__names *names)
{
    while (names->last != NULL) {
        struct ds__names_block *block = names->last;

        names->last = block->before;
        free(block);
    }
}
