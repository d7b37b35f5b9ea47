/* The walks over what a loop has find what is wrong with it: each case spoils
 * one thing, in a process of its own, and the walk stops that. */

#include "stage.h"

#include <signal.h>
#include <unistd.h>

#include "loop/state.h"

static ds_loop *loop;
static ds_stream *stream;

/* How a structure is spoiled while one thread sleeps, one waits in the line of
 * the stream and one has not started. */
typedef struct spoil {
    const char *what;
    void (*spoil)(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh);
} spoil;

static void no_turn(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    ds__list_remove(&fresh->turn);
}

static void count(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    loop->regulars++;
}

static void torn_list(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    sleeper->link.prev = &waiter->link;
}

static void ended(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    sleeper->state = DS__ENDED;
}

static void running(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    sleeper->state = DS__RUNNING;
}

static void gone(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    waiter->gone = true;
}

static void lost_place(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    waiter->waits[0].place++;
}

static void lost_wait(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    stream->num_places = 0;
}

static void ghost(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    static ds__wait wait;

    stream->line[0].wait = &wait;
}

static void no_ring(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    stream->queue.len = 1;
}

static void not_urgent(ds_handle *sleeper, ds_handle *waiter, ds_handle *fresh)
{
    atomic_store(&loop->urgent, false);
}

static const spoil spoils[] = {
    { "a new thread that is nowhere", no_turn },
    { "a thread counted that is not there", count },
    { "a torn list", torn_list },
    { "one that has ended and lives", ended },
    { "one that runs and has a wake-up", running },
    { "one that is gone among the living", gone },
    { "a wait that is not where it says", lost_place },
    { "a wait that its stream has not", lost_wait },
    { "a place of nobody", ghost },
    { "events without a ring", no_ring },
    { "a new thread that nobody is told of", not_urgent },
};

static void sleep_long(ds_handle *h, void *arg)
{
    ds_sleep(h, 100);
}

static void wait_long(ds_handle *h, void *arg)
{
    ds_event event;

    ds_poll(h, stream, &event);
}

/* The threads in the order of their numbers; the newest was made last. */
static void spoil_it(ds_handle *h, void *arg)
{
    const spoil *s = arg;

    ds_sleep(h, 1);
    ds_spawn(loop, sleep_long, NULL);
    ds_handle *fresh = loop->made;
    ds_handle *waiter = fresh->next->next;
    ds_handle *sleeper = waiter->next;
    ds__loop_check(loop);
    if (s == NULL)
        return;
    fclose(stderr); /* what assert() says */
    s->spoil(sleeper, waiter, fresh);
    ds__loop_check(loop);
}

static void play(const spoil *s)
{
    loop = loop_fifo();
    stream = ds_stream_new(loop);
    ds_spawn(loop, sleep_long, NULL);
    ds_spawn(loop, wait_long, NULL);
    ds_spawn(loop, spoil_it, (void *)s);
    ds_loop_run(loop);
}

START_TEST(a_sound_loop_passes)
{
    play(NULL);
    ds_loop_free(loop);
}
END_TEST

START_TEST(what_is_spoiled_is_found)
{
    play(&spoils[_i]);
    ck_abort_msg("%s was not found", spoils[_i].what);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_sound_loop_passes);
    tcase_add_loop_test_raise_signal(tc, what_is_spoiled_is_found, SIGABRT, 0,
                                     sizeof(spoils) / sizeof(*spoils));
}

int main(void)
{
    return harness_main("check", add);
}
