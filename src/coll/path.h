/* The critical path: why it is as late as it is.
 *
 * Each member carries the chain of causes that led to its present moment, as
 * counts and seconds, not as a list: a message takes its sender's along, and a
 * member that had to wait for the message goes on with that one instead of its
 * own.  So it costs a few additions for each message and no memory, and what
 * is on the path of whoever ends last explains the whole run. */
#ifndef DS_COLL_PATH_H
#define DS_COLL_PATH_H

#include <stdint.h>

#include <distsys/cost.h>

/* A message on its way, from the moment that both sides let it go. */
typedef struct ds__trip {
    ds_path path; /* of whoever came last */
    double start;
    double size; /* in bytes */
    uint64_t id; /* of its message; 0: not known */
} ds__trip;

/* The path of whoever had to wait for the message, which has come by now. */
static inline ds_path ds__path_after(const ds__trip *trip, double now)
{
    ds_path path = trip->path;

    path.cost.rounds += 1;
    path.cost.volume += trip->size;
    path.travelling += now - trip->start;
    return path;
}

#endif
