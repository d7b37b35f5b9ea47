/* The engine of one machine: a pool of processes. */

#include "bench/sweep/engine.h"

static bool begin(const pool_config *config)
{
    return true;
}

static void run(desk *d, const pool_config *config)
{
    const pool_work work = { .self = d, .next = desk_next, .give = desk_give };
    pool p;

    pool_begin(&p, config, &work);
    while (!desk_is_over(d) && pool_step(&p, -1, 0.2))
        desk_tick(d);
    if (d->why.status == 0)
        d->why = p.why;
    pool_end(&p);
}

static void end(void)
{
}

const engine the_engine = {
    .program = "distsys-sweep",
    .begin = begin,
    .run = run,
    .end = end,
};
