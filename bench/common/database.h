/* Databases of SQLite: what those who write one have in common.
 *
 * The first thing that goes wrong is kept for the end, and from then on nothing
 * is done any more. */
#ifndef BENCH_DATABASE_H
#define BENCH_DATABASE_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/common/failure.h"
#include "config.h"

/* What is said where configure has not found SQLite. */
failure database_missing(void);

#ifdef HAVE_SQLITE3

#include <sqlite3.h>

enum { DATABASE_COLUMNS = 1000 }; /* of a table, at most */

typedef struct database {
    sqlite3 *db;
    sqlite3_stmt *insert; /* a row of the table that is filled, or NULL */
    char wrong[200];      /* the first thing that was, or empty */
} database;

/* Makes a database in a file, or anew, and begins to fill it.  A file that
 * cannot be written is bad usage, and then there is nothing to end. */
failure database_begin(database *d, const char *file);

/* Says whether it went well, and keeps why it did not. */
bool database_check(database *d, int result);
bool database_is_well(const database *d);

void database_run(database *d, const char *sql);

/* Between the two, rows of so many columns are put into a table, by binding the
 * columns of insert and then putting it; how is "insert into", for one. */
void database_open_table(database *d, const char *how, const char *table,
                         size_t columns);
void database_put(database *d);
void database_close_table(database *d);

/* Ends it, and returns the first thing that was wrong. */
failure database_end(database *d, const char *file);

#endif

#endif
