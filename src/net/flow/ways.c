/* The links of paths, side by side. */

#include "net/flow/ways.h"

#include <assert.h>
#include <stdlib.h>

enum { LEAST_LINKS = 4, LEAST_ROOM = 64 };

void ds__ways_init(ds__ways *ways)
{
    *ways = (ds__ways){ .links = NULL };
    for (size_t i = 0; i < DS__WAY_CLASSES; i++)
        ways->unused[i] = DS__NOWHERE;
}

void ds__ways_free(ds__ways *ways)
{
    free(ways->links);
}

/* Returns the class of lists with room for n links and their end;
 * DS__WAY_CLASSES: there is none. */
static size_t class_of(size_t n)
{
    size_t class = 0;

    while (class < DS__WAY_CLASSES && ((size_t)LEAST_LINKS << class) <= n)
        class ++;
    return class;
}

/* Makes room for more behind the last list.  false: no memory. */
static bool grow(ds__ways *ways, size_t more)
{
    const size_t most = DS__NOWHERE - 1;
    size_t room = ways->room == 0 ? LEAST_ROOM : ways->room;

    if (more > most - ways->used)
        return false;
    while (room - ways->used < more)
        room *= 2;
    if (room > most)
        room = most;
    uint32_t *links = realloc(ways->links, room * sizeof(*links));
    if (links == NULL)
        return false;
    ways->links = links;
    ways->room = (uint32_t)room;
    return true;
}

uint32_t ds__ways_take(ds__ways *ways, size_t n)
{
    const size_t class = class_of(n);

    if (class >= DS__WAY_CLASSES)
        return DS__NOWHERE;

    const size_t size = (size_t)LEAST_LINKS << class;
    uint32_t way = ways->unused[class];
    if (way != DS__NOWHERE) {
        ways->unused[class] = ways->links[way];
    } else {
        if (ways->room - ways->used < size && !grow(ways, size))
            return DS__NOWHERE;
        way = ways->used;
        ways->used += (uint32_t)size;
    }
    ways->links[way] = DS__NOWHERE;
    return way;
}

void ds__ways_give(ds__ways *ways, uint32_t way, size_t n)
{
    const size_t class = class_of(n);

    assert(way < ways->used);
    ways->links[way] = ways->unused[class];
    ways->unused[class] = way;
}
