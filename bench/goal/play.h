/* Plays a schedule on a network, and tells when each rank was through. */
#ifndef BENCH_PLAY_H
#define BENCH_PLAY_H

#include <distsys.h>

#include "bench/common/fabric.h"
#include "bench/goal/goal.h"

/* Makes a network between the nodes, on which a schedule is played. */
typedef ds_net *play_net(ds_loop *loop, ds_node *const *nodes, size_t n,
                         const void *arg);

typedef struct play_config {
    play_net *net;
    const void *arg;
    bool has_processors; /* it is one of ds_loggops_net_new(), whose S is 0 */
    double longest;      /* bytes of a message whose sender does not wait for
                          * the receiver */
    ds_exec exec;
    const char *trace;    /* or NULL */
    const fabric *fabric; /* whose links the network is made of; NULL: none */
} play_config;

typedef struct play_result {
    double *ends; /* by rank, in seconds; to be freed */
    double end;   /* the last of them */
    size_t last;  /* whose that is */
    uint64_t digest;
    double whole;      /* seconds until all was over */
    ds_link_use *uses; /* by link, to be freed; NULL: nobody has asked */
} play_result;

failure play(const goal *g, const play_config *config, play_result *result);

#endif
