/* See crossover.h. */

#include "bench/crossover.h"

#include <stdlib.h>
#include <string.h>

#include "bench/args.h"
#include "bench/rules.h"

/* Who wins at one size, and what the others would choose. */
struct point {
    size_t size;
    const char *best;
    double seconds;
    const char *rule[2];
    double loss[2]; /* of the rule against the best, in percent */
};

static rule_fn *const rules[2] = { rules_mpich, rules_open_mpi };

/* ---- One size ----------------------------------------------------------- */

/* What a rule chooses has been run already, with the parameters of the
 * competition, if it takes part. */
static double time_of(const struct crossover *c, const double *seconds,
                      const ds_allreduce *choice, const struct setting *s)
{
    for (size_t i = 0; i < c->num_algorithms; i++)
        if (strcmp(c->algorithms[i].name, choice->name) == 0)
            return seconds[i];
    return c->time(choice, s);
}

static size_t find_best(const double *seconds, size_t n)
{
    size_t best = 0;

    for (size_t i = 1; i < n; i++)
        if (seconds[i] < seconds[best])
            best = i;
    return best;
}

static struct point look(const struct crossover *c,
                         const struct setting *setting, size_t size)
{
    struct setting s = *setting;
    struct point point = { .size = size };
    double *seconds = args_alloc(c->num_algorithms, sizeof *seconds);

    s.size = size;
    for (size_t i = 0; i < c->num_algorithms; i++)
        seconds[i] = c->time(&c->algorithms[i], &s);
    size_t best = find_best(seconds, c->num_algorithms);
    point.best = c->algorithms[best].name;
    point.seconds = seconds[best];

    for (size_t i = 0; i < 2; i++) {
        const ds_allreduce *choice = rules[i](s.nodes, size);

        point.rule[i] = choice->name;
        if (point.seconds > 0)
            point.loss[i] =
                100 * (time_of(c, seconds, choice, &s) / point.seconds - 1);
    }
    free(seconds);
    return point;
}

static bool alike(const struct point *a, const struct point *b)
{
    return strcmp(a->best, b->best) == 0 &&
           strcmp(a->rule[0], b->rule[0]) == 0 &&
           strcmp(a->rule[1], b->rule[1]) == 0;
}

/* ---- Ranges ------------------------------------------------------------- */

enum { COLUMNS = 12 };

static const struct report_column columns[COLUMNS] = {
    { "nodes", "Nodes", REPORT_COUNT },
    { "latency", "Latency", REPORT_REAL },
    { "rate", "NIC rate", REPORT_RATE },
    { "from", "From", REPORT_COUNT },
    { "to", "To", REPORT_COUNT },
    { "best", "Best", REPORT_TEXT },
    { "from_seconds", "Seconds at first", REPORT_SECONDS },
    { "to_seconds", "Seconds at last", REPORT_SECONDS },
    { "mpich", "MPICH", REPORT_TEXT },
    { "mpich_loss", "costs % more", REPORT_SHORT },
    { "open_mpi", "Open MPI", REPORT_TEXT },
    { "open_mpi_loss", "costs % more", REPORT_SHORT },
};

static struct report report_to(enum report_format format)
{
    return (struct report){ stdout, format, columns, COLUMNS };
}

/* loss is the largest seen in the range. */
static void print_range(const struct setting *s, enum report_format format,
                        const struct point *first, const struct point *last,
                        const double loss[2])
{
    struct report report = report_to(format);
    struct report_value row[COLUMNS] = {
        report_word(s->nodes),       report_real(s->latency),
        report_real(s->rate),        report_word(first->size),
        report_word(last->size),     report_text(first->best),
        report_real(first->seconds), report_real(last->seconds),
        report_text(first->rule[0]), report_real(loss[0]),
        report_text(first->rule[1]), report_real(loss[1]),
    };

    report_row(&report, row);
    args_check_output();
}

static void note_loss(double loss[2], const struct point *point)
{
    for (size_t i = 0; i < 2; i++)
        if (point->loss[i] > loss[i])
            loss[i] = point->loss[i];
}

/* The last size that is like `here`, and the one after it, which is not;
 * there, which comes later, is not either. */
static void bisect(const struct crossover *c, const struct setting *s,
                   struct point *here, struct point *there, double loss[2])
{
    while (there->size - here->size > 1) {
        size_t middle = here->size + (there->size - here->size) / 2;
        struct point point = look(c, s, middle);

        if (!alike(&point, here)) {
            *there = point;
            continue;
        }
        *here = point;
        note_loss(loss, &point);
    }
}

void crossover_begin(enum report_format format)
{
    struct report report = report_to(format);

    report_begin(&report);
    args_check_output();
}

void crossover_print(const struct crossover *c, const struct setting *s,
                     enum report_format format)
{
    struct point first = look(c, s, (size_t)c->sizes[0]);
    struct point last = first;
    double loss[2] = { first.loss[0], first.loss[1] };

    for (size_t i = 1; i < c->num_sizes; i++) {
        struct point end = look(c, s, (size_t)c->sizes[i]);

        while (!alike(&end, &last)) {
            struct point next = end;
            bisect(c, s, &last, &next, loss);
            print_range(s, format, &first, &last, loss);
            first = last = next;
            memcpy(loss, next.loss, sizeof next.loss);
        }
        if (end.size > last.size) {
            last = end;
            note_loss(loss, &end);
        }
    }
    print_range(s, format, &first, &last, loss);
}
