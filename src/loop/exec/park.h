/* Where one thread waits until another wakes it.
 *
 * Each thread has a place of its own, so that a wake-up finds exactly one
 * waiter.  One that comes before its wait is not lost. */
#ifndef DS_LOOP_EXEC_PARK_H
#define DS_LOOP_EXEC_PARK_H

#include <pthread.h>
#include <stdbool.h>

typedef struct ds__park {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool called; /* under the lock: woken, and has not gone on */
} ds__park;

bool ds__park_init(ds__park *park); /* false: the system is out of something */
void ds__park_destroy(ds__park *park);

void ds__park_wait(ds__park *park); /* by the owner */
void ds__park_wake(ds__park *park); /* by anyone, once for each wait */

#endif
