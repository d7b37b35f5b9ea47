/* Operators: vectors combined element by element.
 *
 * The elements are folded from the left, one vector after the other, so the
 * order given decides every bit.  Large work goes to another core. */

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "coll/op.h"
#include "coll/vec.h"
#include "loop/loop.h"

/* With less to do than this, moving the work elsewhere costs more than it. */
#define WORTH_A_CORE 16384

/* acc[i] = acc[i] combined with right[i]. */
typedef void fold_fn(double *restrict acc, const double *restrict right,
                     size_t len);

typedef struct work {
    ds_vec *const *vecs;
    size_t n;
    double *out;
    fold_fn *fold;
} work;

static void do_work(void *arg)
{
    const work *w = arg;
    size_t len = w->vecs[0]->len;

    assert(w->n > 0 && w->out != NULL);
    memcpy(w->out, w->vecs[0]->data, len * sizeof(double));
    for (size_t i = 1; i < w->n; i++)
        w->fold(w->out, w->vecs[i]->data, len);
}

static bool check(const ds_op *op, ds_loop *loop, ds_vec *const *vecs, size_t n)
{
    if (n == 0 || vecs == NULL) {
        ds__fail(loop, DS_EMISUSE, "ds_%s: nothing to reduce; n is at least 1",
                 op->name);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (vecs[i] == NULL) {
            char function[32], which[32];
            snprintf(function, sizeof(function), "ds_%s", op->name);
            snprintf(which, sizeof(which), "vector %zu", i);
            return ds__vec_check(loop, NULL, function, which);
        }
        if (vecs[i]->size != sizeof(double)) {
            ds__fail(loop, DS_EMISUSE,
                     "ds_%s: vector %zu has elements of %zu bytes; it combines "
                     "doubles",
                     op->name, i, vecs[i]->size);
            return false;
        }
        if (vecs[i]->len != vecs[0]->len) {
            ds__fail(loop, DS_EMISUSE,
                     "ds_%s: vector %zu has %zu elements and vector 0 has %zu; "
                     "all have one length",
                     op->name, i, vecs[i]->len, vecs[0]->len);
            return false;
        }
    }
    return true;
}

static const ds_vec *phantom_or_first(ds_vec *const *vecs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (vecs[i]->data == NULL)
            return vecs[i];
    return vecs[0];
}

static ds_vec *reduce(const ds_op *op, ds_handle *h, ds_vec *const *vecs,
                      size_t n, fold_fn *fold)
{
    if (!ds__enter(h, op->name))
        return NULL;
    ds_loop *loop = ds_handle_loop(h);
    if (!check(op, loop, vecs, n))
        return NULL;

    size_t len = vecs[0]->len;
    double seconds = (double)n * (double)len * DS_FLOP_TIME;
    ds_vec *result = ds__vec_like(phantom_or_first(vecs, n), len);
    if (result == NULL) {
        ds__fail_memory(loop, op->name);
        return NULL;
    }

    work w = { .vecs = vecs, .n = n, .out = result->data, .fold = fold };
    bool real = result->data != NULL;
    bool done;
    const char *before = ds__set_work(h, op->name);
    if (real && n * len >= WORTH_A_CORE) {
        done = ds_compute(h, seconds, do_work, &w);
    } else {
        if (real)
            do_work(&w);
        done = ds_sleep(h, seconds);
    }
    ds__set_work(h, before);
    if (done)
        return result;
    ds_vec_unref(result);
    return NULL;
}

/* ---- The operators --------------------------------------------------------*/

static void fold_sum(double *restrict acc, const double *restrict right,
                     size_t len)
{
    for (size_t i = 0; i < len; i++)
        acc[i] += right[i];
}

static void fold_prod(double *restrict acc, const double *restrict right,
                      size_t len)
{
    for (size_t i = 0; i < len; i++)
        acc[i] *= right[i];
}

/* A NaN on the right wins; one on the left stays, for nothing is greater. */
static void fold_max(double *restrict acc, const double *restrict right,
                     size_t len)
{
    for (size_t i = 0; i < len; i++)
        acc[i] = right[i] > acc[i] || isnan(right[i]) ? right[i] : acc[i];
}

static void fold_min(double *restrict acc, const double *restrict right,
                     size_t len)
{
    for (size_t i = 0; i < len; i++)
        acc[i] = right[i] < acc[i] || isnan(right[i]) ? right[i] : acc[i];
}

static ds_vec *reduce_sum(const ds_op *self, ds_handle *h, ds_vec *const *vecs,
                          size_t n)
{
    return reduce(self, h, vecs, n, fold_sum);
}

static ds_vec *reduce_prod(const ds_op *self, ds_handle *h, ds_vec *const *vecs,
                           size_t n)
{
    return reduce(self, h, vecs, n, fold_prod);
}

static ds_vec *reduce_max(const ds_op *self, ds_handle *h, ds_vec *const *vecs,
                          size_t n)
{
    return reduce(self, h, vecs, n, fold_max);
}

static ds_vec *reduce_min(const ds_op *self, ds_handle *h, ds_vec *const *vecs,
                          size_t n)
{
    return reduce(self, h, vecs, n, fold_min);
}

const ds_op ds_sum = { .name = "sum",
                       .reduce = reduce_sum,
                       .commutative = true };
const ds_op ds_prod = { .name = "prod",
                        .reduce = reduce_prod,
                        .commutative = true };
const ds_op ds_max = { .name = "max",
                       .reduce = reduce_max,
                       .commutative = true };
const ds_op ds_min = { .name = "min",
                       .reduce = reduce_min,
                       .commutative = true };

/* ---- Raw elements ---------------------------------------------------------*/

static const char *name_of(const ds_op *op)
{
    return op->name == NULL ? "?" : op->name;
}

/* Whether vectors are such as combine() knows; all are of one call. */
static bool check_raw(const ds_op *op, ds_loop *loop, const ds_vec *vec)
{
    if (!(op->seconds >= 0) || isinf(op->seconds)) {
        ds__fail(loop, DS_EMISUSE,
                 "operator %s takes %g seconds for an element; it must be "
                 "finite and at least 0",
                 name_of(op), op->seconds);
        return false;
    }
    if (op->size == 0 || op->size == vec->size)
        return true;
    ds__fail(loop, DS_EMISUSE,
             "operator %s combines elements of %zu bytes; the vector has those "
             "of %zu",
             name_of(op), op->size, vec->size);
    return false;
}

static bool are_alike(const ds_op *op, ds_loop *loop, ds_vec *const *vecs,
                      size_t n)
{
    for (size_t i = 1; i < n; i++) {
        if (vecs[i]->len == vecs[0]->len && vecs[i]->size == vecs[0]->size)
            continue;
        ds__fail(loop, DS_EMISUSE,
                 "operator %s: vector %zu has %zu elements of %zu bytes and "
                 "vector 0 has %zu of %zu; all are alike",
                 name_of(op), i, vecs[i]->len, vecs[i]->size, vecs[0]->len,
                 vecs[0]->size);
        return false;
    }
    return true;
}

/* From the right, where the result is. */
static void fold_raw(const ds_op *op, ds_vec *const *vecs, size_t n,
                     ds_vec *result)
{
    memcpy(result->data, vecs[n - 1]->data, result->len * result->size);
    for (size_t i = n - 1; i-- > 0;)
        op->combine(op, vecs[i]->data, result->data, result->len);
}

static ds_vec *combine(const ds_op *op, ds_handle *h, ds_vec *const *vecs,
                       size_t n)
{
    ds_loop *loop = ds_handle_loop(h);
    const size_t len = vecs[0]->len;

    assert(n > 0);
    if (!check_raw(op, loop, vecs[0]))
        return NULL;
    if (!are_alike(op, loop, vecs, n))
        return NULL;
    ds_vec *result = ds__vec_like(phantom_or_first(vecs, n), len);
    if (result == NULL) {
        ds__fail_memory(loop, name_of(op));
        return NULL;
    }
    if (result->data != NULL)
        fold_raw(op, vecs, n, result);
    const double seconds = (double)n * (double)len * op->seconds;
    if (seconds == 0 ? !ds__gone(h) : ds_sleep(h, seconds))
        return result;
    ds_vec_unref(result);
    return NULL;
}

ds_vec *ds__op_reduce(const ds_op *op, ds_handle *h, ds_vec *const *vecs,
                      size_t n)
{
    return op->reduce != NULL ? op->reduce(op, h, vecs, n)
                              : combine(op, h, vecs, n);
}
