/* See vectors.h. */

#include "bench/common/vectors.h"

/* ---- What goes in ---------------------------------------------------------*/

/* The second factor repeats itself after a prime, so that blocks, whose length
 * is hardly ever a multiple of it, differ from each other. */
static double factor(size_t i)
{
    return (double)(i % 997 + 1);
}

ds_vec *vectors_new(size_t rank, size_t len, bool real)
{
    if (!real)
        return ds_vec_phantom(len);

    ds_vec *vec = ds_vec_new(len);
    if (vec == NULL)
        return NULL;
    for (size_t i = 0; i < vec->len; i++)
        vec->data[i] = (double)(rank + 1) * factor(i);
    return vec;
}

/* Element i of the sum over the ranks from first to end, without end. */
static double sum(size_t first, size_t end, size_t i)
{
    return (double)(end - first) * (double)(first + end + 1) / 2 * factor(i);
}

/* ---- What comes out -------------------------------------------------------*/

/* The elements of a rank's result are of two sorts: those of one vector, or
 * sums of the same element of several. */
typedef struct wanted {
    size_t len;
    size_t first; /* ranks whose sum it is; one rank: its vector */
    size_t end;
    size_t start;  /* element of those that element 0 is made of */
    size_t period; /* after so many the next rank follows; 0: never */
} wanted;

/* floor(len i / p), where the product need not fit. */
static size_t block_start(size_t len, size_t p, size_t i)
{
    return len / p * i + len % p * i / p;
}

static wanted wanted_of(ds_collective_kind kind, const setting *s, size_t rank)
{
    size_t p = s->nodes;
    size_t start = block_start(s->size, p, rank);
    size_t width = block_start(s->size, p, rank + 1) - start;
    wanted own = { s->size, rank, rank + 1, 0, 0 };
    wanted all = { s->size, 0, p, 0, 0 };
    wanted gathered = { p * s->size, 0, 1, 0, s->size };

    switch (kind) {
    case DS_BCAST:
        return (wanted){ s->size, s->root, s->root + 1, 0, 0 };
    case DS_REDUCE:
        return rank == s->root ? all : own;
    case DS_GATHER:
        return rank == s->root ? gathered : own;
    case DS_SCATTER:
        return (wanted){ width, s->root, s->root + 1, start, 0 };
    case DS_ALLGATHER:
        return gathered;
    case DS_REDUCE_SCATTER:
        return (wanted){ width, 0, p, start, 0 };
    case DS_ALLTOALL:
        return (wanted){ p * width, 0, 1, start, width };
    case DS_BARRIER:
        return (wanted){ 0, 0, 1, 0, 0 };
    case DS_SCAN:
        return (wanted){ s->size, 0, rank + 1, 0, 0 };
    case DS_EXSCAN:
        return rank > 0 ? (wanted){ s->size, 0, rank, 0, 0 } : own;
    case DS_ALLREDUCE:
        return all;
    }
    return own;
}

static double wanted_element(const wanted *w, size_t i)
{
    size_t ranks = w->period > 0 ? i / w->period : 0;
    size_t within = w->period > 0 ? i % w->period : i;

    return sum(w->first + ranks, w->end + ranks, w->start + within);
}

bool vectors_check(ds_comm *c, const ds_collective *how, const setting *s,
                   const ds_vec *got)
{
    size_t rank = ds_comm_rank(c);
    wanted right = wanted_of(how->kind, s, rank);
    ds_handle *h = ds_comm_handle(c);

    if (got->len != right.len) {
        ds_fail(h, "%s: rank %zu has %zu elements instead of %zu", how->name,
                rank, got->len, right.len);
        return false;
    }
    for (size_t i = 0; s->real && i < got->len; i++) {
        double element = wanted_element(&right, i);

        if (got->data[i] == element)
            continue;
        ds_fail(h, "%s: rank %zu has %s%g instead of %g at element %zu",
                how->name, rank, how->kind == DS_ALLREDUCE ? "a sum of " : "",
                got->data[i], element, i);
        return false;
    }
    return true;
}
