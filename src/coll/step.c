/* What algorithms are made of. */

#include <string.h>

#include "coll/step.h"

static ds__key key_of(const ds_comm *c, size_t from, unsigned step)
{
    return (ds__key){
        .call = c->call->number,
        .from = (uint32_t)from,
        .tag = step,
    };
}

void ds__step_send(ds_comm *c, size_t to, unsigned step, ds_vec *vec)
{
    if (vec == NULL || ds__over(c->group->loop))
        return;

    double size = DS__ELEMENT_SIZE * (double)vec->len;
    ds__key key = key_of(c, c->rank, step);
    ds__packet_send(c, to, ds__packet_new(key, c->rank, vec, size));
}

void ds__step_send_others(ds_comm *c, unsigned step, ds_vec *vec)
{
    if (vec != NULL && !ds__over(c->group->loop))
        ds__packet_send_others(c, key_of(c, c->rank, step), vec);
}

ds_vec *ds__step_recv(ds_comm *c, size_t from, unsigned step)
{
    ds__packet *packet = ds__packet_recv(c, key_of(c, from, step));

    if (packet == NULL)
        return NULL;
    ds_vec *vec = ds_vec_ref(packet->vec);
    ds__packet_free(packet);
    return vec;
}

/* An operator may be somebody's own. */
static bool check_result(ds_comm *c, const ds_op *op, const ds_vec *result,
                         size_t len)
{
    if (result->len == len)
        return true;
    ds__fail(c->group->loop, DS_EMISUSE,
             "%s: operator %s made %zu elements of vectors of %zu",
             c->call->function, op->name == NULL ? "?" : op->name, result->len,
             len);
    return false;
}

ds_vec *ds__step_reduce(ds_comm *c, const ds_op *op, ds_vec *const *vecs,
                        size_t n)
{
    if (ds__over(c->group->loop))
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (vecs[i] == NULL)
            return NULL;

    ds_vec *result = op->reduce(op, c->handle, vecs, n);
    if (result == NULL || check_result(c, op, result, vecs[0]->len))
        return result;
    ds_vec_unref(result);
    return NULL;
}

/* ---- Pieces ---------------------------------------------------------------*/

ds_vec *ds__step_slice(ds_comm *c, ds_vec *vec, size_t from, size_t to)
{
    if (vec == NULL)
        return NULL;

    ds_vec *slice = ds_vec_slice(vec, from, to);
    if (slice == NULL)
        ds__comm_fail_memory(c);
    return slice;
}

void ds__whole_put(ds_comm *c, ds__whole *whole, size_t at, const ds_vec *piece)
{
    if (piece == NULL)
        return;
    if (whole->vec == NULL)
        whole->vec = ds__vec_like(piece, whole->len);
    if (whole->vec == NULL) {
        ds__comm_fail_memory(c);
        return;
    }
    if (piece->data != NULL && whole->vec->data != NULL)
        memcpy(whole->vec->data + at, piece->data, piece->len * sizeof(double));
}
