/* A rank: what of MPI belongs to one of the processes that a program thinks it
 * has; and the world of all of them. */
#ifndef DS_MPI_RANK_H
#define DS_MPI_RANK_H

#include <distsys/collective.h>
#include <distsys/loop.h>
#include <distsys/net.h>

#include "image/image.h"
#include "match/matcher.h"
#include "match/sequence.h"
#include "mpi/codes.h"
#include "mpi/finding.h"
#include "mpi/numbers.h"
#include "mpi/object.h"

typedef struct ds__rank ds__rank;
typedef struct ds__comm ds__comm;
typedef struct ds__request ds__request;

enum { DS__FRAMES = 6 };

/* Where a rank was when nothing could go on any more. */
typedef struct ds__stuck {
    bool is;
    double since;
    char waits[320]; /* for what, in words */
    int whom;        /* the one rank that it waits for, or -1 */
    void *frames[DS__FRAMES];
    size_t num_frames;
} ds__stuck;

/* What is known of a collective before it begins. */
typedef struct ds__case {
    ds_collective_kind kind;
    size_t p;
    size_t rank;       /* in it, of who asks */
    size_t len;        /* elements of a member's vector; of parts on average, 0
                        * if not all know that */
    size_t size;       /* of each, in bytes */
    bool even;         /* parts are of one length */
    bool commutes;     /* its operator does, or there is none */
    bool predefined;   /* its operator is none of the program's */
    const char *usual; /* how it is done if nobody chooses */
} ds__case;

/* Says how to do it; NULL: as usual.  It must be able to, as DS_TRAIT_PARTS
 * says if parts are of different lengths, and ranks that ask the same get the
 * same. */
typedef struct ds__chooser {
    const ds_collective *(*choose)(void *arg, const ds__case *what);
    void *arg;
} ds__chooser;

/* What works for a rank: the thread of its program, and one for each collective
 * that does not block and is not done. */
typedef struct ds__thread ds__thread;
struct ds__thread {
    ds_handle *h;    /* NULL: it has not begun */
    ds_stream *wake; /* gets an event when something was done by others, whose
                      * data is the send of which the bytes have arrived, or
                      * NULL */
    bool waiting;    /* in a call that may need that */
    bool woken;      /* the event is on its way */

    struct ds__agreed *agreed; /* the collective that it is in, or NULL */
    const char *call;          /* that it is in, or was last */
    void *site;                /* and where that returns to */
    double since;

    /* Adds what it waits for, and returns the one rank of the world whose doing
     * it is, or -1; NULL: it waits for nothing. */
    int (*explain)(const ds__thread *t, ds__text *text);
    const struct ds__win *win; /* whose doing it waits for, if it does */
    ds__request *const *awaits;
    size_t num_awaits;
    bool needs_all;     /* of them */
    double waits_since; /* if anybody watches */
    const struct ds__turn
        *turn;         /* of a collective in which it waits; or NULL */
    ds__case what;     /* its last collective */
    ds_collective how; /* and how it was done */
    ds__stuck stuck;

    double look_since; /* of a loop that tests */
    double step;       /* that its next look takes; 0: the first */

    jmp_buf out;      /* of it, if it is not the program's */
    void *watched;    /* what who watches calls keeps with it; NULL at first */
    ds__thread *next; /* of those that work, or that may be used again */
};

/* A buffer of the program's for its sends. */
typedef struct ds__buffer {
    void *at; /* NULL: there is none */
    int64_t size;
} ds__buffer;

/* Invariants: now is the thread that runs, or that ran last; only receiver
 * waits for what comes to the port, and who waits for a request without being
 * that is woken by it. */
struct ds__rank {
    int number;
    ds__image *image;
    ds_port *port;
    ds__thread program;
    ds__thread *now;
    ds__thread *receiver; /* NULL: nobody waits, or somebody was woken */
    ds__thread *helpers;  /* those that work, besides the program's */
    ds__thread *idle;

    ds__matcher matcher;
    ds__sequences sequences; /* of messages to others and from them */

    ds__codes codes; /* errors that its program has added */
    int sessions;    /* that are open */
    bool initialized;
    bool finalized;
    bool returned;
    bool prepares; /* a collective that is started later */

    double clock_since;
    unsigned clock_looks; /* at the clock, without another call */

    ds_port *window_port; /* NULL: it has had no window */
    double window_since;
    unsigned window_looks; /* at what others do to it, at that moment */

    ds__comm *world;
    ds__comm *self;
    ds__buffer attached;
    struct ds__notes *basics; /* at the basic types; NULL: none yet */
    struct ds__f90 *f90;      /* types that it has asked for */
    int code;                 /* that it ended with */
};

typedef struct ds__world {
    const char *program; /* that reports speak as */
    ds_loop *loop;
    ds_net *net;
    int num_ranks;
    ds__rank *ranks;
    const size_t *hosts; /* of ranks; NULL: each has one of its own */
    double latency;      /* of the switch; on another network 0 */
    double rate;         /* the same */
    double eager;        /* bytes of the largest message that leaves at once */
    double reading;      /* seconds that an operator takes to read an element */
    ds__chooser chooser;
    ds_port *handling; /* whose handler runs; NULL: it is a rank that does */
    const struct ds__watch *watch; /* who hears of calls; NULL: nobody */
    ds__checking checking;
    bool draws; /* a receive from anybody takes any of those that have come */
    bool told;  /* why the run fails has been said */
    int code;   /* of the run, if it fails */
} ds__world;

extern ds__world ds__the_world;

/* The machine that a rank is on. */
static inline size_t ds__host_of(int rank)
{
    return ds__the_world.hosts == NULL ? (size_t)rank
                                       : ds__the_world.hosts[rank];
}

/* Whose call this is. */
static inline ds__rank *ds__me(void)
{
    return ds__image_current->owner;
}

#endif
