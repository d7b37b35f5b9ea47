/* What bit: how many of the faults that a plan has really did something.
 *
 * A fault that does nothing looks like a program that is right.  For each
 * family of hazards the lines are counted that were planned, those whose time
 * came, and those that bit:
 *
 *     crash      something was lost by it: changes of its disk, messages that
 *                nobody had received yet, or that came while it was down; or it
 *                came in the middle, at a point
 *     pause      a thread of the machine was to go on, and could not
 *     partition  a message was lost by it, or by the cut link
 *     drop, duplicate, damage  it happened to a message
 *     reorder    a message was put off, or held
 *     clock      a thread of the machine asked what time it is, or for
 *                something in seconds
 *     speed      a thread of the machine computed
 *     disk       a sync that was said to be done left something undone, a read
 *                found a bit turned, or a call took time
 *     link       a message was lost or kept by the link of the network
 *     stall      a call of the machine was held up
 *
 * A line of chances belongs to each family for which it has one. */
#ifndef DS_EXPLORE_PLAN_BITES_H
#define DS_EXPLORE_PLAN_BITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys/explore.h>

#define DS__NUM_FAMILIES 12

/* By number of the bit in DS_HAZARD_... */
extern const char *const ds__family_names[DS__NUM_FAMILIES];

typedef struct ds__bites {
    uint64_t planned[DS__NUM_FAMILIES];
    uint64_t happened[DS__NUM_FAMILIES];
    uint64_t bit[DS__NUM_FAMILIES];
    uint64_t singles; /* messages that were to arrive twice, and had no clone */
} ds__bites;

/* What is known of one line. */
typedef struct ds__bite {
    unsigned planned; /* families, as DS_HAZARD_..., or-ed together */
    unsigned bit;     /* likewise */
    bool happened;
    uint64_t before[2]; /* what was counted already when it began */
} ds__bite;

/* Counts from now on what bites in this loop; before plans are applied. */
void ds__bites_count(ds_loop *loop);

/* What has been counted so far; all 0 if it was not. */
ds__bites ds__bites_of(const ds_loop *loop);

/* Of one line, as they were applied; NULL: there are fewer. */
const ds__bite *ds__bite_of_line(const ds_loop *loop, size_t line);

#endif
