/* Who runs the points of a desk: processes of this machine, or of all machines
 * that MPI has.  A program has one of the two; shards are a matter of the desk.
 */
#ifndef BENCH_SWEEP_ENGINE_H
#define BENCH_SWEEP_ENGINE_H

#include "bench/sweep/desk.h"

typedef struct engine {
    const char *program;
    size_t jobs; /* of a process, if nothing is said; 0: one a processor */

    /* Before any file is opened, and in each process.  The configuration is
     * NULL if nothing is to be run.  False: this process has no desk, and has
     * done its part when this returns. */
    bool (*begin)(const pool_config *config);

    /* Until the desk has no more, or is over. */
    void (*run)(desk *d, const pool_config *config);

    /* Once, in each process; with or without a run before. */
    void (*end)(void);
} engine;

extern const engine the_engine;

#endif
