/* See split.h. */

#include "bench/common/split.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/common/rows.h"

/* What is known of one message; parts[first] and what follows are its own. */
typedef struct entry {
    double latency;
    double waiting;
    double draining;
    size_t first;
    size_t n;
} entry;

/* Invariant: entries are by name, and those of messages that have not come are
 * all 0. */
struct split_log {
    entry *entries;
    size_t num_entries;
    split_part *parts;
    size_t num_parts;
    size_t room; /* of parts */
};

split_log *split_log_new(void)
{
    return args_alloc(1, sizeof(split_log));
}

void split_log_free(split_log *log)
{
    if (log == NULL)
        return;
    free(log->entries);
    free(log->parts);
    free(log);
}

/* ---- Being told -----------------------------------------------------------*/

static void reserve(split_log *log, uint64_t message)
{
    size_t n = log->num_entries == 0 ? 1024 : log->num_entries;

    if (message < log->num_entries)
        return;
    while (n <= message)
        n *= 2;
    log->entries = args_realloc(log->entries, n, sizeof(*log->entries));
    memset(log->entries + log->num_entries, 0,
           (n - log->num_entries) * sizeof(*log->entries));
    log->num_entries = n;
}

static void add_part(split_log *log, size_t link, double seconds)
{
    if (log->num_parts == log->room) {
        log->room = log->room == 0 ? 1024 : 2 * log->room;
        log->parts = args_realloc(log->parts, log->room, sizeof(*log->parts));
    }
    log->parts[log->num_parts++] =
        (split_part){ .link = link, .seconds = seconds };
}

/* What is less than a billionth of it is nothing but rounding. */
void split_log_add(void *arg, const ds_crossing *crossing)
{
    split_log *log = arg;

    reserve(log, crossing->message);
    entry *e = &log->entries[crossing->message];
    *e = (entry){
        .latency = crossing->latency,
        .waiting = crossing->waiting,
        .draining = crossing->draining,
        .first = log->num_parts,
    };
    for (size_t i = 0; i < crossing->num_links; i++)
        if (crossing->held[i] > 1e-9 * crossing->draining)
            add_part(log, crossing->links[i], crossing->held[i]);
    e->n = log->num_parts - e->first;
}

/* ---- Adding up ------------------------------------------------------------*/

/* The one that cost most first, and equal ones by number. */
static int compare(const void *a, const void *b)
{
    const split_part *x = a;
    const split_part *y = b;

    if (x->rank != y->rank)
        return x->rank > y->rank ? -1 : 1;
    return (x->link > y->link) - (x->link < y->link);
}

/* Roundings tell no links apart. */
static void sort(split *s)
{
    qsort(s->parts, s->n, sizeof(*s->parts), compare);
    for (size_t i = 1; i < s->n; i++)
        if (s->parts[i].rank > s->parts[i - 1].rank * (1 - 1e-9))
            s->parts[i].rank = s->parts[i - 1].rank;
    qsort(s->parts, s->n, sizeof(*s->parts), compare);
}

static void add_entry(const split_log *log, uint64_t message, split *s,
                      double *by_link)
{
    if (message >= log->num_entries)
        return;
    const entry *e = &log->entries[message];
    s->alpha += e->latency;
    s->beta += e->draining;
    s->line += e->waiting;
    for (size_t i = 0; i < e->n; i++)
        by_link[log->parts[e->first + i].link] +=
            log->parts[e->first + i].seconds;
}

split split_of(const split_log *log, const uint64_t *messages, size_t n,
               size_t num_links)
{
    double *by_link = args_alloc(num_links, sizeof(*by_link));
    split s = { .parts = args_alloc(num_links, sizeof(*s.parts)) };

    for (size_t i = 0; i < n; i++)
        add_entry(log, messages[i], &s, by_link);
    for (size_t i = 0; i < num_links; i++)
        if (by_link[i] > 0)
            s.parts[s.n++] = (split_part){ i, by_link[i], by_link[i] };
    sort(&s);
    free(by_link);
    return s;
}

/* ---- In words -------------------------------------------------------------*/

/* Parts as they are written, one after the other; the stream knows where the
 * text is to go, so it stays where it is. */
typedef struct sheet {
    FILE *out;
    char *text;
    size_t size;
    bool begun;
} sheet;

static bool sheet_open(sheet *s)
{
    *s = (sheet){ 0 };
    s->out = open_memstream(&s->text, &s->size);
    return s->out != NULL;
}

static void write_part(sheet *s, const char *name, double seconds)
{
    char text[ROWS_NUMBER_MAX];

    fprintf(s->out, "%s%s %s", s->begun ? ", " : "", name,
            rows_seconds(text, seconds));
    s->begun = true;
}

static char *sheet_end(sheet *s)
{
    fclose(s->out);
    return s->text;
}

static void write_rest(sheet *s, const split *of, size_t from)
{
    char name[64];
    double rest = 0;

    for (size_t i = from; i < of->n; i++)
        rest += of->parts[i].seconds;
    snprintf(name, sizeof(name), "%zu more", of->n - from);
    if (from < of->n)
        write_part(s, name, rest);
}

static double whole_of(const split *s)
{
    double sum = s->alpha + s->beta + s->line;

    for (size_t i = 0; i < s->n; i++)
        sum += s->parts[i].seconds;
    return sum;
}

char *split_words(const split *s, const ds_topology *topology, size_t most)
{
    sheet text;

    if (!sheet_open(&text))
        return NULL;
    for (size_t i = 0; i < s->n && i < most; i++)
        write_part(&text, ds_topology_link(topology, s->parts[i].link)->name,
                   s->parts[i].seconds);
    write_rest(&text, s, most);
    if (s->line > 1e-9 * whole_of(s))
        write_part(&text, "own line", s->line);
    return sheet_end(&text);
}

char *split_list(const split *s, const ds_topology *topology)
{
    sheet text;

    if (!sheet_open(&text))
        return NULL;
    for (size_t i = 0; i < s->n; i++)
        fprintf(text.out, "%s%s=%.17g", i > 0 ? ";" : "",
                ds_topology_link(topology, s->parts[i].link)->name,
                s->parts[i].seconds);
    return sheet_end(&text);
}
