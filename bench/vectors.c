/* See vectors.h. */

#include "bench/vectors.h"

/* The second factor repeats itself after a prime, so that blocks, whose length
 * is hardly ever a multiple of it, differ from each other. */
static double factor(size_t i)
{
    return (double)(i % 997 + 1);
}

double vectors_element(size_t rank, size_t i)
{
    return (double)(rank + 1) * factor(i);
}

double vectors_sum(size_t first, size_t end, size_t i)
{
    return (double)(end - first) * (double)(first + end + 1) / 2 * factor(i);
}

ds_vec *vectors_new(size_t rank, size_t len, bool real)
{
    if (!real)
        return ds_vec_phantom(len);

    ds_vec *vec = ds_vec_new(len);
    if (vec == NULL)
        return NULL;
    for (size_t i = 0; i < vec->len; i++)
        vec->data[i] = vectors_element(rank, i);
    return vec;
}
