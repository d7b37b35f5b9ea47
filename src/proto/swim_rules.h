/* SWIM: what a member knows, how that spreads, and the rules in which a mistake
 * can be made, so that a test can put a wrong one in the place of a right one.
 */
#ifndef PROTO_SWIM_RULES_H
#define PROTO_SWIM_RULES_H

#include <distsys/detector.h>

/* How many reports a packet has at most. */
enum { DS__NEWS = 6 };

typedef struct ds__news {
    size_t member;
    ds_report report;
} ds__news;

/* What goes along in a packet. */
typedef struct ds__gossip {
    size_t n;
    ds__news news[DS__NEWS];
} ds__gossip;

typedef struct ds__swim_rules {
    /* Whether a report goes before another one of the same member. */
    bool (*overrides)(const ds_report *news, const ds_report *old);
    /* Whether who is said not to live says that it does. */
    bool (*refutes)(const ds_report *news);
    /* Whether somebody who is dead is probed, too. */
    bool (*probes)(const ds_report *of);
} ds__swim_rules;

extern const ds__swim_rules ds__swim_right;

/* What a member keeps of another besides its report. */
typedef struct ds__rumour {
    double since; /* a suspect: since when */
    size_t told;  /* how often the report has gone along since it is this one */
} ds__rumour;

/* A member's reports, of which its own is always that it lives. */
typedef struct ds__table {
    const ds__swim_rules *rules;
    ds_report *of; /* each member */
    ds__rumour *about;
    size_t n;
    size_t me;
} ds__table;

/* Hears of a member, at a time of this machine's clock. */
void ds__table_learn(ds__table *t, size_t member, ds_report news, double now);

/* Those whose grace is over are dead. */
void ds__table_bury(ds__table *t, double now, double grace);

/* What goes along to a member: the own report, what is said of that member if
 * it is not that it lives, and of the rest what was told least. */
ds__gossip ds__table_gossip(ds__table *t, size_t to);
void ds__table_hear(ds__table *t, const ds__gossip *g, double now);

void ds__swim_serve(ds_handle *h, const ds_swim *swim,
                    const ds__swim_rules *rules);

#endif
