/* Signals that end a program: whose rank it was, and where. */
#ifndef DS_MPI_RUN_SIGNAL_H
#define DS_MPI_RUN_SIGNAL_H

/* Has them told from now on, those that nobody else takes care of. */
void ds__signals_catch(void);

/* Gives the calling thread room for telling when its own stack is full. */
void ds__signals_make_room(void);

#endif
