/* What bodies on POSIX threads need for each body, and for all of a run; see
 * exec.h and threads.c. */
#ifndef DS_LOOP_EXEC_THREADS_H
#define DS_LOOP_EXEC_THREADS_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/list.h"
#include "loop/exec/park.h"

typedef struct ds__thread {
    ds__park park;
    pthread_t id;
    ds__link ended; /* in the crew's list, when there is a thread to join */
    bool beside;    /* it computes, and another thread has the baton */
} ds__thread;

typedef struct ds__thread_crew {
    pthread_attr_t attr;
    ds__link ended;
    cpu_set_t allowed; /* where the caller of ds_loop_run() may run */
    int cpu;           /* where the baton is passed, or -1: anywhere */
    atomic_uint workers[CPU_SETSIZE]; /* how many threads were sent where */
} ds__thread_crew;

#endif
