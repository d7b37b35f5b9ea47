/* The formats of files that describe a network, one file of code for each.
 *
 * A reader is given the lines from the first on and builds the topology; false:
 * something is wrong, and has been said with its line. */
#ifndef DS_TOPOLOGY_READ_FORMATS_H
#define DS_TOPOLOGY_READ_FORMATS_H

#include "topology/build.h"
#include "topology/read/lines.h"

/* What a file is read with. */
typedef struct ds__source {
    ds__lines lines;
    ds_topology *topology;
    const ds__cursor *shape; /* where the text names the file */
    const ds__spec *spec;
} ds__source;

bool ds__read_own(ds__source *source);
bool ds__read_ns3(ds__source *source);
bool ds__read_htsim(ds__source *source);
bool ds__read_astra(ds__source *source);
bool ds__read_ibnetdiscover(ds__source *source);

#endif
