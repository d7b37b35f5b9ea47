/* A cluster to be hurt, for tests of what makes failures small: servers that
 * do nothing, clients that do operations, and somebody who watches which
 * servers are down.  A rule says what is wrong with that. */
#ifndef DS_TESTS_CLUSTER_H
#define DS_TESTS_CLUSTER_H

#include <distsys/explore.h>

enum { SERVERS = 3, CLIENTS = 2 };

typedef struct cluster cluster;
typedef void rule_fn(ds_handle *h, cluster *c);

struct cluster {
    rule_fn *rule;
    ds_node *nodes[SERVERS + CLIENTS];
    double down[SERVERS];   /* when it was first seen so; 0: never */
    double lasted[SERVERS]; /* the longest time */
    double since[SERVERS];
    bool done[CLIENTS][10]; /* operations */
};

/* The body of a server. */
void cluster_serve(ds_handle *h, void *arg);

/* The build of a test whose arg points to a rule, which is asked a hundred
 * times a second. */
void cluster_build(ds_trial *t, void *arg);

/* Whether server 0 went down, and server 2 before it. */
bool cluster_in_order(const cluster *c);

#endif
