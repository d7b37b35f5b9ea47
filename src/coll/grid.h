/* The places of a torus, as algorithms walk over them.
 *
 * The one idea: what a caller says of the shape becomes a grid of sides that
 * are longer than 1, and algorithms speak of coordinates.  One that needs sides
 * of another kind has them folded: of a side of u + r places, u of which go on,
 * each even one of the first 2r gives its vector to the odd one above it and
 * sits out, as in fold.h, and the others are renumbered in order. */
#ifndef DS_COLL_GRID_H
#define DS_COLL_GRID_H

#include <distsys/allreduce.h>

#include "coll/cost.h"
#include "coll/step.h"

enum { DS__MAX_SIDES = 32 };

/* Which sides an algorithm needs. */
typedef enum ds__sides {
    DS__SIDES_ANY,
    DS__SIDES_EVEN,
    DS__SIDES_POWER, /* of two */
} ds__sides;

/* Invariants: 1 < used[d] <= sides[d] for each of the num_sides; size is the
 * product of used; 1 <= lanes <= 2 num_sides, or 1 if there is no side.  What
 * stands in a member's coordinates is below used. */
typedef struct ds__grid {
    size_t num_sides;
    size_t sides[DS__MAX_SIDES];
    size_t used[DS__MAX_SIDES];
    size_t size;
    size_t lanes;        /* slices of the vector that go ways of their own */
    const size_t *ranks; /* by place, borrowed; NULL: in order */
} ds__grid;

/* A coordinate in each side. */
typedef struct ds__coords {
    size_t at[DS__MAX_SIDES];
} ds__coords;

/* Room for what is wrong with a shape. */
enum { DS__WHY = 160 };

/* Makes the grid of p members: that of the shape, or, if it has no sides or is
 * NULL, a ring with one lane.  False: they do not fit, and text says why. */
bool ds__grid_make(ds__grid *grid, const ds_shape *shape, size_t p,
                   ds__sides sides, char *text, size_t size);

/* The same for c, which is told that it is misuse. */
bool ds__grid_of(ds_comm *c, ds__grid *grid, const ds_shape *shape,
                 ds__sides sides, const char *algorithm);

/* Returns the rank of the one at a place, among those that go on. */
size_t ds__grid_rank(const ds__grid *grid, const ds__coords *place);

/* Gives the vectors of those that sit out to those that go on, and back.  Down
 * borrows mine; it returns what c goes on with, NULL if it sits out, and else
 * where it stands.  Up takes the result and returns it.  Both use the steps
 * below DS__GRID_STEPS. */
enum { DS__GRID_STEPS = 2 * DS__MAX_SIDES };
ds_vec *ds__grid_down(ds_comm *c, const ds__grid *grid, ds_vec *mine,
                      const ds_op *op, ds__coords *place);
ds_vec *ds__grid_up(ds_comm *c, const ds__grid *grid, ds_vec *result);

/* Of both: two rounds of n for each side that is folded. */
ds_cost ds__grid_cost(const ds__grid *grid, size_t len);

/* The cost of an algorithm on a shape that does not fit: no number. */
ds_cost ds__no_cost(void);

#endif
