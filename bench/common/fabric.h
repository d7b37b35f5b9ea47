/* The topology that a program runs on in place of the switch, as its options
 * say: which one, and which rank is on which of its hosts.
 *
 * Programs take the table of options as it is, open a fabric when all has been
 * read, and have it make their networks; where there is none, they make those
 * of the switch. */
#ifndef BENCH_FABRIC_H
#define BENCH_FABRIC_H

#include <distsys.h>
#include <distsys/topology.h>

#include "bench/common/args.h"

/* What was asked for; all NULL: nothing. */
typedef struct fabric_options {
    const char *topology; /* a text for ds_topology_parse() */
    const char *map;      /* linear, random or the name of a file */
    const char *links;    /* all, or how many are reported */
} fabric_options;

enum {
    FABRIC_TOPOLOGY,
    FABRIC_MAP,
    FABRIC_LINKS,
    FABRIC_OPTIONS, /* how many there are */
};
extern const args_option fabric_table[FABRIC_OPTIONS];
#define FABRIC_HEADING "To run on a topology instead of the switch:"

/* Whether it is a switch to so many ranks, and which. */
typedef struct fabric_likeness {
    size_t ranks; /* 0: nobody has asked yet */
    bool is_switch;
    double latency;
    double rate;
} fabric_likeness;

/* Invariants: the topology is sound, and rank r < most is on hosts[r]. */
typedef struct fabric {
    const char *topology_text; /* as it was given */
    const char *map;
    ds_topology *topology; /* NULL: the switch, and nothing else is known */
    size_t *hosts;
    size_t most;               /* ranks that are placed */
    size_t links;              /* that are reported; SIZE_MAX: all */
    fabric_likeness *likeness; /* what was found out last */
} fabric;

/* Reads what was asked for; the seed is for maps that are drawn. */
failure fabric_open(fabric *f, const fabric_options *o, uint64_t seed);
void fabric_close(fabric *f);

static inline bool fabric_is_open(const fabric *f)
{
    return f != NULL && f->topology != NULL;
}

/* Refuses more ranks than are placed, by the name of the option that wants so
 * many. */
failure fabric_check(const fabric *f, const char *option, double ranks);

/* Refuses an option of the switch that was given, in these words. */
failure fabric_refuse(const char *option, const char *instead);

/* Such a network to be made, in which all else is 0 and may be said. */
ds_routed_net_config fabric_config(const fabric *f, ds_node *const *nodes,
                                   size_t n);

/* A network between so many ranks; NULL: messages share links max-min fairly,
 * and nothing is corrected. */
ds_net *fabric_net(const fabric *f, ds_loop *loop, ds_node *const *nodes,
                   size_t n, bool in_order, const ds_flow_model *model);

/* The rate of the slowest link on which a rank sends to the next. */
double fabric_port_rate(const fabric *f, size_t ranks);

/* A switch to which so many ranks could not tell the difference: each has one
 * link out and one in, all of these with one rate, all ways have one latency,
 * and no other link is shared.  false: there is none. */
bool fabric_is_switch(const fabric *f, size_t ranks, double *latency,
                      double *rate);

/* Columns of rows that have a const fabric * at an offset; they are empty if it
 * is not open. */
rows_value fabric_get_topology(const void *row, const rows_column *self);
rows_value fabric_get_map(const void *row, const rows_column *self);
#define FABRIC_TOPOLOGY_COLUMN(at)                                             \
    {                                                                          \
        "topology", "Topology", ROWS_TEXT, fabric_get_topology, at, 0          \
    }
#define FABRIC_MAP_COLUMN(at)                                                  \
    {                                                                          \
        "map", "Map", ROWS_TEXT, fabric_get_map, at, 0                         \
    }

#endif
