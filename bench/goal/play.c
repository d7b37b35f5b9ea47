/* Plays a schedule: each operation is a thread of its rank, which is started
 * when all that it waits for is done.
 *
 * Where the network has no processors, each rank has one here, on which calcs
 * are done one after the other, and sending and receiving cost it nothing. */

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/common/args.h"
#include "bench/common/report.h"
#include "bench/goal/play.h"

typedef struct player player;

/* An operation that is played. */
typedef struct job job;
struct job {
    player *player;
    size_t op;
    ds_stream *told; /* what its network tells of a send or of work */
    job *next;       /* of the receives of a way that wait for a message */
    bool begun;      /* a receive, and those that wait for that know */
};

/* The receives of a way, in the order of their beginnings. */
typedef struct line {
    job *first;
    job *last;
} line;

struct player {
    const goal *goal;
    const play_config *config;
    ds_loop *loop;
    ds_net *net;
    ds_node **nodes;   /* by rank */
    ds_port **sources; /* by rank */
    ds_port **ports;   /* by way */
    job *jobs;         /* by operation */
    line *lines;       /* by way, where the network has processors */
    size_t *left;      /* for how many an operation waits yet */
    size_t *ready;     /* room for those that can begin */
    double *busy;      /* until when a rank's processor is, where the network
                        * has none */
    double *ends;      /* by rank */
};

static void perform(ds_handle *h, void *arg);

/* ---- Who comes next -------------------------------------------------------*/

/* Starts those that are ready: at one moment sends before receives before
 * calcs. */
static void start(player *p, size_t n)
{
    for (int kind = 0; kind < GOAL_KINDS; kind++) {
        for (size_t i = 0; i < n; i++) {
            const goal_op *op = &p->goal->ops[p->ready[i]];
            if ((int)op->kind == kind)
                ds_node_spawn(p->nodes[op->rank], perform,
                              &p->jobs[p->ready[i]]);
        }
    }
}

/* Lets those go on that wait for the beginning of an operation, or for its
 * end, or for either. */
static void go_on(player *p, const goal_op *op, bool begun, bool done)
{
    size_t n = 0;

    for (int pass = begun ? 0 : 1; pass < (done ? 2 : 1); pass++) {
        for (size_t i = 0; i < op->num_after; i++) {
            const goal_after *after = &p->goal->after[op->first + i];
            if (after->begun == (pass == 0) && --p->left[after->op] == 0)
                p->ready[n++] = after->op;
        }
    }
    start(p, n);
}

static void note_end(ds_handle *h, player *p, const goal_op *op)
{
    p->ends[op->rank] = fmax(p->ends[op->rank], ds_now(h));
}

/* ---- On a network with processors -----------------------------------------*/

/* There all messages count as long ones, so that their done tells when they
 * meet their receives.  What follows an operation can stand in line as soon as
 * that has begun, and the receive of a message as soon as its arrival has. */

/* The first receive of a way has met its message. */
static void end_recv(player *p, size_t way)
{
    job *j = p->lines[way].first;

    if (j == NULL)
        return;
    p->lines[way].first = j->next;
    const bool at_once = !j->begun;
    j->begun = true;
    go_on(p, &p->goal->ops[j->op], at_once, true);
}

/* The lesser rank goes on first. */
static void meet(ds_handle *h, player *p, const goal_op *op)
{
    const bool is_long = (double)op->size > p->config->longest;

    if (is_long)
        note_end(h, p, op);
    if (is_long && op->rank <= op->peer)
        go_on(p, op, false, true);
    end_recv(p, op->way);
    if (is_long && op->rank > op->peer)
        go_on(p, op, false, true);
}

static void follow_send(ds_handle *h, void *arg)
{
    job *j = arg;
    player *p = j->player;
    const goal_op *op = &p->goal->ops[j->op];
    ds_event event;

    if (!ds_poll(h, j->told, &event))
        return;
    go_on(p, op, true, (double)op->size <= p->config->longest);
    if (!ds_poll(h, j->told, &event))
        return;
    ds_stream_free(j->told);
    meet(h, p, op);
}

static void send_there(ds_handle *h, job *j, const goal_op *op)
{
    player *p = j->player;

    j->told = ds_stream_new(p->loop);
    ds_node_spawn(p->nodes[op->rank], follow_send, j);
    ds_loggops_send(h, p->net,
                    (ds_msg){
                        .source = p->sources[op->rank],
                        .dest = p->ports[op->way],
                        .size = (double)op->size,
                        .done = j->told,
                    },
                    j->told);
    note_end(h, p, op);
}

/* Comes after a receive that has met nothing, and so waits. */
static void follow_recv(ds_handle *h, void *arg)
{
    job *j = arg;
    ds_event event;

    if (!ds_poll(h, j->told, &event))
        return;
    ds_stream_free(j->told);
    if (j->begun)
        return;
    j->begun = true;
    go_on(j->player, &j->player->goal->ops[j->op], true, false);
}

static void recv_there(ds_handle *h, job *j, const goal_op *op)
{
    player *p = j->player;
    line *l = &p->lines[op->way];
    ds_msg msg;

    j->told = ds_stream_new(p->loop);
    ds_node_spawn(p->nodes[op->rank], follow_recv, j);
    if (!ds_loggops_turn(h, p->net, p->nodes[op->rank], j->told))
        return;
    *(l->first == NULL ? &l->first : &l->last->next) = j;
    l->last = j;
    if (ds_recv(h, p->ports[op->way], &msg))
        note_end(h, p, op);
}

static void follow_calc(ds_handle *h, void *arg)
{
    job *j = arg;
    ds_event event;

    if (!ds_poll(h, j->told, &event))
        return;
    ds_stream_free(j->told);
    go_on(j->player, &j->player->goal->ops[j->op], true, true);
}

static void calc_there(ds_handle *h, job *j, const goal_op *op)
{
    player *p = j->player;

    j->told = ds_stream_new(p->loop);
    ds_node_spawn(p->nodes[op->rank], follow_calc, j);
    if (ds_loggops_work(h, p->net, p->nodes[op->rank], (double)op->size * 1e-9,
                        j->told))
        note_end(h, p, op);
}

/* ---- On any other network -------------------------------------------------*/

/* A long message is done when it has arrived. */
static void send_here(ds_handle *h, job *j, const goal_op *op)
{
    player *p = j->player;
    const bool is_long = (double)op->size > p->config->longest;
    ds_event event;

    if (is_long)
        j->told = ds_stream_new(p->loop);
    ds_send(h, p->net,
            (ds_msg){
                .source = p->sources[op->rank],
                .dest = p->ports[op->way],
                .size = (double)op->size,
                .done = j->told,
            });
    go_on(p, op, true, !is_long);
    if (is_long) {
        if (!ds_poll(h, j->told, &event))
            return;
        ds_stream_free(j->told);
        go_on(p, op, false, true);
    }
    note_end(h, p, op);
}

static void recv_here(ds_handle *h, job *j, const goal_op *op)
{
    player *p = j->player;
    ds_msg msg;

    go_on(p, op, true, false);
    if (!ds_recv(h, p->ports[op->way], &msg))
        return;
    note_end(h, p, op);
    go_on(p, op, false, true);
}

static bool wait_until(ds_handle *h, double time)
{
    return time <= ds_now(h) || ds_sleep(h, time - ds_now(h));
}

/* The calcs of a rank are done one after the other. */
static void calc_here(ds_handle *h, job *j, const goal_op *op)
{
    player *p = j->player;
    const double begin = fmax(p->busy[op->rank], ds_now(h));
    const double end = begin + (double)op->size * 1e-9;

    p->busy[op->rank] = end;
    if (!wait_until(h, begin))
        return;
    go_on(p, op, true, false);
    if (!wait_until(h, end))
        return;
    note_end(h, p, op);
    go_on(p, op, false, true);
}

/* ---- Operations -----------------------------------------------------------*/

typedef void act(ds_handle *h, job *j, const goal_op *op);

static act *const acts[2][GOAL_KINDS] = {
    { send_here, recv_here, calc_here },
    { send_there, recv_there, calc_there },
};

static void perform(ds_handle *h, void *arg)
{
    job *j = arg;
    const goal_op *op = &j->player->goal->ops[j->op];
    char name[64];

    snprintf(name, sizeof(name), "rank %u, line %zu", (unsigned)op->rank,
             op->line);
    ds_set_name(h, name);
    acts[j->player->config->has_processors][op->kind](h, j, op);
}

/* ---- The whole ------------------------------------------------------------*/

static void build(player *p)
{
    const goal *g = p->goal;
    const size_t n = g->num_ranks;

    p->nodes = args_alloc(n, sizeof(*p->nodes));
    p->sources = args_alloc(n, sizeof(*p->sources));
    p->ports = args_alloc(g->num_ways + 1, sizeof(*p->ports));
    p->jobs = args_alloc(g->num_ops + 1, sizeof(*p->jobs));
    p->left = args_alloc(g->num_ops + 1, sizeof(*p->left));
    p->ready = args_alloc(g->num_ops + 1, sizeof(*p->ready));
    p->lines = args_alloc(g->num_ways + 1, sizeof(*p->lines));
    p->busy = args_alloc(n, sizeof(*p->busy));
    p->ends = args_alloc(n, sizeof(*p->ends));
    for (size_t i = 0; i < n; i++) {
        p->nodes[i] = ds_node_new(p->loop);
        p->sources[i] = ds_port_new(p->nodes[i]);
    }
    for (size_t i = 0; i < g->num_ways; i++)
        p->ports[i] = ds_port_new(p->nodes[g->ways[i].to]);
    p->net = p->config->net(p->loop, p->nodes, n, p->config->arg);
    for (size_t i = 0; i < g->num_ops; i++) {
        p->jobs[i] = (job){ .player = p, .op = i };
        p->left[i] = g->ops[i].waits;
    }
}

static void start_all(player *p)
{
    const goal *g = p->goal;

    for (size_t rank = 0; rank < g->num_ranks; rank++) {
        size_t n = 0;
        for (size_t i = g->first[rank]; i < g->first[rank + 1]; i++)
            if (g->ops[i].waits == 0)
                p->ready[n++] = i;
        start(p, n);
    }
}

static void conclude(const player *p, play_result *result)
{
    *result = (play_result){
        .ends = p->ends,
        .digest = ds_loop_digest(p->loop),
        .whole = ds_loop_now(p->loop),
        .uses = report_take(p->config->fabric, p->net),
    };
    for (size_t i = 0; i < p->goal->num_ranks; i++) {
        if (p->ends[i] <= result->end)
            continue;
        result->end = p->ends[i];
        result->last = i;
    }
}

static void free_player(player *p)
{
    free(p->nodes);
    free(p->sources);
    free(p->ports);
    free(p->jobs);
    free(p->left);
    free(p->ready);
    free(p->lines);
    free(p->busy);
}

failure play(const goal *g, const play_config *config, play_result *result)
{
    failure why = SUCCESS;
    player p = {
        .goal = g,
        .config = config,
        .loop = ds_loop_new(&(ds_loop_config){
            .exec = config->exec,
            .ties = DS_TIES_FIFO,
            .trace = config->trace,
            .ignore_environment = true,
        }),
    };

    build(&p);
    start_all(&p);
    ds_status status = ds_loop_run(p.loop);
    if (status == DS_OK || g->num_ops == 0) {
        conclude(&p, result);
    } else {
        why = failure_new(EXIT_FAILURE, "%s", ds_loop_error(p.loop));
        free(p.ends);
        *result = (play_result){ 0 };
    }
    ds_loop_free(p.loop);
    free_player(&p);
    return why;
}
