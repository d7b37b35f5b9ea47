/* See trial.h. */

#include "bench/common/trial.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/common/measure.h"
#include "bench/common/report.h"
#include "bench/common/vectors.h"

/* ---- Progress -------------------------------------------------------------*/

static void show_progress(const ds_collective *how, const setting *s,
                          size_t done, size_t all)
{
    if (!isatty(STDERR_FILENO))
        return;
    fprintf(stderr, "\r%zu", done + 1);
    if (all > 0)
        fprintf(stderr, " of %zu", all);
    fprintf(stderr, ": %s, %zu nodes, %zu elements\033[K", how->name, s->nodes,
            s->size);
}

/* Before anything else is written. */
static void clear_progress(void)
{
    if (isatty(STDERR_FILENO))
        fputs("\r\033[K", stderr);
}

/* ---- The run --------------------------------------------------------------*/

/* What the nodes of a run share; the baton makes that safe. */
typedef struct job {
    const ds_collective *how;
    const setting *s;
    split_log *log;      /* NULL: it is not to be split */
    double end;          /* when the last one so far was done */
    ds_path path;        /* and why not before */
    const ds_comm *last; /* that is */
} job;

/* Whether this node has got what it must. */
static bool take_part(ds_comm *c, const ds_collective *how, const setting *s)
{
    ds_vec *mine = vectors_new(ds_comm_rank(c), s->size, s->real);
    ds_vec *got = ds_collective_run(how, c, mine, &ds_sum, s->root);
    bool right = got != NULL && vectors_check(c, how, s, got);

    ds_vec_unref(mine);
    ds_vec_unref(got);
    return right;
}

static void member(ds_comm *c, void *arg)
{
    job *j = arg;

    if (j->log != NULL)
        ds_comm_keep_path(c);
    ds_comm_set_mode(c, setting_modes[j->s->mode].mode);
    ds_comm_set_eager(c, j->s->eager);
    if (!take_part(c, j->how, j->s))
        return;
    if (ds_now(ds_comm_handle(c)) <= j->end)
        return;
    j->end = ds_now(ds_comm_handle(c));
    j->path = ds_comm_path(c);
    j->last = c;
}

ds_collective trial_algorithm(const ds_collective *how, const setting *s,
                              const places *where)
{
    ds_collective copy = *how;

    copy.shape = places_for(where, how);
    if (s->granularity > 0)
        copy.granularity = (unsigned)s->granularity;
    if (s->group > 0)
        copy.group = s->group;
    if (s->chunk > 0)
        copy.chunk = s->chunk;
    return copy;
}

static failure failure_of(const ds_loop *loop, const job *j, ds_status status)
{
    const setting *s = j->s;

    if (status == DS_OK)
        return SUCCESS;
    if (fabric_is_open(s->fabric))
        return failure_new(EXIT_FAILURE,
                           "%s, %zu nodes on %s, size %zu: %s: %s",
                           j->how->name, s->nodes, s->fabric->topology_text,
                           s->size, ds_strstatus(status), ds_loop_error(loop));
    return failure_new(EXIT_FAILURE,
                       "%s, %zu nodes, latency %G, rate %G, size %zu: %s: %s",
                       j->how->name, s->nodes, s->latency, s->rate, s->size,
                       ds_strstatus(status), ds_loop_error(loop));
}

static ds_net *make_net(ds_loop *loop, const job *j, ds_node *const *nodes,
                        model_room *room)
{
    const setting *s = j->s;

    if (j->log == NULL)
        return setting_net(s, loop, nodes, room);
    ds_routed_net_config config = fabric_config(s->fabric, nodes, s->nodes);
    config.in_order = setting_modes[s->mode].in_order;
    config.crossed = split_log_add;
    config.arg = j->log;
    return ds_routed_net_new(loop, &config);
}

static split split_path(const job *j)
{
    const size_t n = ds_comm_path_messages(j->last, NULL, 0);
    const size_t num_links = ds_topology_num_links(j->s->fabric->topology);
    uint64_t *messages = args_alloc(n, sizeof(*messages));

    ds_comm_path_messages(j->last, messages, n);
    split s = split_of(j->log, messages, n, num_links);
    free(messages);
    return s;
}

static void run(ds_loop *loop, job *j, ds_node **nodes, trial_result *result)
{
    const setting *s = j->s;
    model_room room;

    for (size_t i = 0; i < s->nodes; i++)
        nodes[i] = ds_node_new(loop);
    ds_net *net = make_net(loop, j, nodes, &room);
    ds_comm_spawn(loop, net, nodes, s->nodes, member, j);

    ds_status status = ds_loop_run(loop);
    result->why = failure_of(loop, j, status);
    result->seconds = j->end;
    result->path = j->path;
    result->digest = ds_loop_digest(loop);
    result->whole = ds_loop_now(loop);
    result->uses = report_take(s->fabric, net);
    if (j->log != NULL)
        result->split = split_path(j);
}

/* What the loop makes of a setting. */
static setting used(const ds_loop *loop, const setting *s)
{
    const ds_loop_config *config = ds_loop_config_of(loop);
    setting result = *s;

    result.seed = config->seed;
    result.exec = (size_t)config->exec;
    result.ties = config->ties == DS_TIES_FIFO ? "fifo" : "random";
    return result;
}

trial_result trial_run(const ds_collective *how, const setting *s, bool explain,
                       size_t done, size_t all)
{
    double start = measure_clock();
    places where = places_of(s->fabric, s->nodes);
    ds_collective own = trial_algorithm(how, s, &where);
    job j = { .how = &own, .s = s };
    trial_result result = { .used = *s };
    ds_loop *loop = setting_loop_new(s->seed, s->exec);
    ds_node **nodes = args_alloc(s->nodes, sizeof(*nodes));

    if (explain && fabric_is_open(s->fabric))
        j.log = split_log_new();
    if (loop != NULL)
        result.used = used(loop, s);
    show_progress(how, s, done, all);
    run(loop, &j, nodes, &result);
    clear_progress();
    free(nodes);
    ds_loop_free(loop);
    places_free(&where);
    split_log_free(j.log);
    result.wall_seconds = (measure_clock() - start) * 1e-9;
    return result;
}
