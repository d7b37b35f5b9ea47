/* See pool.h. */

#include "bench/sweep/pool.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/rng.h"
#include "bench/common/args.h"
#include "bench/sweep/json.h"

enum { FILES = 3 }; /* of a process */

/* ---- The environment ------------------------------------------------------*/

static const char *const own[] = { "DISTSYS_SEED=", "DISTSYS_REPORT=",
                                   "DISTSYS_EXEC=", "DISTSYS_TRACE=" };

enum { SEED, REPORT, EXEC, TRACE, OWN };

static bool is_own(const char *variable, const bool *set)
{
    for (size_t i = 0; i < OWN; i++)
        if (set[i] && strncmp(variable, own[i], strlen(own[i])) == 0)
            return true;
    return false;
}

char **pool_environment(uint64_t seed, const char *exec, const char *trace)
{
    char number[2][24];
    const char *const values[OWN] = { number[0], number[1], exec, trace };
    const bool set[OWN] = { true, true, exec != NULL, trace != NULL };
    size_t n = 0, used = 0;

    snprintf(number[0], sizeof(number[0]), "%llu", (unsigned long long)seed);
    snprintf(number[1], sizeof(number[1]), "%d", PROCESS_REPORT);
    while (environ[n] != NULL)
        n++;
    char **all = args_alloc(n + OWN + 1, sizeof(*all));
    for (size_t i = 0; i < OWN; i++)
        if (set[i] && asprintf(&all[used++], "%s%s", own[i], values[i]) < 0)
            args_need(NULL);
    for (size_t i = 0; i < n; i++)
        if (!is_own(environ[i], set))
            all[used++] = args_need(strdup(environ[i]));
    return all;
}

void pool_environment_free(char **environment)
{
    for (char **at = environment; *at != NULL; at++)
        free(*at);
    free(environment);
}

/* ---- The line of a point --------------------------------------------------*/

static void put_run(const process_run *run, FILE *file)
{
    if (run->count == 0)
        return;
    fputs(", \"run\": {\"status\": ", file);
    json_put_text(file, run->status, strlen(run->status));
    fprintf(file,
            ", \"digest\": \"%016llx\", \"seconds\": %.17g, \"events\": %llu, "
            "\"messages\": %llu, \"exec\": ",
            (unsigned long long)run->digest, run->seconds,
            (unsigned long long)run->events, (unsigned long long)run->messages);
    json_put_text(file, run->exec, strlen(run->exec));
    fprintf(file, ", \"runs\": %llu}", (unsigned long long)run->count);
}

/* Its last line, if that is an object, and all of it has been kept. */
static bool find_said(const process *p, const char **line, size_t *n)
{
    *line = process_last_line(&p->out, n);
    if (p->out.cut && *line == p->out.buf)
        return false;
    return *n > 0 && **line == '{' && json_is_object(*line, *n);
}

/* Why a point failed: what its simulation says, or the last line of the program
 * on standard error, or else on standard output. */
static const char *find_text(const process *p, size_t *n)
{
    const char *text;

    *n = strlen(p->run.text);
    if (p->run.failed && *n > 0)
        return p->run.text;
    text = process_last_line(&p->err, n);
    if (*n == 0)
        text = process_last_line(&p->out, n);
    *n = *n > PROCESS_TEXT ? PROCESS_TEXT : *n;
    return text;
}

static const char *other_than(const char *exec)
{
    return strcmp(exec, "threads") == 0  ? "fibers"
           : strcmp(exec, "fibers") == 0 ? "threads"
                                         : NULL;
}

/* Says how the second time was another than the first; false: it was the same.
 */
static bool differs(const process *a, const process *b, char *text, size_t size)
{
    const char *x, *y;
    size_t n, m;

    text[0] = '\0';
    if (strcmp(a->end, b->end) != 0)
        snprintf(text, size, "it ended with %s, and run again with %s", a->end,
                 b->end);
    else if (a->run.count != b->run.count)
        snprintf(text, size, "it reported %llu runs, and run again %llu",
                 (unsigned long long)a->run.count,
                 (unsigned long long)b->run.count);
    else if (a->run.digest != b->run.digest)
        snprintf(text, size, "the digest is %016llx on %s and %016llx on %s",
                 (unsigned long long)a->run.digest, a->run.exec,
                 (unsigned long long)b->run.digest, b->run.exec);
    else if (a->run.count == 0 && find_said(a, &x, &n) &&
             (!find_said(b, &y, &m) || n != m || memcmp(x, y, n) != 0))
        snprintf(text, size, "what it said was not the same when run again");
    return text[0] != '\0';
}

enum { NOT_THE_SAME = 13 }; /* as ds_test_main() has it */

static void put_line(const pool_slot *s, const grid *g, FILE *file)
{
    const process *p = s->again ? &s->first : &s->now;
    char difference[200];
    const bool fickle =
        s->again && differs(&s->first, &s->now, difference, sizeof(difference));
    const char *said;
    size_t n;

    fprintf(file, "{\"point\": %llu", (unsigned long long)s->point);
    grid_put_values(g, s->point, file);
    fprintf(file, ", \"status\": %d, \"end\": \"%s\", \"seconds\": %.6f",
            fickle ? NOT_THE_SAME : p->status, fickle ? "differs" : p->end,
            p->seconds);
    put_run(&p->run, file);
    if (find_said(p, &said, &n))
        fprintf(file, ", \"said\": %.*s", (int)n, said);
    if (s->again)
        fprintf(file, ", \"twice\": %s", fickle ? "false" : "true");
    if (fickle || p->status != 0) {
        const char *text = fickle ? difference : find_text(p, &n);

        fputs(", \"text\": ", file);
        json_put_text(file, text, fickle ? strlen(text) : n);
    }
    fputs("}\n", file);
}

static void give(pool *p, const pool_slot *s)
{
    char *line = NULL;
    size_t n;
    FILE *file = args_need(open_memstream(&line, &n));

    put_line(s, p->config->grid, file);
    if (fclose(file) != 0)
        args_need(NULL);
    p->work->give(p->work->self, line, n);
    free(line);
}

/* ---- Running --------------------------------------------------------------*/

static void finish(pool *p, pool_slot *s)
{
    assert(p->running > 0 && s->now.pid == 0);
    grid_command_free(s->command);
    s->command = NULL;
    p->running--;
    give(p, s);
}

static bool is_to_be_run_twice(const pool *p, uint64_t point)
{
    return ds__rng_uniform(ds__mix(ds__mix(point) ^ DS__RNG_GOLDEN)) <
           p->config->twice;
}

/* Where there are too many processes, some of others may end. */
enum { MOST_TRIES = 100, PAUSE = 100 /* milliseconds */ };

/* False: it has ended, or it was not to be, as p->why says. */
static bool start(pool *p, pool_slot *s, const char *exec)
{
    char **environment =
        pool_environment(grid_seed(p->config->grid, s->point), exec, NULL);
    process_start started = PROCESS_IMPOSSIBLE;

    for (int i = 0; i < MOST_TRIES && started == PROCESS_IMPOSSIBLE; i++) {
        if (i > 0)
            poll(NULL, 0, PAUSE);
        started = process_begin(&s->now, s->command, environment,
                                &p->config->limits, -1, -1);
        if (started == PROCESS_IMPOSSIBLE && errno != EAGAIN && errno != ENOMEM)
            break;
    }
    if (started == PROCESS_IMPOSSIBLE)
        p->why = failure_new(EXIT_FAILURE,
                             "no process can be started: %s; maybe there are "
                             "too many --jobs",
                             strerror(errno));
    pool_environment_free(environment);
    return started == PROCESS_RUNS;
}

static void begin(pool *p, pool_slot *s, uint64_t point)
{
    s->point = point;
    s->again = false;
    s->command = grid_command(p->config->grid, point);
    p->running++;
    if (!start(p, s, NULL) && p->why.status == 0)
        finish(p, s);
}

/* It has ended: that was it, or it begins again. */
static void end(pool *p, pool_slot *s)
{
    if (!s->again && s->now.status == 0 && is_to_be_run_twice(p, s->point)) {
        s->again = true;
        s->first = s->now;
        if (start(p, s, other_than(s->first.run.exec)) || p->why.status != 0)
            return;
    }
    finish(p, s);
}

static void fill(pool *p)
{
    uint64_t point;

    for (size_t i = 0; i < p->config->jobs; i++)
        while (p->slots[i].command == NULL) {
            if (!p->work->next(p->work->self, &point))
                return;
            begin(p, &p->slots[i], point);
            if (p->why.status != 0)
                return;
        }
}

/* The next deadline, and what can be heard. */
static size_t list_files(const pool *p, double *until)
{
    size_t n = 0;

    for (size_t i = 0; i < p->config->jobs; i++) {
        const process *now = &p->slots[i].now;

        if (p->slots[i].command == NULL)
            continue;
        const int files[FILES] = { now->out.fd, now->err.fd, now->report.fd };
        for (int k = 0; k < FILES; k++)
            if (files[k] >= 0)
                p->files[n++] =
                    (struct pollfd){ .fd = files[k], .events = POLLIN };
        *until = fmin(*until, now->deadline);
    }
    return n;
}

static void wait_for_something(pool *p, int file, double seconds)
{
    const double now = process_clock();
    double until = now + seconds;
    size_t n = list_files(p, &until);
    double left = fmax(0, until - now);
    const struct timespec time = { .tv_sec = (time_t)left,
                                   .tv_nsec =
                                       (long)(1e9 * (left - floor(left))) };

    if (file >= 0)
        p->files[n++] = (struct pollfd){ .fd = file, .events = POLLIN };
    ppoll(p->files, (nfds_t)n, &time, &p->waiting);
}

bool pool_step(pool *p, int file, double seconds)
{
    fill(p);
    if (p->why.status != 0 || (p->running == 0 && file < 0))
        return false;
    wait_for_something(p, file, seconds);
    for (size_t i = 0; i < p->config->jobs; i++) {
        pool_slot *s = &p->slots[i];

        if (s->command == NULL)
            continue;
        process_hear(&s->now);
        if (process_ended(&s->now))
            end(p, s);
        if (p->why.status != 0)
            return false;
    }
    return true;
}

/* ---- The beginning and the end --------------------------------------------*/

static void ignore(int signal)
{
}

void pool_begin(pool *p, const pool_config *config, const pool_work *work)
{
    const struct sigaction action = { .sa_handler = ignore };
    sigset_t child;

    assert(config->jobs > 0);
    *p = (pool){ .config = config, .work = work };
    p->slots = args_alloc(config->jobs, sizeof(*p->slots));
    p->files = args_alloc(FILES * config->jobs + 1, sizeof(*p->files));
    sigaction(SIGCHLD, &action, NULL);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &p->waiting);
    sigdelset(&p->waiting, SIGCHLD);
}

void pool_end(pool *p)
{
    for (size_t i = 0; i < p->config->jobs; i++)
        if (p->slots[i].command != NULL) {
            process_kill(&p->slots[i].now);
            grid_command_free(p->slots[i].command);
        }
    free(p->slots);
    free(p->files);
}
