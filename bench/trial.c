/* See trial.h. */

#include "bench/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* ---- Progress and failure -------------------------------------------------*/

static void show_progress(const struct trial *trial, size_t done, size_t all)
{
    const struct setting *s = &trial->setting;

    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r%zu", done + 1);
    if (all > 0)
        fprintf(stderr, " of %zu", all);
    fprintf(stderr, ": %s, %zu nodes, %zu elements\033[K", trial->name,
            s->nodes, s->size);
}

/* Before anything else is written. */
static void clear_progress(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

static void __attribute__((noreturn))
give_up(const struct trial *trial, ds_status status, const char *why)
{
    const struct setting *s = &trial->setting;

    clear_progress();
    args_give_up("%s, %zu nodes, latency %g, rate %g, size %zu: %s: %s",
                 trial->name, s->nodes, s->latency, s->rate, s->size,
                 ds_strstatus(status), why);
}

/* ---- The run --------------------------------------------------------------*/

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

static struct trial_result run(ds_loop *loop, const struct trial *trial,
                               ds_node **nodes)
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

    ds_status status = ds_loop_run(loop);
    if (status != DS_OK)
        give_up(trial, status, ds_loop_error(loop));
    return (struct trial_result){
        .seconds = job.end,
        .path = job.path,
        .digest = ds_loop_digest(loop),
    };
}

struct trial_result trial_run(const struct trial *trial, size_t done,
                              size_t all)
{
    const struct setting *s = &trial->setting;
    double start = wall_clock();
    ds_loop *loop =
        ds_loop_new(&(ds_loop_config){ .seed = s->seed, .exec = s->exec });
    ds_node **nodes = args_alloc(s->nodes, sizeof(*nodes));

    show_progress(trial, done, all);
    struct trial_result result = run(loop, trial, nodes);
    clear_progress();
    free(nodes);
    ds_loop_free(loop);
    result.wall_seconds = wall_clock() - start;
    return result;
}
