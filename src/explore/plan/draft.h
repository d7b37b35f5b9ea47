/* Drafts: the lines of one fault, before it is known whether it may be. */
#ifndef DS_EXPLORE_PLAN_DRAFT_H
#define DS_EXPLORE_PLAN_DRAFT_H

#include "explore/plan/plan.h"
#include "explore/plan/profile.h"

/* Lines of one fault, at most; one that would need more is done in a simpler
 * way. */
#define DS__DRAFT_MOST 24

/* Invariants: count <= DS__DRAFT_MOST; members, sides and order have a place
 * for each node, of which the servers come first. */
typedef struct ds__draft {
    size_t num_servers; /* at least 1 */
    size_t num_nodes;
    ds__plan_line lines[DS__DRAFT_MOST];
    size_t count;
    ds__plan_member *members;
    uint32_t *sides;
    uint32_t *order;
    const ds_net *net; /* whose links go off, if that is asked for */
    ds_node *const *nodes;
    char digits[24]; /* of a link whose name is none for plans */
} ds__draft;

/* When it is, and whom it is aimed at. */
typedef struct ds__moment {
    double now;
    double end;         /* nothing lasts longer */
    uint32_t server;    /* at whom */
    bool aimed;         /* the server is the one that was busiest */
    bool in_the_middle; /* crashes come at a call, and not at once */
} ds__moment;

bool ds__draft_init(ds__draft *draft, size_t num_servers, size_t num_nodes);
void ds__draft_free(ds__draft *draft);

/* Draws the lines of one hazard, which is on. */
void ds__draft_hazard(ds__draft *draft, unsigned hazard,
                      const ds__profile *profile, ds__dice *dice,
                      const ds__moment *moment);

/* Those that are there from the beginning: a line for each kind of chance. */
void ds__draft_weather(ds__draft *draft, const ds__weather *weather,
                       const ds__moment *moment);

/* A disk that cannot be trusted, from now on. */
void ds__draft_liar(ds__draft *draft, ds__dice *dice, const ds__moment *moment);

#endif
