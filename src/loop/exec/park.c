/* Where one thread waits until another wakes it; see the header. */

#include "loop/exec/park.h"

#include <assert.h>

bool ds__park_init(ds__park *park)
{
    park->called = false;
    if (pthread_mutex_init(&park->lock, NULL) != 0)
        return false;
    if (pthread_cond_init(&park->wake, NULL) != 0) {
        pthread_mutex_destroy(&park->lock);
        return false;
    }
    return true;
}

void ds__park_destroy(ds__park *park)
{
    pthread_cond_destroy(&park->wake);
    pthread_mutex_destroy(&park->lock);
}

void ds__park_wait(ds__park *park)
{
    pthread_mutex_lock(&park->lock);
    while (!park->called)
        pthread_cond_wait(&park->wake, &park->lock);
    park->called = false;
    pthread_mutex_unlock(&park->lock);
}

/* Signals after the unlock: a thread woken while its lock is still held runs
 * straight into it, and a handoff takes two more switches.  The price is that
 * the owner may have gone on before the signal is sent, so a park must stay
 * valid until every thread that might wake it has been joined. */
void ds__park_wake(ds__park *park)
{
    pthread_mutex_lock(&park->lock);
    assert(!park->called);
    park->called = true;
    pthread_mutex_unlock(&park->lock);
    pthread_cond_signal(&park->wake);
}
