/* Reduce-scatter and allgather along a schedule, for all algorithms that move
 * blocks over a torus: Swing, buckets, butterflies.
 *
 * The one idea: a schedule says, for one slice of the vector and any place of
 * the grid, who gives which elements to whom in each round; whoever follows it
 * need not know more.  Each lane of the grid has a schedule and a slice of its
 * own, and all of them go in step: in a round a member sends a message for each
 * lane at once. */
#ifndef DS_COLL_LANES_H
#define DS_COLL_LANES_H

#include "coll/grid.h"

/* Elements [from, to) of a slice. */
typedef struct ds__part {
    size_t from;
    size_t to;
} ds__part;

/* What a place does in a round.  The arrays belong to the caller and have room
 * for as many parts as the schedule says. */
typedef struct ds__move {
    ds__coords to;
    ds__coords from;
    ds__part *given;
    size_t num_given;
    ds__part *taken;
    size_t num_taken;
} ds__move;

/* Invariants: in a reduce-scatter, what a place takes in a round it has not
 * given before; in the end each element of the slice is whole at one place, and
 * the allgather gives it to all others. */
typedef struct ds__schedule ds__schedule;
struct ds__schedule {
    const ds__grid *grid;
    size_t lane;
    size_t len;    /* of the slice, in elements */
    size_t rounds; /* of the reduce-scatter, and as many of the allgather */
    size_t most;   /* parts that a move may have on either side */
    void (*scatter)(const ds__schedule *s, const ds__coords *place,
                    size_t round, ds__move *move);
    void (*gather)(const ds__schedule *s, const ds__coords *place, size_t round,
                   ds__move *move);
    /* The elements of the largest message of that round of the reduce-scatter,
     * and of the allgather's that is as far from the end. */
    double (*largest)(const ds__schedule *s, size_t round);
};

/* Makes the schedule of a lane, to be freed with free(); NULL: no memory. */
typedef ds__schedule *ds__schedule_fn(const ds__grid *grid, size_t lane,
                                      size_t len);

/* Elements [from, to) of a vector of len elements that lane so-and-so has. */
ds__part ds__lane_slice(const ds__grid *grid, size_t number, size_t len);

/* Borrows mine and returns the reduction of all. */
ds_vec *ds__lanes_allreduce(ds_comm *c, const ds__grid *grid,
                            ds__schedule_fn *make, ds_vec *mine,
                            const ds_op *op);

/* All messages of a round share one port.  Exact if all are in step: if blocks
 * are equal, and places that others are folded into have one lane. */
ds_cost ds__lanes_cost(const ds__grid *grid, ds__schedule_fn *make, size_t len);

/* Elements in all parts together. */
size_t ds__parts_len(const ds__part *parts, size_t n);

#endif
