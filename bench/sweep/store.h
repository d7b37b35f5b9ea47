/* A folder of results: files of lines, to which lines are only ever added.
 *
 *     DIR/results.jsonl        of a sweep on one machine, or under mpirun
 *     DIR/results.7.jsonl      of shard 7: nobody else writes there
 *
 * The first line says what is swept over.  A line is one write, so that after
 * a kill, of the process or of the machine, all lines are whole but the last
 * one, which is cut off when the file is opened again. */
#ifndef BENCH_SWEEP_STORE_H
#define BENCH_SWEEP_STORE_H

#include "bench/sweep/grid.h"

/* Invariant: size is where the last whole line ends. */
typedef struct store {
    int fd; /* -1: there is none */
    char *name;
    uint64_t size;
    bool dirty;    /* not all is on the disk */
    double synced; /* when */
} store;

/* Is given the lines of results, without a newline; false: it is none. */
typedef bool store_line_fn(void *self, const char *line, size_t n);

/* Reads all results of a folder; a line that is none is a failure, unless it is
 * the last of its file.  With a grid, files of another sweep are refused. */
failure store_read(const char *folder, const grid *g, bool forced,
                   store_line_fn *take, void *self);

/* The same, and opens the file of a shard, UINT64_MAX: of none, to add to it;
 * makes what is not there. */
failure store_open(store *s, const char *folder, uint64_t shard, const grid *g,
                   bool forced, store_line_fn *take, void *self);

/* Adds a line, with its newline.  A failure leaves the file as it was. */
failure store_add(store *s, const char *line, size_t n);

/* Has what was added be on the disk, once a second, or now. */
failure store_sync(store *s, bool now);
failure store_close(store *s);

/* The names of the files of results, in their order, to be freed, each and
 * all. */
failure store_list(const char *folder, char ***names, size_t *n);
void store_list_free(char **names, size_t n);

/* Reads what a folder is a sweep of: the head of its first file. */
failure store_grid(const char *folder, grid *g);

#endif
