/* Adds up the calls of all ranks by where they are made, what they waited for,
 * and how long collectives take.
 *
 * A wait has two parts: until the other side has come, and then the message's
 * way.  Of the latter a part may be what it took longer than on an idle
 * network, since it shared ports or links with other messages. */
#ifndef DS_MPI_RUN_PROFILE_H
#define DS_MPI_RUN_PROFILE_H

#include "mpi/nonblocking.h"
#include "mpi/turn.h"

/* What a rank waits for. */
typedef enum ds__wait_kind {
    DS__WAIT_SENDER,   /* that is late */
    DS__WAIT_RECEIVER, /* likewise */
    DS__WAIT_NETWORK,  /* as long as an idle one takes */
    DS__WAIT_SHARING,  /* of that with other messages */
    DS__WAITS,
} ds__wait_kind;

/* Calls of one name that are made in one place. */
typedef struct ds__profile_site {
    const char *call;
    const char *line; /* "": the program has none there */
    bool aside;       /* the part that is done while the rank goes on */
    uint64_t calls;
    uint64_t ranks;
    double bytes; /* that their messages carry */
    double seconds;
    double min; /* of a call */
    double max;
    double waits[DS__WAITS];
} ds__profile_site;

/* Collectives of one place, one size and one number of members. */
typedef struct ds__profile_collective {
    const char *call;
    const char *line;
    void (*run)(const ds__work *work); /* which one it is */
    bool even;                         /* all pieces are alike */
    size_t count; /* of elements, of the piece of a member */
    double bytes; /* of all of them */
    double full;  /* bytes where the most are */
    int members;
    ds__turn_facts facts;
    uint64_t times;
    double seconds; /* in all, from when the last member has come to when all
                     * are done */
    double skew;    /* in all, from the first to the last that comes */
} ds__profile_collective;

typedef struct ds__profile_config {
    /* How long so many bytes take between ranks on an idle network. */
    double (*idle)(void *arg, int from, int to, double bytes);
    void *arg;
} ds__profile_config;

void ds__profile_begin(const ds__profile_config *config);

/* What is kept of a thread's present call; zeros at first. */
typedef struct ds__profiled {
    struct ds__site *site;
    struct ds__instance *instance; /* of a collective */
} ds__profiled;

/* The present call of the rank's thread has ended. */
void ds__profile_end(ds__rank *me, ds__profiled *p);

/* What happens in it. */
void ds__profile_post(ds__rank *me, ds__profiled *p, const ds__request *r);
void ds__profile_wait(ds__rank *me, ds__profiled *p, double since,
                      const ds__request *r);
void ds__profile_collective_begins(ds__rank *me, ds__profiled *p,
                                   const ds__work *work);

/* Returns what was added up, what took longest first; to be freed. */
ds__profile_site *ds__profile_sites(size_t *n);
ds__profile_collective *ds__profile_collectives(size_t *n);

#endif
