/* Which messages paths are made of; see the header. */

#include "coll/chain.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for messages below n, of which nothing is known. */
static bool reserve(ds__chain *chain, uint64_t n)
{
    size_t room = chain->room == 0 ? 1024 : chain->room;

    if (n <= chain->room)
        return true;
    if (n > SIZE_MAX / 2 / sizeof(*chain->before))
        return false;
    while (room < n)
        room *= 2;
    uint64_t *before = realloc(chain->before, room * sizeof(*before));
    if (before == NULL)
        return false;
    memset(before + chain->room, 0, (room - chain->room) * sizeof(*before));
    chain->before = before;
    chain->room = room;
    return true;
}

bool ds__chain_add(ds__chain *chain, uint64_t first, size_t n, uint64_t before)
{
    assert(before < first);
    if (!reserve(chain, first + n))
        return false;
    for (size_t i = 0; i < n; i++)
        chain->before[first + i] = before;
    return true;
}

size_t ds__chain_walk(const ds__chain *chain, uint64_t last, uint64_t *messages,
                      size_t max)
{
    size_t n = 0;

    for (uint64_t at = last; at != 0;
         at = at < chain->room ? chain->before[at] : 0)
        if (n++ < max)
            messages[n - 1] = at;
    return n;
}

void ds__chain_free(ds__chain *chain)
{
    free(chain->before);
}
