/* A loop's beginning and end, its configuration, and why it fails. */

#include <errno.h>
#include <math.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "loop/stack.h"
#include "loop/state.h"

#define DEFAULT_STACK_SIZE (256 * 1024)

/* ---- Failure --------------------------------------------------------------*/

bool ds__fail_open(ds_loop *loop, ds_status status, ds__text *text)
{
    pthread_mutex_lock(&loop->lock);
    if (loop->pending.status != DS_OK) {
        pthread_mutex_unlock(&loop->lock);
        return false;
    }
    loop->pending.status = status;
    ds__text_init(text, loop->pending.text, sizeof(loop->pending.text));
    return true;
}

void ds__fail_close(ds_loop *loop)
{
    atomic_store(&loop->over, true);
    pthread_mutex_unlock(&loop->lock);
}

void ds__vfail(ds_loop *loop, ds_status status, const char *format,
               va_list args)
{
    ds__text text;

    if (loop == NULL || !ds__fail_open(loop, status, &text))
        return;
    ds__text_addv(&text, format, args);
    ds__fail_close(loop);
}

void ds__fail(ds_loop *loop, ds_status status, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    ds__vfail(loop, status, format, args);
    va_end(args);
}

void ds__fail_memory(ds_loop *loop, const char *call)
{
    ds__fail(loop, DS_ENOMEM, "%s: out of memory", call);
}

bool ds__over(const ds_loop *loop)
{
    return atomic_load_explicit(&loop->over, memory_order_acquire);
}

/* ---- Configuration --------------------------------------------------------*/

/* A field that is refused has its default from then on, since the loop may be
 * run again. */
static void check_config(ds_loop *loop)
{
    ds_loop_config *config = &loop->config;

    if (config->ties != DS_TIES_RANDOM && config->ties != DS_TIES_FIFO) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: ties is %d; it must be DS_TIES_RANDOM or "
                 "DS_TIES_FIFO",
                 (int)config->ties);
        config->ties = DS_TIES_RANDOM;
    }
    if (config->exec != DS_THREADS && config->exec != DS_FIBERS) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: exec is %d; it must be DS_THREADS or DS_FIBERS",
                 (int)config->exec);
        config->exec = DS_THREADS;
    }
    if (!(config->time_limit >= 0)) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: time_limit is %g; it must be at least 0",
                 config->time_limit);
        config->time_limit = 0;
    }
    if (!(config->stall >= 0) || isinf(config->stall)) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: stall is %g; it must be finite and at least 0",
                 config->stall);
        config->stall = 0;
    }
}

static size_t whole_pages(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);

    return (size + page - 1) / page * page;
}

/* How large a stack may be is for the system to say, so one is tried; only
 * those of fibers are free until they are used. */
static void choose_stack_size(ds_loop *loop)
{
    size_t least = (size_t)sysconf(_SC_THREAD_STACK_MIN);
    size_t size = loop->config.stack_size;
    bool given = size != 0;

    if (given && size < least) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: stack_size is %zu; it must be 0 or at least "
                 "%zu bytes",
                 size, least);
        given = false;
    } else if (given &&
               !ds__stack_possible(size, loop->config.exec == DS_THREADS)) {
        ds__fail(loop, DS_EMISUSE,
                 "ds_loop_new: stack_size is %zu; the system has no room for "
                 "one such stack; 0 stands for %d bytes",
                 size, DEFAULT_STACK_SIZE);
        given = false;
    }
    loop->config.stack_size = whole_pages(given ? size : DEFAULT_STACK_SIZE);
}

/* Decimal, or hexadecimal after 0x, as digests are. */
static bool parse_seed(const char *value, uint64_t *seed)
{
    char *end;

    if (*value < '0' || *value > '9')
        return false;
    errno = 0;
    *seed = strtoull(value, &end, strncmp(value, "0x", 2) == 0 ? 16 : 10);
    return *end == '\0' && errno == 0;
}

static bool parse_seconds(const char *value, double *seconds)
{
    char *end;

    *seconds = ds__to_double(value, &end);
    return end != value && *end == '\0' && *seconds >= 0 && isfinite(*seconds);
}

/* The index of value among the two words, or -1. */
static int parse_word(const char *value, const char *first, const char *second)
{
    if (strcmp(value, first) == 0)
        return 0;
    return strcmp(value, second) == 0 ? 1 : -1;
}

static void bad_variable(ds_loop *loop, const char *name, const char *value,
                         const char *allowed)
{
    ds__fail(loop, DS_EMISUSE, "ds_loop_new: %s is \"%s\"; it must be %s", name,
             value, allowed);
}

static int variable_of_two(ds_loop *loop, const char *name, const char *first,
                           const char *second, int otherwise)
{
    const char *value = getenv(name);
    char allowed[64];
    ds__text text;

    if (value == NULL)
        return otherwise;

    int word = parse_word(value, first, second);
    if (word >= 0)
        return word;
    ds__text_init(&text, allowed, sizeof(allowed));
    ds__text_add(&text, "%s or %s", first, second);
    bad_variable(loop, name, value, allowed);
    return otherwise;
}

static void read_environment(ds_loop *loop)
{
    ds_loop_config *config = &loop->config;
    const char *seed = getenv("DISTSYS_SEED");
    const char *stall = getenv("DISTSYS_STALL");

    if (seed != NULL && !parse_seed(seed, &config->seed))
        bad_variable(loop, "DISTSYS_SEED", seed, "a whole number below 2^64");
    if (stall != NULL && !parse_seconds(stall, &config->stall))
        bad_variable(loop, "DISTSYS_STALL", stall,
                     "a finite number of seconds, at least 0");
    config->exec = (ds_exec)variable_of_two(loop, "DISTSYS_EXEC", "threads",
                                            "fibers", (int)config->exec);
    config->ties = (ds_ties)variable_of_two(loop, "DISTSYS_TIES", "random",
                                            "fifo", (int)config->ties);
    loop->pin = variable_of_two(loop, "DISTSYS_PIN", "0", "1", 1) == 1;
}

/* ---- Beginning and end ----------------------------------------------------*/

ds_loop *ds_loop_new(const ds_loop_config *config)
{
    ds_loop *loop = calloc(1, sizeof(*loop));

    if (loop == NULL)
        return NULL;
    if (pthread_mutex_init(&loop->lock, NULL) != 0)
        goto no_lock;

    if (config != NULL)
        loop->config = *config;
    check_config(loop);
    read_environment(loop);
    choose_stack_size(loop);
    loop->exec =
        loop->config.exec == DS_FIBERS ? &ds__exec_fibers : &ds__exec_threads;

    ds__agenda_init(&loop->agenda, loop->config.seed,
                    loop->config.ties == DS_TIES_FIFO);
    ds__event_pool_init(&loop->events);
    ds__list_init(&loop->ready);
    ds__list_init(&loop->live);
    loop->main.loop = loop;
    loop->main.state = DS__WAITING;
    if (!loop->exec->task_init(&loop->main.task))
        goto no_task;
    return loop;

no_task:
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

static void free_handles(ds_loop *loop)
{
    while (loop->made != NULL) {
        ds_handle *first = loop->made;
        loop->made = first->next;
        loop->exec->task_free(&first->task);
        if (first->waits != &first->one_wait)
            free(first->waits);
        free(first->name);
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

    atomic_store(&loop->over, true); /* nothing new comes in from here on */
    clear_agenda(loop);
    free_residents(loop);
    free_streams(loop);
    free_handles(loop);
    ds__agenda_free(&loop->agenda); /* a network may set an alarm as it goes */
    ds__event_pool_free(&loop->events);
    loop->exec->task_free(&loop->main.task);
    pthread_mutex_destroy(&loop->lock);
    free(loop);
}

/* ---- Questions and services -----------------------------------------------*/

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

void *ds__loop_annex(const ds_loop *loop)
{
    return loop->annex;
}

void ds__loop_set_annex(ds_loop *loop, void *annex)
{
    loop->annex = annex;
}

double ds__loop_random(const ds_loop *loop, int kind, uint64_t who,
                       uint64_t count)
{
    return ds__rng_uniform(
        ds__rng_bits(loop->config.seed, (enum ds__rng_kind)kind, who, count));
}

/* ---- Alarms ---------------------------------------------------------------*/

bool ds__alarm_init(ds__alarm *alarm, ds_loop *loop, uint64_t number,
                    void (*ring)(ds__alarm *))
{
    *alarm = (ds__alarm){
        .due = { .kind = DS__DUE_ALARM },
        .number = number,
        .ring = ring,
    };
    return ds__agenda_promise(&loop->agenda);
}

void ds__alarm_set(ds_loop *loop, ds__alarm *alarm, double seconds)
{
    ds__agenda_remove(&loop->agenda, &alarm->due);
    if (seconds < INFINITY)
        ds__agenda_add_alarm(&loop->agenda, &alarm->due, loop->now + seconds,
                             alarm->number);
}
