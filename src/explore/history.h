/* What a history is inside, private to src/explore. */
#ifndef DS_EXPLORE_HISTORY_H
#define DS_EXPLORE_HISTORY_H

#include <distsys/history.h>

#define DS__NEVER UINT64_MAX

/* A call, and when it began and ended, counted in such moments. */
typedef struct ds__recorded {
    ds_call call;
    uint64_t first;
    uint64_t last; /* DS__NEVER: it has not ended */
} ds__recorded;

/* Calls in the order in which they began.  Invariants: first rises from call to
 * call and is less than last; both are below moments; no two are the same; a
 * call has an end if and only if it has returned. */
struct ds_history {
    ds__recorded *calls;
    size_t count;
    size_t capacity;
    uint64_t moments;
    bool out_of_memory; /* a call is missing */
    char mistake[120];  /* of the caller, the first one; "": none */
};

void ds__history_check(const ds_history *history);

#endif
