/* Calls as intervals, drawn in text; see the header.
 *
 *     process 3  write(303)    |~~~~~~~~~~~~~~~~~~~~~  0.3120 - no answer
 *     process 4  read() = 303       |------|           0.3309 - 0.3522
 *     process 4  read() = 0                   |-----|  0.3601 - 0.3814
 *                                             ^ note */

#include "explore/diagram.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "explore/print.h"

enum { INDENT = 2, MOST_LABEL = 34, MOST_TIMES = 26, LEAST_BAR = 12 };

/* How a picture is laid out. */
typedef struct layout {
    const ds_model *model;
    const ds__recorded *calls;
    size_t n;
    int decimals;   /* of seconds */
    int label;      /* columns of the widest label */
    int name;       /* ... of its process */
    int bar;        /* columns of all intervals */
    size_t moments; /* how many beginnings and ends there are */
} layout;

/* ---- What stands beside the bars ------------------------------------------*/

static int write_times(const layout *l, size_t i, char *buf, size_t size)
{
    const ds_call *c = &l->calls[i].call;

    if (!c->returned)
        return ds__format(buf, size, "%.*f - no answer", l->decimals, c->began);
    return ds__format(buf, size, "%.*f - %.*f", l->decimals, c->began,
                      l->decimals, c->ended);
}

static int write_name(const layout *l, size_t i, char *buf, size_t size)
{
    return ds__format(buf, size, "process %llu",
                      (unsigned long long)l->calls[i].call.process);
}

/* Cuts a text that is too long for its column, and says so. */
static void cut(char *text, size_t columns)
{
    if (strlen(text) > columns)
        strcpy(text + columns - 3, "...");
}

static void write_label(const layout *l, size_t i, char *buf, size_t size)
{
    char name[40];
    char call[160];

    write_name(l, i, name, sizeof(name));
    ds__print_call(l->model, &l->calls[i].call, call, sizeof(call));
    ds__format(buf, size, "%-*s  %s", l->name, name, call);
    cut(buf, MOST_LABEL);
}

/* ---- Layout ---------------------------------------------------------------*/

static void consider_gap(double a, double b, double *least)
{
    double gap = fabs(a - b);

    if (gap > 0 && gap < *least)
        *least = gap;
}

/* Chooses the fewest digits that tell different times apart. */
static int find_decimals(const layout *l)
{
    double least = INFINITY;
    int decimals = 0;

    for (size_t i = 0; i < l->n; i++) {
        const ds_call *a = &l->calls[i].call;
        if (a->returned)
            consider_gap(a->began, a->ended, &least);
        for (size_t j = 0; j < i; j++) {
            const ds_call *b = &l->calls[j].call;
            consider_gap(a->began, b->began, &least);
            if (a->returned)
                consider_gap(a->ended, b->began, &least);
            if (b->returned)
                consider_gap(a->began, b->ended, &least);
        }
    }
    for (; decimals < 9 && least < 1; decimals++)
        least *= 10;
    return decimals;
}

static void lay_out(layout *l)
{
    char buf[256];
    int times = 0;

    l->decimals = find_decimals(l);
    for (size_t i = 0; i < l->n; i++) {
        int name = write_name(l, i, buf, sizeof(buf));
        if (name > l->name)
            l->name = name;
        l->moments += 1 + l->calls[i].call.returned;
    }
    for (size_t i = 0; i < l->n; i++) {
        int width = write_times(l, i, buf, sizeof(buf));
        if (width > times)
            times = width;
        write_label(l, i, buf, sizeof(buf));
        if ((int)strlen(buf) > l->label)
            l->label = (int)strlen(buf);
    }
    if (times > MOST_TIMES)
        times = MOST_TIMES;
    l->bar = DS__COLUMNS - INDENT - l->label - 2 - 2 - times;
    if (l->bar < LEAST_BAR)
        l->bar = LEAST_BAR;
}

/* ---- Bars -----------------------------------------------------------------*/

/* Counts the beginnings and ends before a moment. */
static size_t moments_before(const layout *l, uint64_t moment)
{
    size_t count = 0;

    for (size_t i = 0; i < l->n; i++) {
        count += l->calls[i].first < moment;
        count += l->calls[i].call.returned && l->calls[i].last < moment;
    }
    return count;
}

static int column_of(const layout *l, uint64_t moment)
{
    size_t most = l->moments > 1 ? l->moments - 1 : 1;

    return (int)(moments_before(l, moment) * (size_t)(l->bar - 1) / most);
}

static void add_bar(ds__text *text, const layout *l, size_t i)
{
    const ds__recorded *c = &l->calls[i];
    bool open = !c->call.returned;
    int from = column_of(l, c->first);
    int to = open ? l->bar : column_of(l, c->last);

    for (int column = 0; column < l->bar; column++) {
        if (column == from || (column == to && !open))
            ds__text_add(text, "|");
        else if (column > from && column < to)
            ds__text_add(text, open ? "~" : "-");
        else
            ds__text_add(text, " ");
    }
}

/* ---- The note -------------------------------------------------------------*/

/* Finds where to break a line of at most so many columns. */
static size_t line_length(const char *words, size_t columns)
{
    size_t length = strlen(words);

    if (length <= columns)
        return length;
    for (length = columns; length > 0 && words[length] != ' '; length--)
        continue;
    return length > 0 ? length : columns;
}

/* Writes the note with its first word below the beginning of the bar, or as far
 * to the right as it fits in one line. */
static void add_note(ds__text *text, int indent, const char *note)
{
    int room = DS__COLUMNS - (int)strlen(note);

    if (indent > room)
        indent = room;
    if (indent < INDENT + 2)
        indent = INDENT + 2;
    while (*note != '\0') {
        size_t length = line_length(note, (size_t)(DS__COLUMNS - indent));
        ds__text_add(text, "\n%*s%.*s", indent, "", (int)length, note);
        for (note += length; *note == ' '; note++)
            continue;
    }
}

void ds__draw(ds__text *text, const ds_model *model, const ds__recorded *calls,
              size_t n, size_t marked, const char *note)
{
    layout l = { .model = model, .calls = calls, .n = n };
    char buf[256];

    assert(marked < n);
    lay_out(&l);
    for (size_t i = 0; i < n; i++) {
        write_label(&l, i, buf, sizeof(buf));
        ds__text_add(text, "\n%*s%-*s  ", INDENT, "", l.label, buf);
        add_bar(text, &l, i);
        write_times(&l, i, buf, sizeof(buf));
        ds__text_add(text, "  %s", buf);
        if (i == marked)
            add_note(text, INDENT + l.label + 2 + column_of(&l, calls[i].first),
                     note);
    }
}
