/* Double binary tree: two trees, each with half of the vector in chunks, that
 * are reduced on their way up and known on their way down.  A rank that is a
 * leaf in one tree is interior in the other (but one, if p is odd), so all
 * ports work.
 *
 * Sanders, Speck, Traeff, Parallel Computing 35 (2009), 581-594; the numbering
 * is NCCL's.  At most one chunk that has not arrived is under way on each edge
 * in each direction. */

#include <assert.h>

#include <distsys/allreduce.h>

#include "coll/cost.h"
#include "coll/step.h"

#define NOBODY SIZE_MAX

enum direction { UP, DOWN };

/* Chunks from one neighbour, in order.  Invariant: have is number next - 1, or
 * NULL once it was used. */
typedef struct inlet {
    size_t rank;
    enum direction direction;
    size_t next;
    ds_vec *have;
} inlet;

/* Chunks to one neighbour. */
typedef struct outlet {
    size_t rank;
    ds__edge *edge;
    size_t next;
} outlet;

/* The part of one rank in one tree.  Without a parent it is the root.
 * Invariant: ready is chunk number reduced - 1 until it has been sent up. */
typedef struct tree {
    unsigned number;
    size_t from; /* of the half, in elements */
    size_t to;
    size_t chunks;
    inlet below[2];
    outlet down[2];
    size_t children;
    inlet above;
    outlet up;
    size_t reduced;
    ds_vec *ready;
    size_t known; /* chunks of the result */
} tree;

typedef struct both {
    ds_comm *c;
    const ds_op *op;
    ds_vec *mine;
    size_t chunk;
    tree trees[2];
    ds__whole result;
} both;

/* The edges of a rank: for each tree one to its parent and two to children. */
enum { EDGES_OF_A_TREE = 3 };
static_assert(2 * EDGES_OF_A_TREE <= DS__MAX_EDGES, "a member has more edges");

/* ---- The shape of the trees -----------------------------------------------*/

/* In the first tree; the children of a rank are half its lowest bit away. */
static size_t first_parent(size_t r, size_t p)
{
    size_t bit = r & (~r + 1);
    size_t up = (r ^ bit) | bit << 1;

    if (r == 0)
        return NOBODY;
    return up < p ? up : r ^ bit;
}

static void first_children(size_t r, size_t p, size_t children[2])
{
    size_t step = (r & (~r + 1)) / 2;

    children[0] = r == 0 || step == 0 ? NOBODY : r - step;
    if (r == 0)
        for (step = 1; step * 2 < p;)
            step *= 2;
    while (step > 0 && r + step >= p)
        step /= 2;
    children[1] = step == 0 ? NOBODY : r + step;
}

/* The second tree is the first with other ranks in its places: mirrored if p is
 * even, and shifted by one if it is odd.  Returns the place of rank r. */
static size_t to_first(size_t r, size_t p, unsigned number)
{
    if (number == 0)
        return r;
    return p % 2 == 0 ? p - 1 - r : (r + p - 1) % p;
}

/* Returns the rank in place r. */
static size_t from_first(size_t r, size_t p, unsigned number)
{
    if (number == 0)
        return r;
    return p % 2 == 0 ? p - 1 - r : (r + 1) % p;
}

/* Lower ranks first, so that the order of reduction is fixed. */
static void add_child(tree *t, ds_comm *c, size_t rank)
{
    size_t at = t->children++;

    assert(at < 2);

    if (at == 1 && rank < t->below[0].rank) {
        t->below[1].rank = t->down[1].rank = t->below[0].rank;
        at = 0;
    }
    t->below[at].rank = t->down[at].rank = rank;
    t->down[t->children - 1].edge =
        &c->edges[t->number * EDGES_OF_A_TREE + t->children];
}

static void tree_init(tree *t, both *b, unsigned number)
{
    size_t p = ds_comm_size(b->c);
    size_t r = to_first(b->c->rank, p, number);
    size_t parent = first_parent(r, p);
    size_t children[2];

    *t = (tree){ .number = number };
    t->from = ds__block(b->mine->len, 2, number);
    t->to = ds__block(b->mine->len, 2, number + 1);
    t->chunks = ds__num_chunks(t->to - t->from, b->chunk);
    t->above.rank = t->up.rank =
        parent == NOBODY ? NOBODY : from_first(parent, p, number);
    t->above.direction = DOWN;
    t->up.edge = &b->c->edges[number * EDGES_OF_A_TREE];
    first_children(r, p, children);
    for (size_t i = 0; i < 2; i++)
        if (children[i] != NOBODY)
            add_child(t, b->c, from_first(children[i], p, number));
}

/* ---- Chunks ---------------------------------------------------------------*/

static unsigned step_of(const tree *t, enum direction direction, size_t k)
{
    return (unsigned)(4 * k + 2 * direction + t->number);
}

static ds_vec *chunk_of(const both *b, const tree *t, ds_vec *vec, size_t k)
{
    size_t from = t->from + k * b->chunk;

    return ds__step_slice(b->c, vec, from,
                          t->to - from < b->chunk ? t->to : from + b->chunk);
}

static void expect_next(both *b, tree *t, inlet *in)
{
    if (in->rank != NOBODY && in->next < t->chunks)
        ds__step_expect(b->c, in->rank, step_of(t, in->direction, in->next));
}

/* Whether the inlet holds a chunk, which it may just have found. */
static bool fill(both *b, tree *t, inlet *in)
{
    if (in->have != NULL || in->next == t->chunks || in->rank == NOBODY)
        return in->have != NULL;
    in->have =
        ds__step_arrived(b->c, in->rank, step_of(t, in->direction, in->next));
    if (in->have == NULL)
        return false;
    assert(in->next < t->chunks);
    in->next++;
    expect_next(b, t, in);
    return true;
}

static ds_vec *empty(inlet *in)
{
    ds_vec *vec = in->have;

    in->have = NULL;
    return vec;
}

/* Takes a chunk of the result. */
static void learn(both *b, tree *t, ds_vec *vec)
{
    assert(t->known < t->chunks);
    ds__whole_take(b->c, &b->result, t->from + t->known++ * b->chunk, vec);
}

/* ---- One thing at a time: each says whether it did something --------------*/

static bool send_up(both *b, tree *t)
{
    if (t->ready == NULL || t->up.edge->busy > 0)
        return false;
    assert(t->up.next + 1 == t->reduced);
    ds__step_post_edge(b->c, t->up.rank, step_of(t, UP, t->up.next++), t->ready,
                       t->up.edge);
    ds_vec_unref(t->ready);
    t->ready = NULL;
    return true;
}

static bool send_down(both *b, tree *t)
{
    bool sent = false;

    for (size_t i = 0; i < t->children; i++) {
        outlet *out = &t->down[i];
        if (out->next == t->known || out->edge->busy > 0)
            continue;
        ds_vec *vec = chunk_of(b, t, b->result.vec, out->next);
        ds__step_post_edge(b->c, out->rank, step_of(t, DOWN, out->next++), vec,
                           out->edge);
        ds_vec_unref(vec);
        sent = true;
    }
    return sent;
}

static bool receive_down(both *b, tree *t)
{
    if (!fill(b, t, &t->above))
        return false;
    learn(b, t, empty(&t->above));
    return true;
}

/* In rank order: lower children, the rank's own, higher children. */
static bool reduce(both *b, tree *t)
{
    bool all = t->ready == NULL && t->reduced < t->chunks;

    for (size_t i = 0; i < t->children; i++)
        all = fill(b, t, &t->below[i]) && all;
    if (!all)
        return false;

    ds_vec *sum = chunk_of(b, t, b->mine, t->reduced++);
    for (size_t i = 0; i < t->children; i++) {
        ds_vec *theirs = empty(&t->below[i]);
        sum = t->below[i].rank < b->c->rank
                  ? ds__step_combine(b->c, b->op, theirs, sum)
                  : ds__step_combine(b->c, b->op, sum, theirs);
    }
    if (t->up.rank == NOBODY)
        learn(b, t, sum);
    else
        t->ready = sum;
    return true;
}

/* ---- All together ---------------------------------------------------------*/

static bool is_done(const both *b)
{
    for (size_t n = 0; n < 2; n++) {
        const tree *t = &b->trees[n];
        if (t->known < t->chunks || t->ready != NULL || t->up.edge->busy > 0)
            return false;
        for (size_t i = 0; i < t->children; i++)
            if (t->down[i].next < t->chunks || t->down[i].edge->busy > 0)
                return false;
    }
    return true;
}

/* Sends first: they go on while this rank reduces. */
static bool advance(both *b)
{
    bool did = false;

    for (size_t n = 0; n < 2; n++) {
        did = receive_down(b, &b->trees[n]) || did;
        did = send_down(b, &b->trees[n]) || did;
        did = send_up(b, &b->trees[n]) || did;
    }
    for (size_t n = 0; n < 2 && !did; n++)
        did = reduce(b, &b->trees[n]);
    return did;
}

static void add_peer(both *b, const tree *t, const inlet *in)
{
    if (in->rank != NOBODY && in->have == NULL && in->next < t->chunks)
        ds__call_add_peer(b->c->call, in->rank);
}

/* Until anything arrives; false: the simulation is over. */
static bool wait_for_any(both *b)
{
    b->c->call->num_peers = 0;
    for (size_t n = 0; n < 2; n++) {
        const tree *t = &b->trees[n];
        add_peer(b, t, &t->above);
        for (size_t i = 0; i < t->children; i++)
            add_peer(b, t, &t->below[i]);
    }
    return ds__packet_wait(b->c, b->c->edges, 2 * EDGES_OF_A_TREE);
}

static void climb(both *b)
{
    for (size_t n = 0; n < 2; n++) {
        tree *t = &b->trees[n];
        for (size_t i = 0; i < t->children; i++)
            expect_next(b, t, &t->below[i]);
        expect_next(b, t, &t->above);
    }
    while (!is_done(b)) {
        bool did = advance(b);
        if ((!did ||
             ds__packet_pending(b->c, b->c->edges, 2 * EDGES_OF_A_TREE)) &&
            !is_done(b) && !wait_for_any(b))
            return;
    }
}

static ds_vec *run(const ds_allreduce *self, ds_comm *c, ds_vec *mine,
                   const ds_op *op)
{
    both b = {
        .c = c,
        .op = op,
        .mine = mine,
        .chunk = ds__chunk(self->chunk),
        .result = { .len = mine->len },
    };

    if (ds_comm_size(c) == 1)
        return ds_vec_ref(mine);
    for (unsigned n = 0; n < 2; n++)
        tree_init(&b.trees[n], &b, n);
    climb(&b);
    for (size_t n = 0; n < 2; n++) {
        tree *t = &b.trees[n];
        ds_vec_unref(t->ready);
        ds_vec_unref(t->above.have);
        ds_vec_unref(t->below[0].have);
        ds_vec_unref(t->below[1].have);
    }
    return b.result.vec;
}

const ds_allreduce ds_allreduce_double_tree = {
    .name = "double-tree",
    .idea = "two binary trees in a pipeline, half of the vector each",
    .run = run,
    .traits = DS_TRAIT_COMMUTATIVE,
};
