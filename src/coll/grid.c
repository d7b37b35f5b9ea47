/* See grid.h. */

#include "coll/grid.h"

#include <math.h>

#include "base/text.h"
#include "coll/shape.h"

/* ---- Making one -----------------------------------------------------------*/

static size_t used_of(size_t side, ds__sides sides)
{
    if (sides == DS__SIDES_EVEN)
        return side - side % 2;
    if (sides == DS__SIDES_POWER)
        return (size_t)1 << ds__floor_lg(side);
    return side;
}

static void add_side(ds__grid *grid, size_t side, ds__sides sides)
{
    size_t used = used_of(side, sides);

    assert(1 < used && used <= side && side < 2 * used);
    grid->sides[grid->num_sides] = side;
    grid->used[grid->num_sides++] = used;
    grid->size *= used;
}

/* Takes the sides; false: they have not p places. */
static bool add_sides(ds__grid *grid, const ds_shape *shape, size_t p,
                      ds__sides sides)
{
    size_t left = p;

    for (size_t d = 0; d < shape->num_sides; d++) {
        size_t side = shape->sides[d];
        if (side == 0 || left % side != 0)
            return false;
        left /= side;
        if (side > 1 && grid->num_sides == DS__MAX_SIDES)
            return false;
        if (side > 1)
            add_side(grid, side, sides);
    }
    return left == 1;
}

bool ds__grid_make(ds__grid *grid, const ds_shape *shape, size_t p,
                   ds__sides sides, char *text, size_t size)
{
    bool is_torus = shape != NULL && shape->num_sides > 0;
    ds__text why;

    ds__text_init(&why, text, size);
    *grid = (ds__grid){ .size = 1, .lanes = 1 };
    if (!is_torus) {
        if (p > 1)
            add_side(grid, p, sides);
        return true;
    }
    if (!add_sides(grid, shape, p, sides)) {
        ds__text_add(&why, "a torus of ");
        ds__shape_add_sides(&why, shape);
        ds__text_add(&why, " has not one place for each of %zu ranks", p);
        return false;
    }
    for (size_t i = 0; shape->ranks != NULL && i < p; i++)
        if (shape->ranks[i] >= p) {
            ds__text_add(&why, "rank %zu is at place %zu, and there are %zu",
                         shape->ranks[i], i, p);
            return false;
        }
    size_t most = grid->num_sides == 0 ? 1 : 2 * grid->num_sides;
    grid->ranks = shape->ranks;
    grid->lanes = shape->ports == 0 ? most : shape->ports;
    if (grid->lanes <= most)
        return true;
    ds__text_add(&why, "on a torus of ");
    ds__shape_add_sides(&why, shape);
    ds__text_add(&why, " a rank has at most %zu ports, not %zu", most,
                 grid->lanes);
    return false;
}

bool ds__grid_of(ds_comm *c, ds__grid *grid, const ds_shape *shape,
                 ds__sides sides, const char *algorithm)
{
    char why[DS__WHY];

    if (ds__grid_make(grid, shape, ds_comm_size(c), sides, why, sizeof(why)))
        return true;
    ds__fail(c->group->loop, DS_EMISUSE, "%s: %s", algorithm, why);
    return false;
}

/* ---- Places ---------------------------------------------------------------*/

/* How many of a side sit out. */
static size_t num_out(const ds__grid *grid, size_t d)
{
    return grid->sides[d] - grid->used[d];
}

/* Where in its side the one with a coordinate is. */
static size_t unfolded(const ds__grid *grid, size_t d, size_t at)
{
    size_t r = num_out(grid, d);

    assert(at < grid->used[d]);
    return at < r ? 2 * at + 1 : at + r;
}

static size_t rank_at(const ds__grid *grid, size_t number)
{
    return grid->ranks == NULL ? number : grid->ranks[number];
}

size_t ds__grid_rank(const ds__grid *grid, const ds__coords *place)
{
    size_t number = 0;

    assert(grid->num_sides <= DS__MAX_SIDES);
    for (size_t d = grid->num_sides; d-- > 0;)
        number = number * grid->sides[d] + unfolded(grid, d, place->at[d]);
    return rank_at(grid, number);
}

/* The number of c's place, p if it has none. */
static size_t number_of(const ds_comm *c, const ds__grid *grid)
{
    size_t p = ds_comm_size(c);
    size_t number = 0;

    if (grid->ranks == NULL)
        return c->rank;
    while (number < p && grid->ranks[number] != c->rank)
        number++;
    return number;
}

/* ---- Folding --------------------------------------------------------------*/

/* The step of a side on the way down; the next one is that on the way up. */
static unsigned step_of(size_t d)
{
    return (unsigned)(2 * d);
}

/* What one member has to do with the folding of a side: nothing, give to the
 * one above, or take from the one below. */
typedef enum role { APART, GIVES, TAKES } role;

static role role_in(const ds__grid *grid, size_t d, size_t at)
{
    if (at >= 2 * num_out(grid, d))
        return APART;
    return at % 2 == 0 ? GIVES : TAKES;
}

/* A member's way through the sides. */
typedef struct walk {
    size_t number; /* of its place */
    size_t stride; /* of the side that it is in */
    size_t rest;   /* what the sides from there on make of the number */
} walk;

static size_t next_side(const ds__grid *grid, size_t d, walk *w)
{
    size_t at = w->rest % grid->sides[d];

    w->rest /= grid->sides[d];
    w->stride = d == 0 ? 1 : w->stride * grid->sides[d - 1];
    return at;
}

ds_vec *ds__grid_down(ds_comm *c, const ds__grid *grid, ds_vec *mine,
                      const ds_op *op, ds__coords *place)
{
    walk w = { .number = number_of(c, grid) };
    ds_vec *sum = ds_vec_ref(mine);

    if (w.number == ds_comm_size(c)) {
        ds__fail(c->group->loop, DS_EMISUSE,
                 "%s: rank %zu is at no place of the shape",
                 ds__comm_function(c), c->rank);
        ds_vec_unref(sum);
        return NULL;
    }
    w.rest = w.number;
    for (size_t d = 0; d < grid->num_sides; d++) {
        size_t at = next_side(grid, d, &w);
        role mine_is = role_in(grid, d, at);
        if (mine_is == GIVES) {
            ds__step_send(c, rank_at(grid, w.number + w.stride), step_of(d),
                          sum);
            ds_vec_unref(sum);
            return NULL;
        }
        if (mine_is == TAKES)
            sum = ds__step_combine(
                c, op,
                ds__step_recv(c, rank_at(grid, w.number - w.stride),
                              step_of(d)),
                sum);
        place->at[d] = mine_is == TAKES ? at / 2 : at - num_out(grid, d);
    }
    return sum;
}

/* The sides in reverse, beginning with the one in which c sat out. */
ds_vec *ds__grid_up(ds_comm *c, const ds__grid *grid, ds_vec *result)
{
    size_t stride[DS__MAX_SIDES];
    role roles[DS__MAX_SIDES];
    walk w = { .number = number_of(c, grid) };
    size_t n = 0;

    if (w.number == ds_comm_size(c))
        return result;
    w.rest = w.number;
    for (size_t d = 0; d < grid->num_sides; d++) {
        roles[d] = role_in(grid, d, next_side(grid, d, &w));
        stride[d] = w.stride;
        n = d + 1;
        if (roles[d] == GIVES)
            break;
    }
    while (n-- > 0) {
        if (roles[n] == GIVES)
            result = ds__step_recv(c, rank_at(grid, w.number + stride[n]),
                                   step_of(n) + 1);
        else if (roles[n] == TAKES)
            ds__step_send(c, rank_at(grid, w.number - stride[n]),
                          step_of(n) + 1, result);
    }
    return result;
}

ds_cost ds__grid_cost(const ds__grid *grid, size_t len)
{
    ds_cost sum = { 0 };

    for (size_t d = 0; d < grid->num_sides; d++)
        if (num_out(grid, d) > 0) {
            sum = ds__cost_add(sum, ds__cost_step((double)len, true));
            sum = ds__cost_add(sum, ds__cost_step((double)len, false));
        }
    return sum;
}

ds_cost ds__no_cost(void)
{
    return (ds_cost){ NAN, NAN, NAN };
}
