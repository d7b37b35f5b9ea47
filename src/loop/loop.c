/* A loop's beginning and end, and what can be asked of it. */

#include <assert.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/rng.h"
#include "loop/state.h"

/* ---- Beginning and end ----------------------------------------------------*/

/* From before anything is made to the end. */
static void listen(ds_loop *loop)
{
    ds__probe *trace = ds__trace_open(loop, loop->config.trace);

    loop->config.trace = trace == NULL ? NULL : trace->spec;
    if (trace == NULL)
        return;
    ds__loop_watch(loop, trace);
    if (trace->show == NULL)
        return;
    loop->dump.quiet = !loop->dump.on;
    loop->dump.on = true;
}

/* The texts at its end are long, and empty at first. */
static ds_loop *new_zeros(void)
{
    ds_loop *loop = malloc(sizeof(*loop));

    if (loop == NULL)
        return NULL;
    memset(loop, 0, offsetof(ds_loop, pending));
    loop->pending.status = loop->last.status = DS_OK;
    loop->pending.text[0] = loop->last.text[0] = '\0';
    return loop;
}

static void set_seed(ds_loop *loop, uint64_t seed)
{
    loop->seed = seed;
    for (int kind = 0; kind < DS__NUM_RNG_KINDS; kind++)
        loop->keys[kind] = ds__rng_key(seed, (enum ds__rng_kind)kind);
}

ds_loop *ds_loop_new(const ds_loop_config *config)
{
    ds_loop *loop = new_zeros();

    if (loop == NULL)
        return NULL;
    if (pthread_mutex_init(&loop->lock, NULL) != 0)
        goto no_lock;
    if (!ds__outside_init(&loop->outside))
        goto no_outside;
    ds__make_urgent(loop); /* there are no regulars */

    if (config != NULL)
        loop->config = *config;
    ds__configure(loop);
    ds__budget_init(loop);
    loop->walks = ds__checking();

    set_seed(loop, loop->config.seed);
    ds__agenda_init(&loop->agenda, loop->seed,
                    loop->config.ties == DS_TIES_FIFO);
    ds__event_pool_init(&loop->events);
    ds__list_init(&loop->ready);
    ds__list_init(&loop->live);
    ds__list_init(&loop->leaving);
    ds__scope_init(&loop->scope, loop);
    loop->scope.outermost = true;
    loop->main.scope = &loop->scope;
    loop->main.loop = loop;
    loop->main.state = DS__WAITING;
    loop->crew = calloc(1, loop->exec->crew_size);
    if (loop->crew == NULL || !loop->exec->task_init(&loop->main.task))
        goto no_task;
    if (loop->config.trace != NULL)
        listen(loop);
    return loop;

no_task:
    free(loop->crew);
    ds__outside_free(&loop->outside);
no_outside:
    pthread_mutex_destroy(&loop->lock);
no_lock:
    free(loop);
    return NULL;
}

/* What has not happened yet: events lose their payload, alarms and wake-ups
 * belong to others. */
static void clear_agenda(ds_loop *loop)
{
    while (!ds__agenda_empty(&loop->agenda)) {
        ds__due *due = ds__agenda_take(&loop->agenda);
        if (due->kind == DS__DUE_EVENT)
            ds_event_drop(&ds__container(due, ds__event, due)->payload);
    }
}

static void free_residents(ds_loop *loop)
{
    while (loop->residents != NULL) {
        ds__resident *first = loop->residents;
        loop->residents = first->next;
        first->free(first);
    }
}

static void free_streams(ds_loop *loop)
{
    while (loop->streams != NULL) {
        ds_stream *first = loop->streams;
        loop->streams = first->next;
        ds__stream_clear(first);
        free(first);
    }
}

void ds_loop_free(ds_loop *loop)
{
    if (loop == NULL)
        return;
    if (atomic_load(&loop->running)) {
        ds__fail(loop, DS_EMISUSE, "ds_loop_free: the loop is running");
        return;
    }
    if (!ds__run_end_rest(loop))
        return;
    if (atomic_exchange(&loop->going, true)) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_free: the loop is being freed already, by what "
                 "disposes of a payload");
        return;
    }

    ds__set_over(loop); /* nothing new comes in from here on */
    clear_agenda(loop);
    free_residents(loop);
    free_streams(loop);
    ds__roster_free(loop);
    ds__agenda_free(&loop->agenda); /* a network may set an alarm as it goes */
    ds__event_pool_free(&loop->events);
    loop->exec->task_free(&loop->main.task);
    ds__outside_free(&loop->outside);
    ds__probes_free(loop);
    pthread_mutex_destroy(&loop->lock);
    free(loop->crew);
    free(loop);
}

/* ---- Questions and services -----------------------------------------------*/

const ds_loop_config *ds_loop_config_of(const ds_loop *loop)
{
    static const ds_loop_config none;

    return loop == NULL ? &none : &loop->config;
}

double ds_loop_now(const ds_loop *loop)
{
    return loop == NULL ? 0 : loop->now;
}

const char *ds_loop_error(const ds_loop *loop)
{
    return loop == NULL ? ds_strstatus(DS_ENOMEM) : loop->last.text;
}

uint64_t ds_loop_digest(const ds_loop *loop)
{
    return loop == NULL ? 0 : loop->digest;
}

void ds__loop_keep(ds_loop *loop, ds__resident *resident)
{
    resident->next = loop->residents;
    loop->residents = resident;
}

void ds__loop_keep_longest(ds_loop *loop, ds__resident *resident)
{
    ds__resident **at = &loop->residents;

    while (*at != NULL)
        at = &(*at)->next;
    resident->next = NULL;
    *at = resident;
}

void *ds__loop_annex(const ds_loop *loop)
{
    return loop->annex;
}

void ds__loop_set_annex(ds_loop *loop, void *annex)
{
    loop->annex = annex;
}

struct ds_observer *ds__loop_observer(const ds_loop *loop)
{
    return loop->observer;
}

void ds__loop_set_observer(ds_loop *loop, struct ds_observer *observer)
{
    loop->observer = observer;
}

void ds__loop_name_late(ds_loop *loop)
{
    loop->budget.names_late = true;
}

uint64_t ds__loop_events(const ds_loop *loop)
{
    return ds__budget_events(&loop->budget);
}

struct ds_trial *ds__loop_trial(const ds_loop *loop)
{
    return loop->trial;
}

void ds__loop_set_trial(ds_loop *loop, struct ds_trial *trial)
{
    loop->trial = trial;
}

void ds__loop_set_gate(ds_loop *loop, ds__gate_fn *gate, bool guarded)
{
    loop->gate = gate;
    loop->guarded = guarded;
}

void ds__loop_guard(ds_loop *loop)
{
    loop->guarded = true;
}

void ds__loop_set_names(ds_loop *loop, ds__name_fn *name_of)
{
    loop->name_of = name_of;
}

ds__probe *const *ds__loop_probe(const ds_loop *loop)
{
    return &loop->probe;
}

uint64_t ds__loop_seed(const ds_loop *loop)
{
    return loop->seed;
}

void ds__loop_reseed(ds_loop *loop, uint64_t number)
{
    set_seed(loop, ds__mix(loop->seed ^ ds__mix(number + 1)));
    ds__agenda_reseed(&loop->agenda, loop->seed);
}

void ds__loop_expect(ds_loop *loop)
{
    loop->expected++;
}

void ds__loop_expect_no_more(ds_loop *loop)
{
    assert(loop->expected > 0);
    if (--loop->expected == 0)
        ds__make_urgent(loop);
}

double ds__loop_random(const ds_loop *loop, int kind, uint64_t who,
                       uint64_t count)
{
    assert(kind > 0 && kind < DS__NUM_RNG_KINDS);
    return ds__rng_uniform(ds__rng_keyed(loop->keys[kind], who, count));
}

uint64_t ds__loop_half(const ds_loop *loop, int kind, uint64_t who)
{
    assert(kind > 0 && kind < DS__NUM_RNG_KINDS);
    return ds__rng_half(loop->keys[kind], who);
}

int ds_loop_finish(ds_loop *loop)
{
    ds_status status = ds_loop_run(loop);

    if (status != DS_OK)
        fprintf(stderr, "%s\n", ds_loop_error(loop));
    ds_loop_free(loop);
    return status;
}
