/* Writing a database; see files.h.
 *
 * The columns are what lines have: a first look collects their names, a second
 * one fills in the rows.  Members of an object are columns of their own, run.x
 * as run_x. */

#include "bench/sweep/files.h"

#include "bench/common/database.h"

#ifndef HAVE_SQLITE3

failure files_sqlite(const char *folder, const char *file)
{
    return database_missing();
}

#else

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"
#include "bench/sweep/json.h"
#include "bench/sweep/store.h"
#include "bench/sweep/tally.h"

enum { NAME = 100, ROOM = 5 /* behind a string */ };

typedef struct writing {
    tally tally;
    char (*columns)[NAME];
    int n;
    bool cut; /* there were more columns */
    database db;
} writing;

/* ---- Columns --------------------------------------------------------------*/

/* SQL does not tell capitals from small letters. */
static int find_column(const writing *w, const char *name)
{
    for (int i = 0; i < w->n; i++)
        if (sqlite3_stricmp(w->columns[i], name) == 0)
            return i;
    return -1;
}

static void name_column(char name[NAME], const char *outer, json_part key)
{
    int n = snprintf(name, NAME, "%s%s%.*s", outer, outer[0] ? "_" : "",
                     key.n < NAME ? (int)key.n : NAME, key.at);

    for (int i = 0; i < n && i < NAME; i++)
        if (name[i] == '"' || name[i] == '\\')
            name[i] = '_';
}

static void add_column(writing *w, const char *name, json_part value)
{
    if (find_column(w, name) >= 0)
        return;
    if (w->n == DATABASE_COLUMNS) {
        w->cut = true;
        return;
    }
    w->columns =
        args_realloc(w->columns, (size_t)w->n + 1, sizeof(*w->columns));
    snprintf(w->columns[w->n++], NAME, "%s", name);
}

/* Calls it for each value that is no object, with the name of its column. */
typedef void value_fn(writing *w, const char *name, json_part value);

static void walk(writing *w, const char *outer, json_part object, value_fn *fn)
{
    json_part key, value;
    char name[NAME];

    for (size_t next = 0; json_next(object, &next, &key, &value);) {
        name_column(name, outer, key);
        if (value.at[0] == '{')
            walk(w, name, value, fn);
        else
            fn(w, name, value);
    }
}

static bool look(void *self, const char *line, size_t n)
{
    writing *w = self;
    bool fresh;

    if (!tally_add(&w->tally, line, n, &fresh))
        return false;
    walk(w, "", (json_part){ line, n }, add_column);
    return true;
}

/* ---- Rows -----------------------------------------------------------------*/

static int bind_text(writing *w, int at, json_part value)
{
    char *text = args_alloc(value.n + ROOM, 1);
    int result;

    if (!json_text(value, text, value.n + ROOM))
        snprintf(text, value.n + ROOM, "%.*s", (int)value.n, value.at);
    result = sqlite3_bind_text(w->db.insert, at, text, -1, SQLITE_TRANSIENT);
    free(text);
    return result;
}

static void bind(writing *w, const char *name, json_part value)
{
    const int at = find_column(w, name) + 1;
    uint64_t word;
    double real;

    if (at == 0)
        return;
    if (value.at[0] == 'n')
        database_check(&w->db, sqlite3_bind_null(w->db.insert, at));
    else if (value.at[0] == 't' || value.at[0] == 'f')
        database_check(&w->db,
                       sqlite3_bind_int(w->db.insert, at, value.at[0] == 't'));
    else if (json_word(value, &word) && word <= INT64_MAX)
        database_check(
            &w->db, sqlite3_bind_int64(w->db.insert, at, (sqlite3_int64)word));
    else if (json_real(value, &real))
        database_check(&w->db, sqlite3_bind_double(w->db.insert, at, real));
    else
        database_check(&w->db, bind_text(w, at, value));
}

/* Whether a line is the last word on its point. */
static bool counts(const writing *w, json_part line)
{
    json_part value;
    uint64_t point = 0, try = 1;

    if (json_find(line, "point", &value))
        json_word(value, &point);
    if (json_find(line, "try", &value))
        json_word(value, &try);
    const uint64_t last = tally_tries(&w->tally, point);
    return last == 0 || try == last;
}

static bool fill(void *self, const char *text, size_t n)
{
    writing *w = self;
    const json_part line = { text, n };

    if (!database_is_well(&w->db) || !counts(w, line))
        return true;
    sqlite3_clear_bindings(w->db.insert);
    walk(w, "", line, bind);
    database_put(&w->db);
    return true;
}

/* ---- The database ---------------------------------------------------------*/

static void create(writing *w, const grid *g)
{
    char *sql = NULL;
    size_t size;
    FILE *file = args_need(open_memstream(&sql, &size));

    fputs("create table runs (", file);
    for (int i = 0; i < w->n; i++)
        fprintf(file, "%s\"%s\"%s", i > 0 ? ", " : "", w->columns[i],
                strcmp(w->columns[i], "point") == 0 ? " integer primary key"
                                                    : "");
    fputs(
        "); create view failures as select * from runs where \"end\" <> 'ok'; "
        "create view summary as select ",
        file);
    for (size_t i = 0; i < g->num_axes; i++)
        fprintf(file, "\"%s\", ", g->axes[i].name);
    fputs("count(*) as points, sum(\"end\" <> 'ok') as failed, "
          "avg(seconds) as mean_seconds, max(seconds) as most_seconds from "
          "runs",
          file);
    for (size_t i = 0; i < g->num_axes; i++)
        fprintf(file, "%s\"%s\"", i > 0 ? ", " : " group by ", g->axes[i].name);
    if (fclose(file) != 0)
        args_need(NULL);
    database_run(&w->db, sql);
    free(sql);
}

static failure write_database(writing *w, const grid *g, const char *folder,
                              const char *file)
{
    failure why = database_begin(&w->db, file);

    if (why.status != 0)
        return why;
    create(w, g);
    database_open_table(&w->db, "insert or ignore into", "runs", (size_t)w->n);
    if (database_is_well(&w->db))
        why = store_read(folder, g, true, fill, w);
    database_close_table(&w->db);
    const failure end = database_end(&w->db, file);
    if (why.status == 0)
        return end;
    free(end.text);
    return why;
}

failure files_sqlite(const char *folder, const char *file)
{
    writing w = { .n = 0 };
    grid g;
    failure why = store_grid(folder, &g);

    tally_init(&w.tally);
    if (why.status == 0)
        why = store_read(folder, &g, true, look, &w);
    if (why.status == 0 && w.n == 0)
        why =
            failure_new(EXIT_FAILURE, "%s: no point has been run yet", folder);
    if (w.cut)
        args_warn("there are more than %d columns; the rest is left out",
                  DATABASE_COLUMNS);
    if (why.status == 0)
        why = write_database(&w, &g, folder, file);
    free(w.columns);
    tally_free(&w.tally);
    grid_free(&g);
    return why;
}

#endif
