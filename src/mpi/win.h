/* Windows: memory of each member of a group that the others read and change
 * without its doing.
 *
 * Every member has an object of its own, with two sides: what it does to the
 * others, which it notes for each of them that it has to do with, and what the
 * others may do to it. */
#ifndef DS_MPI_WIN_H
#define DS_MPI_WIN_H

#include "mpi/comm.h"

typedef enum ds__flavor {
    DS__WIN_CREATE,   /* of memory that the program has */
    DS__WIN_ALLOCATE, /* of memory that comes and goes with it */
    DS__WIN_DYNAMIC,  /* of what is attached to it */
    DS__WIN_SHARED,   /* the parts of all are one piece */
} ds__flavor;

typedef enum ds__lock_type {
    DS__LOCK_NONE,
    DS__LOCK_SHARED,
    DS__LOCK_EXCLUSIVE,
} ds__lock_type;

/* Assertions, as the ABI of MPI 5.0 has them. */
enum {
    DS__MODE_NOCHECK = 1024,
    DS__MODE_NOPRECEDE = 2048,
    DS__MODE_NOPUT = 4096,
    DS__MODE_NOSTORE = 8192,
    DS__MODE_NOSUCCEED = 16384,
};

/* What lets a member access others. */
typedef enum ds__epoch {
    DS__NO_EPOCH,
    DS__FENCE_EPOCH,
    DS__START_EPOCH,
    DS__LOCK_EPOCH,     /* num_locks of them */
    DS__LOCK_ALL_EPOCH, /* a member is locked when it is accessed first */
} ds__epoch;

typedef struct ds__win ds__win;

/* What the members have together. */
typedef struct ds__win_all {
    int refs;
    bool shared;  /* whether memory has been made for all, or could not be */
    void *memory; /* or NULL */
    ds__win *members[];
} ds__win_all;

/* What a member notes about another one, or about itself likewise.  Invariants:
 * answers and leaving are 0 and unconfirmed is false while no epoch with it is
 * open. */
typedef struct ds__peer {
    struct ds__peer *next; /* in the order in which they were needed */
    int rank;
    ds__lock_type lock; /* that this member has there, or asks for */
    bool granted;
    bool unchecked;     /* the program says that nobody else wants one */
    bool started;       /* it is one of those that MPI_Win_start() named */
    unsigned answers;   /* that have not come */
    unsigned leaving;   /* what is sent from buffers that are still needed */
    bool unconfirmed;   /* something was sent that nothing will answer */
    unsigned posts;     /* that have come from there, and no start has used */
    unsigned completes; /* likewise, and no wait */
} ds__peer;

/* Memory that is attached. */
typedef struct ds__region {
    char *base;
    size_t size;
} ds__region;

/* Who waits for a lock. */
typedef struct ds__waiter {
    struct ds__waiter *next;
    int rank;
    ds__lock_type type;
} ds__waiter;

/* Of a member's memory.  Invariant: nobody waits who could have it, unless
 * another one came before. */
typedef struct ds__lock {
    int shared;    /* how many have it */
    int exclusive; /* the one that has it alone; -1: none */
    ds__waiter *waiters;
    ds__waiter **end;
} ds__lock;

struct ds__win {
    ds__object object;
    ds__rank *owner;
    ds__comm *comm; /* its own, without a handle, for errors and barriers */
    ds__win_all *all;
    ds__flavor flavor;
    char *base;
    size_t size;
    ptrdiff_t unit; /* bytes of a displacement */
    int small_unit; /* the same, as its attribute has it */
    void *memory;   /* that goes with it; or NULL */
    ds__region *regions;
    size_t num_regions;

    char name[DS__COMM_NAME];
    ds__attr *attrs;
    ds__info *hints; /* NULL: none */

    /* What it does to others. */
    ds__epoch epoch;
    unsigned fences; /* so far */
    bool used;       /* something was accessed in it */
    bool unchecked;  /* the program says that nobody else wants a lock */
    int num_locks;
    int *started; /* members in the epoch of a start */
    int num_started;
    ds__table places; /* of the peers, by rank */
    ds__peer *peers;
    ds__peer **last_peer;
    const char *wait_words;
    int (*wait_whom)(const ds__win *win); /* as of ds__win_wait() */
    int wait_only;   /* a member, if it is about one alone */
    bool wants_lock; /* of the member that it waits for */

    /* What others do to it. */
    ds__lock lock;
    int *posted; /* members in the epoch of a post; NULL: there is none */
    int num_posted;
    ds__sequences sequences; /* of messages to others and from them */
    size_t coming;           /* messages under way */
    bool freed;              /* it goes when none is */
};

/* Frees what a member has of one. */
void ds__win_drop(ds__win *win);

/* The same if all have freed it and nothing is under way to it. */
void ds__win_settle(ds__win *win);

/* Returns an error after saying it. */
int ds__win_attach(ds__win *win, void *base, size_t size);
int ds__win_detach(ds__win *win, const void *base);

/* Whether a member has that memory in the window. */
bool ds__win_has(const ds__win *win, const char *first, const char *end);

/* Finds what is noted about a member, or makes a note that is empty. */
ds__peer *ds__win_peer(ds__win *win, int rank);

/* The number in the world. */
static inline int ds__win_number(const ds__win *win, int rank)
{
    return win->comm->group->world[rank];
}

/* Waits as long as there is a member that whom(win) returns, which is -1 when
 * it goes on; words are what that member is waited for, before its number. */
void ds__win_wait(ds__win *win, int (*whom)(const ds__win *win),
                  const char *words);

/* To be called where a program may look again and again at what others change,
 * and no time passes: after 100 looks at one moment each takes 100 ns. */
void ds__win_look(ds__win *win);

#endif
