/* The baton between POSIX threads, as src/loop/threads.c, park.c and run.c pass
 * it, for spin(1).
 *
 * Checked: a wake-up is never lost (no state without a way on except the end),
 * there is never more than one baton, and nobody touches a park after
 * ds_loop_free() may have freed it.  Each BUG_ macro puts one mistake in, which
 * the check must find; tests/test_model.sh runs them all.
 *
 * Thread 0 is the caller of ds_loop_run().  What the agenda would decide is
 * left open: any waiting thread may be next, in any order. */

#define THREADS 4    /* the caller and three simulated threads */
#define CALLER  0

/* A park: a mutex, a condition variable, a flag under the mutex. */
bool locked[THREADS];
bool sleeping[THREADS];  /* in pthread_cond_wait(), the mutex released */
bool called[THREADS];
bool freed[THREADS];

/* What only the holder of the baton touches. */
bool spawned[THREADS];
bool started[THREADS];
bool live[THREADS];
bool over;
byte batons;             /* how many think they have it */

bool gone[THREADS];      /* its POSIX thread has left the library */

#define LOCK(i)   atomic { !locked[i] -> locked[i] = true }
#define UNLOCK(i) locked[i] = false
#define TOUCH(i)  assert(!freed[i])

/* pthread_cond_signal() wakes a sleeper if there is one, and is lost if not;
 * the sleeper then has to take the mutex again. */
inline wake(i)
{
    TOUCH(i);
    LOCK(i);
    called[i] = true;
    UNLOCK(i);
    TOUCH(i);
    sleeping[i] = false;
}

inline wait(i)
{
    LOCK(i);
#ifdef BUG_WAIT_WITHOUT_FLAG
    sleeping[i] = true;
    UNLOCK(i);
    !sleeping[i];
    LOCK(i);
#else
    do
    :: called[i] -> break
    :: !called[i] ->
        atomic { sleeping[i] = true; UNLOCK(i) }
        !sleeping[i];
        LOCK(i);
    od;
#endif
    called[i] = false;
    UNLOCK(i);
}

inline take_baton()
{
    batons++;
    assert(batons == 1);
}

inline give_baton()
{
    batons--;
}

/* ds__next_holder(): unwinding goes in the order of spawning, new threads
 * start in that order, and otherwise anyone who waits may be due. */
inline find_next(to)
{
    if
    :: over || !(live[1] || live[2] || live[3] ||
                 (spawned[1] && !started[1]) || (spawned[2] && !started[2]) ||
                 (spawned[3] && !started[3])) ->
        over = true;
        if
        :: live[1] -> to = 1
        :: !live[1] && live[2] -> to = 2
        :: !live[1] && !live[2] && live[3] -> to = 3
        :: else -> to = CALLER
        fi
    :: else ->
        if
        :: spawned[1] && !started[1] -> to = 1
        :: started[1] && spawned[2] && !started[2] -> to = 2
        :: started[1] && (started[2] || !spawned[2]) &&
           spawned[3] && !started[3] -> to = 3
        :: else ->
            if
            :: live[1] -> to = 1
            :: live[2] -> to = 2
            :: live[3] -> to = 3
            fi
        fi
    fi
}

/* A new thread has the baton from its creation; an old one is woken. */
inline hand_over(to)
{
    give_baton();
    if
    :: to != CALLER && !started[to] ->
        started[to] = true;
        live[to] = true;
        run body(to)
    :: else ->
        wake(to)
    fi
#ifdef BUG_TWO_BATONS
    if
    :: to != 3 && live[3] -> wake(3)
    :: else
    fi
#endif
}

proctype body(byte self)
{
    byte to;

    take_baton();
    do
    :: /* a blocking call */
        if
        :: over -> skip /* returns false at once */
        :: !over ->
            find_next(to);
            if
            :: to == self -> skip
            :: else ->
                hand_over(to);
                wait(self);
                take_baton()
            fi
        fi
    :: !spawned[2] && !over -> spawned[2] = true
    :: spawned[2] && !spawned[3] && !over -> spawned[3] = true
    :: over = true /* ds_stop() */
    :: break
    od;

    live[self] = false;
    find_next(to);
    hand_over(to);
    gone[self] = true
}

/* ds_loop_run(), then ds_loop_free(). */
init
{
    byte to;
    byte i;

    spawned[1] = true;
    take_baton();
    find_next(to);
    hand_over(to);
    wait(CALLER);
    take_baton();
    assert(!live[1] && !live[2] && !live[3]);
#ifndef BUG_NO_JOIN
    (!started[1] || gone[1]);
    (!started[2] || gone[2]);
    (!started[3] || gone[3]);
#endif
    i = 0;
    do
    :: i < THREADS -> freed[i] = true; i++
    :: else -> break
    od
}
