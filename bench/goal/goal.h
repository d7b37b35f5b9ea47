/* Schedules in the language GOAL: what each rank sends, receives and computes,
 * and what waits for what.
 *
 *     num_ranks 2
 *     rank 0 {
 *     l1: calc 700
 *     l2: send 1024b to 1 tag 3
 *     l2 requires l1
 *     }
 *     rank 1 {
 *     recv 1024b from 0 tag 3
 *     }
 *
 * A calc takes nanoseconds.  Labels belong to their rank and may be left out;
 * requires waits until the other is done, irequires until it has begun.  There
 * are comments of both kinds that C has. */
#ifndef BENCH_GOAL_H
#define BENCH_GOAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bench/common/failure.h"

typedef enum goal_kind {
    GOAL_SEND,
    GOAL_RECV,
    GOAL_CALC,
    GOAL_KINDS,
} goal_kind;

/* Those that wait for an operation are after[first] and what follows. */
typedef struct goal_op {
    goal_kind kind;
    uint32_t rank;
    uint32_t peer;
    uint32_t tag;
    uint64_t size; /* bytes, or nanoseconds */
    size_t line;
    size_t waits; /* for so many others */
    size_t first;
    size_t num_after;
    size_t way; /* of a message */
} goal_op;

typedef struct goal_after {
    size_t op;
    bool begun; /* it waits only for the beginning */
} goal_after;

/* From one rank to another with one tag: messages are received in the order of
 * their sending. */
typedef struct goal_way {
    uint32_t from;
    uint32_t to;
    uint32_t tag;
} goal_way;

typedef struct goal {
    size_t num_ranks;
    size_t num_ops;
    goal_op *ops;  /* those of a rank in the order of the file */
    size_t *first; /* of each rank, and num_ops behind them */
    size_t num_ways;
    goal_way *ways;
    size_t num_after;
    goal_after *after;
} goal;

/* Reads a schedule from a file, or from len bytes of text, of which a failure
 * says the name, the line, and what is wrong.  What is read is sound: no
 * operation waits for itself, and what is sent is received. */
failure goal_read(goal *g, const char *file);
failure goal_parse(goal *g, const char *name, const char *text, size_t len);
void goal_free(goal *g);

#endif
