/* The workers, seen from their parent: it hears what they tell, replaces those
 * that die, and gives on what came of each block, the first one first. */
#ifndef DS_EXPLORE_RUNNER_CREW_H
#define DS_EXPLORE_RUNNER_CREW_H

#include <poll.h>

#include "explore/runner/worker.h"

typedef struct ds__news_list {
    ds__news_failure *list; /* in the order of their trials */
    size_t count;
    size_t capacity;
} ds__news_list;

bool ds__news_push(ds__news_list *list,
                   const ds__news_failure *news); /* false: no memory */

/* What came of a block.  Invariants: failures has those of all bits of dead;
 * tally counts them. */
typedef struct ds__block {
    uint64_t number;
    uint64_t dead; /* trials that the process did not survive */
    bool done;
    bool cut;
    ds__tally tally;
    ds__marks marks;
    ds__news_list failures;
    ds__news_list twice; /* those to be run again */
    struct ds__block *next;
} ds__block;

#define DS__HEARING 8192

/* One process.  Invariant: pid is 0 if there is none, and fd -1. */
typedef struct ds__hand {
    pid_t pid;
    int fd;
    uint64_t hung; /* the seed for which it was killed; 0: none */
    size_t heard;
    unsigned char buf[DS__HEARING];
} ds__hand;

typedef struct ds__crew {
    const ds__options *options;
    const ds_test *test;
    size_t size;
    ds__hall *hall;
    ds__hand *hands;
    struct pollfd *fds;
    ds__block *blocks; /* begun and not given on, in their order */
    uint64_t given;    /* the number of the next block to be given on */
    size_t odd;        /* deaths for which there is no reason */
    bool failed;       /* why it cannot go on: */
    char why[DS__SHORT_WHY];
} ds__crew;

/* False: as why says. */
bool ds__crew_begin(ds__crew *crew, const ds__options *options,
                    const ds_test *test);

/* Waits until something has happened, at most so many milliseconds, also to one
 * of n files of others; false: all have ended, or it has failed. */
bool ds__crew_step(ds__crew *crew, const int *others, size_t n, int ms);

/* The next block, if all is known of it; it is the caller's.  NULL: not yet. */
ds__block *ds__crew_next(ds__crew *crew);
void ds__block_free(ds__block *block);

/* A trial has failed, and what comes after it does not matter. */
void ds__crew_lower(ds__crew *crew, uint64_t trial);

void ds__crew_close(ds__crew *crew); /* nothing new is begun from now on */
void ds__crew_end(ds__crew *crew);

#endif
