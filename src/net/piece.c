/* Memory that goes all at once: the pieces that a life has asked for. */

#include <stdlib.h>
#include <string.h>

#include "net/life.h"

/* What the memory of a life is filled with at its end: whoever still has a
 * pointer to it finds nothing that makes sense. */
#define DEAD 0xdd

struct ds__piece {
    ds__piece *next;
    size_t size;
    max_align_t bytes[];
};

void *ds__piece_new(ds__piece **list, size_t size)
{
    ds__piece *piece = size > SIZE_MAX - sizeof(*piece)
                           ? NULL
                           : calloc(1, sizeof(*piece) + size);

    if (piece == NULL)
        return NULL;
    piece->size = size;
    piece->next = *list;
    *list = piece;
    return piece->bytes;
}

void ds__piece_free_all(ds__piece *list)
{
    while (list != NULL) {
        ds__piece *piece = list;
        list = piece->next;
        memset(piece->bytes, DEAD, piece->size);
        free(piece);
    }
}
