/* The profile of a seed: which hazards there are, how dense, how long, how well
 * aimed.
 *
 * All seeds alike would find one kind of bug over and over.  So each draws
 * first what kind of weather it is going to be, and above all on which time
 * scale: what is wrong in an election shows if a machine goes and comes within
 * one.
 *
 * The constants of the generator are all in profile.c. */
#ifndef DS_EXPLORE_PLAN_PROFILE_H
#define DS_EXPLORE_PLAN_PROFILE_H

#include <distsys/explore.h>

#include "explore/plan/dice.h"

/* What may be done to a test. */
typedef struct ds__hazards {
    unsigned allowed;  /* DS_HAZARD_..., or-ed together */
    size_t max_down;   /* 0: fewer than half of the servers */
    double tick;       /* > 0 */
    double calm_after; /* > 0; nothing goes wrong from then on */
    double anew_at;    /* what begins from then on */
    uint64_t anew;     /* ... is another one for each number; 0: it is not */
} ds__hazards;

/* Chances that all links have all the time; 0: none. */
typedef struct ds__weather {
    double drop;
    double duplicate;
    double late;
    double damage;
    double jitter;
} ds__weather;

/* Invariants: scale > 0; aim is in [0, 1); 1 <= most_lines. */
typedef struct ds__profile {
    unsigned on;   /* hazards */
    double scale;  /* seconds, of spacing and length */
    double aim;    /* the probability to aim at who is busiest, */
    double middle; /* ... and at a call, instead of a time */
    ds__weather weather;
    size_t most_lines;
} ds__profile;

/* What kind of a seed it is, before anything is built: some have no faults, and
 * some of these have no random order of simultaneous events either. */
bool ds__seed_is_quiet(uint64_t seed);
ds_ties ds__seed_ties(uint64_t seed);

ds__profile ds__profile_draw(ds__dice *dice, const ds__hazards *what);

/* ---- What is drawn for one fault ------------------------------------------*/

/* Which hazard, of those that are on; 0: none is. */
unsigned ds__profile_hazard(const ds__profile *profile, ds__dice *dice);

/* How nodes are parted. */
typedef enum ds__split {
    DS__SPLIT_ALONE,  /* one server from all others, perhaps with a client */
    DS__SPLIT_HALVES, /* of the servers; the clients with either */
    DS__SPLIT_RANDOM,
    DS__SPLIT_BRIDGE, /* halves, and one server that hears both */
    DS__SPLIT_RING,   /* each server hears two others */
    DS__SPLIT_LINK,   /* one link */
} ds__split;

ds__split ds__profile_split(ds__dice *dice);
bool ds__profile_both_ways(ds__dice *dice);

/* How long until the next one, and how long it lasts: seconds > 0. */
double ds__profile_gap(const ds__profile *profile, ds__dice *dice);
double ds__profile_length(const ds__profile *profile, ds__dice *dice);

/* Which call a crash in the middle comes at, from 1. */
uint64_t ds__profile_call(ds__dice *dice);

double ds__profile_step(const ds__profile *profile, ds__dice *dice);
double ds__profile_drift(ds__dice *dice);
double ds__profile_speed(ds__dice *dice);
double ds__profile_burst(ds__dice *dice); /* a probability, for a while */
double ds__profile_lie(ds__dice *dice);   /* likewise, of a disk */
double ds__profile_sync(const ds__profile *profile, ds__dice *dice);

#endif
