/* See view.h. */

#include "bench/trace/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"

/* ---- Units ----------------------------------------------------------------*/

/* Three digits, and what is next to nothing as nothing. */
const char *trace_units(char buf[TRACE_UNITS_MAX], double x, const char *unit)
{
    static const char prefixes[] = "pnum kMGTPE";
    int i = 4;

    if (x == 0 || !isfinite(x)) {
        snprintf(buf, TRACE_UNITS_MAX, "%g %s", x, unit);
        return buf;
    }
    while (fabs(x) >= 999.5 && i < (int)sizeof(prefixes) - 2) {
        x /= 1000;
        i++;
    }
    while (fabs(x) < 0.9995 && i > 0) {
        x *= 1000;
        i--;
    }
    if (prefixes[i] == ' ')
        snprintf(buf, TRACE_UNITS_MAX, "%.3g %s", x, unit);
    else
        snprintf(buf, TRACE_UNITS_MAX, "%.3g %c%s", x, prefixes[i], unit);
    return buf;
}

/* ---- Rows -----------------------------------------------------------------*/

static void name_row(trace_view *v, trace_row *row)
{
    const trace_model *m = v->model;
    const trace_node *node = row->node == 0 ? NULL : &m->nodes[row->node];
    char buf[TRACE_ROW_NAME];
    const char *name;

    if (node == NULL || (node->name == NULL && node->threads == 1))
        name = trace_thread_name(m, row->thread, buf, sizeof(buf));
    else
        name = trace_node_name(m, row->node, buf, sizeof(buf));
    if (name != row->name)
        snprintf(row->name, sizeof(row->name), "%s", name);
}

/* Nodes by number, and then threads without one. */
static void make_rows(trace_view *v, trace_model *m)
{
    size_t *row_of = args_alloc(m->num_nodes + 1, sizeof(*row_of));

    v->rows = args_alloc(m->num_nodes + m->num_threads, sizeof(*v->rows));
    for (uint32_t i = 1; i < m->num_nodes; i++) {
        row_of[i] = v->num_rows;
        if (m->nodes[i].threads > 0)
            v->rows[v->num_rows++] = (trace_row){ .node = i };
    }
    for (uint32_t i = 1; i < m->num_threads; i++) {
        trace_thread *t = &m->threads[i];
        if (!t->known)
            continue;
        t->row = t->node == 0 ? v->num_rows : row_of[t->node];
        if (t->node == 0)
            v->rows[v->num_rows++] = (trace_row){ .thread = i };
        else if (v->rows[t->row].thread == 0)
            v->rows[t->row].thread = i;
    }
    free(row_of);
    for (size_t i = 0; i < v->num_rows; i++)
        name_row(v, &v->rows[i]);
}

/* ---- Choosing -------------------------------------------------------------*/

/* Reads "8" or "8-11"; false: it is neither. */
static bool read_range(const char *text, size_t *first, size_t *last)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    *first = *last = strtoul(text, &end, 10);
    if (*end == '-' && end[1] >= '0' && end[1] <= '9')
        *last = strtoul(end + 1, &end, 10);
    return *end == '\0';
}

static bool show_named(trace_view *v, const char *name)
{
    bool found = false;

    for (size_t i = 0; i < v->num_rows; i++)
        if (strcmp(v->rows[i].name, name) == 0)
            v->rows[i].shown = found = true;
    return found;
}

static bool show_numbered(trace_view *v, const char *text)
{
    size_t first, last;

    if (!read_range(text, &first, &last) || first > last || last >= v->num_rows)
        return false;
    for (size_t i = first; i <= last; i++)
        v->rows[i].shown = true;
    return true;
}

static failure choose_rows(trace_view *v, const char *rows)
{
    char *list, *rest;
    failure why = SUCCESS;

    if (rows == NULL) {
        for (size_t i = 0; i < v->num_rows; i++)
            v->rows[i].shown = true;
        return SUCCESS;
    }
    list = rest = args_alloc(strlen(rows) + 1, 1);
    strcpy(list, rows);
    for (char *word; why.status == 0 && (word = strsep(&rest, ",")) != NULL;)
        if (!show_named(v, word) && !show_numbered(v, word))
            why = failure_new(BAD_USAGE,
                              "--rows: there is no row '%s'; there are %zu, "
                              "numbered from 0",
                              word, v->num_rows);
    free(list);
    return why;
}

failure trace_view_make(trace_view *v, trace_model *m, double from, double to,
                        const char *rows)
{
    *v = (trace_view){ .model = m };
    v->from = isnan(from) ? m->begin : from;
    v->to = isnan(to) ? m->end : to;
    if (v->to < v->from)
        return failure_new(BAD_USAGE, "--to is %g, before --from, which is %g",
                           v->to, v->from);
    make_rows(v, m);
    failure why = choose_rows(v, rows);
    for (size_t i = 0; i < v->num_rows; i++)
        v->num_shown += v->rows[i].shown;
    if (why.status != 0)
        trace_view_free(v);
    return why;
}

const char *trace_view_node(const trace_view *v, uint32_t node, char *buf,
                            size_t size)
{
    for (size_t i = 0; i < v->num_rows; i++)
        if (v->rows[i].node == node)
            return v->rows[i].name;
    return trace_node_name(v->model, node, buf, size);
}

void trace_view_free(trace_view *v)
{
    free(v->rows);
    *v = (trace_view){ 0 };
}
