/* So many processes at a time, a point each: from where points come, and where
 * the lines of their results go, is for others to say. */
#ifndef BENCH_SWEEP_POOL_H
#define BENCH_SWEEP_POOL_H

#include <signal.h>

#include "bench/sweep/grid.h"
#include "bench/sweep/process.h"

typedef struct pool_work {
    void *self;
    bool (*next)(void *self, uint64_t *point); /* false: none for now */
    /* One object, and a newline behind it. */
    void (*give)(void *self, const char *line, size_t n);
} pool_work;

typedef struct pool_config {
    const grid *grid;
    size_t jobs;
    process_limits limits;
    double twice; /* how many of 1 are run again on the other execution */
} pool_config;

/* One that runs. */
typedef struct pool_slot {
    uint64_t point;
    char **command; /* NULL: it is free */
    bool again;     /* the second time, to be compared with first */
    process first;
    process now;
} pool_slot;

typedef struct pool {
    const pool_config *config;
    const pool_work *work;
    pool_slot *slots;
    size_t running;
    failure why; /* no process can be started any more */
    struct pollfd *files;
    sigset_t waiting; /* signals that are let through while it waits */
} pool;

/* From now on SIGCHLD comes only while a pool waits. */
void pool_begin(pool *p, const pool_config *config, const pool_work *work);
void pool_end(pool *p); /* kills those that run */

/* Starts as many as there are points for, and waits until something happens to
 * one of them or the file, if it is not -1, can be read, at most so many
 * seconds.  False: there was nothing to wait for, or it cannot go on. */
bool pool_step(pool *p, int file, double seconds);

/* The environment of a process, to be freed; exec and trace may be NULL. */
char **pool_environment(uint64_t seed, const char *exec, const char *trace);
void pool_environment_free(char **environment);

#endif
