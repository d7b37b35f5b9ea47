/* Short texts that live as long as a topology does.  There is one for each of
 * its links, so they lie close together in blocks that never move. */
#ifndef DS_TOPOLOGY_NAMES_H
#define DS_TOPOLOGY_NAMES_H

#include <stddef.h>

/* All zeros: none yet. */
typedef struct ds__names {
    struct ds__names_block *last;
} ds__names;

/* Returns a copy; NULL: no memory. */
const char *ds__names_keep(ds__names *names, const char *text);

void ds__names_free(ds__names *names);

#endif
