/* Entering a call of MPI, waiting in it, and failing. */
#ifndef DS_MPI_CALL_H
#define DS_MPI_CALL_H

#include "mpi/rank.h"

/* Begins a call that returns to site.  Returns who makes it.  One that comes
 * before MPI_Init() or after MPI_Finalize() ends the run. */
ds__rank *ds__mpi_enter(const char *call, void *site);

/* The same for the calls that are allowed at any time. */
ds__rank *ds__mpi_enter_always(const char *call, void *site);

/* Lets time pass until something happens, at most so many seconds.  False: they
 * have passed.  Does not return if the simulation is over. */
bool ds__mpi_wait(ds__rank *me, ds_stream *const *streams, size_t n,
                  double seconds, ds_event *event);

/* Lets time pass in which the rank computes; what comes meanwhile is seen
 * later.  Does not return if the simulation is over. */
void ds__mpi_compute(ds__rank *me, double seconds);

/* Has a thread that waits go on. */
void ds__mpi_wake(ds__thread *thread);

/* Lets a little time pass for one who looks whether something has happened: 100
 * ns at first, and later 1 % of what it has been looking for, so that a loop
 * that looks is at most so late and takes a logarithmic number of turns. */
double ds__mpi_look_time(ds__rank *me);

/* Leaves the program: the simulation is over. */
_Noreturn void ds__mpi_over(ds__rank *me);

/* Ends the run with a line that says why, where, and how the program got there.
 */
_Noreturn void ds__mpi_die(int code, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds the lines of the program that lead to a call; frames as of
 * ds__image_frames(). */
void ds__mpi_add_lines(ds__text *text, const ds__image *image,
                       void *const *frames, size_t n);

#endif
