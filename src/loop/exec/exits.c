/* pthread_exit() where bodies run on fibers; see the header.
 *
 * The thread destroys its keys when it ends, however it does, and one of them
 * is ours. */

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "loop/exec/exits.h"
#include "loop/state.h"

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static bool have_key;

static void abort_by_name(void *arg)
{
    const ds_handle *h = ds__self();
    char buf[1024];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf) / 2);
    ds__text_add(&text, "distsys: pthread_exit() in ");
    if (h == NULL)
        ds__text_add(&text, "the thread that runs a loop");
    else
        ds__handle_describe(h, &text);
    text.size = sizeof(buf);
    ds__text_add(&text, " ends the thread of all bodies; a body ends by "
                        "returning\n");
    fputs(buf, stderr);
    abort();
}

static void make_key(void)
{
    have_key = pthread_key_create(&key, abort_by_name) == 0;
}

/* Without a key, of which a process has few, such an end has no name. */
void *ds__exits_begin(ds_loop *loop)
{
    pthread_once(&once, make_key);
    if (!have_key)
        return NULL;
    void *before = pthread_getspecific(key);
    pthread_setspecific(key, loop);
    return before;
}

void ds__exits_end(void *before)
{
    if (have_key)
        pthread_setspecific(key, before);
}
