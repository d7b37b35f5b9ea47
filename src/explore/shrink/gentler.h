/* Gentler lines: what a line of a plan could say instead that does less, or
 * that is easier to read. */
#ifndef DS_EXPLORE_SHRINK_GENTLER_H
#define DS_EXPLORE_SHRINK_GENTLER_H

#include "explore/plan/plan.h"

/* In the order in which to try them: first what hurts fewer, then what hurts
 * less, then what is shorter to write. */
typedef enum ds__manner {
    DS__FROM_PARTITION_TO_CUT,
    DS__FEWER_LINKS,
    DS__AT_ONCE_OR_SOONER, /* what comes at the k-th call */
    DS__FEWER_FIELDS,
    DS__WEAKER_FIELDS,
    DS__ROUNDER_TIME,
    DS__SHORTER,
    DS__ROUNDER_UNTIL,
    DS__ROUNDER_FIELDS,
    DS__NUM_MANNERS,
} ds__manner;

/* Where the plan is to happen. */
typedef struct ds__bounds {
    uint32_t num_nodes;
    double shortest; /* no fault is made shorter than that, in seconds */
} ds__bounds;

/* Stores the i-th proposal for a line in a manner, i >= 0, which is a line that
 * may stand in a plan as well, and may be the same one; members are shared.
 * False: there are no more. */
bool ds__gentler(const ds__plan_line *line, ds__manner manner,
                 const ds__bounds *bounds, size_t i, ds__plan_line *gentler);

#endif
