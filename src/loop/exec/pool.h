/* A few real threads that run jobs for fibers, which have only one. */
#ifndef DS_LOOP_EXEC_POOL_H
#define DS_LOOP_EXEC_POOL_H

#include <stddef.h>

#include "base/list.h"

typedef struct ds__pool ds__pool;

typedef enum ds__job_state {
    DS__JOB_QUEUED,
    DS__JOB_TAKEN,
    DS__JOB_DONE,
} ds__job_state;

/* Lives on the stack of the fiber that waits for it. */
typedef struct ds__job {
    ds__link link;
    void (*fn)(void *arg);
    void *arg;
    ds__job_state state; /* under the pool's lock */
} ds__job;

/* One thread for each processor that the caller may use, or fewer if the
 * system refuses some.  Returns 0; ENOMEM; or, if there is not a single thread,
 * what pthread_create() says. */
int ds__pool_new(ds__pool **made, size_t stack_size);
void ds__pool_free(ds__pool *pool); /* no job is in it; NULL is allowed */

void ds__pool_add(ds__pool *pool, ds__job *job);

/* Returns when the job is done.  One that no thread has taken yet is run by
 * the caller. */
void ds__pool_finish(ds__pool *pool, ds__job *job);

#endif
