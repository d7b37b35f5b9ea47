/* The script of a loop: the lines that have been applied to it, and what they
 * do when their time has come.
 *
 * Each line is an act of its own.  What several acts say of one link or one
 * machine at a time is put together anew whenever one of them begins or ends:
 * a link is cut as long as any of them cuts it, a machine is down as long as
 * any keeps it down, and of clocks, speeds, disks and chances what the last one
 * to begin says counts.  So an act more or less changes nothing in what the
 * others do.
 *
 * A script has one alarm, which rings before all else that happens at its
 * instant. */
#ifndef DS_EXPLORE_PLAN_SCRIPT_H
#define DS_EXPLORE_PLAN_SCRIPT_H

#include "base/heap.h"
#include "explore/plan/bites.h"
#include "explore/plan/plan.h"
#include "net/faults.h"

/* What the acts that are on say of the messages from one node to another. */
typedef struct ds__said {
    ds__saying saying;
    uint64_t as_of; /* script.changes when it was put together; 0: never */
} ds__said;

/* Nodes of a cast, at most, for which it is kept. */
#define DS__MOST_SAID 24

/* Whom the numbers of a plan name, on which network. */
typedef struct ds__cast ds__cast;
struct ds__cast {
    ds__cast *next;
    ds_net *net;
    ds_node **nodes;
    size_t count;
    uint32_t *places; /* by number of a node of the loop: its place in nodes,
                       * + 1; 0: it is not among them */
    size_t num_places;
    ds__said *said; /* from place i to j: i * count + j; NULL: too many */
};

typedef enum ds__act_state {
    DS__ACT_WAITING,
    DS__ACT_ON,
    DS__ACT_OVER,
} ds__act_state;

/* What a machine is without any acts. */
typedef struct ds__usual {
    double since; /* when its clock was seen last, */
    double ahead; /* ... and how much it was ahead, */
    double drift;
    double speed;
    ds_disk_config disk;
} ds__usual;

/* Invariants: it is in the heap of its script if and only if it is WAITING, or
 * ON and will end; it is in a list of the script if and only if it is ON. */
typedef struct ds__act {
    ds__heap_node cue;
    ds__link link; /* in one of the script's lists */
    ds__act_state state;
    uint64_t number; /* in the order of applying */
    ds__plan_line line;
    uint32_t *sides; /* of a partition, by place: a side + 1; 0: alone */
    const ds__cast *cast;
    ds_node *node; /* of one about a machine */
    ds__point point;
    bool struck;     /* of a crash or a pause: it has happened */
    ds__usual usual; /* of a machine, since the first of this kind began */
    ds__bite bite;
} ds__act;

typedef struct ds__script ds__script;

/* Acts are made a sheet at a time. */
#define DS__ACTS_A_SHEET 16
typedef struct ds__sheet ds__sheet;

/* Whoever adds acts when their time has come, instead of in advance. */
typedef struct ds__author ds__author;
struct ds__author {
    /* Is called when next has come, before the acts of that instant, and sets
     * it to a later time; INFINITY: never. */
    void (*write)(ds__author *self, ds__script *script);
    double next;
};

/* Invariants: cues holds the acts for which something is to come, by when;
 * links, machines and wires hold those that are on, in the order in which they
 * began. */
struct ds__script {
    ds__overlay overlay; /* first */
    ds__resident resident;
    ds_loop *loop;
    ds__alarm alarm;
    ds__cast *casts;
    const ds__cast *keeper; /* the only one, if what is said of it is kept */
    ds__act **acts;         /* all, in the order of applying */
    ds__sheet *sheets;      /* which they are on, the newest first */
    size_t num_acts;
    size_t max_acts;
    ds__heap cues;
    ds__link links;
    uint64_t changes; /* of what links holds, and 1 */
    unsigned unshown; /* families that some act in links has not shown yet */
    ds__said said;    /* what was asked for last and is kept nowhere */
    ds__link machines;
    ds__link wires;     /* links of a routed network */
    ds__author *author; /* or NULL */
    ds__author *calm;   /* likewise; it writes before the author does */
    bool ended;         /* nothing happens any more */
    bool counts;        /* what bites */
    uint64_t singles;   /* duplicates that could not be made */
};

/* Returns the script of a loop, and makes it when it is first asked for.  NULL:
 * no memory, recorded under call, or the loop may not be touched. */
ds__script *ds__script_of(ds_loop *loop, const char *call);

/* The same, but NULL if there is none. */
ds__script *ds__script_find(const ds_loop *loop);

/* Makes a cast; what it names has been checked.  NULL: no memory, recorded. */
const ds__cast *ds__script_cast(ds__script *script, ds_net *net,
                                ds_node *const *nodes, size_t n,
                                const char *call);

/* Adds an act, which begins at once if its time has come.  The numbers of the
 * line have been checked.  False: no memory, recorded. */
bool ds__script_add(ds__script *script, const ds__cast *cast,
                    const ds__plan_line *line, const char *call);

/* Sees to it that whatever is to come comes; after an author has been set. */
void ds__script_wind(ds__script *script);

/* Ends all acts, and lets none begin any more. */
void ds__script_end(ds__script *script);

/* Asserts what stands above the structs. */
void ds__script_check(const ds__script *script);

/* ---- Links ----------------------------------------------------------------*/

/* Makes the overlay of a script. */
void ds__script_overlay(ds__script *script);

/* An act about links has been put into the list, or taken out of it. */
void ds__links_changed(ds__script *script, const ds__act *act);

/* Asserts that what is kept is what the acts say. */
void ds__links_check(const ds__script *script);

/* ---- Machines -------------------------------------------------------------*/

/* An act about a machine begins, and is in the list; or ends, and still is. */
void ds__machine_begin(ds__script *script, ds__act *act);
void ds__machine_end(ds__script *script, ds__act *act);

/* Brings up to date what is known of what an act about a machine did. */
void ds__machine_bites(ds__act *act);

/* ---- Links of a routed network --------------------------------------------*/

/* The same of an act about one; that it is there has been checked. */
void ds__wire_begin(ds__act *act);
void ds__wire_end(ds__act *act);
void ds__wire_bites(ds__act *act);

/* Returns whether a link of a network is the one of a name: that has it, or,
 * if the network has none of that name, whose number it is. */
bool ds__wire_is(const ds_net *net, const char *name, size_t link);

/* Says what is wrong with a name; NULL: nothing. */
const char *ds__wire_lack(const ds_net *net, const char *name);

#endif
