/* A look at a run from outside: after SIGQUIT who waits for what is written on
 * standard error, and the run goes on.
 *
 * The handler only counts.  The watchdog sees that, and asks the holder of the
 * baton, who writes it between two events; if nobody comes by there, the
 * watchdog says what it knows. */
#ifndef DS_LOOP_DUMP_H
#define DS_LOOP_DUMP_H

#include <stdatomic.h>
#include <stdbool.h>

#include <distsys/loop.h>

#define DS__DUMP_PATIENCE 1.0 /* real seconds that the watchdog waits */

typedef struct ds__dump {
    bool on;            /* somebody wants to see; fixed when the loop is made */
    bool quiet;         /* ... but only what who listens to the loop has */
    atomic_bool wanted; /* by the watchdog, of the holder of the baton */

    /* The watchdog's. */
    unsigned seen; /* signals */
    double since;  /* when it asked, in real time */

    /* The baton's holder's: a stack may be too small for it. */
    char lines[4096];
} ds__dump;

/* Around a run: SIGQUIT is ours, if the environment says so and the program has
 * no handler for it. */
void ds__dump_begin(ds_loop *loop);
void ds__dump_end(ds_loop *loop);

/* Looks for a signal, by the watchdog, and asks for a dump.  True: nobody has
 * come by to write the one that was asked for, and it is not wanted any more.
 */
bool ds__dump_overdue(ds_loop *loop, double real_time);

/* Writes it, if it is wanted; with the baton, between two events. */
void ds__dump_write(ds_loop *loop);

#endif
