/* See trial.h. */

#include "bench/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* What the nodes of a run share; the baton makes that safe. */
struct job {
    const struct trial *trial;
    ds_allreduce algorithm;
    double end; /* when the last one so far was done */
};

/* ---- Vectors whose sum is known ----------------------------------------- */

/* Element i of rank r.  All of these and all their sums are whole numbers that
 * a double holds exactly, so the sum is the same in every order. */
static double element(size_t rank, size_t i)
{
    return (double)(rank + 1) * (double)(i % 1000 + 1);
}

static double element_of_sum(size_t nodes, size_t i)
{
    return (double)nodes * (double)(nodes + 1) / 2 * (double)(i % 1000 + 1);
}

static ds_vec *input(const struct trial *trial, size_t rank)
{
    if (!trial->real)
        return ds_vec_phantom(trial->size);

    ds_vec *vec = ds_vec_new(trial->size);
    if (vec == NULL)
        return NULL;
    for (size_t i = 0; i < vec->len; i++)
        vec->data[i] = element(rank, i);
    return vec;
}

static void check(ds_comm *c, const struct trial *trial, const ds_vec *sum)
{
    ds_handle *h = ds_comm_handle(c);

    if (sum->len != trial->size) {
        ds_fail(h, "%s: rank %zu has %zu elements instead of %zu",
                trial->algorithm->name, ds_comm_rank(c), sum->len, trial->size);
        return;
    }
    for (size_t i = 0; trial->real && i < sum->len; i++) {
        double right = element_of_sum(trial->nodes, i);

        if (sum->data[i] == right)
            continue;
        ds_fail(h, "%s: rank %zu has a sum of %g instead of %g at element %zu",
                trial->algorithm->name, ds_comm_rank(c), sum->data[i], right,
                i);
        return;
    }
}

/* ---- The run ------------------------------------------------------------ */

static void member(ds_comm *c, void *arg)
{
    struct job *job = arg;
    const struct trial *trial = job->trial;
    ds_vec *mine = input(trial, ds_comm_rank(c));

    ds_comm_set_mode(c, trial->mode);
    ds_vec *sum = ds_allreduce_run(&job->algorithm, c, mine, &ds_sum);
    ds_vec_unref(mine);
    if (sum == NULL)
        return;
    check(c, trial, sum);
    ds_vec_unref(sum);
    if (ds_now(ds_comm_handle(c)) > job->end)
        job->end = ds_now(ds_comm_handle(c));
}

static double wall_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

ds_allreduce trial_algorithm(const struct trial *trial)
{
    ds_allreduce algorithm = *trial->algorithm;

    if (trial->granularity > 0)
        algorithm.granularity = trial->granularity;
    if (trial->group > 0)
        algorithm.group = trial->group;
    if (trial->chunk > 0)
        algorithm.chunk = trial->chunk;
    return algorithm;
}

static void run(ds_loop *loop, const struct trial *trial, ds_node **nodes,
                struct trial_result *result)
{
    size_t n = trial->nodes;
    ds_greedy_switch greedy = ds_greedy_switch_uniform(n, trial->rate);
    ds_maxmin_switch maxmin = ds_maxmin_switch_uniform(n, trial->rate);
    struct job job = { .trial = trial, .algorithm = trial_algorithm(trial) };

    for (size_t i = 0; i < n; i++)
        nodes[i] = ds_node_new(loop);
    ds_net *net = ds_switched_net_new(
        loop, &(ds_switched_net_config){ .nodes = nodes,
                                         .num_nodes = n,
                                         .model = trial->model == TRIAL_MAXMIN
                                                      ? &maxmin.base
                                                      : &greedy.base,
                                         .latency = trial->latency });
    ds_comm_spawn(loop, net, nodes, n, member, &job);

    result->status = ds_loop_run(loop);
    result->seconds = job.end;
    result->digest = ds_loop_digest(loop);
    snprintf(result->error, sizeof result->error, "%s", ds_loop_error(loop));
}

bool trial_run(const struct trial *trial, struct trial_result *result)
{
    double start = wall_clock();
    ds_loop *loop = ds_loop_new(
        &(ds_loop_config){ .seed = trial->seed, .exec = trial->exec });
    ds_node **nodes = calloc(trial->nodes, sizeof *nodes);

    *result = (struct trial_result){ .status = DS_ENOMEM };
    if (loop != NULL && nodes != NULL)
        run(loop, trial, nodes, result);
    else
        snprintf(result->error, sizeof result->error, "%s",
                 ds_strstatus(DS_ENOMEM));
    free(nodes);
    ds_loop_free(loop);
    result->wall_seconds = wall_clock() - start;
    return result->status == DS_OK;
}
