/* A square matrix of rates, row by row.
 *
 * An index outside reads as 0 and is not written: there is no loop at hand to
 * report misuse to, and a model of the user's own must not crash. */

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include <distsys/connmat.h>

ds_connmat *ds_connmat_new(size_t num_nodes)
{
    const size_t cell = sizeof(double);

    if (num_nodes > 0 && num_nodes > SIZE_MAX / cell / num_nodes)
        return NULL;

    ds_connmat *mat = malloc(sizeof(*mat));
    double *rates = calloc(num_nodes > 0 ? num_nodes * num_nodes : 1, cell);
    if (mat == NULL || rates == NULL) {
        free(mat);
        free(rates);
        return NULL;
    }
    *mat = (ds_connmat){ .num_nodes = num_nodes, .rates = rates };
    return mat;
}

void ds_connmat_free(ds_connmat *mat)
{
    if (mat == NULL)
        return;
    free(mat->rates);
    free(mat);
}

static double *row(const ds_connmat *mat, size_t src)
{
    return mat->rates + src * mat->num_nodes;
}

static bool inside(const ds_connmat *mat, size_t index)
{
    return mat != NULL && index < mat->num_nodes;
}

double ds_connmat_get(const ds_connmat *mat, size_t src, size_t dst)
{
    return inside(mat, src) && inside(mat, dst) ? row(mat, src)[dst] : 0;
}

void ds_connmat_set(ds_connmat *mat, size_t src, size_t dst, double rate)
{
    if (inside(mat, src) && inside(mat, dst))
        row(mat, src)[dst] = rate;
}

double ds_connmat_sum_source(const ds_connmat *mat, size_t src)
{
    double sum = 0;

    for (size_t d = 0; inside(mat, src) && d < mat->num_nodes; d++)
        sum += row(mat, src)[d];
    return sum;
}

double ds_connmat_sum_dest(const ds_connmat *mat, size_t dst)
{
    double sum = 0;

    for (size_t s = 0; inside(mat, dst) && s < mat->num_nodes; s++)
        sum += row(mat, s)[dst];
    return sum;
}

void ds_connmat_scale_source(ds_connmat *mat, size_t src, double factor)
{
    for (size_t d = 0; inside(mat, src) && d < mat->num_nodes; d++)
        row(mat, src)[d] *= factor;
}

void ds_connmat_scale_dest(ds_connmat *mat, size_t dst, double factor)
{
    for (size_t s = 0; inside(mat, dst) && s < mat->num_nodes; s++)
        row(mat, s)[dst] *= factor;
}
