/* A picture of a network. */
#ifndef BENCH_TOPOLOGY_DRAW_H
#define BENCH_TOPOLOGY_DRAW_H

#include "bench/common/failure.h"
#include "bench/topology/survey.h"

/* Draws hosts, switches and cables as an SVG into a file; text is the one that
 * the topology was made of.  Cables are coloured by a load; NULL: they are
 * grey. */
failure draw_svg(const ds_topology *topology, const char *text, const load *l,
                 const char *file);

#endif
