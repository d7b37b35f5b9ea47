/* How many servers are hurt by lines that are on: down, paused, or cut off from
 * most others; and those whose disks cannot be trusted.
 *
 * Cut off is a server that can talk, both ways, to so few others that they and
 * it are less than half of all. */
#ifndef DS_EXPLORE_PLAN_TOLL_H
#define DS_EXPLORE_PLAN_TOLL_H

#include "explore/plan/plan.h"

/* Invariants: each array has n places, and cut n * n. */
typedef struct ds__toll {
    size_t n; /* servers, which are the nodes from 0 on */
    bool *distrusted;
    bool *hurt;
    bool *cut; /* from i to j: i * n + j */
    uint32_t *sides;
    const ds_net *net;       /* whose links may go off; NULL: none do */
    ds_node *const *servers; /* if there is one */
} ds__toll;

/* What is in servers stays the caller's.  false: no memory. */
bool ds__toll_init(ds__toll *toll, size_t n, const ds_net *net,
                   ds_node *const *servers);
void ds__toll_free(ds__toll *toll);

/* Begins anew; then lines are added; then it is known who is hurt, and how many
 * they are. */
void ds__toll_begin(ds__toll *toll);
void ds__toll_add(ds__toll *toll, const ds__plan_line *line);
size_t ds__toll_count(ds__toll *toll);

/* How many of n servers may be hurt at a time, if a test says max_down; 0:
 * fewer than half of them. */
static inline size_t ds__toll_allowed(size_t max_down, size_t n)
{
    return max_down == 0 && n > 0 ? (n - 1) / 2 : max_down;
}

/* The most of n servers on a network that a plan hurts at a time.  From then on
 * that has one whose disk it wipes, or makes lie or rot.  SIZE_MAX: no memory.
 */
size_t ds__toll_most(const ds_plan *plan, size_t n, const ds_net *net,
                     ds_node *const *servers);

#endif
