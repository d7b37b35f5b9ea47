/* See crossover.h. */

#include "bench/common/crossover.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Who wins at one size, and what the libraries would choose. */
typedef struct point {
    size_t size;
    const char *best;
    double seconds;
    const char *choice[RULES_MAX]; /* NULL: not one of ours */
    double loss[RULES_MAX]; /* of the choice against the best, in percent */
} point;

/* Sizes that are alike, as a row, which begins with their setting. */
typedef struct range {
    setting s;
    const char *collective;
    point first;
    point last;
    double loss[RULES_MAX]; /* the largest seen */
} range;

/* What is being looked for, and where it is printed. */
typedef struct search {
    contest *c;
    const setting *s; /* of another size, perhaps */
    double *seconds;  /* of each contender; INFINITY: it cannot run */
    const rows_table *rows;
    failure why; /* nothing is done any more once this is one */
} search;

/* ---- One size -------------------------------------------------------------*/

static double seconds_of(search *f, const ds_collective *how, const setting *s)
{
    double seconds = INFINITY;

    if (f->why.status == 0 && contest_obstacle(how, s) == NULL)
        f->why = contest_seconds(f->c, how, s, &seconds);
    return seconds;
}

/* What a rule chooses has been run already if it takes part. */
static double time_of(search *f, const char *name, const setting *s)
{
    for (size_t i = 0; i < f->c->n; i++)
        if (strcmp(f->c->contenders[i]->name, name) == 0)
            return f->seconds[i];
    return seconds_of(f, rules_find(f->c->kind, name), s);
}

static const char *choice_of(const contest *c, size_t i, const setting *s)
{
    rule_fn *choose = rules_of(c->kind)->rule[i].choose;

    return choose != NULL ? rule_for_doubles(choose, s->nodes, s->size)
                          : c->contenders[0]->name;
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

static point look(search *f, size_t size)
{
    setting s = *f->s;
    point p = { .size = size };

    s.size = size;
    for (size_t i = 0; i < f->c->n; i++)
        f->seconds[i] = seconds_of(f, f->c->contenders[i], &s);
    size_t best = find_best(f->seconds, f->c->n);
    p.best = f->c->contenders[best]->name;
    p.seconds = f->seconds[best];

    for (size_t i = 0; i < rules_of(f->c->kind)->shown; i++) {
        p.choice[i] = choice_of(f->c, i, &s);
        if (p.choice[i] != NULL)
            p.loss[i] = percent_more(time_of(f, p.choice[i], &s), p.seconds);
    }
    return p;
}

static bool same_choice(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static bool alike(const point *a, const point *b)
{
    for (size_t i = 0; i < RULES_MAX; i++)
        if (!same_choice(a->choice[i], b->choice[i]))
            return false;
    return strcmp(a->best, b->best) == 0;
}

/* ---- Rows -----------------------------------------------------------------*/

/* In aligned text, so that names stand below each other in all contests. */
enum { NAME_WIDTH = 24 };

#define COLUMN(name, title, type, get, member)                                 \
    &(const rows_column)                                                       \
    {                                                                          \
        name, title, type, get, offsetof(range, member), 0                     \
    }
#define OPTION(name) &setting_table[SETTING_##name].column

static const rows_column *const keys[] = {
    COLUMN("collective", "Collective", ROWS_TEXT, rows_get_text, collective),
    OPTION(NODES),
    OPTION(LATENCY), /* of a switch */
    OPTION(RATE),    /* likewise */
    COLUMN("from", "From", ROWS_COUNT, rows_get_size, first.size),
    COLUMN("to", "To", ROWS_COUNT, rows_get_size, last.size),
    &(const rows_column){ "best", "Best", ROWS_TEXT, rows_get_text,
                          offsetof(range, first.best), NAME_WIDTH },
    COLUMN("from_seconds", "Seconds at first", ROWS_SECONDS, rows_get_real,
           first.seconds),
    COLUMN("to_seconds", "Seconds at last", ROWS_SECONDS, rows_get_real,
           last.seconds),
};

/* Behind the rules. */
static const rows_column *const assumed[] = {
    OPTION(MODE),
    OPTION(MODEL),
    OPTION(SEED),
    OPTION(EAGER),
    &setting_topology_column, /* for programs, or if there is one */
    &setting_map_column,
};
enum {
    KEYS = sizeof(keys) / sizeof(*keys),
    RULE_COLUMNS = 2 * RULES_MAX,
    ASSUMED = sizeof(assumed) / sizeof(*assumed),
};

static rows_value get_choice(const void *row, const rows_column *self)
{
    const char *choice = ((const range *)row)->first.choice[self->at];

    return choice != NULL ? rows_text(choice) : ROWS_NONE;
}

static rows_value get_loss(const void *row, const rows_column *self)
{
    const range *r = row;

    return r->first.choice[self->at] != NULL ? rows_real(r->loss[self->at])
                                             : ROWS_NONE;
}

/* What a rule chooses and what that costs, for each rule. */
static void make_rule_columns(const rules *known, size_t width,
                              rows_column columns[RULE_COLUMNS])
{
    for (size_t i = 0; i < known->shown; i++) {
        const rule *r = &known->rule[i];

        columns[2 * i] =
            (rows_column){ r->name, r->title, ROWS_TEXT, get_choice, i, width };
        columns[2 * i + 1] = (rows_column){
            r->loss_name, "costs % more", ROWS_SHORT, get_loss, i, 0
        };
    }
}

static void print_range(search *f, range *r)
{
    r->s = *f->s;
    r->collective = ds_collective_kind_name(f->c->kind);
    if (f->why.status == 0 && !rows_add(f->rows, r))
        f->why = failure_of_output();
}

/* ---- Ranges ---------------------------------------------------------------*/

static range begin(const point *p)
{
    range r = { .first = *p, .last = *p };

    memcpy(r.loss, p->loss, sizeof(r.loss));
    return r;
}

static void extend(range *r, const point *p)
{
    r->last = *p;
    for (size_t i = 0; i < RULES_MAX; i++)
        r->loss[i] = fmax(r->loss[i], p->loss[i]);
}

/* Extends the range to the last size that is like it.  Returns the one after
 * that, which is not; `there`, which comes later, is not either. */
static point bisect(search *f, range *r, point there)
{
    while (there.size - r->last.size > 1 && f->why.status == 0) {
        size_t middle = r->last.size + (there.size - r->last.size) / 2;
        point p = look(f, middle);

        if (alike(&p, &r->last))
            extend(r, &p);
        else
            there = p;
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
static void advance(search *f, range *r, size_t size)
{
    point end = look(f, size);

    while (!alike(&end, &r->last) && f->why.status == 0) {
        point next = bisect(f, r, end);
        print_range(f, r);
        *r = begin(&next);
    }
    if (end.size > r->last.size)
        extend(r, &end);
}

/* Of the settings s[0], s[1], ..., which differ in their sizes. */
static void print_ranges(search *f, const setting *s, size_t num_sizes)
{
    f->s = s;
    point p = look(f, s[0].size);
    range r = begin(&p);

    for (size_t i = 1; i < num_sizes; i++)
        while (r.last.size < s[i].size && f->why.status == 0)
            advance(f, &r, next_size(r.last.size, s[i].size));
    print_range(f, &r);
}

static failure print_all(contest *c, const rows_table *rows)
{
    size_t num_sizes = c->settings.num_sizes;
    search f = {
        .c = c,
        .seconds = args_alloc(c->n, sizeof(*f.seconds)),
        .rows = rows,
    };

    for (size_t i = 0; i < c->settings.n && f.why.status == 0; i += num_sizes)
        if (contest_is_held(c, &c->settings.list[i]))
            print_ranges(&f, &c->settings.list[i], num_sizes);
    free(f.seconds);
    return f.why;
}

/* ---- All of it ------------------------------------------------------------*/

/* Whether people want to see a column of a contest. */
static bool is_wanted(const contest *c, const rows_column *column)
{
    if (contest_is_on_topology(c))
        return column != OPTION(LATENCY) && column != OPTION(RATE);
    return column != &setting_topology_column && column != &setting_map_column;
}

static void add_columns(rows_table *rows, const rows_column **columns,
                        const contest *c, const rows_column *const *more,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!rows_for_people(rows->format) || is_wanted(c, more[i]))
            columns[rows->n++] = more[i];
}

failure crossover_print(contest *c, rows_format format, bool heading)
{
    const rules *known = rules_of(c->kind);
    rows_column rule_columns[RULE_COLUMNS];
    const rows_column *columns[KEYS + RULE_COLUMNS + ASSUMED];
    rows_table rows = { stdout, format, columns, 0 };

    make_rule_columns(known, NAME_WIDTH, rule_columns);
    add_columns(&rows, columns, c, keys, KEYS);
    for (size_t i = 0; i < 2 * known->shown; i++)
        columns[rows.n++] = &rule_columns[i];
    add_columns(&rows, columns, c, assumed, ASSUMED);

    if (heading && !rows_begin(&rows))
        return failure_of_output();
    return print_all(c, &rows);
}
