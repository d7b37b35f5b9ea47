/* See floor.h. */

#include "bench/floor.h"

#include <err.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "bench/args.h"

enum { STACK_SIZE = 256 * 1024 };

struct runner {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool called;
    pthread_t thread;
    struct team *team;
    size_t index;
};

/* Only one runner is awake at a time, and only it touches what is not atomic.
 */
struct team {
    struct runner *runners;
    size_t n;
    atomic_size_t parked; /* how many are about to wait */
    uint64_t left;
    uint64_t random;
    double end;
    bool over;
    struct runner boss;
};

double clock_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void wait_turn(struct runner *r)
{
    pthread_mutex_lock(&r->lock);
    while (!r->called)
        pthread_cond_wait(&r->wake, &r->lock);
    r->called = false;
    pthread_mutex_unlock(&r->lock);
}

static void call(struct runner *r)
{
    pthread_mutex_lock(&r->lock);
    r->called = true;
    pthread_mutex_unlock(&r->lock);
    pthread_cond_signal(&r->wake);
}

static void init_runner(struct runner *r, struct team *team, size_t index)
{
    pthread_mutex_init(&r->lock, NULL);
    pthread_cond_init(&r->wake, NULL);
    r->called = false;
    r->team = team;
    r->index = index;
}

static void destroy_runner(struct runner *r)
{
    pthread_cond_destroy(&r->wake);
    pthread_mutex_destroy(&r->lock);
}

/* Anyone but the one who asks. */
static struct runner *choose(struct team *team, const struct runner *self)
{
    team->random = team->random * UINT64_C(6364136223846793005) +
                   UINT64_C(1442695040888963407);
    size_t step = 1 + (size_t)((team->random >> 33) % (team->n - 1));
    return &team->runners[(self->index + step) % team->n];
}

static void *hand_on(void *arg)
{
    struct runner *self = arg;
    struct team *team = self->team;

    for (;;) {
        wait_turn(self);
        if (team->over)
            return NULL;
        if (team->left-- == 0)
            break;
        call(choose(team, self));
    }
    team->end = clock_ns();
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

static void start_team(struct team *team, void *(*body)(void *),
                       size_t stack_size)
{
    pthread_attr_t attr;

    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, stack_size);
    for (size_t i = 0; i < team->n; i++) {
        errno = pthread_create(&team->runners[i].thread, &attr, body,
                               &team->runners[i]);
        if (errno != 0)
            err(1, "cannot start thread %zu of %zu for the floor", i + 1,
                team->n);
    }
    pthread_attr_destroy(&attr);
}

static struct team *new_team(size_t n)
{
    struct team *team = args_alloc(1, sizeof(*team));

    team->n = n;
    team->runners = args_alloc(n, sizeof(*team->runners));
    for (size_t i = 0; i < n; i++)
        init_runner(&team->runners[i], team, i);
    init_runner(&team->boss, team, n);
    return team;
}

/* One that has been joined may still be signalled by one that has not. */
static void end_team(struct team *team)
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

double floor_handoff(size_t n, uint64_t handoffs)
{
    struct team *team = new_team(n);
    cpu_set_t before = pin_here();

    start_team(team, hand_on, STACK_SIZE);
    sched_yield();
    team->left = handoffs;
    double begin = clock_ns();
    call(&team->runners[0]);
    wait_turn(&team->boss);
    double ns = (team->end - begin) / (double)handoffs;

    unpin(&before);
    end_team(team);
    return ns;
}

/* ---- Creation -------------------------------------------------------------*/

static void *wait_once(void *arg)
{
    struct runner *self = arg;
    struct team *team = self->team;

    atomic_fetch_add(&team->parked, 1);
    wait_turn(self);
    return NULL;
}

double floor_create(size_t n, size_t stack_size)
{
    struct team *team = new_team(n);
    cpu_set_t before = pin_here();

    double begin = clock_ns();
    start_team(team, wait_once, stack_size);
    while (atomic_load(&team->parked) < n)
        sched_yield();
    unpin(&before);
    double ns = (clock_ns() - begin) / (double)n;
    end_team(team);
    return ns;
}
