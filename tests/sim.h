/* A loop, some nodes and a network between them, for tests of collectives. */

#ifndef SIM_H
#define SIM_H

#include <distsys.h>

typedef enum sim_kind {
    SIM_SWITCHED, /* greedy-drop */
    SIM_RANDOM,   /* every message takes up to a second */
} sim_kind;

/* Zeros are defaults: a switched network of 2 nodes, 0.5 s, 8 bytes (one
 * element) a second. */
typedef struct sim_config {
    sim_kind kind;
    size_t nodes;
    double latency;
    double rate;
    ds_loop_config loop;
} sim_config;

typedef struct sim {
    ds_loop *loop;
    ds_node **nodes;
    size_t num_nodes;
    ds_greedy_switch ports;
    ds_net *net;
} sim;

sim *sim_new(sim_config config);
void sim_free(sim *s);

/* Runs fn once per node. */
ds_status sim_run(sim *s, ds_comm_fn *fn, void *arg);

/* The same, from making to freeing, for runs that must end well; returns the
 * virtual time at the end. */
double sim_time(sim_config config, ds_comm_fn *fn, void *arg);

/* The same for runs that must end as misuse; the text must contain part. */
void sim_misuse(sim_config config, ds_comm_fn *fn, void *arg, const char *part);

/* How long one allreduce of phantoms takes, in one mode; it must end well. */
double sim_allreduce(sim_config config, const ds_allreduce *algorithm,
                     ds_comm_mode mode, size_t len);

/* One allreduce of an element 2^rank on each member over a random network, by
 * an operator that notes every reduction, its vectors in the order given:
 * "1+2+4 ".  The log must be exactly text, whatever arrives first. */
void sim_order(const ds_allreduce *algorithm, size_t nodes, const char *text);

/* Whether a sweep over all numbers of nodes takes p of them: in full runs it
 * does, in others, and where threads are expensive, it takes a few. */
bool sim_sweeps(size_t p);

/* An operator that is associative and does not commute: each element is a map
 * x -> a x + b modulo 101, as 101 a + b, and the left one is applied last. */
extern const ds_op sim_composition;
double sim_compose(double left, double right);

/* Keeps the loop running until everything in flight has arrived. */
void sim_linger(sim *s);

/* Packets at a member that nobody has wanted, and those of its own whose
 * arrival it should have waited for and has not. */
size_t sim_leftovers(const ds_comm *c);

#endif
