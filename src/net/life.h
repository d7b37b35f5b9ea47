/* The lives of machines, as the files of src/net see them. */
#ifndef DS_NET_LIFE_H
#define DS_NET_LIFE_H

#include <distsys/disk.h>
#include <distsys/fault.h>

#include "loop/loop.h"

/* What ds_alloc() gave, in front of it. */
typedef struct ds__piece ds__piece;

/* A disk crashes and goes with its machine; what it is else is disk.c's. */
typedef struct ds__disk {
    void (*crash)(ds_node *node);
    void (*free)(ds_node *node);
    ds_disk_config config;

    /* What has gone wrong so far, and took effect. */
    uint64_t lost;   /* changes, all or a part of each, in crashes */
    uint64_t lied;   /* syncs that left changes as they were */
    uint64_t rotted; /* reads */
    uint64_t slowed; /* calls that took time */
} ds__disk;

/* A place where a machine crashes: in the left-th call of a kind from now, or
 * not at all if that is 0.  Or where it pauses, if whoever is told sees to
 * that; then the kind is DS_AT_CALL, and the call waits until the machine goes
 * on. */
typedef struct ds__point ds__point;
struct ds__point {
    ds__point *next; /* of those that its machine waits for */
    ds_crash_point kind;
    uint64_t left;
    bool pauses;

    /* Is told when its machine has crashed there, or is to pause; or NULL. */
    void (*struck)(ds__point *self);
};

/* What a machine is besides its number and its ports.
 *
 * Invariants: scope.over while it is down and until a restart; it is not paused
 * while it is down. */
typedef struct ds__life {
    ds__scope scope; /* of its threads */
    bool down;
    double since;    /* it is down or paused */
    uint64_t number; /* of lives before this one */
    char *name;      /* or NULL */
    ds__piece *pieces;

    /* What it does when it is switched on; NULL: nothing. */
    ds_thread_fn *boot;
    void *boot_arg;
    bool boot_daemon;

    /* Crash points that it waits for, and among them those of
     * ds_node_crash_at(), by kind; and how many calls the scope was last set to
     * count. */
    ds__point *points;
    ds__point own_point[3];
    uint64_t counted;

    /* How many plan its restart; and whether the run waits for that. */
    size_t restarts;
    bool awaited;

    ds__disk *disk; /* NULL: untouched */

    bool handling; /* a handler of it is running, */
    bool doomed;   /* ... and its memory is to be freed when that returns */

    /* For those below: frees what is above, but not the node; adds to a report
     * what is the matter with it, if anything is. */
    void (*free)(ds_node *node);
    void (*report)(const ds_node *node, ds__text *text);
} ds__life;

/* For who makes nodes. */
void ds__life_init(ds_node *node);

/* How it is called in reports, such as: node 2 "db" */
void ds__node_describe(const ds_node *node, ds__text *text);

/* Which node a thread belongs to, or NULL. */
ds_node *ds__node_of(const ds_handle *h);

/* Has the node crash at a point of which kind and left are set, beside any
 * other point; or not any more.  It must not be waiting for it already. */
void ds__life_await(ds_node *node, ds__point *point);
void ds__life_forget(ds_node *node, ds__point *point);

/* Somebody is going to restart the node if it is down then, and so the run goes
 * on meanwhile if it is no daemon's; or is not any more. */
void ds__life_plan_restart(ds_node *node);
void ds__life_plan_no_restart(ds_node *node);

/* How many of n messages that somebody on a machine, or on none, is about to
 * send he still sends before it crashes, which ds__life_strike() then has it
 * do. */
size_t ds__life_count_sends(ds_node *node, size_t n);
void ds__life_strike(ds_node *node);

/* A thread of the node is about to sync; false: that has made it crash. */
bool ds__life_count_sync(ds_node *node);

/* Memory of ds_alloc(), in a list. */
void *ds__piece_new(ds__piece **list, size_t size); /* NULL: no memory */
void ds__piece_free_all(ds__piece *list);

/* Adds a thread to a node, as ds__spawn(). */
ds_handle *ds__node_spawn(ds_node *node, ds_thread_fn *fn, void *arg,
                          bool daemon, const char *call);

#endif
