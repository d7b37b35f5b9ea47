/* How long do the collectives take that are not allreduces?  For each kind a
 * contest of its algorithms. */

#include "bench/common/laboratory.h"

#define PROGRAM "distsys-collective"

static const char doc[] =
    "Simulates the collectives that are not allreduces, such as broadcasts, "
    "and prints how many seconds of virtual time they take."
    "\vEvery combination of what the lists contain is run, and algorithms "
    "compete within their collective.  Each node gives a vector of the size: "
    "in a gather or an allgather these become one that is as many times as "
    "long.  Examples:\n\n"
    "  " PROGRAM " --algorithm=bcast --nodes=8,64 --size=1k,1M --best\n"
    "  " PROGRAM " --algorithm=allgather-ring,allgather-bruck --costs\n"
    "  " PROGRAM " --mode=rendezvous --real --size=1k --format=json\n"
    "  " PROGRAM " --algorithm=alltoall --crossover";

static const laboratory lab = {
    .program = { PROGRAM, doc },
    .algorithm_help = "Algorithms by name, or all those of a collective by its "
                      "name, such as bcast, or all",
    .algorithms = "all",
    .sweep_algorithms = "all",
    .options = { SETTING_ROOT, SETTING_CHUNK },
    .num_options = 2,
};

int main(int argc, char **argv)
{
    return laboratory_main(&lab, argc, argv);
}
