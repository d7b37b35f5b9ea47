/* The seam to watch a program's calls through.
 *
 * Between two calls a rank has the baton: no time passes and nobody else runs.
 * So a call ends, as far as anybody else can tell, when the next one of its
 * thread begins, and the functions of MPI need not say when they return.
 *
 * Who does not watch pays a branch for each call, message and wait. */
#ifndef DS_MPI_WATCH_H
#define DS_MPI_WATCH_H

#include "mpi/call.h"
#include "mpi/message.h"

struct ds__work;

/* What is told, with the thread that does it as me->now. */
typedef struct ds__watch {
    /* A call begins, and the one before it, which me->now tells, has ended if
     * there was any.  May let time pass: what the program has computed.  NULL:
     * the program only looks at a clock. */
    void (*call)(ds__rank *me, const char *call, void *site);

    /* The last call of the thread has ended. */
    void (*end)(ds__rank *me);

    /* What the library does in a call is done for now: the program goes on,
     * unless it does not. */
    void (*work)(ds__rank *me);

    /* It is about to wait for something. */
    void (*block)(ds__rank *me);

    /* A request begins. */
    void (*post)(ds__request *request);

    /* A receive from anybody gets the message of that rank of its
     * communicator. */
    void (*match)(const ds__request *receive, int from);

    /* A wait that began then has ended, for want of nothing but that request.
     */
    void (*wait)(ds__rank *me, double since, const ds__request *request);

    /* Tells whether so many bytes of the thread's collective are to go without
     * what they are. */
    bool (*bare)(ds__rank *me, double bytes);

    /* The call is this collective, with that way to do it. */
    void (*collective)(ds__rank *me, const struct ds__work *work);
} ds__watch;

static inline bool ds__watch_bare(ds__rank *me, double bytes)
{
    return ds__the_world.watch != NULL && ds__the_world.watch->bare(me, bytes);
}

static inline void ds__watch_work(ds__rank *me)
{
    if (ds__the_world.watch != NULL)
        ds__the_world.watch->work(me);
}

#endif
