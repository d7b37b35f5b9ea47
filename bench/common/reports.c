/* See reports.h. */

#include "bench/common/reports.h"

#include <stdio.h>
#include <stdlib.h>

#include "bench/common/report.h"

/* ---- What was run ---------------------------------------------------------*/

static rows_value get_collective(const void *row, const rows_column *self)
{
    return rows_text(
        ds_collective_kind_name(((const outcome *)row)->how->kind));
}

static rows_value get_algorithm(const void *row, const rows_column *self)
{
    return rows_text(((const outcome *)row)->how->name);
}

#define COLUMN(name, title, type, get, member)                                 \
    &(const rows_column)                                                       \
    {                                                                          \
        name, title, type, get, offsetof(outcome, member), 0                   \
    }
#define OPTION(name) &setting_table[SETTING_##name].column

/* What programs get before what is known of a link. */
static const rows_column *const run_columns[] = {
    COLUMN("collective", "Collective", ROWS_TEXT, get_collective, how),
    COLUMN("algorithm", "Algorithm", ROWS_TEXT, get_algorithm, how),
    OPTION(NODES),
    OPTION(SIZE),
    COLUMN("seconds", "Seconds", ROWS_SECONDS, rows_get_real, result.seconds),
    &setting_topology_column,
    &setting_map_column,
    OPTION(SEED),
};

bool reports_wanted(const contest *c)
{
    const fabric *f = c->settings.list[0].fabric;

    return fabric_is_open(f) && f->links > 0;
}

static failure show_report(const outcome *o, rows_format format, bool first)
{
    char seconds[ROWS_NUMBER_MAX];
    char *heading = NULL;
    failure why = SUCCESS;

    if (asprintf(&heading, "%s, %zu nodes, %zu elements, %s s", o->how->name,
                 o->s.nodes, o->s.size,
                 rows_seconds(seconds, o->result.seconds)) < 0)
        return failure_new(EXIT_FAILURE, "out of memory");
    why = report_show(
        &(report){
            .fabric = o->s.fabric,
            .uses = o->result.uses,
            .seconds = o->result.whole,
            .heading = heading,
            .run = o,
            .columns = run_columns,
            .num_columns = sizeof(run_columns) / sizeof(*run_columns),
        },
        format, first);
    free(heading);
    return why;
}

failure reports_show(const contest *contests, size_t n, rows_format format)
{
    bool first = !rows_for_people(format);
    failure why = SUCCESS;

    for (size_t i = 0; i < n && why.status == 0; i++)
        for (size_t k = 0; k < contests[i].num_kept && why.status == 0; k++) {
            why = show_report(&contests[i].kept[k], format, first);
            first = false;
        }
    return why;
}

failure reports_run(contest *contests, size_t n)
{
    failure why = SUCCESS;

    for (size_t i = 0; i < n && why.status == 0; i++) {
        outcome *outcomes = args_alloc(contests[i].n, sizeof(*outcomes));

        for (size_t k = 0; k < contests[i].settings.n && why.status == 0; k++) {
            why = contest_run(&contests[i], k, outcomes);
            contest_forget(&contests[i], outcomes);
        }
        free(outcomes);
    }
    return why;
}
