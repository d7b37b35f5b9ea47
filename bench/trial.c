/* See trial.h. */

#include "bench/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- The run ------------------------------------------------------------ */

/* What the nodes of a run share; the baton makes that safe. */
struct job {
    const struct trial *trial;
    double end;   /* when the last one so far was done */
    ds_path path; /* and why not before */
};

static void member(ds_comm *c, void *arg)
{
    struct job *job = arg;

    ds_comm_set_mode(c, job->trial->setting.mode);
    if (!job->trial->run(c, job->trial))
        return;
    if (ds_now(ds_comm_handle(c)) <= job->end)
        return;
    job->end = ds_now(ds_comm_handle(c));
    job->path = ds_comm_path(c);
}

static double wall_clock(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void run(ds_loop *loop, const struct trial *trial, ds_node **nodes,
                struct trial_result *result)
{
    const struct setting *s = &trial->setting;
    size_t n = s->nodes;
    ds_greedy_switch greedy = ds_greedy_switch_uniform(n, s->rate);
    ds_maxmin_switch maxmin = ds_maxmin_switch_uniform(n, s->rate);
    struct job job = { .trial = trial };

    for (size_t i = 0; i < n; i++)
        nodes[i] = ds_node_new(loop);
    ds_net *net = ds_switched_net_new(
        loop, &(ds_switched_net_config){ .nodes = nodes,
                                         .num_nodes = n,
                                         .model = s->model == SETTING_MAXMIN
                                                      ? &maxmin.base
                                                      : &greedy.base,
                                         .latency = s->latency });
    ds_comm_spawn(loop, net, nodes, n, member, &job);

    result->status = ds_loop_run(loop);
    result->seconds = job.end;
    result->path = job.path;
    result->digest = ds_loop_digest(loop);
    snprintf(result->error, sizeof result->error, "%s", ds_loop_error(loop));
}

bool trial_run(const struct trial *trial, struct trial_result *result)
{
    const struct setting *s = &trial->setting;
    double start = wall_clock();
    ds_loop *loop =
        ds_loop_new(&(ds_loop_config){ .seed = s->seed, .exec = s->exec });
    ds_node **nodes = calloc(s->nodes, sizeof *nodes);

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

/* ---- Progress and failure ----------------------------------------------- */

struct trial_result trial_must(const struct trial *trial, size_t done,
                               size_t all)
{
    const struct setting *s = &trial->setting;
    bool watched = isatty(STDERR_FILENO);
    struct trial_result result;

    if (watched && all > 0)
        fprintf(stderr, "\r%zu of %zu: %s, %zu nodes, %zu elements\033[K",
                done + 1, all, trial->name, s->nodes, s->size);
    else if (watched)
        fprintf(stderr, "\r%zu: %s, %zu nodes, %zu elements\033[K", done + 1,
                trial->name, s->nodes, s->size);
    bool ok = trial_run(trial, &result);
    if (watched) /* gone before anything else is written */
        fputs("\r\033[K", stderr);
    if (!ok)
        args_give_up("%s, %zu nodes, latency %g, rate %g, size %zu: %s: %s",
                     trial->name, s->nodes, s->latency, s->rate, s->size,
                     ds_strstatus(result.status), result.error);
    return result;
}
