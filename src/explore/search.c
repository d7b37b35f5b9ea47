/* Can these calls be put in an order?  See the header. */

#include "explore/search.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/invariant.h"
#include "explore/memo.h"

/* How many steps go by between two looks at the clock. */
#define STEPS_PER_LOOK 512

/* Calls that can only be placed one after another. */
typedef struct thread {
    uint32_t *calls; /* their numbers */
    uint32_t count;
    bool optional; /* they never returned, and are equal */
    /* In program order an optional one comes after some of its process's. */
    uint32_t after;
    uint32_t after_place;
} thread;

/* A configuration on the way from the first to the present one. */
typedef struct frame {
    ds__memo_place at;
    uint32_t thread;    /* whose call led here */
    uint64_t tried;     /* candidates that end before it have been */
    uint32_t optionals; /* ... and so many threads that are optional */
    uint64_t begun;     /* when the last of the placed ones began */
    uint64_t end;       /* when the first of the unplaced ones ends */
    uint32_t first;     /* which one that is */
} frame;

/* Invariants, which check() asserts: place[t] <= threads[t].count; missing is
 * the number of unplaced calls that are not optional; depth is how many have
 * been placed, frames[depth] the present configuration, and state its state. */
typedef struct search {
    const ds__question *q;
    ds__answer answer;
    bool checking;
    size_t size; /* of a state */

    uint32_t *numbers; /* the memory of all threads[].calls */
    thread *threads;
    thread *spare; /* to sort them in */
    uint32_t num_threads;
    uint32_t num_lanes;  /* those threads that are not optional come first */
    uint32_t *thread_of; /* each call's */
    uint32_t *place;
    unsigned width; /* bytes of a place in a configuration */
    size_t missing;

    frame *frames;
    size_t depth;
    ds__memo memo;
    unsigned char *state;
    unsigned char *next;
    unsigned char *other;
    unsigned char *key; /* a configuration: the places, and the state without
                         * the zeros at its end */
} search;

double ds__real_time(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* ---- Threads --------------------------------------------------------------*/

static bool is_optional(const search *s, uint32_t i)
{
    return !s->q->calls[i].call.returned;
}

/* Tells whether exchanging two calls that never returned changes nothing. */
static bool are_equal(const search *s, uint32_t i, uint32_t j)
{
    const ds_call *a = &s->q->calls[i].call;
    const ds_call *b = &s->q->calls[j].call;

    return a->op == b->op && a->key == b->key && a->arg[0] == b->arg[0] &&
           a->arg[1] == b->arg[1] &&
           (s->q->model->anonymous || a->process == b->process);
}

static bool same_process(const search *s, uint32_t i, uint32_t j)
{
    return s->q->calls[i].call.process == s->q->calls[j].call.process;
}

/* Tells whether call i can be the next of thread t, whose last call is before
 * it.  While threads are made, calls[0] is the first and calls[1] the last. */
static bool continues(const search *s, uint32_t t, uint32_t i, uint32_t last)
{
    const ds__recorded *calls = s->q->calls;
    bool program = s->q->order == DS__PROGRAM_ORDER;

    if (s->threads[t].optional != is_optional(s, i))
        return false;
    if (is_optional(s, i))
        return !program && calls[last].last == DS__NEVER &&
               calls[i].last == DS__NEVER && are_equal(s, last, i);
    return calls[last].last < calls[i].first &&
           (!program || same_process(s, last, i));
}

/* Binds an optional call to what its process did before. */
static void come_after(search *s, thread *own, uint32_t i, const uint32_t *last)
{
    own->after_place = 0;
    for (uint32_t t = 0; t < s->num_threads; t++) {
        if (s->threads[t].optional || !same_process(s, last[t], i))
            continue;
        own->after = t;
        own->after_place = s->threads[t].count;
    }
}

/* Gives each call a thread, the first that it fits; last[t] is the last call of
 * thread t. */
static void spread(search *s, uint32_t *last)
{
    for (uint32_t i = 0; i < s->q->n; i++) {
        uint32_t t = 0;
        while (t < s->num_threads && !continues(s, t, i, last[t]))
            t++;
        if (t == s->num_threads) {
            s->threads[t] = (thread){ .optional = is_optional(s, i) };
            if (is_optional(s, i) && s->q->order == DS__PROGRAM_ORDER)
                come_after(s, &s->threads[t], i, last);
            s->num_threads++;
        }
        last[t] = i;
        s->thread_of[i] = t;
        s->threads[t].count++;
        s->missing += !is_optional(s, i);
    }
}

/* Puts the threads that are not optional before the others; renamed[t] is the
 * new number of thread t. */
static void sort_threads(search *s, thread *sorted, uint32_t *renamed)
{
    uint32_t count = 0;

    for (int optional = 0; optional < 2; optional++) {
        for (uint32_t t = 0; t < s->num_threads; t++) {
            if (s->threads[t].optional != (optional == 1))
                continue;
            sorted[count] = s->threads[t];
            renamed[t] = count++;
        }
        if (optional == 0)
            s->num_lanes = count;
    }
    for (uint32_t t = 0; t < s->num_threads; t++) {
        s->threads[t] = sorted[t];
        s->threads[t].after = renamed[sorted[t].after];
    }
    for (uint32_t i = 0; i < s->q->n; i++)
        s->thread_of[i] = renamed[s->thread_of[i]];
}

/* Writes down the calls of each thread, and how wide a place must be. */
static void list_calls(search *s)
{
    uint32_t *free_numbers = s->numbers;
    uint32_t most = 0;

    for (uint32_t t = 0; t < s->num_threads; t++) {
        s->threads[t].calls = free_numbers;
        free_numbers += s->threads[t].count;
        if (s->threads[t].count > most)
            most = s->threads[t].count;
        s->place[t] = 0;
    }
    for (uint32_t i = 0; i < s->q->n; i++) {
        uint32_t t = s->thread_of[i];
        s->threads[t].calls[s->place[t]++] = i;
    }
    memset(s->place, 0, s->q->n * sizeof(*s->place));
    s->width = 1;
    if (most > UINT8_MAX)
        s->width = most > UINT16_MAX ? 4 : 2;
}

/* ---- Configurations -------------------------------------------------------*/

static void check(const search *s)
{
    size_t placed = 0;
    size_t missing = 0;

    for (uint32_t t = 0; t < s->num_threads; t++) {
        assert(s->place[t] <= s->threads[t].count);
        placed += s->place[t];
        if (!s->threads[t].optional)
            missing += s->threads[t].count - s->place[t];
    }
    assert(placed == s->depth && missing == s->missing);
    (void)placed;
    (void)missing;
}

static size_t places_size(const search *s)
{
    return (size_t)s->num_threads * s->width;
}

/* The place of a thread in a configuration: one that may be left out, and whose
 * time has passed, is as good as placed. */
static uint32_t place_in_key(const search *s, uint32_t t, uint64_t begun)
{
    const thread *th = &s->threads[t];

    if (th->optional && s->q->order == DS__REAL_TIME &&
        s->place[t] < th->count &&
        s->q->calls[th->calls[s->place[t]]].last <= begun)
        return th->count;
    return s->place[t];
}

/* Writes the present places and s->next into s->key. */
static size_t make_key(search *s, uint64_t begun)
{
    unsigned char *key = s->key;
    size_t size = s->size;

    for (uint32_t t = 0; t < s->num_threads; t++) {
        uint32_t place = place_in_key(s, t, begun);
        for (unsigned b = 0; b < s->width; b++)
            *key++ = (unsigned char)(place >> (8 * b));
    }
    while (size > 0 && s->next[size - 1] == 0)
        size--;
    memcpy(key, s->next, size);
    return places_size(s) + size;
}

static void load_state(const search *s, ds__memo_place at, unsigned char *state)
{
    size_t size;
    const unsigned char *key = ds__memo_at(&s->memo, at, &size);

    assert(size >= places_size(s) && size - places_size(s) <= s->size);
    size -= places_size(s);
    memcpy(state, key + places_size(s), size);
    memset(state + size, 0, s->size - size);
}

/* Finds which of the unplaced calls that returned ends first. */
static void find_end(const search *s, frame *f)
{
    f->end = DS__NEVER;
    f->first = UINT32_MAX;
    for (uint32_t t = 0; t < s->num_lanes; t++) {
        const thread *th = &s->threads[t];
        if (s->place[t] == th->count)
            continue;
        uint32_t head = th->calls[s->place[t]];
        if (s->q->calls[head].last < f->end) {
            f->end = s->q->calls[head].last;
            f->first = head;
        }
    }
}

/* Finds when the last of the placed ones began, given the frame before. */
static void find_begun(const search *s, frame *f)
{
    if (s->depth == 0)
        return;
    uint32_t last = s->threads[f->thread].calls[s->place[f->thread] - 1];
    f->begun = f[-1].begun;
    if (s->q->calls[last].first > f->begun)
        f->begun = s->q->calls[last].first;
}

static bool is_placed(const search *s, size_t call)
{
    uint32_t t = s->thread_of[call];
    uint32_t at = s->place[t];

    return at > 0 && s->threads[t].calls[at - 1] >= call;
}

/* Remembers how far the search has come. */
static void note_progress(search *s, const frame *f)
{
    const ds__recorded *calls = s->q->calls;
    ds__answer *a = &s->answer;

    if (f->first == UINT32_MAX)
        return;
    if (a->stuck == SIZE_MAX || calls[a->stuck].last < f->end)
        a->stuck = f->first;
    if (s->q->watched == SIZE_MAX || !is_placed(s, s->q->watched))
        return;
    if (a->stuck_after == SIZE_MAX || calls[a->stuck_after].last < f->end)
        a->stuck_after = f->first;
}

/* Goes to the configuration of the present places and s->next, if it is new.
 * False: it is not, or there is no room for it, which ends the search. */
static bool enter(search *s, uint32_t t)
{
    frame *f = &s->frames[s->depth];

    *f = (frame){ .thread = t };
    find_begun(s, f);
    size_t size = make_key(s, f->begun);
    ds__memo_answer answer = ds__memo_add(&s->memo, s->key, size, &f->at);
    if (answer == DS__MEMO_FULL)
        s->answer.outcome = DS__MEMORY_LIMIT;
    if (answer != DS__MEMO_NEW)
        return false;
    find_end(s, f);
    note_progress(s, f);

    unsigned char *state = s->state;
    s->state = s->next;
    s->next = state;
    if (s->checking)
        check(s);
    return true;
}

/* ---- Steps ----------------------------------------------------------------*/

static bool step_twice_alike(search *s, const ds_call *call, bool did)
{
    memcpy(s->other, s->state, s->size);
    return s->q->model->step(s->other, call) == did &&
           (!did || memcmp(s->other, s->next, s->size) == 0);
}

/* Does call i in s->next; false: it cannot be. */
static bool step(search *s, uint32_t i)
{
    const ds_call *call = &s->q->calls[i].call;

    memcpy(s->next, s->state, s->size);
    bool did = s->q->model->step(s->next, call);
    if (s->checking && !step_twice_alike(s, call, did)) {
        s->answer.outcome = DS__INCONSISTENT;
        s->answer.odd = i;
        return false;
    }
    if (!did && i == s->q->watched && s->q->refused != NULL)
        s->q->refused(s->q->arg, s->state);
    return did;
}

/* Tells whether an optional call makes a difference by itself: it has done
 * something. */
static bool does_something(const search *s)
{
    return memcmp(s->state, s->next, s->size) != 0;
}

/* Tells whether the call before was optional, and i would have done the same
 * without it. */
static bool was_in_vain(search *s, uint32_t i)
{
    const frame *f = &s->frames[s->depth];

    if (s->depth == 0 || !s->threads[f->thread].optional)
        return false;
    load_state(s, f[-1].at, s->other);
    return s->q->model->step(s->other, &s->q->calls[i].call) &&
           memcmp(s->other, s->next, s->size) == 0;
}

/* Tells whether call i, the next of thread t, may come next: it began before
 * every unplaced one ends and, which only one that may be left out might not,
 * ends after every placed one began. */
static bool is_candidate(const search *s, uint32_t t, uint32_t i,
                         const frame *f)
{
    const thread *th = &s->threads[t];
    const ds__recorded *call = &s->q->calls[i];

    if (s->q->order == DS__REAL_TIME)
        return call->first < f->end && call->last > f->begun;
    return !th->optional || s->place[th->after] >= th->after_place;
}

/* Tells whether thread t has a call that may come next. */
static bool has_candidate(const search *s, uint32_t t, const frame *f)
{
    return s->place[t] < s->threads[t].count &&
           is_candidate(s, t, s->threads[t].calls[s->place[t]], f);
}

/* Takes the candidate that ends first of those that must be placed and have not
 * been tried; false: there is none. */
static bool next_in_lanes(search *s, frame *f, uint32_t *found)
{
    uint64_t best = DS__NEVER;

    for (uint32_t t = 0; t < s->num_lanes; t++) {
        if (!has_candidate(s, t, f))
            continue;
        uint64_t last = s->q->calls[s->threads[t].calls[s->place[t]]].last;
        if (last >= f->tried && last < best) {
            best = last;
            *found = t;
        }
    }
    f->tried = best == DS__NEVER ? best : best + 1;
    return best != DS__NEVER;
}

/* Takes the next candidate; false: there is none that has not been tried.  What
 * need not be placed comes last. */
static bool next_candidate(search *s, uint32_t *found)
{
    frame *f = &s->frames[s->depth];

    if (f->tried != DS__NEVER && next_in_lanes(s, f, found))
        return true;
    while (s->num_lanes + f->optionals < s->num_threads) {
        *found = s->num_lanes + f->optionals++;
        if (has_candidate(s, *found, f))
            return true;
    }
    return false;
}

/* Places the next call of thread t, if that leads to something new. */
static void try(search *s, uint32_t t)
{
    uint32_t i = s->threads[t].calls[s->place[t]];
    bool optional = s->threads[t].optional;

    if (!step(s, i) || (optional && !does_something(s)) || was_in_vain(s, i))
        return;
    assert(s->depth < s->q->n && (optional || s->missing > 0));
    s->place[t]++;
    s->depth++;
    s->missing -= !optional;
    if (enter(s, t))
        return;
    s->place[t]--;
    s->depth--;
    s->missing += !optional;
}

static void go_back(search *s)
{
    uint32_t t = s->frames[s->depth].thread;

    assert(s->depth > 0 && s->place[t] > 0);
    s->place[t]--;
    s->depth--;
    s->missing += !s->threads[t].optional;
    load_state(s, s->frames[s->depth].at, s->state);
}

static bool is_too_long(search *s)
{
    const ds__limits *limits = &s->q->limits;

    s->answer.steps++;
    if (limits->steps != 0 && s->answer.steps > limits->steps)
        return true;
    return limits->deadline > 0 && s->answer.steps % STEPS_PER_LOOK == 0 &&
           ds__real_time() > limits->deadline;
}

/* Runs until it is decided, or outcome says why it will not be. */
static void run(search *s)
{
    uint32_t t = 0;

    s->answer.outcome = DS__ORDERED;
    if (!enter(s, 0))
        return;
    while (s->missing > 0 && s->answer.outcome == DS__ORDERED) {
        if (is_too_long(s))
            s->answer.outcome = DS__TIME_LIMIT;
        else if (next_candidate(s, &t))
            try(s, t);
        else if (s->depth > 0)
            go_back(s);
        else
            s->answer.outcome = DS__NOT_ORDERED;
    }
}

/* ---- Memory ---------------------------------------------------------------*/

static void close(search *s)
{
    ds__memo_free(&s->memo);
    free(s->numbers);
    free(s->threads);
    free(s->spare);
    free(s->thread_of);
    free(s->place);
    free(s->frames);
    free(s->state);
    free(s->next);
    free(s->other);
    free(s->key);
}

/* The calls as models want to see them. */
static size_t measured(const ds__question *q)
{
    const ds_call **calls = calloc(q->n + 1, sizeof(*calls));
    size_t size = SIZE_MAX;

    for (size_t i = 0; calls != NULL && i < q->n; i++)
        calls[i] = &q->calls[i].call;
    if (calls != NULL)
        size = q->model->measure(calls, q->n);
    free(calls);
    return size;
}

/* Takes the memory for n calls; false: there is none.  One spare element each,
 * so that nothing has the size 0. */
static bool open(search *s)
{
    size_t n = s->q->n + 1;

    s->size = s->q->model->size;
    if (s->q->model->measure != NULL)
        s->size = measured(s->q);
    if (n > UINT32_MAX / 8 || s->size > s->q->limits.memory)
        return false;
    s->numbers = calloc(n, sizeof(*s->numbers));
    s->threads = calloc(n, sizeof(*s->threads));
    s->spare = calloc(n, sizeof(*s->spare));
    s->thread_of = calloc(n, sizeof(*s->thread_of));
    s->place = calloc(n, sizeof(*s->place));
    s->frames = calloc(n, sizeof(*s->frames));
    s->state = calloc(1, s->size + 1);
    s->next = calloc(1, s->size + 1);
    s->other = calloc(1, s->size + 1);
    s->key = calloc(1, n * sizeof(*s->place) + s->size);
    return s->numbers != NULL && s->threads != NULL && s->spare != NULL &&
           s->thread_of != NULL && s->place != NULL && s->frames != NULL &&
           s->state != NULL && s->next != NULL && s->other != NULL &&
           s->key != NULL;
}

ds__answer ds__search(const ds__question *question)
{
    search s = {
        .q = question,
        .answer = { .outcome = DS__OUT_OF_MEMORY,
                    .odd = SIZE_MAX,
                    .stuck = SIZE_MAX,
                    .stuck_after = SIZE_MAX },
        .checking = ds__checking(),
    };

    ds__memo_init(&s.memo, question->limits.memory);
    if (open(&s)) {
        spread(&s, s.place);
        sort_threads(&s, s.spare, s.place);
        list_calls(&s);
        question->model->init(
            s.next, question->n == 0 ? 0 : question->calls[0].call.key);
        run(&s);
    }
    s.answer.configurations = s.memo.count;
    close(&s);
    return s.answer;
}
