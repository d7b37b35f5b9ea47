/* What algorithms are made of. */

#include <assert.h>
#include <string.h>

#include "coll/op.h"
#include "coll/step.h"

static ds__key key_of(const ds_comm *c, size_t from, unsigned step)
{
    assert(c->call != NULL && from < c->group->size);
    return (ds__key){
        .call = c->call->number,
        .from = (uint32_t)from,
        .tag = step,
    };
}

static ds__packet *packet_of(ds_comm *c, unsigned step, ds_vec *vec)
{
    const bool lent = ds__vec_is_lent(vec);
    ds_vec *copy = lent ? ds__vec_copy(vec) : NULL;

    if (lent && copy == NULL)
        return NULL;
    ds__packet *packet = ds__packet_make(c, key_of(c, c->rank, step),
                                         lent ? copy : vec, ds__vec_bytes(vec));
    ds_vec_unref(copy);
    return packet;
}

/* The vector out of a packet, which is freed; both may be NULL. */
static ds_vec *open_packet(ds__packet *packet)
{
    if (packet == NULL)
        return NULL;
    ds_vec *vec = ds_vec_ref(packet->vec);
    ds__packet_free(packet);
    return vec;
}

/* ---- Parts ----------------------------------------------------------------*/

static void tell_step(const ds_comm *c, bool receives, size_t rank,
                      unsigned step)
{
    if (!ds__handle_is_watched(c->handle) ||
        !ds__loop_wants_steps(c->group->loop))
        return;
    ds__tell_probe(c->group->loop, (ds__record){
                                       .kind = DS__TELL_STEP,
                                       .flag = receives,
                                       .who = ds__handle_number(c->handle),
                                       .a = step,
                                       .b = (uint32_t)rank,
                                   });
}

void ds__step_expect(ds_comm *c, size_t from, unsigned step)
{
    tell_step(c, true, from, step);
    ds__packet_expect(c, key_of(c, from, step));
}

void ds__step_post(ds_comm *c, size_t to, unsigned step, ds_vec *vec)
{
    if (vec == NULL || ds__gone(c->handle))
        return;
    tell_step(c, false, to, step);
    ds__packet_post(c, to, packet_of(c, step, vec));
}

void ds__step_post_others(ds_comm *c, unsigned step, ds_vec *vec)
{
    if (vec == NULL || ds__gone(c->handle))
        return;
    assert(!ds__vec_is_lent(vec));
    tell_step(c, false, DS__ANY, step);
    ds__packet_post_others(c, key_of(c, c->rank, step), vec);
}

ds_vec *ds__step_take(ds_comm *c, size_t from, unsigned step)
{
    return open_packet(ds__packet_take(c, key_of(c, from, step)));
}

ds_vec *ds__step_arrived(ds_comm *c, size_t from, unsigned step)
{
    return open_packet(ds__packet_arrived(c, key_of(c, from, step)));
}

void ds__step_flush(ds_comm *c)
{
    ds__packet_flush(c);
}

void ds__step_flush_edge(ds_comm *c, ds__edge *edge)
{
    while (edge->busy > 0 && ds__packet_wait(c, edge, 1))
        continue;
}

void ds__step_post_edge(ds_comm *c, size_t to, unsigned step, ds_vec *vec,
                        ds__edge *edge)
{
    ds__step_flush_edge(c, edge);
    if (vec == NULL || ds__gone(c->handle))
        return;
    tell_step(c, false, to, step);
    ds__packet_post_edge(c, to, packet_of(c, step, vec), edge);
}

/* ---- Whole steps ----------------------------------------------------------*/

void ds__step_send(ds_comm *c, size_t to, unsigned step, ds_vec *vec)
{
    ds__step_post(c, to, step, vec);
    ds__step_flush(c);
}

ds_vec *ds__step_recv(ds_comm *c, size_t from, unsigned step)
{
    ds__step_expect(c, from, step);
    return ds__step_take(c, from, step);
}

ds_vec *ds__step_exchange(ds_comm *c, size_t to, ds_vec *vec, size_t from,
                          unsigned step)
{
    ds__step_expect(c, from, step);
    ds__step_post(c, to, step, vec);
    ds_vec *got = ds__step_take(c, from, step);
    ds__step_flush(c);
    return got;
}

/* ---- Reducing -------------------------------------------------------------*/

/* An operator may be somebody's own.  Takes its result and returns it if it is
 * one. */
static ds_vec *check_result(ds_comm *c, const ds_op *op, ds_vec *result,
                            size_t len)
{
    const char *name = op->name == NULL ? "?" : op->name;
    unsigned long long number = c->call->number;

    if (ds__gone(c->handle) || (result != NULL && result->len == len))
        return result;
    if (result == NULL)
        ds__fail(c->group->loop, DS_EMISUSE,
                 "%s: call %llu: operator %s returned no vector on rank %zu, "
                 "although the simulation goes on",
                 c->call->function, number, name, c->rank);
    else
        ds__fail(c->group->loop, DS_EMISUSE,
                 "%s: call %llu: operator %s made %zu elements of vectors of "
                 "%zu on rank %zu",
                 c->call->function, number, name, result->len, len, c->rank);
    ds_vec_unref(result);
    return NULL;
}

ds_vec *ds__step_reduce(ds_comm *c, const ds_op *op, ds_vec *const *vecs,
                        size_t n)
{
    if (ds__gone(c->handle))
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (vecs[i] == NULL)
            return NULL;

    double since = ds_loop_now(c->group->loop);
    const char *before =
        ds__set_work(c->handle, op->name == NULL ? "operator" : op->name);
    ds_vec *result = ds__op_reduce(op, c->handle, vecs, n);
    ds__set_work(c->handle, before);
    c->path.reducing += ds_loop_now(c->group->loop) - since;
    c->path.cost.reduced += (double)n * (double)vecs[0]->len;
    return check_result(c, op, result, vecs[0]->len);
}

ds_vec *ds__step_combine(ds_comm *c, const ds_op *op, ds_vec *left,
                         ds_vec *right)
{
    ds_vec *both[] = { left, right };
    ds_vec *result = ds__step_reduce(c, op, both, 2);

    ds_vec_unref(left);
    ds_vec_unref(right);
    return result;
}

/* ---- Pieces ---------------------------------------------------------------*/

ds_vec *ds__step_slice(ds_comm *c, ds_vec *vec, size_t from, size_t to)
{
    if (vec == NULL)
        return NULL;
    if (from > to || to > vec->len) {
        ds__fail(c->group->loop, DS_EMISUSE,
                 "%s: rank %zu slices elements %zu to %zu out of %zu",
                 ds__comm_function(c), c->rank, from, to, vec->len);
        return NULL;
    }

    ds_vec *slice = ds_vec_slice(vec, from, to);
    if (slice == NULL)
        ds__comm_fail_memory(c);
    return slice;
}

ds__whole ds__whole_of(const ds_comm *c, size_t len, size_t size)
{
    ds__whole whole = { .len = len };

    if (c->into != NULL && c->into->len == len && c->into->size == size)
        whole.vec = ds_vec_ref(c->into);
    return whole;
}

void ds__whole_put(ds_comm *c, ds__whole *whole, size_t at, const ds_vec *piece)
{
    if (piece == NULL)
        return;
    assert(at <= whole->len && piece->len <= whole->len - at);
    if (piece->data == NULL && whole->vec != NULL && whole->vec->data != NULL) {
        ds_vec_unref(whole->vec);
        whole->vec = NULL;
    }
    if (whole->vec == NULL)
        whole->vec = ds__vec_like(piece, whole->len);
    if (whole->vec == NULL) {
        ds__comm_fail_memory(c);
        return;
    }
    assert(whole->vec->size == piece->size);
    if (piece->data != NULL && whole->vec->data != NULL)
        memcpy(ds_vec_at(whole->vec, at), piece->data,
               piece->len * piece->size);
}

void ds__whole_take(ds_comm *c, ds__whole *whole, size_t at, ds_vec *piece)
{
    ds__whole_put(c, whole, at, piece);
    ds_vec_unref(piece);
}

ds_vec *ds__step_rotate(ds_comm *c, ds_vec *vec, size_t at)
{
    if (vec == NULL || at == 0 || at == vec->len)
        return vec;
    assert(at < vec->len);

    ds__whole whole = { .len = vec->len };
    ds__whole_take(c, &whole, 0, ds__step_slice(c, vec, at, vec->len));
    ds__whole_take(c, &whole, vec->len - at, ds__step_slice(c, vec, 0, at));
    ds_vec_unref(vec);
    return whole.vec;
}

ds_vec *ds__step_join(ds_comm *c, ds_vec *first, ds_vec *second)
{
    if (first == NULL || second == NULL || second->len == 0) {
        ds_vec_unref(second);
        return first;
    }
    size_t at = first->len;
    ds__whole whole = { .len = at + second->len };
    ds__whole_take(c, &whole, 0, first);
    ds__whole_take(c, &whole, at, second);
    return whole.vec;
}
