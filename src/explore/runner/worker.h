/* Worker processes: each runs block after block of seeds, and tells its parent
 * by a pipe what came of them.
 *
 * Which worker runs which block is a matter of luck; what is told of a block is
 * not.  The seed in progress stands in memory that both see, so that the parent
 * knows it if the process dies. */
#ifndef DS_EXPLORE_RUNNER_WORKER_H
#define DS_EXPLORE_RUNNER_WORKER_H

#include <stdatomic.h>
#include <sys/types.h>

#include "explore/runner/marks.h"
#include "explore/runner/options.h"
#include "explore/runner/tally.h"

/* Seeds in a block: not more than bits in a word. */
#define DS__BLOCK 16

#define DS__SHORT_WHY 240

/* What a worker is at. */
typedef struct ds__desk {
    _Atomic uint64_t block; /* plus 1; 0: none */
    _Atomic uint64_t seed;  /* 0: none */
    _Atomic uint64_t since; /* nanoseconds of the clock */
    char last_words[DS__SHORT_WHY];
} ds__desk;

/* Trials are numbered from 0, the first one being that of the first seed. */
typedef struct ds__hall {
    _Atomic uint64_t next;  /* block that nobody has taken */
    _Atomic uint64_t least; /* trial that has failed, if that ends it all;
                             * UINT64_MAX: none */
    atomic_bool closed;     /* time is up */
    ds__desk desks[];
} ds__hall;

/* What is told, each in front of so many bytes. */
typedef enum ds__news_kind {
    DS__NEWS_FAILURE, /* a ds__news_failure */
    DS__NEWS_TWICE,   /* a ds__news_failure of a trial that is to run again */
    DS__NEWS_MARK,    /* a ds__news_mark */
    DS__NEWS_BLOCK,   /* a ds__news_block: that was all of it */
} ds__news_kind;

typedef struct ds__news {
    ds__news_kind kind;
    uint32_t size;
} ds__news;

typedef struct ds__news_failure {
    uint64_t trial;
    ds__fate fate;
    ds__judge judge;
    uint64_t digest;
    uint64_t history;
    char why[DS__SHORT_WHY]; /* the beginning of it */
} ds__news_failure;

typedef struct ds__news_mark {
    uint64_t block;
    ds__mark mark;
} ds__news_mark;

typedef struct ds__news_block {
    uint64_t block;
    bool cut; /* time was up in the middle of it */
    ds__tally tally;
} ds__news_block;

#define DS__MOST_NEWS 512 /* bytes after a ds__news */

/* How a worker works.  It begins with the block first, unless that is
 * UINT64_MAX, and leaves those of its trials out whose bits are set in dead. */
typedef struct ds__worker_config {
    const ds__options *options;
    const ds_test *test; /* whole */
    ds__hall *hall;
    ds__desk *desk;
    int fd;
    uint64_t first;
    uint64_t dead;
} ds__worker_config;

_Noreturn void ds__worker_run(const ds__worker_config *config);

/* Whether a trial is among those that are run twice. */
bool ds__is_rechecked(const ds__options *o, uint64_t seed);

uint64_t ds__clock_nanoseconds(void);

#endif
