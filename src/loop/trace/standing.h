/* What a flight recorder must not forget: what things are called, which threads
 * and ports there are, and how machines and links stand.
 *
 * Whenever a chunk is forgotten, such records of it are kept.  As they become
 * many, those are dropped that later ones have made void. */
#ifndef DS_TRACE_STANDING_H
#define DS_TRACE_STANDING_H

#include "loop/trace/format.h"

/* Invariant: used <= room, and the first `used` slots are whole records. */
typedef struct ds__standing {
    ds__raw *slots;
    size_t used;
    size_t room;
} ds__standing;

/* Whether records of a kind may mean something later. */
static inline bool ds__stands(unsigned kind)
{
    const uint64_t kinds =
        UINT64_C(1) << DS__TELL_RUN | UINT64_C(1) << DS__TELL_RAN |
        UINT64_C(1) << DS__TELL_SPAWN | UINT64_C(1) << DS__TELL_START |
        UINT64_C(1) << DS__TELL_END | UINT64_C(1) << DS__TELL_NAME |
        UINT64_C(1) << DS__TELL_PORT | UINT64_C(1) << DS__TELL_NET |
        UINT64_C(1) << DS__TELL_MODEL | UINT64_C(1) << DS__TELL_RATES |
        UINT64_C(1) << DS__TELL_LINK | UINT64_C(1) << DS__TELL_FAULT |
        UINT64_C(1) << DS__TELL_STATE;

    return (kinds >> kind & 1) != 0;
}

/* Keeps what stands of a chunk that is about to be forgotten.  False: no
 * memory. */
bool ds__standing_keep(ds__standing *standing, const ds__chunk *chunk);

/* Moves as many records as fit from *at on into a chunk; false: none is left.
 */
bool ds__standing_next(const ds__standing *standing, size_t *at,
                       ds__chunk *chunk);

void ds__standing_free(ds__standing *standing);

#endif
