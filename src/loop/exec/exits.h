/* A thread of the system that is ended by pthread_exit() while bodies run on
 * it.  On fibers nothing can save them: the line says who it was, and the
 * program aborts, instead of ending as if all had been well. */
#ifndef DS_LOOP_EXEC_EXITS_H
#define DS_LOOP_EXEC_EXITS_H

#include <distsys/loop.h>

/* Around a run of bodies on fibers, in the thread that runs them; what the
 * first returns is for the second, since runs may be nested. */
void *ds__exits_begin(ds_loop *loop);
void ds__exits_end(void *before);

#endif
