#ifndef DISTSYS_COLLECTIVE_H
#define DISTSYS_COLLECTIVE_H

#include <distsys/allreduce.h>
#include <distsys/comm.h>
#include <distsys/cost.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a collective leaves behind.  "Block i" of a vector of len elements among
 * p members are the elements [len i / p, len (i+1) / p). */
typedef enum ds_collective_kind {
    DS_BCAST = 1,      /* the root's vector, on all */
    DS_REDUCE,         /* the reduction of all, on the root */
    DS_GATHER,         /* all vectors one after the other, on the root */
    DS_SCATTER,        /* block i of the root's vector, on rank i */
    DS_ALLGATHER,      /* all vectors one after the other, on all */
    DS_REDUCE_SCATTER, /* block i of the reduction of all, on rank i */
    DS_ALLTOALL,       /* block i of all, one after the other, on rank i */
    DS_BARRIER,        /* nothing: nobody leaves before all have come */
    DS_SCAN,           /* the reduction of ranks 0..i, on rank i */
    DS_EXSCAN,         /* the reduction of ranks 0..i-1, on rank i */
    DS_ALLREDUCE,      /* the reduction of all, on all */
} ds_collective_kind;

/* A way to do one of them.  A constant description like ds_allreduce. */
typedef struct ds_collective ds_collective;
struct ds_collective {
    const char *name; /* such as "bcast-binomial" */
    ds_collective_kind kind;
    ds_vec *(*run)(const ds_collective *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op, size_t root);
    unsigned traits;  /* DS_TRAIT_..., or-ed together */
    size_t chunk;     /* elements in a chunk of a pipeline; 0: 32768 */
    ds_cost_fn *cost; /* of len elements in all, root 0; or NULL */
    const char *idea; /* in one line, or NULL */

    /* Of an allreduce; 0 and NULL in others. */
    unsigned granularity;          /* as in a ds_allreduce */
    size_t group;                  /* likewise */
    const ds_allreduce *allreduce; /* that run() calls */
    const ds_shape *shape;         /* as in a ds_allreduce */
};

extern const ds_collective ds_bcast_binomial;
extern const ds_collective ds_bcast_scatter_allgather;
extern const ds_collective ds_bcast_chain;
extern const ds_collective ds_bcast_bine;
extern const ds_collective ds_reduce_binomial;
extern const ds_collective ds_reduce_scatter_gather;
extern const ds_collective ds_reduce_bine;
extern const ds_collective ds_gather_binomial;
extern const ds_collective ds_scatter_binomial;
extern const ds_collective ds_allgather_ring;
extern const ds_collective ds_allgather_recursive_doubling;
extern const ds_collective ds_allgather_bruck;
extern const ds_collective ds_reduce_scatter_ring;
extern const ds_collective ds_reduce_scatter_recursive_halving;
extern const ds_collective ds_reduce_scatter_circulant;
extern const ds_collective ds_alltoall_pairwise;
extern const ds_collective ds_alltoall_bruck;
extern const ds_collective ds_barrier_dissemination;
extern const ds_collective ds_scan_recursive_doubling;
extern const ds_collective ds_exscan_recursive_doubling;

/* All of these, in a fixed order; n may be NULL.  One by its name; NULL: there
 * is none of that name. */
const ds_collective *const *ds_collective_all(size_t *n);
const ds_collective *ds_collective_find(const char *name);

/* All collectives that there are: first the allreduces of ds_allreduce_all(),
 * under the names that they have there, and then those above. */
const ds_collective *const *ds_collective_catalogue(size_t *n);

/* A kind by its name, such as "reduce-scatter", and what all of it are like:
 * DS_TRAIT_ROOT and so on, or-ed together.  Kinds are numbered from 1; the name
 * of none is NULL. */
const char *ds_collective_kind_name(ds_collective_kind kind);
unsigned ds_collective_kind_traits(ds_collective_kind kind);

/* Borrows mine, which counts as sent, and returns a reference to the result,
 * which may be shared with other members or be part of what one gave; NULL if
 * the simulation is over.  All members give vectors of one length, the same
 * algorithm and the same root; of a broadcast and a scatter only the root's
 * elements count.  Where a member is left with nothing, such as the others in a
 * reduction to the root or rank 0 in an exclusive scan, it gets its own vector
 * back.  A result that anything from a phantom goes into is one.  op and root
 * are ignored where they make no sense, and so is mine in a barrier; NULL will
 * do. */
ds_vec *ds_collective_run(const ds_collective *how, ds_comm *c, ds_vec *mine,
                          const ds_op *op, size_t root);

/* Two times that any algorithm of a kind can be held against, among p nodes,
 * for len elements at the full side as in a ds_cost_fn.  They are 0 where there
 * is nothing to do: p is 1, or len is 0 and it is no barrier.
 *
 * Nothing beats the first, on a network where nothing arrives before the
 * latency.  It is that latency and the larger of two times: what the busiest
 * node must send or receive at the rate, and what all must read in reductions,
 * shared among them.
 *
 * The second is the textbook's and binds algorithms with DS_TRAIT_ONE_PORT in
 * rendezvous mode: ceil(lg p) latencies, the same bytes, and pairwise
 * reductions, one after the other. */
double ds_collective_lower_bound(ds_collective_kind kind, size_t p, size_t len,
                                 double latency, double rate);
double ds_collective_one_port_bound(ds_collective_kind kind, size_t p,
                                    size_t len, double latency, double rate);

/* The collectives by the names of MPI, each with the first algorithm of its
 * kind. */
ds_vec *ds_bcast(ds_comm *c, ds_vec *vec, size_t root);
ds_vec *ds_reduce(ds_comm *c, ds_vec *vec, const ds_op *op, size_t root);
ds_vec *ds_gather(ds_comm *c, ds_vec *vec, size_t root);
ds_vec *ds_scatter(ds_comm *c, ds_vec *vec, size_t root);
ds_vec *ds_allgather(ds_comm *c, ds_vec *vec);
ds_vec *ds_reduce_scatter(ds_comm *c, ds_vec *vec, const ds_op *op);
ds_vec *ds_alltoall(ds_comm *c, ds_vec *vec);
bool ds_barrier(ds_comm *c); /* false: the simulation is over */
ds_vec *ds_scan(ds_comm *c, ds_vec *vec, const ds_op *op);

/* Those of parts of different lengths: counts[i] elements are of rank i, and
 * the parts lie one behind the other.  Where they are of all, all members say
 * the same counts; where they are of the root, only it needs them, and the
 * others may say NULL.  Gatherings and scatterings are linear: the root talks
 * to each. The others are pairwise or a ring, and a reduction is in the order
 * of ranks.
 *
 * In an alltoall sends[i] elements go to rank i, and receives[i] come from it.
 */
ds_vec *ds_allgatherv(ds_comm *c, ds_vec *vec, const size_t *counts);
ds_vec *ds_gatherv(ds_comm *c, ds_vec *vec, const size_t *counts, size_t root);
ds_vec *ds_scatterv(ds_comm *c, ds_vec *vec, const size_t *counts, size_t root);
ds_vec *ds_alltoallv(ds_comm *c, ds_vec *vec, const size_t *sends,
                     const size_t *receives);
ds_vec *ds_reduce_scatterv(ds_comm *c, ds_vec *vec, const size_t *counts,
                           const ds_op *op);

/* The same by an algorithm that has DS_TRAIT_PARTS, of any of these kinds but
 * an alltoall: part i is in the place of block i, or of the vector of rank i.
 * Of a scatter only the root needs a vector.  What lengths others have is known
 * where a message tells it, and takes no time. */
ds_vec *ds_collective_run_parts(const ds_collective *how, ds_comm *c,
                                ds_vec *mine, const size_t *counts,
                                const ds_op *op, size_t root);

ds_vec *ds_exscan(ds_comm *c, ds_vec *vec, const ds_op *op);

#ifdef __cplusplus
}
#endif

#endif
