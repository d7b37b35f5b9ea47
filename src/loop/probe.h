/* The seam to watch a run through.
 *
 * Whatever happens is told in one place, as a record, and costs one branch
 * when nobody listens.  Who listens sees records in the order of happening,
 * the same on threads and fibers and from run to run, and may neither block
 * on the simulation nor change anything that it can see. */
#ifndef DS_LOOP_PROBE_H
#define DS_LOOP_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <distsys/loop.h>

/* The numbers are written to files: new kinds come last.  The meaning of flag,
 * who, a, b, id, x and text; a stream or a thread is its number, a node is its
 * number + 1, and 0 stands for every node or none. */
typedef enum ds__tell_kind {
    DS__TELL_RUN = 1, /* a run begins; id: the seed; flag: 1 if ties are fifo */
    DS__TELL_RAN,     /* it has ended; flag: status; id: digest; text: why */
    DS__TELL_SPAWN,   /* who: the new thread; a: by which, 0: from outside;
                       * flag: 1 if it is a daemon */
    DS__TELL_START,   /* who: its body begins; a: on which node; b: the how
                       * manieth life of that, from 0 */
    DS__TELL_END,   /* who: its body has returned; flag: 1 if it was unwound */
    DS__TELL_NAME,  /* flag: of what, a ds__named_what; a: which; text */
    DS__TELL_PORT,  /* a: its stream; b: on which node; x: its number there */
    DS__TELL_NET,   /* a: its number; text: what its operations are called */
    DS__TELL_MODEL, /* a: the network; x: latency; text: the model */
    DS__TELL_RATES, /* a: the network; b: a node; x: bytes a second; flag: 0
                     * that it can send, 1 that it can receive */
    DS__TELL_WAIT,  /* who; a: the first stream; b: how many; x: until when;
                     * text: the call */
    DS__TELL_SLEEP, /* who; x: until when; text: the call */
    DS__TELL_COMPUTE, /* who; x: until when; text: the operator, or NULL */
    DS__TELL_WAKE,    /* who; flag: a ds__woken_why; a: the stream of the
                       * event; id: the message that it is about, or 0 */
    DS__TELL_TAKE,    /* who; a, id: likewise.  The event lay there */
    DS__TELL_SEND,    /* who; a: from port, b: to port (their streams); x:
                       * bytes; id: its name, one more each time; flag: the
                       * network, at most 255 */
    DS__TELL_BEGIN,   /* id: its bytes flow from now on; a: by which way, 0:
                       * that is not told */
    DS__TELL_ARRIVE,  /* id: it has come to its port; flag: 1 if it is damaged;
                       * a, b: as above, of one without a name, whose id is 0 */
    DS__TELL_LOSE,    /* likewise; flag: a ds__loss_reason */
    DS__TELL_CALL,    /* who; flag: 0 it begins, 1 it ends; a: its number; x:
                       * elements; text: the algorithm, or the function */
    DS__TELL_STEP,    /* who; flag: 0 it sends, 1 it wants to receive; a: the
                       * number of the step; b: the rank at the other end */
    DS__TELL_BECAUSE, /* who, a member, has waited, and goes on because of the
                       * message id */
    DS__TELL_FAULT,   /* flag: a ds__fault_kind; a, b, x, text: as there; who:
                       * of links, the network's number + 1 */
    DS__TELL_MARK,    /* who; text */
    DS__TELL_STATE,   /* who; text: its name, NULL: no more */
    DS__TELL_COUNT,   /* who; text: of what; x: how many */
    DS__TELL_STUCK,   /* who, at a deadlock; a: the first stream; text: for what
                       * it waits */
    DS__TELL_FOR,     /* who, stuck; a: the thread that it waits for */
    DS__TELL_HELD, /* id, a, b: as of one that arrives, but that it is about to
                    * and does not yet; flag: a ds__held_why */
    DS__TELL_LINK, /* who: the network's number + 1, likewise the next three; a:
                    * a link; x: bytes a second; flag: of ds__link_flag; text:
                    * its name */
    DS__TELL_WAY,  /* a: its number, from 1; b: how many hops follow; x: its
                    * latency */
    DS__TELL_HOP,  /* a: a link; b: how often a message crosses it, 0: only what
                    * comes back does; x: what it takes of the link for each
                    * byte a second that it gets */
    DS__TELL_SHARE, /* a: a way; flag: a ds__share_what; x: how much */
    DS__TELL_LAST,  /* no record: how many kinds there are */
} ds__tell_kind;

typedef enum ds__link_flag {
    DS__LINK_FAT = 1, /* each message may have all of it */
    DS__LINK_OFF = 2,
} ds__link_flag;

/* What is not as usual with the messages of a way. */
typedef enum ds__share_what {
    DS__SHARE_WEIGHT, /* what one gets where another gets 1; usually 1 */
    DS__SHARE_FACTOR, /* how much of what it gets is delivered; 1 */
    DS__SHARE_LIMIT,  /* bytes a second that it gets at most; none */
} ds__share_what;

typedef enum ds__named_what {
    DS__NAMED_THREAD,
    DS__NAMED_STREAM,
    DS__NAMED_NODE,
} ds__named_what;

typedef enum ds__woken_why {
    DS__WOKEN_OVER, /* all is over for it */
    DS__WOKEN_EVENT,
    DS__WOKEN_TIME,
} ds__woken_why;

/* Why a message is lost. */
typedef enum ds__loss_reason {
    DS__LOST_BY_NET,
    DS__LOST_CUT, /* the link is */
    DS__LOST_BY_CHANCE,
    DS__LOST_BY_RULE,
    DS__LOST_DOWN, /* the machine is */
    DS__LOST_NO_MEMORY,
} ds__loss_reason;

/* Why a message is not there yet. */
typedef enum ds__held_why {
    DS__HELD_BY_LINK, /* the link is held */
    DS__HELD_A_WHILE, /* jitter, or a rule */
    DS__HELD_SECOND,  /* it is there, but comes a second time */
} ds__held_why;

/* What goes wrong, or right again.
 *
 * Of machines a is the node.  Of links a and b are the nodes from which and to
 * which they lead, and x is the number of the line of a plan that says so, from
 * 1, or 0 if the program does; the first record of a line has the line as its
 * text, and so has that of its end, which is MEND, or HEAL of a partition, and
 * ends nothing else. */
typedef enum ds__fault_kind {
    DS__FAULT_CRASH,
    DS__FAULT_RESTART,
    DS__FAULT_PAUSE,
    DS__FAULT_RESUME,
    DS__FAULT_SPEED, /* x: how fast it computes */
    DS__FAULT_CLOCK, /* x: drift, in seconds a second */
    DS__FAULT_STEP,  /* x: seconds that its time of day has jumped */
    DS__FAULT_DISK,  /* x: 1 if it has a new, empty one, 0 if it is set; text:
                      * to what */
    DS__FAULT_CUT,   /* from a to b, likewise the next three */
    DS__FAULT_HOLD,
    DS__FAULT_MEND,
    DS__FAULT_CHANCE, /* messages suffer; text: what, and how probably */
    DS__FAULT_PART,   /* a is cut off, together with those of the next so many
                       * records as b says */
    DS__FAULT_HEAL,
    DS__FAULT_TORN,   /* x: changes that a disk has lost in the crash */
    DS__FAULT_LIED,   /* a sync has left changes as they were */
    DS__FAULT_ROT,    /* x: the bit of what was read that has turned */
    DS__FAULT_RESEED, /* of no node; text: the line of the plan */
    DS__FAULT_OFF,    /* a: a link of a routed network, + 1; text: its name, or
                       * the line of the plan; x as above */
    DS__FAULT_ON,     /* likewise */
} ds__fault_kind;

typedef struct ds__record {
    ds__tell_kind kind;
    unsigned flag;
    double time; /* of the loop */
    uint64_t who;
    uint32_t a;
    uint32_t b;
    double x;
    uint64_t id;
    const char *text;
} ds__record;

/* Who listens, to the end of the loop.  All are called with the baton, or while
 * the loop does not run; all but the first may be NULL. */
typedef struct ds__probe ds__probe;
struct ds__probe {
    void (*record)(ds__probe *self, const ds__record *record);
    ds__probe *next; /* another one, or NULL; the loop's */

    /* Around each run.  False: it cannot listen, which is recorded. */
    bool (*begin)(ds__probe *self, ds_loop *loop);
    void (*end)(ds__probe *self);

    /* Somebody outside wants to see what there is so far (SIGQUIT). */
    void (*show)(ds__probe *self);

    void (*free)(ds__probe *self);
    const char *spec; /* what it was asked for, its own copy */
    bool steps;       /* it wants to hear of steps as well */
};

/* The listener that a configuration asks for, see ds_loop_config.trace; NULL:
 * there is none, and that is recorded.  Not of this folder: loop/trace. */
ds__probe *ds__trace_open(ds_loop *loop, const char *spec);

/* Tells who listens, with the time.  Call it only if somebody does, in a
 * function that is not inlined: then nobody else pays more than a branch. */
void ds__tell_probe(ds_loop *loop, ds__record record);

/* The same for what is told with each event: it sets the time, and copies
 * nothing. */
void ds__tell(ds_loop *loop, ds__record *record);

/* Disposes of an event that is about a message and has no data: data is the
 * message's name, as long as somebody listens, and is not shown to its
 * receiver. */
void ds__about_message(void *name);

/* The same for one that has data besides: it disposes of a ds__about. */
typedef struct ds__about {
    uint64_t name;
    void *data;
} ds__about;
void ds__about_with_data(void *about);

#endif
