/* Collectives of parts of different lengths.
 *
 * What a member expects of another is compared with what has come, since only
 * the two know how long it should be. */

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>

#include "coll/parts.h"
#include "coll/step.h"

/* ---- Lengths --------------------------------------------------------------*/

/* Returns where the part of a rank begins. */
static size_t offset_of(const size_t *counts, size_t rank)
{
    size_t at = 0;

    assert(counts != NULL);
    for (size_t i = 0; i < rank; i++)
        at += counts[i];
    return at;
}

bool ds__parts_total(const ds_comm *c, const size_t *counts,
                     const char *function, size_t *total)
{
    *total = 0;
    for (size_t i = 0; counts != NULL && i < c->group->size; i++) {
        if (counts[i] <= SIZE_MAX - *total) {
            *total += counts[i];
            continue;
        }
        ds__fail(c->group->loop, DS_EMISUSE,
                 "%s: the parts have more elements together than can be "
                 "counted",
                 function);
        return false;
    }
    if (counts != NULL)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE, "%s: the array of counts is NULL",
             function);
    return false;
}

bool ds__parts_fit(const ds_comm *c, const ds_vec *vec, size_t wanted,
                   const char *function)
{
    if (vec->len == wanted)
        return true;
    ds__fail(
        c->group->loop, DS_EMISUSE,
        "%s: the vector of rank %zu has %zu elements; by the counts it has "
        "%zu",
        function, c->rank, vec->len, wanted);
    return false;
}

/* Takes what has come from a rank, and returns it if it is as long as it should
 * be. */
static ds_vec *check_part(ds_comm *c, ds_vec *part, size_t from, size_t wanted)
{
    if (part == NULL || part->len == wanted)
        return part;
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: rank %zu has sent %zu elements to rank %zu, which by its "
             "counts expects %zu",
             ds__comm_function(c), from, part->len, c->rank, wanted);
    ds_vec_unref(part);
    return NULL;
}

/* ---- A call ---------------------------------------------------------------*/

/* Begins one of which all must say the same but for how long things are. */
static bool begin(ds_comm *c, ds__call *call, const char *function,
                  const ds_vec *vec, size_t root)
{
    *call = (ds__call){ .function = function, .root = root };
    return ds__comm_enter(c, function) &&
           ds__comm_check_rank(c, root, function) &&
           (vec != NULL || ds__comm_check_vec(c, vec, function)) &&
           ds__call_begin(c, call);
}

static size_t ahead(const ds_comm *c, size_t by)
{
    return (c->rank + by) % c->group->size;
}

static size_t behind(const ds_comm *c, size_t by)
{
    return (c->rank + c->group->size - by) % c->group->size;
}

/* Returns the part of a rank, of what lies one behind the other. */
static ds_vec *part_of(ds_comm *c, ds_vec *vec, const size_t *counts,
                       size_t rank)
{
    const size_t at = offset_of(counts, rank);

    return ds__step_slice(c, vec, at, at + counts[rank]);
}

/* ---- Gathering ------------------------------------------------------------*/

/* Each part goes round once. */
static ds_vec *go_round(ds_comm *c, ds_vec *vec, const size_t *counts,
                        size_t total)
{
    ds__whole whole = { .len = total };
    ds_vec *part = ds_vec_ref(vec);

    ds__whole_put(c, &whole, offset_of(counts, c->rank), part);
    for (size_t i = 1; i < c->group->size; i++) {
        const size_t of = behind(c, i);
        ds_vec *next =
            ds__step_exchange(c, ahead(c, 1), part, behind(c, 1), (unsigned)i);
        ds_vec_unref(part);
        part = check_part(c, next, behind(c, 1), counts[of]);
        ds__whole_put(c, &whole, offset_of(counts, of), part);
    }
    ds_vec_unref(part);
    return whole.vec;
}

ds_vec *ds_allgatherv(ds_comm *c, ds_vec *vec, const size_t *counts)
{
    static const char name[] = "ds_allgatherv";
    ds__call call;
    size_t total;

    if (!begin(c, &call, name, vec, 0))
        return NULL;
    ds_vec *result = NULL;
    if (ds__parts_total(c, counts, name, &total) &&
        ds__parts_fit(c, vec, counts[c->rank], name))
        result = go_round(c, vec, counts, total);
    return ds__call_end(c, result);
}

/* All are expected before the first is waited for, so that none waits for
 * another. */
static ds_vec *gather_here(ds_comm *c, ds_vec *vec, const size_t *counts,
                           size_t total)
{
    ds__whole whole = { .len = total };

    for (size_t i = 1; i < c->group->size; i++)
        ds__step_expect(c, ahead(c, i), 0);
    ds__whole_put(c, &whole, offset_of(counts, c->rank), vec);
    for (size_t i = 1; i < c->group->size; i++) {
        const size_t from = ahead(c, i);
        ds__whole_take(
            c, &whole, offset_of(counts, from),
            check_part(c, ds__step_take(c, from, 0), from, counts[from]));
    }
    return whole.vec;
}

ds_vec *ds_gatherv(ds_comm *c, ds_vec *vec, const size_t *counts, size_t root)
{
    static const char name[] = "ds_gatherv";
    ds__call call;
    size_t total;
    ds_vec *result = NULL;

    if (!begin(c, &call, name, vec, root))
        return NULL;
    if (c->rank != root)
        ds__step_send(c, root, 0, vec);
    else if (ds__parts_total(c, counts, name, &total) &&
             ds__parts_fit(c, vec, counts[root], name))
        result = gather_here(c, vec, counts, total);
    return ds__call_end(c, result);
}

/* ---- Scattering -----------------------------------------------------------*/

static ds_vec *scatter_from_here(ds_comm *c, ds_vec *vec, const size_t *counts)
{
    for (size_t i = 1; i < c->group->size; i++) {
        ds_vec *part = part_of(c, vec, counts, ahead(c, i));
        ds__step_post(c, ahead(c, i), 0, part);
        ds_vec_unref(part);
    }
    ds__step_flush(c);
    return part_of(c, vec, counts, c->rank);
}

/* Only the root has a vector. */
ds_vec *ds_scatterv(ds_comm *c, ds_vec *vec, const size_t *counts, size_t root)
{
    static const char name[] = "ds_scatterv";
    ds__call call = { .function = name, .root = root };
    size_t total;
    ds_vec *result = NULL;

    if (!ds__comm_enter(c, name) || !ds__comm_check_rank(c, root, name) ||
        (c->rank == root && !ds__comm_check_vec(c, vec, name)) ||
        !ds__call_begin(c, &call))
        return NULL;
    if (c->rank != root)
        result = ds__step_recv(c, root, 0);
    else if (ds__parts_total(c, counts, name, &total) &&
             ds__parts_fit(c, vec, total, name))
        result = scatter_from_here(c, vec, counts);
    return ds__call_end(c, result);
}

/* ---- All to all -----------------------------------------------------------*/

static ds_vec *exchange_all(ds_comm *c, ds_vec *vec, const size_t *sends,
                            const size_t *receives, size_t total)
{
    ds__whole whole = { .len = total };

    ds__whole_take(c, &whole, offset_of(receives, c->rank),
                   check_part(c, part_of(c, vec, sends, c->rank), c->rank,
                              receives[c->rank]));
    for (size_t i = 1; i < c->group->size; i++) {
        const size_t from = behind(c, i);
        ds_vec *part = part_of(c, vec, sends, ahead(c, i));
        ds_vec *got =
            ds__step_exchange(c, ahead(c, i), part, from, (unsigned)i);
        ds_vec_unref(part);
        ds__whole_take(c, &whole, offset_of(receives, from),
                       check_part(c, got, from, receives[from]));
    }
    return whole.vec;
}

ds_vec *ds_alltoallv(ds_comm *c, ds_vec *vec, const size_t *sends,
                     const size_t *receives)
{
    static const char name[] = "ds_alltoallv";
    ds__call call;
    size_t sent;
    size_t received;
    ds_vec *result = NULL;

    if (!begin(c, &call, name, vec, 0))
        return NULL;
    if (ds__parts_total(c, sends, name, &sent) &&
        ds__parts_total(c, receives, name, &received) &&
        ds__parts_fit(c, vec, sent, name))
        result = exchange_all(c, vec, sends, receives, received);
    return ds__call_end(c, result);
}

/* ---- Reducing -------------------------------------------------------------*/

/* Combines the parts that all have of this rank, and takes them. */
static ds_vec *combine_all(ds_comm *c, const ds_op *op, ds_vec **parts)
{
    ds_vec *result = ds__step_reduce(c, op, parts, c->group->size);

    for (size_t i = 0; i < c->group->size; i++)
        ds_vec_unref(parts[i]);
    return result;
}

static ds_vec *reduce_parts(ds_comm *c, ds_vec *vec, const size_t *counts,
                            const ds_op *op)
{
    ds_vec **parts = calloc(c->group->size, sizeof(ds_vec *));

    if (parts == NULL) {
        ds__comm_fail_memory(c);
        return NULL;
    }
    parts[c->rank] = part_of(c, vec, counts, c->rank);
    for (size_t i = 1; i < c->group->size; i++) {
        const size_t from = behind(c, i);
        ds_vec *part = part_of(c, vec, counts, ahead(c, i));
        ds_vec *got =
            ds__step_exchange(c, ahead(c, i), part, from, (unsigned)i);
        ds_vec_unref(part);
        parts[from] = check_part(c, got, from, counts[c->rank]);
    }
    ds_vec *result = combine_all(c, op, parts);
    free(parts);
    return result;
}

ds_vec *ds_reduce_scatterv(ds_comm *c, ds_vec *vec, const size_t *counts,
                           const ds_op *op)
{
    static const char name[] = "ds_reduce_scatterv";
    ds__call call;
    size_t total;
    ds_vec *result = NULL;

    if (!begin(c, &call, name, vec, 0))
        return NULL;
    if (op == NULL || (op->reduce == NULL && op->combine == NULL))
        ds__fail(c->group->loop, DS_EMISUSE, "%s: the operator is NULL", name);
    else if (ds__parts_total(c, counts, name, &total) &&
             ds__parts_fit(c, vec, total, name))
        result = reduce_parts(c, vec, counts, op);
    return ds__call_end(c, result);
}
