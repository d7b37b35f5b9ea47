/* Stack overflow, told by name.
 *
 * A handler of SIGSEGV, on a stack of its own, looks where the stack pointer
 * is.  If that has left the stack of the body that runs, or is about to enter
 * the guard below it, one line says which thread it was, how large its stack
 * is and what makes it larger.  Then the process dies as it would have without
 * it.  A program with a handler of its own keeps that. */
#ifndef DS_LOOP_EXEC_OVERFLOW_H
#define DS_LOOP_EXEC_OVERFLOW_H

/* Around a run.  Runs of several loops may overlap. */
void ds__overflow_begin(void);
void ds__overflow_end(void);

/* Around what a thread of the system does for a run: gives it a signal stack,
 * unless it has one. */
void ds__overflow_enter(void);
void ds__overflow_leave(void);

/* Call first on a thread whose own stack is a body's, or work's; remembers
 * where that lies. */
void ds__overflow_own_stack(void);

#endif
