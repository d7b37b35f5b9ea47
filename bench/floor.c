/* See floor.h. */

#include "bench/floor.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/common/measure.h"

enum { STACK_SIZE = 256 * 1024 };

typedef struct crew crew;

typedef struct runner {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool called;
    pthread_t thread;
    crew *team;
    size_t index;
} runner;

/* Only one runner is awake at a time, and only it touches what is not atomic.
 */
struct crew {
    runner *runners;
    size_t n;
    atomic_size_t parked; /* how many are about to wait */
    uint64_t left;
    uint64_t random;
    double end;
    bool over;
    runner boss;
};

static void wait_turn(runner *r)
{
    pthread_mutex_lock(&r->lock);
    while (!r->called)
        pthread_cond_wait(&r->wake, &r->lock);
    r->called = false;
    pthread_mutex_unlock(&r->lock);
}

static void call(runner *r)
{
    pthread_mutex_lock(&r->lock);
    r->called = true;
    pthread_mutex_unlock(&r->lock);
    pthread_cond_signal(&r->wake);
}

static void init_runner(runner *r, crew *team, size_t index)
{
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->wake, NULL);
    r->called = false;
    r->team = team;
    r->index = index;
}

static void destroy_runner(runner *r)
{
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
}

/* Anyone but the one who asks. */
static runner *choose(crew *team, const runner *self)
{
    size_t step = 1 + (size_t)(measure_random(&team->random) % (team->n - 1));

    return &team->runners[(self->index + step) % team->n];
}

static void *hand_on(void *arg)
{
    runner *self = arg;
    crew *team = self->team;

    for (;;) {
        wait_turn(self);
        if (team->over)
            return NULL;
        if (team->left-- == 0)
            break;
        call(choose(team, self));
    }
    team->end = measure_clock();
    call(&team->boss);
    return NULL;
}

/* ---- Where threads run ----------------------------------------------------*/

static cpu_set_t pin_here(void)
{
    cpu_set_t before, one;

    sched_getaffinity(0, sizeof(before), &before);
    CPU_ZERO(&one);
    CPU_SET(sched_getcpu(), &one);
    sched_setaffinity(0, sizeof(one), &one);
    return before;
}

static void unpin(const cpu_set_t *before)
{
    sched_setaffinity(0, sizeof(*before), before);
}

/* ---- Handoffs -------------------------------------------------------------*/

/* A team of fewer than it should have is one that failed. */
static failure start_team(crew *team, void *(*member)(void *),
                          size_t stack_size)
{
    pthread_attr_t attr;
    failure why = SUCCESS;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, stack_size);
    for (size_t i = 0; i < team->n; i++) {
        int error = pthread_create(&team->runners[i].thread, &attr, member,
                                   &team->runners[i]);

        if (error == 0)
            continue;
        why = failure_new(EXIT_FAILURE,
                          "cannot start thread %zu of %zu for the floor: %s",
                          i + 1, team->n, strerror(error));
        team->n = i;
    }
    pthread_attr_destroy(&attr);
    return why;
}

static crew *new_team(size_t n)
{
    crew *team = args_alloc(1, sizeof(*team));

    team->n = n;
    team->runners = args_alloc(n, sizeof(*team->runners));
    for (size_t i = 0; i < n; i++)
        init_runner(&team->runners[i], team, i);
    init_runner(&team->boss, team, n);
    return team;
}

/* One that has been joined may still be signalled by one that has not. */
static void end_team(crew *team)
{
    team->over = true;
    for (size_t i = 0; i < team->n; i++)
        call(&team->runners[i]);
    for (size_t i = 0; i < team->n; i++)
        pthread_join(team->runners[i].thread, NULL);
    for (size_t i = 0; i < team->n; i++)
        destroy_runner(&team->runners[i]);
    destroy_runner(&team->boss);
    free(team->runners);
    free(team);
}

failure floor_handoff(size_t n, uint64_t handoffs, double *ns)
{
    crew *team = new_team(n);
    cpu_set_t before = pin_here();
    failure why = start_team(team, hand_on, STACK_SIZE);

    if (why.status == 0) {
        sched_yield();
        team->left = handoffs;
        double begin = measure_clock();
        call(&team->runners[0]);
        wait_turn(&team->boss);
        *ns = (team->end - begin) / (double)handoffs;
    }
    unpin(&before);
    end_team(team);
    return why;
}

/* ---- Creation -------------------------------------------------------------*/

static void *wait_once(void *arg)
{
    runner *self = arg;
    crew *team = self->team;

    atomic_fetch_add(&team->parked, 1);
    wait_turn(self);
    return NULL;
}

failure floor_create(size_t n, size_t stack_size, double *ns)
{
    crew *team = new_team(n);
    cpu_set_t before = pin_here();
    double begin = measure_clock();
    failure why = start_team(team, wait_once, stack_size);

    while (atomic_load(&team->parked) < team->n)
        sched_yield();
    *ns = (measure_clock() - begin) / (double)n;
    unpin(&before);
    end_team(team);
    return why;
}
