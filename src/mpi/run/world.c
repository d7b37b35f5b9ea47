/* Makes the ranks and their network, runs them, and tells a deadlock. */

#include "mpi/run/world.h"

#include <assert.h>
#include <distsys/fault.h>
#include <distsys/switch.h>
#include <stdio.h>
#include <stdlib.h>

#include "mpi/agree.h"
#include "mpi/call.h"
#include "mpi/comm.h"
#include "mpi/leak.h"
#include "mpi/message.h"
#include "mpi/run/deadlock.h"
#include "mpi/run/output.h"
#include "mpi/run/signal.h"
#include "mpi/unbuffered.h"
#include "mpi/watch.h"

static const ds__world_config *how;

/* ---- Making it ------------------------------------------------------------*/

/* Contexts of the communicators that there are from the beginning. */
enum { WORLD = 0, SELF = 2 };

static ds__comm *make_comm(int first, int n, int rank, int context)
{
    int *world = ds__mpi_alloc((size_t)n, sizeof(*world));

    for (int i = 0; i < n; i++)
        world[i] = first + i;
    return ds__comm_new(ds__group_new(world, n), rank, context,
                        &ds__errors_are_fatal);
}

static void make_comms(ds__rank *r, ds__group *everybody)
{
    r->world = ds__comm_new(ds__object_hold(everybody), r->number, WORLD,
                            &ds__errors_are_fatal);
    r->self = make_comm(r->number, 1, 0, SELF);
}

static bool make_rank(ds__rank *r, int number, ds_node *node,
                      ds__group *everybody)
{
    assert(number == 0 || r[-1].number == number - 1);
    r->number = number;
    r->port = ds_port_new(node);
    r->now = &r->program;
    r->program.wake = ds_stream_new(ds__the_world.loop);
    ds__matcher_init(&r->matcher);
    ds__sequences_init(&r->sequences);
    make_comms(r, everybody);
    r->image = how->image(r);
    return r->image != NULL && ds__output_open(r);
}

/* A switch that is as large as the world. */
typedef union model {
    ds_greedy_switch greedy;
    ds_maxmin_switch maxmin;
} model;

static ds_net *make_switched_net(ds_node *const *nodes, model *room)
{
    const size_t n = (size_t)how->num_ranks;
    const ds_switch *shares = &room->greedy.base;

    if (how->greedy) {
        room->greedy = ds_greedy_switch_uniform(n, how->rate);
    } else {
        room->maxmin = ds_maxmin_switch_uniform(n, how->rate);
        shares = &room->maxmin.base;
    }
    return ds_switched_net_new(ds__the_world.loop, &(ds_switched_net_config){
                                                       .nodes = nodes,
                                                       .num_nodes = n,
                                                       .model = shares,
                                                       .latency = how->latency,
                                                       .idle_latency = true,
                                                   });
}

/* For traces, where a row is a node. */
static void name_nodes(ds_node *const *nodes)
{
    char name[32];

    for (int i = 0; i < how->num_ranks; i++) {
        snprintf(name, sizeof(name), "rank %d", i);
        ds_node_set_name(nodes[i], name);
    }
}

static bool make_world(ds_node **nodes, model *room)
{
    ds__world *w = &ds__the_world;

    *w = (ds__world){
        .program = how->program,
        .num_ranks = how->num_ranks,
        .hosts = how->hosts,
        .latency = how->net == NULL ? how->latency : 0,
        .rate = how->net == NULL ? how->rate : 0,
        .eager = how->eager,
        .reading = how->reading,
        .chooser = how->chooser,
        .watch = how->watch,
        .checking = how->checking,
        .draws = how->draws,
    };
    w->loop = ds_loop_new(&(ds_loop_config){
        .seed = how->seed,
        .exec = how->exec,
        .stack_size = how->stack_size,
        .trace = how->trace,
    });
    w->ranks = ds__mpi_alloc((size_t)how->num_ranks, sizeof(*w->ranks));
    for (int i = 0; i < how->num_ranks; i++)
        nodes[i] = ds_node_new(w->loop);
    if (ds_loop_config_of(w->loop)->trace != NULL)
        name_nodes(nodes);
    w->net = how->net != NULL
                 ? how->net(how->arg, w->loop, nodes, (size_t)how->num_ranks)
                 : make_switched_net(nodes, room);
    if (how->jitter > 0)
        ds_net_set_faults(w->net, NULL, NULL,
                          (ds_link_faults){ .jitter = how->jitter });
    int *world = ds__mpi_alloc((size_t)how->num_ranks, sizeof(*world));
    for (int i = 0; i < how->num_ranks; i++)
        world[i] = i;
    ds__group *everybody = ds__group_new(world, how->num_ranks);
    for (int i = 0; i < how->num_ranks; i++)
        if (!make_rank(&w->ranks[i], i, nodes[i], everybody))
            return false;
    return true;
}

/* ---- Running it -----------------------------------------------------------*/

static void fail_run(ds__rank *r, int code)
{
    ds__the_world.told = true;
    ds__the_world.code = code;
    ds_fail(r->program.h, "rank %d failed", r->number);
}

/* What a rank ends with, once it has returned from its program. */
static void judge(ds__rank *r)
{
    assert(r == ds__me());
    if (r->program.stuck.is || r->returned)
        return;
    if (ds__the_world.watch != NULL)
        ds__the_world.watch->end(r);
    r->returned = true;
    const bool open = r->initialized && !r->finalized;
    if (!open && r->sessions == 0) {
        if (r->code != 0 && ds__the_world.code == 0)
            ds__the_world.code = r->code;
        return;
    }
    fflush(stdout);
    fprintf(stderr, "%s: rank %d ends with %d without %s()\n",
            ds__the_world.program, r->number, r->code,
            open ? "MPI_Finalize" : "MPI_Session_finalize");
    fail_run(r, r->code != 0 ? r->code : 1);
}

static void body(ds_handle *h, void *arg)
{
    ds__rank *r = arg;
    char name[32];

    snprintf(name, sizeof(name), "rank %d", r->number);
    ds_set_name(h, name);
    r->program.h = h;
    ds__signals_make_room();
    ds__watch_work(r);
    r->code = how->run(r);
    judge(r);
}

/* ---- The end --------------------------------------------------------------*/

/* A number for where ranks were when the run failed. */
static uint64_t hash_places(void)
{
    const ds__world *w = &ds__the_world;
    uint64_t hash = 0xcbf29ce484222325u;

    for (int i = 0; i < w->num_ranks; i++) {
        const ds__rank *r = &w->ranks[i];
        const bool failed = r->program.stuck.is || r->code != 0;
        if (!failed || r->program.site == NULL)
            continue;
        hash = (hash ^ (uint64_t)i) * 0x100000001b3u;
        hash = (hash ^ (uint64_t)((const unsigned char *)r->program.site -
                                  r->image->base)) *
               0x100000001b3u;
    }
    return hash;
}

ds__world_result ds__world_run(const ds__world_config *config)
{
    ds__world *w = &ds__the_world;
    ds_node **nodes =
        ds__mpi_alloc((size_t)config->num_ranks, sizeof(ds_node *));
    static model room;

    assert(config->num_ranks > 0);
    assert(config->net != NULL || (config->rate > 0 && config->latency >= 0));
    how = config;
    if (!make_world(nodes, &room))
        return (ds__world_result){ .code = 1 };
    for (int i = 0; i < w->num_ranks; i++)
        ds_spawn(w->loop, body, &w->ranks[i]);
    const ds_status status = ds_loop_run(w->loop);
    fflush(stdout);
    if (status == DS_DEADLOCK)
        ds__deadlock_tell();
    else if (status != DS_OK && !w->told)
        fprintf(stderr, "%s: %s\n", w->program, ds_loop_error(w->loop));
    if (status == DS_OK && w->code == 0) {
        ds__leaks_find();
        ds__unbuffered_find();
    } else {
        for (int i = 0; i < w->num_ranks; i++)
            ds__receives_stuck(&w->ranks[i]);
    }
    if (ds__findings_tell(status != DS_OK) > 0 && how->strict && w->code == 0)
        w->code = 1;
    if (config->used != NULL)
        config->used(config->arg, w->net, ds_loop_now(w->loop));
    free(nodes);
    return (ds__world_result){
        .code = w->code != 0 ? w->code : status != DS_OK,
        .deadlock = status == DS_DEADLOCK,
        .where = hash_places(),
        .seconds = ds_loop_now(w->loop),
        .digest = ds_loop_digest(w->loop),
    };
}
