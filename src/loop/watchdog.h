/* The watchdog: says once, in real time, who keeps the simulation from going
 * on.  Everything else in the library lives in virtual time and would wait for
 * ever. */
#ifndef DS_LOOP_WATCHDOG_H
#define DS_LOOP_WATCHDOG_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <distsys/loop.h>

/* The pulse is written by the holder of the baton, whether anyone watches or
 * not; the rest belongs to the watchdog. */
typedef struct ds__watchdog {
    atomic_uint_fast64_t beats;  /* signs of life, besides budget.events */
    atomic_uint_fast64_t now;    /* the bits of the virtual time */
    _Atomic(ds_handle *) holder; /* who got the baton last */

    bool watching;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool over; /* under the lock */

    /* Its own, while it watches. */
    uint_fast64_t seen; /* their sum, at the last look that saw another */
    double since;       /* ... in real time */
    bool told;
} ds__watchdog;

static inline void ds__watchdog_beat(ds__watchdog *dog)
{
    uint_fast64_t beats =
        atomic_load_explicit(&dog->beats, memory_order_relaxed);

    atomic_store_explicit(&dog->beats, beats + 1, memory_order_relaxed);
}

/* The virtual time, for any thread. */
static inline double ds__watchdog_time(const ds__watchdog *dog)
{
    uint64_t bits = atomic_load_explicit(&dog->now, memory_order_relaxed);
    double time;

    memcpy(&time, &bits, sizeof(time));
    return time;
}

/* Around a run, if the configuration asks for it; false: recorded. */
bool ds__watchdog_begin(ds_loop *loop);
void ds__watchdog_end(ds_loop *loop);

#endif
