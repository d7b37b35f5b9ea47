/* See crossover.h. */

#include "bench/crossover.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/args.h"

/* Who wins at one size, and what the libraries would choose. */
struct point {
    size_t size;
    const char *best;
    double seconds;
    const char *choice[RULES_MAX]; /* NULL: not one of ours */
    double loss[RULES_MAX]; /* of the choice against the best, in percent */
};

/* ---- One size -------------------------------------------------------------*/

/* In the order of the contest; INFINITY: it cannot run. */
static double *run_all(const struct contest *contest, const struct setting *s)
{
    double *seconds = args_alloc(contest->n, sizeof(*seconds));

    for (size_t i = 0; i < contest->n; i++) {
        const struct contender *contender = &contest->contenders[i];

        seconds[i] = contest_obstacle(contender, s) == NULL
                         ? contest_seconds(contest, contender, s)
                         : INFINITY;
    }
    return seconds;
}

/* What a rule chooses has been run already, with the parameters of the
 * contest, if it takes part. */
static double time_of(const struct contest *contest, const double *seconds,
                      const char *name, const struct setting *s)
{
    for (size_t i = 0; i < contest->n; i++)
        if (strcmp(contest->contenders[i].name, name) == 0)
            return seconds[i];

    struct contender other = contest->find(name);
    return contest_seconds(contest, &other, s);
}

static const char *choice_of(const struct contest *contest, size_t rule,
                             const struct setting *s)
{
    rule_fn *choose = contest->rules->rule[rule].choose;

    return choose != NULL ? choose(s->nodes, s->size)
                          : contest->contenders[0].name;
}

/* The first of those that tie. */
static size_t find_best(const double *seconds, size_t n)
{
    double least = INFINITY;
    size_t best = 0;

    for (size_t i = 0; i < n; i++)
        least = fmin(least, seconds[i]);
    while (!contest_is_tie(seconds[best], least))
        best++;
    return best;
}

/* Less than 0 for one that was not to take part, and is better. */
static double percent_more(double seconds, double best)
{
    if (contest_is_tie(seconds, best) && contest_is_tie(best, seconds))
        return 0;
    return 100 * (seconds / best - 1);
}

static struct point look(const struct contest *contest,
                         const struct setting *setting, size_t size)
{
    struct setting s = *setting;
    struct point point = { .size = size };

    s.size = size;
    double *seconds = run_all(contest, &s);
    size_t best = find_best(seconds, contest->n);
    point.best = contest->contenders[best].name;
    point.seconds = seconds[best];

    for (size_t i = 0; i < contest->rules->n; i++) {
        const char *choice = choice_of(contest, i, &s);

        point.choice[i] = choice;
        if (choice != NULL)
            point.loss[i] = percent_more(time_of(contest, seconds, choice, &s),
                                         point.seconds);
    }
    free(seconds);
    return point;
}

static bool same_choice(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool alike(const struct point *a, const struct point *b)
{
    for (size_t i = 0; i < RULES_MAX; i++)
        if (!same_choice(a->choice[i], b->choice[i]))
            return false;
    return strcmp(a->best, b->best) == 0;
}

/* ---- Rows -----------------------------------------------------------------*/

enum { KEYS = 9, COLUMNS_MAX = KEYS + 2 * RULES_MAX };

static const struct report_column keys[KEYS] = {
    { "collective", "Collective", REPORT_TEXT },
    { "nodes", "Nodes", REPORT_COUNT },
    { "latency", "Latency", REPORT_REAL },
    { "rate", "NIC rate", REPORT_RATE },
    { "from", "From", REPORT_COUNT },
    { "to", "To", REPORT_COUNT },
    { "best", "Best", REPORT_TEXT },
    { "from_seconds", "Seconds at first", REPORT_SECONDS },
    { "to_seconds", "Seconds at last", REPORT_SECONDS },
};

/* After these, what a rule chooses and what that costs, for each rule. */
static struct report report_of(const struct contest *contest,
                               enum report_format format,
                               struct report_column columns[COLUMNS_MAX])
{
    size_t n = KEYS;

    memcpy(columns, keys, sizeof(keys));
    for (size_t i = 0; i < contest->rules->n; i++) {
        const struct rule *rule = &contest->rules->rule[i];

        columns[n++] =
            (struct report_column){ rule->name, rule->title, REPORT_TEXT };
        columns[n++] = (struct report_column){ rule->loss_name, "costs % more",
                                               REPORT_SHORT };
    }
    return (struct report){ stdout, format, columns, n };
}

/* Sizes that are alike. */
struct range {
    struct point first;
    struct point last;
    double loss[RULES_MAX]; /* the largest seen */
};

static void extend(struct range *range, const struct point *point)
{
    range->last = *point;
    for (size_t i = 0; i < RULES_MAX; i++)
        if (point->loss[i] > range->loss[i])
            range->loss[i] = point->loss[i];
}

static struct range begin(const struct point *point)
{
    struct range range = { .first = *point, .last = *point };

    memcpy(range.loss, point->loss, sizeof(range.loss));
    return range;
}

static void print_range(const struct report *report,
                        const struct contest *contest, const struct setting *s,
                        const struct range *range)
{
    struct report_value row[COLUMNS_MAX] = {
        report_text(contest->name),       report_word(s->nodes),
        report_real(s->latency),          report_real(s->rate),
        report_word(range->first.size),   report_word(range->last.size),
        report_text(range->first.best),   report_real(range->first.seconds),
        report_real(range->last.seconds),
    };

    for (size_t i = 0; i < contest->rules->n; i++) {
        const char *choice = range->first.choice[i];
        struct report_value *cell = &row[KEYS + 2 * i];

        cell[0] = choice != NULL ? report_text(choice) : REPORT_NONE;
        cell[1] = choice != NULL ? report_real(range->loss[i]) : REPORT_NONE;
    }
    report_row(report, row);
    args_check_output();
}

/* ---- Ranges ---------------------------------------------------------------*/

/* Extends the range to the last size that is like it.  Returns the one after
 * that, which is not; `there`, which comes later, is not either. */
static struct point bisect(const struct contest *contest,
                           const struct setting *s, struct range *range,
                           struct point there)
{
    while (there.size - range->last.size > 1) {
        size_t middle = range->last.size + (there.size - range->last.size) / 2;
        struct point point = look(contest, s, middle);

        if (alike(&point, &range->last))
            extend(range, &point);
        else
            there = point;
    }
    return there;
}

/* The next size to look at before one that was asked for: what changes and
 * changes back is hard to miss between powers of two. */
static size_t next_size(size_t size, size_t asked)
{
    size_t power = 1;

    while (power <= size)
        power *= 2;
    return power < asked ? power : asked;
}

/* Goes on to a greater size, and prints the ranges that end before it. */
static void advance(const struct report *report, const struct contest *contest,
                    const struct setting *s, struct range *range, size_t size)
{
    struct point end = look(contest, s, size);

    while (!alike(&end, &range->last)) {
        struct point next = bisect(contest, s, range, end);
        print_range(report, contest, s, range);
        *range = begin(&next);
    }
    if (end.size > range->last.size)
        extend(range, &end);
}

/* Of the settings s[0], s[1], ..., which differ in their sizes. */
static void print_ranges(const struct report *report,
                         const struct contest *contest, const struct setting *s,
                         size_t num_sizes)
{
    struct point point = look(contest, s, s[0].size);
    struct range range = begin(&point);

    for (size_t i = 1; i < num_sizes; i++)
        while (range.last.size < s[i].size)
            advance(report, contest, s, &range,
                    next_size(range.last.size, s[i].size));
    print_range(report, contest, s, &range);
}

void crossover_print(const struct contest *contest, enum report_format format,
                     bool heading)
{
    size_t num_sizes = contest->settings.num_sizes;
    struct report_column columns[COLUMNS_MAX];
    struct report report = report_of(contest, format, columns);

    if (heading)
        report_begin(&report);
    for (size_t i = 0; i < contest->settings.n; i += num_sizes) {
        const struct setting *s = &contest->settings.list[i];

        if (contest_is_held(contest, s))
            print_ranges(&report, contest, s, num_sizes);
    }
}
