/* Buckets on a torus: a ring along one side, then along the next on what that
 * has left, and back.  Of optimal volume, and every message goes over one link.
 *
 * There are two lanes for each side, which begin with that side, and the second
 * goes round all of them the other way; so every link is in use all the time if
 * the sides are equal.  Sack, Gropp, "Collective Algorithms for Multiported
 * Torus Networks", ACM Trans. Parallel Comput. 1(2), 2015, article 12, go over
 * all ports too; with one lane it is torus.c. */

#include "coll/bucket.h"

#include <stdlib.h>

/* One round along one side. */
typedef struct turn {
    size_t j;    /* which of the sides that the lane takes */
    size_t side; /* in the grid */
    size_t k;    /* round of its ring */
} turn;

/* The side that a lane takes after j others. */
static size_t side_of(const ds__schedule *s, size_t j)
{
    return (s->lane / 2 + j) % s->grid->num_sides;
}

static turn turn_of(const ds__schedule *s, size_t round)
{
    turn t = { .k = round };

    assert(round < s->rounds);
    for (;; t.j++) {
        t.side = side_of(s, t.j);
        size_t rounds = s->grid->used[t.side] - 1;
        if (t.k < rounds)
            return t;
        t.k -= rounds;
    }
}

/* A lane that goes round the other way has the coordinates from the other end.
 */
static size_t seen(const ds__schedule *s, size_t side, size_t at)
{
    size_t ring = s->grid->used[side];

    return s->lane % 2 == 0 ? at : (ring - at) % ring;
}

static ds__coords neighbour(const ds__schedule *s, size_t side,
                            const ds__coords *place, size_t ahead)
{
    ds__coords other = *place;
    size_t ring = s->grid->used[side];
    size_t at = seen(s, side, place->at[side]);

    other.at[side] = seen(s, side, (at + ahead) % ring);
    return other;
}

static ds__part block(ds__part all, size_t ring, size_t i)
{
    size_t len = all.to - all.from;

    assert(i < ring && all.from <= all.to);
    return (ds__part){
        .from = all.from + ds__block(len, ring, i),
        .to = all.from + ds__block(len, ring, i + 1),
    };
}

/* What the first j sides leave to a place: of each ring the block after its
 * own. */
static ds__part left_by(const ds__schedule *s, const ds__coords *place,
                        size_t j)
{
    ds__part all = { .from = 0, .to = s->len };

    for (size_t i = 0; i < j; i++) {
        size_t side = side_of(s, i);
        size_t ring = s->grid->used[side];
        all = block(all, ring, (seen(s, side, place->at[side]) + 1) % ring);
    }
    return all;
}

/* Both halves give to the next and take from the one before: of the blocks of
 * that ring, counted from the place's own and back, one and the one behind it.
 */
static void move_blocks(const ds__schedule *s, const ds__coords *place, turn t,
                        size_t ahead, ds__move *move)
{
    size_t ring = s->grid->used[t.side];
    size_t given = seen(s, t.side, place->at[t.side]) + ahead + ring - t.k;
    ds__part all = left_by(s, place, t.j);

    assert(t.k + 1 < ring);
    move->to = neighbour(s, t.side, place, 1);
    move->from = neighbour(s, t.side, place, ring - 1);
    move->num_given = move->num_taken = 1;
    move->given[0] = block(all, ring, given % ring);
    move->taken[0] = block(all, ring, (given - 1) % ring);
}

static void scatter(const ds__schedule *s, const ds__coords *place,
                    size_t round, ds__move *move)
{
    move_blocks(s, place, turn_of(s, round), 0, move);
}

/* The sides backwards, and each ring begins with what it was left with. */
static void gather(const ds__schedule *s, const ds__coords *place, size_t round,
                   ds__move *move)
{
    turn t = turn_of(s, s->rounds - 1 - round);

    t.k = s->grid->used[t.side] - 2 - t.k;
    move_blocks(s, place, t, 1, move);
}

static double largest(const ds__schedule *s, size_t round)
{
    turn t = turn_of(s, round);
    size_t len = s->len;

    for (size_t j = 0; j <= t.j; j++)
        len = (size_t)ds__block_max(len, s->grid->used[side_of(s, j)]);
    return (double)len;
}

ds__schedule *ds__bucket_schedule(const ds__grid *grid, size_t lane, size_t len)
{
    ds__schedule *s = malloc(sizeof(*s));

    if (s == NULL)
        return NULL;
    *s = (ds__schedule){
        .grid = grid,
        .lane = lane,
        .len = len,
        .most = 1,
        .scatter = scatter,
        .gather = gather,
        .largest = largest,
    };
    for (size_t d = 0; d < grid->num_sides; d++)
        s->rounds += grid->used[d] - 1;
    return s;
}
