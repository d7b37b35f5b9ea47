/* What the planted algorithms are written with: a group of machines with a port
 * each, and packets that are plain structs.
 *
 * Machines have numbers, the servers first.  What servers keep from one life to
 * the next goes to their disks; what is in a group is there before the first
 * life and does not change. */
#ifndef BENCH_PLANTED_KIT_H
#define BENCH_PLANTED_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys/disk.h>
#include <distsys/explore.h>
#include <distsys/observe.h>

enum { GROUP_MAX = 8, NOBODY = -1 };

typedef struct group {
    const void *rules; /* what the family does, but for the mistake */
    void *shared;      /* what the family wants to be known to all */
    ds_net *net;
    int servers;
    int size; /* with the clients */
    ds_node *nodes[GROUP_MAX];
    ds_port *ports[GROUP_MAX];
} group;

typedef struct group_plan {
    const void *rules; /* a struct of pointers to functions */
    size_t rules_size;
    int servers;
    int clients;
    ds_thread_fn *server; /* a daemon, whose arg is the group */
    ds_thread_fn *client; /* likewise, not a daemon; also run on servers if
                           * there are no clients */
    double latency;       /* each packet takes less; 0: 0.02 seconds */
    double sync_time;     /* of the disks; 0: 0.002 seconds */
    size_t shared;        /* bytes, zero at first */
    bool spared;          /* nothing is done to it but by itself */
} group_plan;

/* The right rules, a struct of pointers, but for a mistake: that is such a
 * struct too, of which those that are not NULL replace the right ones; NULL:
 * none.  They go with the trial. */
const void *group_rules(ds_trial *t, const void *mistake, const void *right,
                        size_t size);

/* Makes and exposes it, for the build of a test, with such a mistake. */
group *group_new(ds_trial *t, const void *mistake, const group_plan *plan);

/* Lets an observer end a trial as soon as facts contradict each other. */
void group_watch(ds_trial *t, unsigned checks);

/* The number of the machine that the caller is on. */
int group_me(const ds_handle *h);

/* True time, for histories. */
double group_time(const ds_handle *h);

/* Sends a copy, from the port of the caller's machine to that of another, or to
 * all servers, the caller's among them. */
void group_send(ds_handle *h, const group *g, int to, const void *packet,
                size_t size);
void group_send_all(ds_handle *h, const group *g, const void *packet,
                    size_t size);

/* Waits for a packet of that size, and stores who sent it, or NOBODY if none
 * has come within those seconds (INFINITY: it waits for ever).  False: the
 * machine or the simulation is over. */
bool group_recv(ds_handle *h, const group *g, double seconds, void *packet,
                size_t size, int *from);

/* For packets that begin with their call, an int64_t, which an answer repeats:
 * sends a request to so many servers, drawn anew each time, and stores their
 * answers, as an array.  What answers another call is dropped.  *got tells how
 * many there were within those seconds; false: it is over.
 *
 * To ask all and wait for some would be as right, and would hide mistakes: what
 * is stored everywhere is seldom missed. */
bool group_ask(ds_handle *h, const group *g, const void *request, size_t size,
               double seconds, int wanted, void *answers, int *got);

/* What a machine keeps is a row of records of one size, of at most 512 bytes,
 * so that a crash may lose the newest but never tears one, nor one that was
 * there before.  Notes a record, which is safe after a sync; or both.  False:
 * it is over. */
bool group_note(ds_handle *h, const char *name, const void *data, size_t size);
bool group_save(ds_handle *h, const char *name, const void *data, size_t size);

/* The newest record, or zeros. */
bool group_load(ds_handle *h, const char *name, void *data, size_t size);

/* A whole number from 0 to n - 1. */
int group_random(ds_handle *h, int n);

#endif
