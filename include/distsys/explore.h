#ifndef DISTSYS_EXPLORE_H
#define DISTSYS_EXPLORE_H

#include <distsys/fault.h>
#include <distsys/history.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Plans: what goes wrong, and when -------------------------------------*/

/* A plan is a text.  A line is a fault and its end, so that any of its lines
 * make a plan too: the time in seconds (ds_loop_now()), what, and until when.
 * Without an until it stays so.
 *
 *     # nodes are numbers, from 0, of the array that the plan is applied to
 *     0       faults * > * drop 0.1 duplicate 0.01 late 2 jitter 0.2 until 5
 *     0.4127  partition 0,1 | 2,3,4 until 0.663  # who is not named is alone
 *     1.2     cut 0 > 3 until 2.5                # one way; 0 - 3 is both
 *     1.2     hold 3 > * until 1.9
 *     1.0291  crash 2 until 1.0713               # and is restarted then
 *     1.1     crash 2 at-send 3 until 1.4        # also at-call, at-sync
 *     1.4     pause 3 until 1.912
 *     1.5     clock 1 step -0.3 drift 0.07 until 2.4  # then it goes right
 *     2       speed 1 0.5 until 9
 *     2       disk 2 lost-sync 0.5 until 3       # fields of ds_disk_config
 *     2.5     wipe 2                             # its disk
 *     2.8106  reseed 17                          # other random numbers
 *
 * # begins a comment.  A plan that is printed and parsed again is the same
 * plan, to the last bit. */
typedef struct ds_plan ds_plan;

ds_plan *ds_plan_parse(const char *text, char *why, size_t size);
/* NULL: why says which line and what is wrong */
char *ds_plan_print(const ds_plan *plan); /* free() it; NULL: no memory */
size_t ds_plan_size(const ds_plan *plan); /* how many lines */
void ds_plan_free(ds_plan *plan);

/* ---- Tests: a simulation that must be right whatever happens --------------*/

typedef struct ds_trial ds_trial; /* one simulation of a test, with one seed */

/* What may be done to a test, or-ed together. */
enum {
    DS_HAZARD_CRASH = 1 << 0, /* and restart */
    DS_HAZARD_PAUSE = 1 << 1,
    DS_HAZARD_PARTITION = 1 << 2, /* and cut links, one way or both */
    DS_HAZARD_DROP = 1 << 3,
    DS_HAZARD_DUPLICATE = 1 << 4,
    DS_HAZARD_REORDER = 1 << 5, /* jitter, holds */
    DS_HAZARD_DAMAGE = 1 << 6,
    DS_HAZARD_CLOCK = 1 << 7,
    DS_HAZARD_SPEED = 1 << 8,
    DS_HAZARD_DISK = 1 << 9,
};

typedef struct ds_test {
    const char *name;
    /* Makes the nodes, the network and the threads of one trial. */
    void (*build)(ds_trial *t, void *arg);
    /* After the run, if that went well; or NULL. */
    void (*check)(ds_trial *t, void *arg);
    void *arg;
    unsigned hazards;      /* DS_HAZARD_..., or-ed together */
    size_t max_down;       /* servers that are down, paused or cut off from most
                            * others at a time; 0: fewer than half */
    double tick;           /* the time scale of the protocol, such as that of
                            * its timeouts, in seconds; 0: 0.1 */
    size_t operations;     /* of each client, see ds_next(); 0: 10 */
    double calm_after;     /* seconds; then everything is mended, restarted,
                            * resumed, and stays so; 0: 40 ticks */
    double time_limit;     /* seconds by which a trial must be over, or it has
                            * failed; 0: calm_after + 100 ticks */
    uint64_t event_limit;  /* 0: 10 million */
    const ds_model *model; /* of what ds_trial_history() has; or NULL */
} ds_test;

#ifdef __cplusplus
}
#endif

#endif
