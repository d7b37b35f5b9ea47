/* How long does an allreduce take?  A contest of algorithms. */

#include "bench/common/laboratory.h"

#define PROGRAM "distsys-allreduce"

/* What is run by default: these settings, each with all sizes. */
static const setting table[] = {
    { .nodes = 2, .latency = 0.1, .rate = 1e6 },
    { .nodes = 16, .latency = 1e-3, .rate = 1e6 },
    { .nodes = 32, .latency = 0.1, .rate = 1e6 },
    { .nodes = 32, .latency = 0.1, .rate = 1e9 },
    { .nodes = 32, .latency = 1e-4, .rate = 1e9 },
};

static const char *const originals[] = { "naive", "tree", "stream" };

static const char doc[] =
    "Simulates allreduces, which leave every node of a group with the sum of "
    "everyone's vectors, and prints how many seconds of virtual time they take."
    "\vEvery combination of what the lists contain is run.  Without --nodes, "
    "--latency and --rate these are five settings from a slow pair of nodes to "
    "a fast 32; with any of them, the others have the default in parentheses.  "
    "Examples:\n\n"
    "  " PROGRAM "\n"
    "  " PROGRAM " --nodes=8,64 --rate=10Gbit --size=1k,1M\n"
    "  " PROGRAM " --algorithm=stream --real --format=json\n"
    "  " PROGRAM " --algorithm=all --mode=rendezvous --costs\n"
    "  " PROGRAM " --nodes=8,32 --crossover";

static const laboratory lab = {
    .program = { PROGRAM, doc },
    .allreduces = true,
    .algorithm_help = "Algorithms by name, or all",
    .algorithms = "naive,tree,stream",
    .sweep_algorithms = "all",
    .originals = originals,
    .num_originals = sizeof(originals) / sizeof(*originals),
    .table = table,
    .num_table = sizeof(table) / sizeof(*table),
    .options = { SETTING_GRANULARITY, SETTING_GROUP, SETTING_CHUNK },
    .num_options = 3,
};

int main(int argc, char **argv)
{
    return laboratory_main(&lab, argc, argv);
}
