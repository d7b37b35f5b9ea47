#ifndef DISTSYS_FAULT_H
#define DISTSYS_FAULT_H

#include <distsys/net.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What runs on a machine, and dies with it -----------------------------*/

/* A thread that is started on a node belongs to it, and so do the threads that
 * it spawns in turn, and the members that ds_comm_spawn() puts there.  Threads
 * of ds_spawn() from outside belong to no machine: observers, and whoever makes
 * things fail. */

void ds_node_spawn(ds_node *node, ds_thread_fn *fn, void *arg);
void ds_node_spawn_daemon(ds_node *node, ds_thread_fn *fn, void *arg);

/* What a machine does when it is switched on: it runs fn(h, arg), now and again
 * after each restart.  Once for each node.  A daemon does not keep the run
 * alive; see ds_spawn_daemon().  A machine that is down does not either, unless
 * it was not a daemon and its restart has been planned. */
void ds_node_boot(ds_node *node, ds_thread_fn *fn, void *arg);
void ds_node_boot_daemon(ds_node *node, ds_thread_fn *fn, void *arg);
void ds_node_set_name(ds_node *node,
                      const char *name); /* for reports; copied */

ds_node *ds_handle_node(const ds_handle *h); /* NULL: none */
bool ds_node_is_up(const ds_node *node);     /* a paused one is up */
uint64_t ds_node_life(const ds_node *node);  /* 0; one more with each restart */

/* Memory that dies with the caller's machine, or with the loop: zeroed, and
 * freed when its threads have been unwound.  NULL: out of memory. */
void *ds_alloc(ds_handle *h, size_t size);

/* ---- What can happen to a machine -----------------------------------------*/

/* These are called while nothing runs or by a thread of the loop, never block,
 * and do nothing to a machine that is so already.
 *
 * A crash is the end of the simulation for the threads of one machine: from
 * now on their blocking calls return false and what they send or schedule is
 * dropped.  They are unwound one at a time, in the order of their spawning,
 * before the clock moves and before anything else happens; a thread that runs,
 * because it crashes its own machine, goes on until it next blocks.  What they
 * had scheduled and what has not happened yet is dropped, and so is what waits
 * in the ports of the machine.  What they had sent is on its way.  What arrives
 * while the machine is down is lost; what arrives after its restart is
 * received, although it was meant for an earlier life.  Memory is the
 * program's: what is on a body's stack, what it frees when it returns and what
 * it has from ds_alloc() is gone; what it leaves in arg is found by the next
 * one, as if it were on a disk.
 *
 * A paused machine is one that was stopped, or collects garbage: its threads do
 * not go on, messages wait, time passes.  When it is resumed, everything that
 * was due in between happens at once; of an event and a timeout, the one that
 * was due first. */
void ds_node_crash(ds_node *node);
void ds_node_restart(ds_node *node); /* crashes it first if it is up */
void ds_node_pause(ds_node *node);
void ds_node_resume(ds_node *node);

/* A crash in the middle: in the k-th call from now, k >= 1, of its threads,
 * before that call has any effect. */
typedef enum ds_crash_point {
    DS_AT_CALL = 0, /* any that a thread makes with its handle, but ds_now() and
                     * those that only ask */
    DS_AT_SEND,     /* each message of a batch counts */
    DS_AT_SYNC,     /* see <distsys/disk.h> */
} ds_crash_point;

void ds_node_crash_at(ds_node *node, ds_crash_point point, uint64_t k);

/* How fast it computes: ds_compute() on it takes seconds / speed. */
void ds_node_set_speed(ds_node *node, double speed); /* > 0; at first 1 */

/* Its clock goes drift seconds a second too fast from now on (> -1; at first
 * 0), and shows step seconds more.
 *
 * ds_now() of its threads is a clock that goes like this one and never jumps;
 * all that they ask for in seconds, sleeps, timeouts and delays, is measured by
 * it.  Until the first drift it is equal to ds_loop_now(), to the last bit.
 * What has been asked for already stays as it is.  ds_clock() is the time of
 * day, which jumps. */
void ds_node_set_clock(ds_node *node, double step, double drift);
double ds_clock(const ds_handle *h); /* ds_now() on no machine */

/* ---- What can happen to messages ------------------------------------------*/

/* On any network, also one of your own: whatever is delivered passes here when
 * it is about to arrive.  It has taken its time and its capacity by then.  What
 * is lost signals done, like ds_net_lose().
 *
 * Whatever is drawn at random is drawn from the seed, the two machines, and the
 * how manieth message of this network between them it is: a fault more or less
 * elsewhere changes none of it. */

typedef struct ds_link_faults { /* probabilities are 0 to 1 */
    double drop;                /* that a message is lost */
    double duplicate; /* that it arrives twice, if it can be cloned: without
                       * data, or with ds_msg.clone */
    double late;      /* seconds, at most, by which the second comes later */
    double damage;    /* that it arrives with ds_msg.damaged set, which is
                       * what a checksum would say */
    double jitter;    /* seconds, at most, that its arrival is put off:
                       * messages overtake each other */
} ds_link_faults;

/* NULL stands for every node, today's and tomorrow's.  What was said last of a
 * pair counts.  All 0: nothing happens. */
void ds_net_set_faults(ds_net *net, const ds_node *from, const ds_node *to,
                       ds_link_faults faults);

/* A cut link loses what is sent over it and what would arrive over it.  A held
 * one keeps it, and all of it arrives, in the order in which it came, when it
 * is mended.  One way; NULL as above. */
void ds_net_cut(ds_net *net, const ds_node *from, const ds_node *to);
void ds_net_hold(ds_net *net, const ds_node *from, const ds_node *to);
void ds_net_mend(ds_net *net, const ds_node *from, const ds_node *to);

/* Cuts these nodes off from all others, both ways, and leaves them together. */
void ds_net_partition(ds_net *net, ds_node *const *nodes, size_t n);
void ds_net_heal(ds_net *net); /* mends every link */

/* A rule of your own, asked about each message that is about to arrive, after
 * all of the above.  It returns in how many seconds to ask again; 0: it arrives
 * now; INFINITY: it is lost.  It may change the message, and send others with
 * ds_net_deliver(), about which it is not asked. */
typedef double ds_rule_fn(void *arg, ds_net *net, ds_msg *msg);
void ds_net_set_rule(ds_net *net, ds_rule_fn *rule, void *arg);

typedef struct ds_net_stats {
    uint64_t sent;    /* messages, each once */
    uint64_t arrived; /* at a port, duplicates included */
    uint64_t lost;    /* by the network, by faults, by machines that are down */
    uint64_t duplicated;
    double bytes_sent;
    double bytes_arrived;
} ds_net_stats;

ds_net_stats ds_net_get_stats(const ds_net *net);

#ifdef __cplusplus
}
#endif

#endif
