/* Standard output is the program's and of tables that were asked for; what is
 * said of the run is on standard error. */

#include "bench/mpirun/simulate.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/common/model.h"
#include "bench/common/report.h"
#include "bench/mpirun/tables.h"
#include "mpi/run/host.h"
#include "mpi/run/profile.h"
#include "mpi/run/signal.h"
#include "mpi/run/watch.h"

/* ---- On which network -----------------------------------------------------*/

/* A topology, and what went wrong in telling how its links were used. */
typedef struct network {
    const fabric *fabric;
    rows_format format;
    failure why;
} network;

static ds_net *make_net(void *arg, ds_loop *loop, ds_node *const *nodes,
                        size_t n)
{
    const network *net = arg;

    return fabric_net(net->fabric, loop, nodes, n, false, NULL);
}

/* Behind all that the program has printed. */
static void report_links(void *arg, const ds_net *net, double seconds)
{
    network *told = arg;
    ds_link_use *uses = report_take(told->fabric, net);

    if (uses != NULL)
        told->why = report_show(&(report){ .fabric = told->fabric,
                                           .uses = uses,
                                           .seconds = seconds,
                                           .heading = "the whole run" },
                                told->format, false);
    free(uses);
}

/* ---- The run --------------------------------------------------------------*/

static void say_network(const options *o, const fabric *f)
{
    if (fabric_is_open(f))
        fprintf(stderr, "topology %s, map %s", f->topology_text, f->map);
    else
        fprintf(stderr, "%g s and %g B/s", o->latency, o->rate);
}

/* What is not as usual. */
static void say_unusual(const options *o)
{
    if (!isinf(o->bare_from))
        fprintf(stderr, ", messages of %g B and more without bytes",
                o->bare_from);
    if (o->reading != DS_FLOP_TIME)
        fprintf(stderr, ", operators at %g s an element", o->reading);
    if (o->see.jitter > 0)
        fprintf(stderr, ", messages up to %g s late", o->see.jitter);
    if (o->see.wildcards == SEE_DRAWN)
        fprintf(stderr, ", wildcards drawn");
    if (o->seed != 0)
        fprintf(stderr, ", seed %" PRIu64, o->seed);
}

static void say_result(const options *o, const fabric *f,
                       const ds__world_result *result)
{
    char *computing = see_compute_words(&o->compute);

    fprintf(stderr, PROGRAM ": %zu ranks, ", o->ranks);
    say_network(o, f);
    fprintf(stderr, ", eager to %g B", o->eager);
    say_unusual(o);
    fprintf(stderr, "; %.9g s of virtual time%s; digest %016" PRIx64 "\n",
            result->seconds, computing, result->digest);
    free(computing);
}

static bool say_computing(const options *o, const char *what)
{
    fprintf(stderr, PROGRAM ": --compute: %s: %s\n", o->compute.file, what);
    return false;
}

static bool begin_computing(const options *o, const char *file)
{
    char buf[512];
    ds__text why;

    ds__text_init(&why, buf, sizeof(buf));
    return ds__compute_begin(&o->compute, file, (int)o->ranks, &why) ||
           say_computing(o, buf);
}

static bool end_computing(const options *o)
{
    char buf[512];
    ds__text why;

    ds__text_init(&why, buf, sizeof(buf));
    return ds__compute_end(&why) || say_computing(o, buf);
}

int simulate(const options *o, const fabric *f, const char *file,
             seeds_result *came)
{
    network net = { .fabric = f, .format = (rows_format)o->see.format };
    tables_options told = {
        .profile = o->see.profile,
        .explain = o->see.explain,
        .format = (rows_format)o->see.format,
        .fabric = f,
        .latency = o->latency,
        .rate = o->rate,
        .eager = o->eager,
        .ranks = o->ranks,
    };
    ds__world_config config = {
        .program = PROGRAM,
        .num_ranks = (int)o->ranks,
        .latency = o->latency,
        .rate = o->rate,
        .eager = o->eager,
        .reading = o->reading,
        .chooser = { o->chooser->n > 0 ? choose : NULL, o->chooser },
        .greedy = o->model == MODEL_GREEDY,
        .net = fabric_is_open(f) ? make_net : NULL,
        .hosts = fabric_is_open(f) ? f->hosts : NULL,
        .used = fabric_is_open(f) ? report_links : NULL,
        .arg = &net,
        .checking = (ds__checking)o->check,
        .strict = o->strict,
        .draws = o->see.wildcards == SEE_DRAWN,
        .jitter = o->see.jitter,
        .exec = (ds_exec)o->exec,
        .seed = o->seed,
        .stack_size = (size_t)o->stack,
        .image = ds__host_image,
        .run = ds__host_run,
    };
    uint64_t *orders =
        o->see.seeds == 0 ? NULL : args_alloc(o->ranks, sizeof(*orders));

    if (!begin_computing(o, file))
        return BAD_USAGE;
    ds__profile_begin(
        &(ds__profile_config){ .idle = tables_idle, .arg = &told });
    config.watch = ds__watch_begin(&(ds__watch_config){
        .computes = o->compute.mode != DS__COMPUTE_NONE,
        .tells = getenv("DISTSYS_TRACE") != NULL,
        .profiles = told.profile || told.explain,
        .bare_from = o->bare_from,
        .orders = orders,
    });
    ds__signals_catch();
    came->world = ds__world_run(&config);
    for (size_t i = 0; i < o->ranks && orders != NULL; i++)
        came->orders = came->orders * 31 + orders[i];
    free(orders);
    const bool recorded = end_computing(o);
    const bool written = ds__output_end() && recorded;
    told.seconds = came->world.seconds;
    const int shown = args_end(tables_show(&told));
    if (!o->quiet) {
        choose_report(o->chooser, PROGRAM);
        say_result(o, f, &came->world);
    }
    if (came->world.code != 0)
        return came->world.code;
    return written && shown == 0 ? args_end(net.why) : EXIT_FAILURE;
}
