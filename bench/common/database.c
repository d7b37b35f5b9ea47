/* See database.h. */

#include "bench/common/database.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

failure database_missing(void)
{
    return failure_new(BAD_USAGE,
                       "--sqlite: this program was built without SQLite, which "
                       "configure did not find");
}

#ifdef HAVE_SQLITE3

bool database_check(database *d, int result)
{
    const bool good = result == SQLITE_OK || result == SQLITE_DONE;

    if (!good && d->wrong[0] == '\0')
        snprintf(d->wrong, sizeof(d->wrong), "%s", sqlite3_errmsg(d->db));
    return good;
}

bool database_is_well(const database *d)
{
    return d->wrong[0] == '\0';
}

void database_run(database *d, const char *sql)
{
    if (database_is_well(d))
        database_check(d, sqlite3_exec(d->db, sql, NULL, NULL, NULL));
}

failure database_begin(database *d, const char *file)
{
    FILE *empty = fopen(file, "wb"); /* as other outputs do */

    *d = (database){ 0 };
    if (empty == NULL || fclose(empty) != 0)
        return failure_new(BAD_USAGE, "%s: %s", file, strerror(errno));
    database_check(d, sqlite3_open(file, &d->db));
    database_run(d, "pragma journal_mode = off; pragma synchronous = off; "
                    "begin");
    return SUCCESS;
}

void database_open_table(database *d, const char *how, const char *table,
                         size_t columns)
{
    char sql[100 + 2 * DATABASE_COLUMNS];
    int n = snprintf(sql, sizeof(sql), "%s %s values (?", how, table);

    for (size_t i = 1; i < columns; i++)
        n += snprintf(sql + n, sizeof(sql) - (size_t)n, ",?");
    snprintf(sql + n, sizeof(sql) - (size_t)n, ")");
    if (database_is_well(d))
        database_check(d, sqlite3_prepare_v2(d->db, sql, -1, &d->insert, NULL));
}

void database_put(database *d)
{
    database_check(d, sqlite3_step(d->insert));
    database_check(d, sqlite3_reset(d->insert));
}

void database_close_table(database *d)
{
    sqlite3_finalize(d->insert);
    d->insert = NULL;
}

failure database_end(database *d, const char *file)
{
    database_run(d, "commit");
    database_check(d, sqlite3_close(d->db));
    if (database_is_well(d))
        return SUCCESS;
    return failure_new(EXIT_FAILURE, "%s: cannot write it: %s", file, d->wrong);
}

#endif
