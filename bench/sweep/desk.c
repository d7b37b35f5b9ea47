/* See desk.h. */

#include "bench/sweep/desk.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/rng.h"
#include "bench/common/args.h"
#include "bench/sweep/json.h"

/* Of more points it is not counted which are this shard's. */
#define MOST_COUNTED 100000000

/* ---- Signals --------------------------------------------------------------*/

static volatile sig_atomic_t caught;

/* The second one ends the program as it is. */
static void catch (int number)
{
    caught = number;
    signal(number, SIG_DFL);
}

void desk_catch_signals(void)
{
    const struct sigaction action = { .sa_handler = catch };

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is a failed write */
}

int desk_signal(void)
{
    return caught;
}

/* ---- The beginning and the end --------------------------------------------*/

static bool take(void *self, const char *line, size_t n)
{
    bool fresh;

    return tally_add(self, line, n, &fresh);
}

static bool is_mine(const desk *d, uint64_t point)
{
    return d->config->shards == 1 ||
           ds__mix(point) % d->config->shards == d->config->shard;
}

static void count_points(desk *d)
{
    const uint64_t points = d->config->grid->points;

    if (d->config->grid->endless)
        return;
    if (points > MOST_COUNTED) {
        d->before = d->tally.done / d->config->shards;
        d->todo = points / d->config->shards - d->before + 1;
        return;
    }
    for (uint64_t i = 0; i < points; i++)
        if (!is_mine(d, i))
            continue;
        else if (tally_is_done(&d->tally, i))
            d->before++;
        else
            d->todo++;
}

/* Points beyond the last seed are not part of this sweep. */
static void list_failed(desk *d)
{
    size_t n = 0;

    d->failed = tally_failed_points(&d->tally, &d->num_failed);
    for (size_t i = 0; i < d->num_failed; i++)
        if (d->failed[i] < d->config->grid->points && is_mine(d, d->failed[i]))
            d->failed[n++] = d->failed[i];
    d->num_failed = n;
    d->before -= n;
    d->todo += n;
}

failure desk_open(desk *d, const desk_config *config)
{
    failure why = SUCCESS;

    *d = (desk){ .config = config, .store = { .fd = -1 } };
    tally_init(&d->tally);
    if (config->folder != NULL)
        why = store_open(&d->store, config->folder,
                         config->shards > 1 ? config->shard : UINT64_MAX,
                         config->grid, config->forced, take, &d->tally);
    if (why.status == 0)
        count_points(d);
    if (why.status == 0 && config->again)
        list_failed(d);
    d->began = process_clock();
    return why;
}

failure desk_close(desk *d)
{
    failure why = store_close(&d->store);

    free(d->failed);
    tally_free(&d->tally);
    return why;
}

/* ---- Handing out ----------------------------------------------------------*/

bool desk_is_over(const desk *d)
{
    const desk_config *c = d->config;

    return d->why.status != 0 || caught != 0 ||
           (c->stop_after > 0 && d->new_failures >= c->stop_after) ||
           process_clock() >= d->began + c->seconds;
}

bool desk_next(void *self, uint64_t *point)
{
    desk *d = self;

    if (desk_is_over(d))
        return false;
    if (d->next_failed < d->num_failed) {
        *point = d->failed[d->next_failed++];
        d->handed++;
        return true;
    }
    for (; d->next < d->config->grid->points; d->next++)
        if (is_mine(d, d->next) && !tally_is_done(&d->tally, d->next)) {
            *point = d->next++;
            d->handed++;
            return true;
        }
    return false;
}

uint64_t desk_left(const desk *d)
{
    if (d->config->grid->endless)
        return UINT64_MAX;
    return d->todo > d->handed ? d->todo - d->handed : 0;
}

/* ---- Taking ---------------------------------------------------------------*/

/* A later try says so. */
static char *with_try(const char *line, size_t n, uint64_t try, size_t *length)
{
    char *longer;
    int size;

    assert(n > 2 && memcmp(line + n - 2, "}\n", 2) == 0);
    size = asprintf(&longer, "%.*s, \"try\": %llu}\n", (int)(n - 2), line,
                    (unsigned long long)try);
    *length = (size_t)size;
    return size < 0 ? args_need(NULL) : longer;
}

static uint64_t tries_before(const desk *d, const char *line, size_t n)
{
    json_part value;
    uint64_t point;

    if (d->num_failed == 0 ||
        !json_find((json_part){ line, n }, "point", &value) ||
        !json_word(value, &point))
        return 0;
    return tally_tries(&d->tally, point);
}

/* The first of its kind is said at once. */
static void tell_failure(desk *d, const char *line, size_t n)
{
    json_part value, seed;
    char text[200] = "", end[60] = "";

    if (d->config->quiet)
        return;
    json_find((json_part){ line, n }, "seed", &seed);
    if (json_find((json_part){ line, n }, "end", &value))
        json_text(value, end, sizeof(end));
    if (json_find((json_part){ line, n }, "text", &value))
        json_text(value, text, sizeof(text));
    text[strcspn(text, "\n")] = '\0';
    if (d->shown.any)
        fputs("\r\033[K", stderr);
    args_warn("seed %.*s: %s%s%s", (int)seed.n, seed.at, end,
              text[0] != '\0' ? ": " : "", text);
    d->shown.any = false;
}

void desk_give(void *self, const char *line, size_t n)
{
    desk *d = self;
    const uint64_t tries = tries_before(d, line, n);
    const uint64_t failed = d->tally.failed;
    char *longer = NULL;
    bool fresh;

    if (d->why.status != 0)
        return;
    if (tries > 0)
        line = longer = with_try(line, n, tries + 1, &n);
    d->why = store_add(&d->store, line, n);
    if (d->why.status == 0 && !tally_add(&d->tally, line, n - 1, &fresh))
        d->why = failure_new(EXIT_FAILURE, "a result is damaged: %.*s",
                             (int)(n > 200 ? 200 : n - 1), line);
    else if (d->why.status == 0 && fresh)
        tell_failure(d, line, n - 1);
    d->new_failures += d->tally.failed > failed;
    d->given++;
    free(longer);
}

/* ---- Now and then ---------------------------------------------------------*/

enum { KEPT = sizeof((desk_shown){ 0 }.times) / sizeof(double) };

/* Points a second, in the last half minute. */
static double rate(desk *d, double now)
{
    desk_shown *s = &d->shown;
    const size_t oldest = s->n < KEPT ? 0 : s->n % KEPT;
    const double since = s->n == 0 ? d->began : s->times[oldest];
    const uint64_t then = s->n == 0 ? 0 : s->dones[oldest];
    const double seconds = now - since;

    if (s->n == 0 || now >= s->times[(s->n - 1) % KEPT] + 1) {
        s->times[s->n % KEPT] = now;
        s->dones[s->n % KEPT] = d->given;
        s->n++;
    }
    return seconds > 0 ? (double)(d->given - then) / seconds : 0;
}

static void describe_time(double seconds, char text[40])
{
    if (seconds < 120)
        snprintf(text, 40, "%.0f s", seconds);
    else if (seconds < 7200)
        snprintf(text, 40, "%.0f min", seconds / 60);
    else if (seconds < 172800)
        snprintf(text, 40, "%.1f h", seconds / 3600);
    else
        snprintf(text, 40, "%.1f days", seconds / 86400);
}

static void show(desk *d, double now, bool terminal)
{
    const double each = rate(d, now);
    char total[40] = "", left[60] = "", time[40];

    if (d->todo > 0)
        snprintf(total, sizeof(total), " of %llu",
                 (unsigned long long)(d->before + d->todo));
    if (d->todo > d->given && each > 0) {
        describe_time((double)(d->todo - d->given) / each, time);
        snprintf(left, sizeof(left), ", %s left", time);
    }
    fprintf(stderr, "%s%llu%s done, %llu failed, %.3g/s%s%s",
            terminal ? "\r" : "", (unsigned long long)(d->before + d->given),
            total, (unsigned long long)d->tally.failed, each, left,
            terminal ? "\033[K" : "\n");
    d->shown.any = terminal;
}

void desk_tick(desk *d)
{
    const double now = process_clock();
    const bool terminal = isatty(STDERR_FILENO);

    if (d->why.status == 0)
        d->why = store_sync(&d->store, false);
    if (d->shown.time == 0)
        d->shown.time = d->began;
    if (d->config->quiet || now < d->shown.time + (terminal ? 0.2 : 10))
        return;
    d->shown.time = now;
    show(d, now, terminal);
}
