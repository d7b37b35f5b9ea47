/* The baton between POSIX threads, as src/loop/threads.c, park.c and run.c pass
 * it, for spin(1).
 *
 * Checked: a wake-up is never lost (no state without a way on except the end);
 * there is never more than one baton; nobody touches a park after
 * ds_loop_free() may have freed it; once the run is over no thread starts, the
 * others get the baton in the order of their spawning, and a body that has
 * seen the end gives it up only by returning.  Each BUG_ macro puts one mistake
 * in, which the check must find; tests/test_model.sh runs them all.
 *
 * Thread 0 is the caller of ds_loop_run().  What the agenda would decide is
 * left open: any waiting thread may be next, in any order, and a deadlock or a
 * limit may end the run at any time.  A thread that computes is one that is
 * slow between handing the baton over and waiting for it. */

#define THREADS 4    /* the caller and three simulated threads */
#define CALLER  0

/* A park: a mutex, a condition variable, a flag under the mutex. */
bool locked[THREADS];
bool sleeping[THREADS];  /* in pthread_cond_wait(), the mutex released */
bool called[THREADS];
bool freed[THREADS];

/* What only the holder of the baton touches. */
bool spawned[THREADS];   /* and neither started nor refused */
bool live[THREADS];      /* started, and its body has not returned */
bool ended[THREADS];     /* in the list of those to be joined */
bool told[THREADS];      /* its body has seen that it is over */
bool over;
byte batons;             /* how many think they have it */

bool gone[THREADS];      /* its POSIX thread has left the library */

#define NONE(set)     (!set[1] && !set[2] && !set[3])
#define NEW(i)        (!spawned[i] && !live[i] && !ended[i] && !gone[i])
#define IS_FIRST(i)   ((i != CALLER || NONE(live)) && \
                       (i <= 1 || !live[1]) && (i <= 2 || !live[2]))

/* ---- park.c -------------------------------------------------------------- */

#define LOCK(i)   atomic { !locked[i] -> locked[i] = true }
#define UNLOCK(i) locked[i] = false
#define TOUCH(i)  assert(!freed[i])

/* pthread_cond_signal() wakes a sleeper if there is one, and is lost if not;
 * the sleeper then has to take the mutex again. */
inline wake(i)
{
    TOUCH(i);
#ifdef BUG_WAKE_WITHOUT_LOCK
    called[i] = true;
#else
    LOCK(i);
    called[i] = true;
    UNLOCK(i);
#endif
    TOUCH(i);
    sleeping[i] = false
}

/* pthread_cond_wait(), which may also return for no reason.  Whether it does is
 * chosen first: nobody may count on it, or no wake-up would ever be missed. */
inline sleep(i)
{
#ifdef BUG_UNLOCK_THEN_SLEEP
    UNLOCK(i);
    sleeping[i] = true;
#else
    atomic { sleeping[i] = true; UNLOCK(i) }
#endif
    if
    :: true -> !sleeping[i]
    :: true -> sleeping[i] = false
    fi;
    LOCK(i)
}

inline wait(i)
{
    LOCK(i);
#ifdef BUG_WAIT_WITHOUT_FLAG
    sleep(i);
#else
    do
    :: called[i] -> break
    :: !called[i] -> sleep(i)
#ifdef BUG_LOOK_ONCE
        ; break
#endif
    od;
#endif
    called[i] = false;
    UNLOCK(i)
}

/* ---- Claims -------------------------------------------------------------- */

inline take_baton(i)
{
    batons++;
    assert(batons == 1);
    assert(!over || IS_FIRST(i))
}

inline give_baton(i)
{
    assert(!(told[i] && live[i]));
    batons--
}

/* ---- run.c --------------------------------------------------------------- */

#define FIRST(set, to)                                                         \
    if                                                                         \
    :: set[1] -> to = 1                                                        \
    :: !set[1] && set[2] -> to = 2                                             \
    :: !set[1] && !set[2] && set[3] -> to = 3                                  \
    fi

#define ANY(set, to)                                                           \
    if                                                                         \
    :: set[1] -> to = 1                                                        \
    :: set[2] -> to = 2                                                        \
    :: set[3] -> to = 3                                                        \
    fi

#ifdef BUG_MISSED_STOP
#define SEES_END false
#else
#define SEES_END over
#endif

/* ds__next_holder(): new threads start in the order of their spawning, and
 * otherwise anyone who waits may be due; when it is over, they are unwound in
 * that order.  When nobody is left it must be over. */
inline find_next(to)
{
    if
    :: over = true
    :: over || !NONE(live) || !NONE(spawned)
    fi;
    if
    :: SEES_END && !NONE(live) -> FIRST(live, to)
    :: !SEES_END && !NONE(spawned) -> FIRST(spawned, to)
    :: !SEES_END && NONE(spawned) && !NONE(live) -> ANY(live, to)
    :: over && NONE(live) && (SEES_END || NONE(spawned)) -> to = CALLER
    fi
}

/* ---- threads.c ----------------------------------------------------------- */

/* reap(): joins those that have ended, except the one that asks. */
inline reap(self)
{
    if :: ended[1] && self != 1 -> gone[1]; ended[1] = false :: else fi;
    if :: ended[2] && self != 2 -> gone[2]; ended[2] = false :: else fi;
    if :: ended[3] && self != 3 -> gone[3]; ended[3] = false :: else fi
}

/* The new thread has the baton from its creation, unless the system refuses
 * it, which ends the run. */
inline start(self, to, passed)
{
    assert(!over);
    reap(self);
    spawned[to] = false;
    if
    :: live[to] = true; give_baton(self); run body(to); passed = true
    :: over = true; passed = false
    fi
}

inline hand_over(self, to, passed)
{
    if
    :: to != CALLER && spawned[to] -> start(self, to, passed)
    :: else ->
        give_baton(self);
        wake(to);
#ifdef BUG_TWO_BATONS
        if
        :: to != 3 && live[3] -> wake(3)
        :: else
        fi;
#endif
        passed = true
    fi
}

/* Until somebody has the baton, which may be the thread itself: the loop in
 * ds__yield(), compute() and ds__run_body(). */
inline pass_on(self, to, passed)
{
    do
    :: find_next(to);
        if
        :: to == self -> passed = true
        :: else -> hand_over(self, to, passed)
        fi;
        if
        :: passed -> break
        :: else
        fi
    od
}

inline yield(self, to, passed)
{
    pass_on(self, to, passed);
    if
    :: to != self -> wait(self); take_baton(self)
    :: else
    fi
}

proctype body(byte self)
{
    byte to;
    bool passed;

    take_baton(self);
    do
    :: /* a blocking call; when it is over, it returns at once */
        if
#ifdef BUG_WAIT_WHEN_OVER
        :: true ->
#else
        :: over
        :: !over ->
#endif
            yield(self, to, passed)
        fi;
        told[self] = over
    :: NEW(2) && !over -> spawned[2] = true
    :: !NEW(2) && NEW(3) && !over -> spawned[3] = true
    :: over = true; told[self] = true /* ds_stop() */
    :: break
    od;

    live[self] = false;
    ended[self] = true;
    pass_on(self, to, passed);
    gone[self] = true
}

/* ds_loop_run(), then ds_loop_free(). */
init
{
    byte to;
    bool passed;

    spawned[1] = true;
    take_baton(CALLER);
    yield(CALLER, to, passed);
    assert(over && NONE(live));
#ifndef BUG_NO_JOIN
    reap(CALLER);
#endif
    to = 0;
    do
    :: to < THREADS -> freed[to] = true; to++
    :: else -> break
    od
}
