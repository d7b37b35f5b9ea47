/* The one place of a sweep that knows what is to be done and what is done: it
 * hands out points, and takes the lines of their results.
 *
 * Who runs the points is not its business: see engine.h. */
#ifndef BENCH_SWEEP_DESK_H
#define BENCH_SWEEP_DESK_H

#include "bench/sweep/pool.h"
#include "bench/sweep/store.h"
#include "bench/sweep/tally.h"

typedef struct desk_config {
    const grid *grid;
    const char *folder;  /* NULL: results are only counted */
    uint64_t shard;      /* of shards; the points are dealt to these */
    uint64_t shards;     /* 1: there is only one */
    uint64_t stop_after; /* failures; 0: never */
    double seconds;      /* until no more is begun; INFINITY: never */
    bool again;          /* run those that have failed once more */
    bool forced;
    bool quiet;
} desk_config;

/* Progress, as it was shown last. */
typedef struct desk_shown {
    double time;
    bool any;
    double times[32]; /* of the last half minute, */
    uint64_t dones[32];
    size_t n;
} desk_shown;

/* Invariants: points before next are done or have been handed out; given <=
 * handed. */
typedef struct desk {
    const desk_config *config;
    tally tally;
    store store;
    uint64_t next;
    uint64_t *failed; /* to be run again, before all others */
    size_t num_failed;
    size_t next_failed;
    uint64_t todo;   /* at the beginning; 0: nobody knows */
    uint64_t before; /* of this shard, done at the beginning */
    uint64_t handed;
    uint64_t given;
    uint64_t new_failures;
    double began;
    desk_shown shown;
    failure why; /* it cannot go on */
} desk;

/* Opens the folder.  A failure leaves a desk that can be closed. */
failure desk_open(desk *d, const desk_config *config);

/* As a pool_work. */
bool desk_next(void *self, uint64_t *point);
void desk_give(void *self, const char *line, size_t n);

/* Whether no more is to be begun, and what runs be stopped. */
bool desk_is_over(const desk *d);

/* How many points may be left; of an endless sweep many. */
uint64_t desk_left(const desk *d);

/* What is due now and then: to be called several times a second. */
void desk_tick(desk *d);

failure desk_close(desk *d);

/* Has SIGINT and SIGTERM end the sweep in order; or says whether one has. */
void desk_catch_signals(void);
int desk_signal(void);

#endif
