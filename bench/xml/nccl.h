/* What NCCL knows of a server, as it writes it to NCCL_TOPO_DUMP_FILE: GPUs and
 * ports of networks, and what joins them. */
#ifndef BENCH_XML_NCCL_H
#define BENCH_XML_NCCL_H

#include <stdio.h>

#include "bench/xml/tree.h"

/* Writes it as a topology; whatever is wrong with it ends the program. */
void nccl_convert(const xml_element *e, const char *path, FILE *file);

#endif
