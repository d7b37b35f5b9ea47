/* The loop against a model of it that is too simple to be wrong: an array of
 * events that is searched from the front.  One thread does random things in
 * small whole seconds, so that much happens at one instant; ties are FIFO. */

#include "stage.h"

#include "base/rng.h"

enum { num_streams = 5, max_events = 4000 };

/* ---- The model ------------------------------------------------------------*/

typedef enum state {
    DUE,
    PENDING,
    GONE, /* received or cancelled */
} state;

typedef struct entry {
    double time;
    int stream;
    int arrival; /* among those that have happened */
    state state;
    ds_timer timer;
    int frees;
} entry;

static entry entries[max_events];
static int num_entries, num_arrivals;
static double model_now;

/* The first that is due, in the order of time and scheduling; NULL: none. */
static entry *first_due(void)
{
    entry *first = NULL;

    for (int i = 0; i < num_entries; i++)
        if (entries[i].state == DUE &&
            (first == NULL || entries[i].time < first->time))
            first = &entries[i];
    return first;
}

/* What is received first of a stream; NULL: nothing. */
static entry *first_pending(int stream)
{
    entry *first = NULL;

    for (int i = 0; i < num_entries; i++)
        if (entries[i].state == PENDING && entries[i].stream == stream &&
            (first == NULL || entries[i].arrival < first->arrival))
            first = &entries[i];
    return first;
}

static entry *any_pending(const int *streams, int n)
{
    entry *e = NULL;

    for (int i = 0; i < n && e == NULL; i++)
        e = first_pending(streams[i]);
    return e;
}

/* What a poll until the deadline receives; NULL: the time runs out. */
static entry *model_poll(const int *streams, int n, double deadline)
{
    entry *received = any_pending(streams, n);

    while (received == NULL) {
        entry *e = first_due();
        if (e == NULL || e->time > deadline) {
            model_now = deadline;
            return NULL;
        }
        model_now = e->time;
        e->state = PENDING;
        e->arrival = num_arrivals++;
        received = any_pending(streams, n);
    }
    received->state = GONE;
    return received;
}

/* ---- The same on the loop -------------------------------------------------*/

static ds_stream *streams[num_streams];
static uint64_t seed, draws;

static int draw(int n)
{
    return (int)ds__rng_below(ds__rng_bits(seed, DS__RNG_NET, 0, draws++),
                              (uint64_t)n);
}

static void count_frees(void *data)
{
    ((entry *)data)->frees++;
}

static void schedule(ds_handle *h)
{
    entry *e = &entries[num_entries++];
    const int delay = draw(6);

    *e = (entry){ .time = model_now + delay, .stream = draw(num_streams) };
    e->timer = ds_schedule(h, streams[e->stream], delay, e, count_frees);
    if (e->timer.time != e->time)
        ck_abort_msg("due at %g instead of %g", e->timer.time, e->time);
}

/* Whatever has become of the event. */
static void cancel(ds_handle *h)
{
    if (num_entries == 0)
        return;
    entry *e = &entries[draw(num_entries)];
    const int before = e->frees;
    const bool due = e->state == DUE;

    ds_cancel(h, e->timer);
    if (due)
        e->state = GONE;
    if (e->frees != before + due)
        ck_abort_msg("freed %d times", e->frees - before);
}

static void poll(ds_handle *h)
{
    ds_stream *polled[num_streams];
    int chosen[num_streams];
    const int n = draw(num_streams + 1);
    const int seconds = draw(4);
    ds_event event;

    for (int i = 0; i < n; i++) {
        chosen[i] = draw(num_streams);
        polled[i] = streams[chosen[i]];
    }
    const entry *want = model_poll(chosen, n, model_now + seconds);
    if (!ds_poll_timeout(h, polled, (size_t)n, seconds, &event))
        ck_abort_msg("it is over");
    if (ds_now(h) != model_now)
        ck_abort_msg("at %g instead of %g", ds_now(h), model_now);
    if (event.data != want)
        ck_abort_msg("received entry %d instead of %d",
                     event.data == NULL ? -1
                                        : (int)((entry *)event.data - entries),
                     want == NULL ? -1 : (int)(want - entries));
    if (want != NULL && event.stream != streams[want->stream])
        ck_abort_msg("from the wrong stream");
    ds_event_drop(&event);
}

static void act_at_random(ds_handle *h, void *arg)
{
    const int *steps = arg;

    for (int i = 0; i < *steps && num_entries < max_events; i++) {
        const int what = draw(10);
        if (what < 5)
            schedule(h);
        else if (what < 7)
            cancel(h);
        else
            poll(h);
    }
}

/* In several runs of one loop, and everything is freed once in the end. */
START_TEST(the_loop_does_what_the_model_does)
{
    int steps = harness_full() ? 2000 : 500;
    ds_loop *loop = loop_fifo();

    seed = (uint64_t)_i;
    for (int i = 0; i < num_streams; i++)
        streams[i] = ds_stream_new(loop);
    for (int run = 0; run < 3; run++) {
        ds_spawn(loop, act_at_random, &steps);
        ck_run(loop, DS_OK, NULL);
        ck_assert(ds_loop_now(loop) == model_now);
    }
    ds_loop_free(loop);
    for (int i = 0; i < num_entries; i++)
        if (entries[i].frees != 1)
            ck_abort_msg("entry %d was freed %d times", i, entries[i].frees);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_loop_test(tc, the_loop_does_what_the_model_does, 0,
                        harness_full() ? 500 : 50);
}

int main(void)
{
    return harness_main("loop_oracle", add);
}
