/* See algorithm.h.  Lengths there are in elements of 8 bytes. */

#include "mpi/run/algorithm.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { LONG = 65536, ELEMENT = 8 };

/* What is done for vectors of at most so many bytes. */
typedef struct row {
    void (*run)(const ds__work *work);
    ds_collective_kind kind;
    const char *algorithm; /* NULL: none of src/coll/ */
    double most;
} row;

static const row rows[] = {
    { ds__work_barrier, DS_BARRIER, "barrier-dissemination", INFINITY },
    { ds__work_bcast, DS_BCAST, "bcast-binomial", INFINITY },
    { ds__work_gather, DS_GATHER, NULL, INFINITY },
    { ds__work_scatter, DS_SCATTER, NULL, INFINITY },
    { ds__work_allgather, DS_ALLGATHER, "allgather-ring", INFINITY },
    { ds__work_alltoall, DS_ALLTOALL, "alltoall-pairwise", INFINITY },
    { ds__work_reduce, DS_REDUCE, "reduce-binomial", INFINITY },
    { ds__work_allreduce, DS_ALLREDUCE, "recursive-doubling", LONG },
    { ds__work_allreduce, DS_ALLREDUCE, "ring", INFINITY },
    { ds__work_scan, DS_SCAN, NULL, INFINITY },
    { ds__work_exscan, DS_EXSCAN, NULL, INFINITY },
    { ds__work_reduce_scatter, DS_REDUCE_SCATTER, NULL, INFINITY },
};

/* NULL: it is none of these. */
static const row *row_of(const ds__profile_collective *c)
{
    assert(c->full >= 0 && c->members > 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
        if (rows[i].run == c->run && c->full <= rows[i].most)
            return &rows[i];
    return NULL;
}

ds_collective_kind ds__algorithm_kind(const ds__profile_collective *c)
{
    const row *is = row_of(c);

    return is == NULL ? (ds_collective_kind)0 : is->kind;
}

const ds_collective *ds__algorithm_of(const ds__profile_collective *c)
{
    const row *is = row_of(c);
    const char *name = is == NULL ? NULL : is->algorithm;
    size_t n;
    const ds_collective *const *all = ds_collective_catalogue(&n);

    for (size_t i = 0; i < n && name != NULL; i++)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    return NULL;
}

static size_t elements(const ds__profile_collective *c)
{
    return (size_t)ceil(c->full / ELEMENT);
}

double ds__algorithm_seconds(const ds__profile_collective *c, double latency,
                             double rate)
{
    const ds_collective *how = ds__algorithm_of(c);

    if (how == NULL || how->cost == NULL || !c->even)
        return NAN;
    ds_cost cost = how->cost(how, (size_t)c->members, elements(c));
    cost.reduced = 0;
    return ds_cost_seconds(cost, latency, rate);
}

double ds__algorithm_bound(const ds__profile_collective *c, double latency,
                           double rate)
{
    const ds_collective_kind kind = ds__algorithm_kind(c);
    const size_t p = (size_t)c->members;

    if (kind == 0)
        return NAN;
    if (p < 2)
        return 0;
    if (kind == DS_BARRIER)
        return latency;
    /* At a byte a second operators take nothing beside what is moved. */
    const double moved = ds_collective_lower_bound(kind, p, elements(c), 0, 1);
    return moved == 0 ? 0 : latency + moved / rate;
}
