/* A run: so many ranks on a network, from their beginning to what is said of
 * the end. */
#ifndef DS_MPI_RUN_WORLD_H
#define DS_MPI_RUN_WORLD_H

#include "mpi/rank.h"

typedef struct ds__world_config {
    const char *program; /* that reports speak as */
    int num_ranks;
    double latency; /* of each message, in seconds */
    double rate;    /* of each rank's port, bytes a second in each direction */
    double eager;   /* bytes of the largest message that leaves at once */
    double reading; /* seconds that an operator takes to read an element */
    ds__chooser chooser;
    bool greedy; /* how messages share ports: greedily, not max-min fair */

    /* Makes a network of so many nodes in the place of that switch, and has it
     * say at the end what it was used for; NULL: the switch, and nothing. */
    ds_net *(*net)(void *arg, ds_loop *loop, ds_node *const *nodes, size_t n);
    const size_t *hosts; /* of ranks on it; NULL: each has one of its own */
    void (*used)(void *arg, const ds_net *net, double seconds);
    void *arg;

    bool draws;    /* which of several messages a receive from anybody takes */
    double jitter; /* seconds, at most, that a message is late */
    const struct ds__watch *watch; /* who hears of calls; NULL: nobody */
    ds__checking checking;
    bool strict; /* what the checks find makes the run fail */

    ds_exec exec;
    uint64_t seed;
    size_t stack_size; /* bytes */
    const char *trace; /* as of ds_loop_config; NULL: none */

    /* Makes a rank's image, which it owns; NULL: it has said why not. */
    ds__image *(*image)(ds__rank *rank);

    /* Runs a rank's program; returns its exit code. */
    int (*run)(ds__rank *rank);
} ds__world_config;

typedef struct ds__world_result {
    int code; /* that the process ends with */
    bool deadlock;
    uint64_t where; /* a number for the places of those that failed */
    double seconds;
    uint64_t digest;
} ds__world_result;

/* Runs it, and says on standard error what went wrong.  Images stay. */
ds__world_result ds__world_run(const ds__world_config *config);

#endif
