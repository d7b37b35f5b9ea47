/* Counted vectors.
 *
 * A vector and its elements are one piece of memory.  A slice is a vector
 * without elements of its own: it points into another and keeps that alive.
 * A phantom has a length and nothing else. */

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "coll/vec.h"
#include "loop/loop.h"

/* The count is atomic because a vector may serve two loops that run side by
 * side.  Slices count on the vector that has the elements, however deep they
 * were cut: pub.whole never is a slice itself. */
struct vec {
    ds_vec pub;
    atomic_size_t refs;
    void (*free)(void *data); /* of elements that are elsewhere; or NULL */
    bool lent;
    max_align_t elements[];
};

/* Remembers the last slice that this thread asked for if it is not inside its
 * vector, until another vector is made.  Whoever gives the NULL to a call is
 * then told about the slice, and not that there is no memory. */
static _Thread_local struct {
    const ds_handle *who; /* simulated threads may share a real one */
    bool known;
    size_t from;
    size_t to;
    size_t len;
} outside __attribute__((tls_model("initial-exec")));

static struct vec *vec_of(ds_vec *vec)
{
    return (struct vec *)vec;
}

static ds_vec *vec_init(struct vec *vec, size_t len, size_t size, void *data)
{
    outside.known = false;
    if (vec == NULL)
        return NULL;
    assert(size > 0 && (data == NULL || len <= SIZE_MAX / size));
    vec->pub = (ds_vec){ .len = len, .data = data, .size = size };
    vec->free = NULL;
    vec->lent = false;
    atomic_init(&vec->refs, 1);
    return &vec->pub;
}

/* Returns how many bytes it takes; 0: there cannot be so many. */
static size_t bytes_for(size_t len, size_t size)
{
    const size_t most = SIZE_MAX - sizeof(struct vec);

    return size == 0 || len > most / size ? 0 : sizeof(struct vec) + len * size;
}

ds_vec *ds_vec_new_of(size_t len, size_t size)
{
    size_t bytes = bytes_for(len, size);
    struct vec *vec = bytes == 0 ? NULL : calloc(1, bytes);

    return vec_init(vec, len, size, vec == NULL ? NULL : vec->elements);
}

ds_vec *ds_vec_new(size_t len)
{
    return ds_vec_new_of(len, sizeof(double));
}

/* Like ds_vec_new_of(), but with whatever was in memory. */
static ds_vec *vec_raw(size_t len, size_t size)
{
    size_t bytes = bytes_for(len, size);
    struct vec *vec = bytes == 0 ? NULL : malloc(bytes);

    return vec_init(vec, len, size, vec == NULL ? NULL : vec->elements);
}

ds_vec *ds_vec_phantom_of(size_t len, size_t size)
{
    return vec_init(size == 0 ? NULL : malloc(sizeof(struct vec)), len, size,
                    NULL);
}

ds_vec *ds_vec_phantom(size_t len)
{
    return ds_vec_phantom_of(len, sizeof(double));
}

ds_vec *ds_vec_wrap(void *data, size_t len, size_t size,
                    void (*free_data)(void *data))
{
    const bool sound = data != NULL && bytes_for(len, size) > 0;
    struct vec *vec = sound ? malloc(sizeof(struct vec)) : NULL;
    ds_vec *wrapped = vec_init(vec, len, size, data);

    if (wrapped != NULL)
        vec->free = free_data;
    return wrapped;
}

void *ds_vec_at(const ds_vec *vec, size_t i)
{
    if (vec == NULL || vec->data == NULL)
        return NULL;
    assert(i <= vec->len);
    return (char *)vec->data + i * vec->size;
}

ds_vec *ds__vec_lend(void *data, size_t len, size_t size)
{
    ds_vec *vec = ds_vec_wrap(data, len, size, NULL);

    if (vec != NULL)
        vec_of(vec)->lent = true;
    return vec;
}

bool ds__vec_is_lent(const ds_vec *vec)
{
    return ((const struct vec *)(vec->whole == NULL ? vec : vec->whole))->lent;
}

ds_vec *ds__vec_copy(const ds_vec *vec)
{
    ds_vec *copy = vec_raw(vec->len, vec->size);

    assert(vec->data != NULL);
    if (copy != NULL)
        memcpy(copy->data, vec->data, vec->len * vec->size);
    return copy;
}

ds_vec *ds__vec_like(const ds_vec *model, size_t len)
{
    return model->data == NULL ? ds_vec_phantom_of(len, model->size)
                               : vec_raw(len, model->size);
}

ds_vec *ds_vec_slice(ds_vec *vec, size_t from, size_t to)
{
    if (vec == NULL)
        return NULL;
    if (from > to || to > vec->len) {
        outside.who = ds__self();
        outside.known = true;
        outside.from = from;
        outside.to = to;
        outside.len = vec->len;
        return NULL;
    }

    ds_vec *slice = vec_init(malloc(sizeof(struct vec)), to - from, vec->size,
                             ds_vec_at(vec, from));
    assert(vec->whole == NULL || vec->whole->whole == NULL);
    if (slice != NULL)
        slice->whole = ds_vec_ref(vec->whole == NULL ? vec : vec->whole);
    return slice;
}

ds_vec *ds_vec_ref(ds_vec *vec)
{
    if (vec != NULL)
        atomic_fetch_add_explicit(&vec_of(vec)->refs, 1, memory_order_relaxed);
    return vec;
}

void ds_vec_unref(ds_vec *vec)
{
    if (vec == NULL)
        return;

    size_t before =
        atomic_fetch_sub_explicit(&vec_of(vec)->refs, 1, memory_order_acq_rel);
    assert(before > 0);
    if (before > 1)
        return;
    ds_vec_unref(vec->whole);
    if (vec_of(vec)->free != NULL)
        vec_of(vec)->free(vec->data);
    free(vec);
}

bool ds__vec_check(ds_loop *loop, const ds_vec *vec, const char *function,
                   const char *which)
{
    if (vec != NULL)
        return true;
    if (outside.known && outside.who == ds__self())
        ds__fail(loop, DS_EMISUSE,
                 "%s: %s is NULL, because ds_vec_slice was asked for elements "
                 "%zu to %zu of %zu",
                 function, which, outside.from, outside.to, outside.len);
    else
        ds__fail(loop, DS_ENOMEM, "%s: %s is NULL", function, which);
    return false;
}
