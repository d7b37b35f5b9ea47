/* The generator of faults: what goes wrong with a seed, if no plan says it.
 *
 * It decides about each fault when its time has come, since it may be aimed at
 * whoever is busiest then, and has it happen as a line of a plan does.  So a
 * run under the plan that is printed for it afterwards is the same run.
 *
 * Never more servers are down, paused or cut off from most others at a time
 * than a test tolerates, and clients suffer from links only. */
#ifndef DS_EXPLORE_PLAN_GENERATE_H
#define DS_EXPLORE_PLAN_GENERATE_H

#include "explore/plan/plan.h"
#include "explore/plan/profile.h"

/* Who may be hurt, all of one loop.  Plans number the servers first. */
typedef struct ds__exposure {
    ds_loop *loop;
    ds_net *net;
    ds_node *const *servers;
    size_t num_servers;
    ds_node *const *clients;
    size_t num_clients;
} ds__exposure;

typedef struct ds__generator ds__generator;

/* Makes one, which begins at once; it goes with the loop.  NULL: no memory, or
 * the loop may not be touched, which is recorded. */
ds__generator *ds__generate(const ds__exposure *who, const ds__hazards *what,
                            uint64_t seed);

/* What it has done so far; to be applied to the servers and then the clients.
 */
const ds_plan *ds__generated(const ds__generator *generator);

/* At this time everything is mended, restarted, resumed, and set right,
 * whatever plan there is, and nothing of a plan happens any more.  Once for
 * each loop, before its run.  False: no memory, which is recorded. */
bool ds__calm(const ds__exposure *who, double time);

#endif
