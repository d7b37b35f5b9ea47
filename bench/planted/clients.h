/* Clients of a register that a group runs by a log, as tests have them. */
#ifndef BENCH_PLANTED_CLIENTS_H
#define BENCH_PLANTED_CLIENTS_H

#include <distsys/machine.h>

#include "bench/planted/kit.h"

/* Reads, writes, compares and sets, and notes it down; asks another member
 * after two ticks, and gives up after ten, but not on the last read, which is
 * to see what has become of all. */
void clients_live(ds_handle *h, const group *g, const ds_group *members,
                  double tick);

#endif
