/* What a chain of messages spent its time on, link by link.
 *
 * A log is told of every message that crosses the links of a topology; when all
 * is over, those that led to the end are looked up and added up. */
#ifndef BENCH_SPLIT_H
#define BENCH_SPLIT_H

#include <distsys.h>
#include <distsys/topology.h>

typedef struct split_log split_log;

split_log *split_log_new(void);
void split_log_free(split_log *log);

/* A ds_crossing_fn, whose arg is the log. */
void split_log_add(void *log, const ds_crossing *crossing);

typedef struct split_part {
    size_t link;
    double seconds; /* that messages took longer because it was shared */
    double rank;    /* the same, of all that are as long on paper */
} split_part;

typedef struct split {
    double alpha; /* seconds, of latencies */
    double beta;  /* of bytes, if each message had been alone */
    double line;  /* behind other messages of the same pair */
    size_t n;
    split_part *parts; /* that which cost most first; to be freed */
} split;

/* Adds up so many messages. */
split split_of(const split_log *log, const uint64_t *messages, size_t n,
               size_t num_links);

/* The parts in words, at most so many of them each; to be freed. */
char *split_words(const split *s, const ds_topology *topology, size_t most);

/* All parts, as in LINK=SECONDS;LINK=SECONDS, in full; likewise. */
char *split_list(const split *s, const ds_topology *topology);

#endif
