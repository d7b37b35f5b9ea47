/* Showing and merging; see files.h. */

#include "bench/sweep/files.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "bench/common/args.h"
#include "bench/sweep/json.h"
#include "bench/sweep/report.h"
#include "bench/sweep/store.h"

static failure failure_of(const char *what)
{
    return failure_new(EXIT_FAILURE, "%s: %s", what, strerror(errno));
}

/* ---- Showing --------------------------------------------------------------*/

static bool take(void *self, const char *line, size_t n)
{
    bool fresh;

    return tally_add(self, line, n, &fresh);
}

failure files_show(const char *folder, int failed, int *status)
{
    grid g;
    tally t;
    failure why = store_grid(folder, &g);

    tally_init(&t);
    if (why.status == 0)
        why = store_read(folder, &g, true, take, &t);
    if (why.status == 0)
        why = report_print(&t, &g, folder);
    *status = t.failed > 0 ? failed : 0;
    tally_free(&t);
    grid_free(&g);
    return why;
}

/* ---- Merging --------------------------------------------------------------*/

/* Where a line is. */
typedef struct place {
    uint64_t point;
    uint64_t try;
    size_t file;
    uint64_t offset;
    size_t n;
} place;

typedef struct merging {
    char **names;
    FILE **files;
    size_t n;
    place *places;
    size_t num_places;
    size_t room;
} merging;

static void add_place(merging *m, place p)
{
    if (m->num_places == m->room) {
        m->room = 2 * m->room + 64;
        m->places = args_realloc(m->places, m->room, sizeof(*m->places));
    }
    m->places[m->num_places++] = p;
}

/* Whether a line is about a point; p gets which one. */
static bool read_place(json_part line, place *p)
{
    json_part value;

    p->try = 1;
    if (!json_is_object(line.at, line.n) || !json_find(line, "point", &value) ||
        !json_word(value, &p->point))
        return false;
    if (json_find(line, "try", &value))
        json_word(value, &p->try);
    return true;
}

/* A file that is written to just now would lose what comes. */
static failure list_lines(merging *m, size_t i)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t n;
    place p = { .file = i };

    m->files[i] = fopen(m->names[i], "re");
    if (m->files[i] == NULL)
        return failure_of(m->names[i]);
    if (flock(fileno(m->files[i]), LOCK_EX | LOCK_NB) != 0)
        return errno == EWOULDBLOCK
                   ? failure_new(EXIT_FAILURE,
                                 "%s: a sweep is writing there now",
                                 m->names[i])
                   : failure_of(m->names[i]);
    while ((n = getline(&line, &room, m->files[i])) > 0 &&
           line[n - 1] == '\n') {
        p.n = (size_t)n;
        if (read_place((json_part){ line, p.n - 1 }, &p))
            add_place(m, p);
        p.offset += p.n;
    }
    free(line);
    return ferror(m->files[i]) ? failure_of(m->names[i]) : SUCCESS;
}

/* Of a point the last try first; of equal ones the one that was there first. */
static int compare(const void *a, const void *b)
{
    const place *x = a, *y = b;

    if (x->point != y->point)
        return x->point < y->point ? -1 : 1;
    if (x->try != y->try)
        return x->try > y->try ? -1 : 1;
    if (x->file != y->file)
        return x->file < y->file ? -1 : 1;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

static bool copy_line(const merging *m, const place *p, FILE *out)
{
    FILE *in = m->files[p->file];
    char *line = args_alloc(p->n, 1);
    bool good = fseeko(in, (off_t)p->offset, SEEK_SET) == 0 &&
                fread(line, 1, p->n, in) == p->n &&
                fwrite(line, 1, p->n, out) == p->n;

    free(line);
    return good;
}

static failure write_lines(merging *m, const grid *g, const char *name)
{
    FILE *out = fopen(name, "we");
    bool good;

    if (out == NULL)
        return failure_of(name);
    qsort(m->places, m->num_places, sizeof(*m->places), compare);
    grid_put_head(g, out);
    good = !ferror(out);
    for (size_t i = 0; i < m->num_places && good; i++)
        if (i == 0 || m->places[i].point != m->places[i - 1].point)
            good = copy_line(m, &m->places[i], out);
    good = good && fflush(out) == 0 && fdatasync(fileno(out)) == 0;
    failure why = good ? SUCCESS : failure_of(name);
    if (fclose(out) != 0 && good)
        why = failure_of(name);
    return why;
}

/* The new file is there before the others go, so that nothing is lost if it
 * ends in between; a point that is there twice counts once. */
static failure replace(const merging *m, const char *from, const char *to)
{
    if (rename(from, to) != 0)
        return failure_of(to);
    for (size_t i = 0; i < m->n; i++)
        if (strcmp(m->names[i], to) != 0 && unlink(m->names[i]) != 0)
            return failure_of(m->names[i]);
    return SUCCESS;
}

static failure merge(merging *m, const grid *g, const char *folder)
{
    char *now, *whole;
    failure why = SUCCESS;

    if (asprintf(&now, "%s/merged.new", folder) < 0 ||
        asprintf(&whole, "%s/results.jsonl", folder) < 0)
        args_need(NULL);
    for (size_t i = 0; i < m->n && why.status == 0; i++)
        why = list_lines(m, i);
    if (why.status == 0)
        why = write_lines(m, g, now);
    if (why.status == 0)
        why = replace(m, now, whole);
    else
        unlink(now);
    free(now);
    free(whole);
    return why;
}

static bool accept(void *self, const char *line, size_t n)
{
    place p;

    return read_place((json_part){ line, n }, &p);
}

failure files_merge(const char *folder)
{
    merging m = { 0 };
    grid g;
    failure why = store_grid(folder, &g);

    if (why.status == 0) /* that they are of one sweep, and whole */
        why = store_read(folder, &g, false, accept, NULL);
    if (why.status == 0)
        why = store_list(folder, &m.names, &m.n);
    m.files = args_alloc(m.n + 1, sizeof(*m.files));
    if (why.status == 0)
        why = merge(&m, &g, folder);
    for (size_t i = 0; i < m.n; i++)
        if (m.files[i] != NULL)
            fclose(m.files[i]);
    free(m.files);
    free(m.places);
    store_list_free(m.names, m.n);
    grid_free(&g);
    return why;
}
