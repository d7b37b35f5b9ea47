/* A few real threads that run jobs for fibers; see the header. */

#include "loop/exec/pool.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>

#include "loop/exec/overflow.h"
#include "loop/exec/stack.h"

struct ds__pool {
    pthread_mutex_t lock;
    pthread_cond_t wanted; /* a job was added, or it is over */
    pthread_cond_t done;   /* some job was finished; one thread waits */
    ds__link jobs;         /* queued, the oldest first */
    bool over;
    size_t num_threads;
    pthread_t threads[];
};

/* The job, and whose it is, of a thread of the pool. */
typedef struct seat {
    ds__pool *pool;
    ds__job *job;
} seat;

/* Also if the job has called pthread_exit(): somebody waits for it. */
static void finish(void *arg)
{
    const seat *s = arg;

    pthread_mutex_lock(&s->pool->lock);
    assert(s->job->state == DS__JOB_TAKEN);
    s->job->state = DS__JOB_DONE;
    pthread_cond_signal(&s->pool->done);
    pthread_mutex_unlock(&s->pool->lock);
}

static void do_job(ds__pool *pool, ds__job *job)
{
    seat s = { pool, job };

    pthread_cleanup_push(finish, &s);
    job->fn(job->arg);
    pthread_cleanup_pop(1);
}

static void take_jobs(ds__pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    for (;;) {
        ds__link *link = ds__list_shift(&pool->jobs);
        if (link != NULL) {
            ds__job *job = ds__container(link, ds__job, link);
            assert(job->state == DS__JOB_QUEUED);
            job->state = DS__JOB_TAKEN;
            pthread_mutex_unlock(&pool->lock);
            do_job(pool, job);
            pthread_mutex_lock(&pool->lock);
        } else if (pool->over) {
            break;
        } else {
            pthread_cond_wait(&pool->wanted, &pool->lock);
        }
    }
    pthread_mutex_unlock(&pool->lock);
}

static void *work(void *arg)
{
    pthread_setname_np(pthread_self(), "ds-work");
    ds__overflow_own_stack();
    ds__overflow_enter();
    take_jobs(arg);
    ds__overflow_leave();
    return NULL;
}

static size_t count_processors(void)
{
    cpu_set_t allowed;

    if (sched_getaffinity(0, sizeof(allowed), &allowed) != 0)
        return 1;
    return (size_t)CPU_COUNT(&allowed);
}

static void destroy(ds__pool *pool)
{
    pthread_cond_destroy(&pool->done);
    pthread_cond_destroy(&pool->wanted);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

/* As many as the system allows, up to wanted; returns why it refused one. */
static int start(ds__pool *pool, size_t wanted, size_t stack_size)
{
    pthread_attr_t attr;
    int error = pthread_attr_init(&attr);

    if (error != 0)
        return error;
    pthread_attr_setguardsize(&attr, ds__guard_size());
    error = pthread_attr_setstacksize(&attr, stack_size);
    while (error == 0 && pool->num_threads < wanted) {
        error = pthread_create(&pool->threads[pool->num_threads], &attr, work,
                               pool);
        pool->num_threads += error == 0;
    }
    pthread_attr_destroy(&attr);
    return error;
}

int ds__pool_new(ds__pool **made, size_t stack_size)
{
    size_t wanted = count_processors();
    ds__pool *pool = calloc(1, sizeof(*pool) + wanted * sizeof(pthread_t));

    if (pool == NULL)
        return ENOMEM;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wanted, NULL);
    pthread_cond_init(&pool->done, NULL);
    ds__list_init(&pool->jobs);

    int error = start(pool, wanted, stack_size);
    if (pool->num_threads == 0) {
        destroy(pool);
        return error;
    }
    *made = pool;
    return 0;
}

void ds__pool_free(ds__pool *pool)
{
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->over = true;
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_broadcast(&pool->wanted);
    for (size_t i = 0; i < pool->num_threads; i++)
        pthread_join(pool->threads[i], NULL);
    destroy(pool);
}

void ds__pool_add(ds__pool *pool, ds__job *job)
{
    pthread_mutex_lock(&pool->lock);
    job->state = DS__JOB_QUEUED;
    ds__list_append(&pool->jobs, &job->link);
    pthread_mutex_unlock(&pool->lock);
    pthread_cond_signal(&pool->wanted);
}

void ds__pool_finish(ds__pool *pool, ds__job *job)
{
    pthread_mutex_lock(&pool->lock);
    if (job->state == DS__JOB_QUEUED) {
        ds__list_remove(&job->link);
        pthread_mutex_unlock(&pool->lock);
        job->fn(job->arg);
        return;
    }
    while (job->state != DS__JOB_DONE)
        pthread_cond_wait(&pool->done, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}
