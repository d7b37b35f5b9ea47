#ifndef DISTSYS_EXPLORE_H
#define DISTSYS_EXPLORE_H

#include <distsys/fault.h>
#include <distsys/history.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Plans: what goes wrong, and when -------------------------------------*/

/* A plan is a text.  A line is a fault and its end, so that any of its lines
 * make a plan too: the time in seconds (ds_loop_now()), what, and until when.
 * Without an until it stays so.
 *
 *     # nodes are numbers, from 0, of the array that the plan is applied to
 *     0       faults * > * drop 0.1 duplicate 0.01 late 2 jitter 0.2 until 5
 *     0.4127  partition 0,1 | 2,3,4 until 0.663  # who is not named is alone
 *     1.2     cut 0 > 3 until 2.5                # one way; 0 - 3 is both
 *     1.2     hold 3 > * until 1.9
 *     1.0291  crash 2 until 1.0713               # and is restarted then
 *     1.1     crash 2 at-send 3 until 1.4        # also at-call, at-sync
 *     1.4     pause 3 until 1.912
 *     1.4     pause 3 at-call 17 until 1.912     # before that has any effect
 *     1.5     clock 1 step -0.3 drift 0.07 until 2.4  # then it goes right
 *     2       speed 1 0.5 until 9
 *     2       disk 2 lost-sync 0.5 until 3       # fields of ds_disk_config
 *     2.5     wipe 2                             # its disk
 *     2.8106  reseed 17                          # other random numbers
 *     2.9     link h3-s0 off until 3             # of a ds_routed_net_new()
 *
 * # begins a comment.  A plan that is printed and parsed again is the same
 * plan, to the last bit. */
typedef struct ds_plan ds_plan;

ds_plan *ds_plan_parse(const char *text, char *why, size_t size);
/* NULL: why says which line and what is wrong */
char *ds_plan_print(const ds_plan *plan); /* free() it; NULL: no memory */
size_t ds_plan_size(const ds_plan *plan); /* how many lines */
void ds_plan_free(ds_plan *plan);

/* From now on the loop does what the plan says, to this network and these
 * nodes, when its time has come and before anything else that happens then; a
 * time that has passed is now.  The plan may be freed at once. */
void ds_plan_apply(const ds_plan *plan, ds_loop *loop, ds_net *net,
                   ds_node *const *nodes, size_t n);

/* ---- Tests: a simulation that must be right whatever happens --------------*/

typedef struct ds_trial ds_trial; /* one simulation of a test, with one seed */

/* What may be done to a test, or-ed together. */
enum {
    DS_HAZARD_CRASH = 1 << 0, /* and restart */
    DS_HAZARD_PAUSE = 1 << 1,
    DS_HAZARD_PARTITION = 1 << 2, /* and cut links, one way or both */
    DS_HAZARD_DROP = 1 << 3,
    DS_HAZARD_DUPLICATE = 1 << 4,
    DS_HAZARD_REORDER = 1 << 5, /* jitter, holds */
    DS_HAZARD_DAMAGE = 1 << 6,
    DS_HAZARD_CLOCK = 1 << 7,
    DS_HAZARD_SPEED = 1 << 8,
    DS_HAZARD_DISK = 1 << 9,
    DS_HAZARD_LINK = 1 << 10,  /* links of a routed network go off */
    DS_HAZARD_STALL = 1 << 11, /* a pause in the middle: at a call */
};

typedef struct ds_test {
    const char *name;
    /* Makes the nodes, the network and the threads of one trial. */
    void (*build)(ds_trial *t, void *arg);
    /* After the run, if that went well; or NULL. */
    void (*check)(ds_trial *t, void *arg);
    void *arg;
    unsigned hazards;      /* DS_HAZARD_..., or-ed together */
    size_t max_down;       /* servers that are down, paused or cut off from most
                            * others at a time; 0: fewer than half */
    double tick;           /* the time scale of the protocol, such as that of
                            * its timeouts, in seconds; 0: 0.1 */
    size_t operations;     /* of each client, see ds_next(); 0: 10 */
    double calm_after;     /* seconds; then everything is mended, restarted,
                            * resumed, and stays so; 0: 40 ticks */
    double time_limit;     /* seconds by which a trial must be over, or it has
                            * failed; 0: calm_after + 100 ticks */
    uint64_t event_limit;  /* 0: 10 million */
    const ds_model *model; /* of what ds_trial_history() has; or NULL */
} ds_test;

ds_loop *ds_trial_loop(ds_trial *t);
uint64_t ds_trial_seed(const ds_trial *t);
double ds_trial_random(ds_trial *t); /* uniform in [0, 1) */
/* zeroed; freed with the trial; never NULL */
void *ds_trial_alloc(ds_trial *t, size_t size);
/* What build has made, for check and for threads: kept as it is, and freed by
 * nobody; of ds_trial_alloc() it goes with the trial.  NULL: nothing yet. */
void ds_trial_set_user(ds_trial *t, void *user);
void *ds_trial_user(const ds_trial *t);
ds_history *ds_trial_history(ds_trial *t);
ds_trial *ds_handle_trial(const ds_handle *h); /* NULL: the loop is of none */

/* Who may be hurt: the servers, by all hazards; the clients, by cut links only;
 * and what passes on this network.  Without it a trial has no faults.  Plans
 * number the servers first. */
void ds_trial_expose(ds_trial *t, ds_net *net, ds_node *const *servers,
                     size_t num_servers, ds_node *const *clients,
                     size_t num_clients);

/* For clients: sleeps until the next of its operations is due, which are spread
 * over the time before the calm, and stores its number; false: that was all, or
 * the simulation is over.  Random numbers that the caller draws afterwards are
 * keyed by that number, so that leaving out some changes nothing in the rest.
 */
bool ds_next(ds_handle *h, size_t *operation);

/* In build or check: the trial has failed. */
void ds_trial_fail(ds_trial *t, const char *format, ...);

/* Something worth reaching has been reached.  What none of the trials of a
 * program reaches is reported at its end, and so is how often each was. */
void ds_sometimes(ds_handle *h, const char *what);

/* Where the compiler can, a name that is a literal is left in a section of the
 * program, so that it is known also if it is never reached. */
#if defined(__GNUC__) && defined(__ELF__) && !defined(__cplusplus)
#define ds_is_literal_(what)                                                   \
    (__builtin_constant_p(what) &&                                             \
     __builtin_types_compatible_p(__typeof__(what), char[sizeof(what)]))
#define ds_sometimes(h, what)                                                  \
    do {                                                                       \
        static const char ds_mark_[]                                           \
            __attribute__((section("ds_marks"), used)) =                       \
                __builtin_choose_expr(ds_is_literal_(what), what, "");         \
        (void)ds_mark_;                                                        \
        (ds_sometimes)(h, what);                                               \
    } while (0)
#endif

/* The main function of a program of tests.  It tries many seeds on all cores,
 * in worker processes, so that a crash is a failed trial too.
 *
 * A trial fails if its run does not return DS_OK, if ds_fail() or
 * ds_trial_fail() is called, if an observer of its loop has found something, if
 * the history is not linearizable, if not everything ends in time after the
 * calm, if the process dies, or if it is run again, on the other execution, and
 * has another digest.  Of the failures the one with the least seed is reported,
 * whatever the number of workers.  Then it says what, why, the history or the
 * text, the plan, and the line that repeats it.  The plan is the smallest that
 * was found that fails in the same way, and is written to a file TEST-SEED.plan
 * in the current directory, which that line names.
 *
 *     --list                 the tests
 *     --test=NAMES           only these
 *     --seeds=N | FROM-TO    which (1-1000)
 *     --seed=N               one, with all that it says
 *     --plan=FILE            these faults instead of those of the seed
 *     --jobs=N               workers (the number of cores)
 *     --recheck=PERCENT      of the trials are run twice (2)
 *     --keep-going           count all failures, by kind
 *     --no-shrink            the plan that is shown is the one that happened
 *     --chart                shows when a failure became inevitable
 *     --leave-out=LIST       of operations, as reports have it
 *     --ties=random|fifo     the order of what happens at one instant
 *     --budget=SECONDS       of real time; then it stops, and says how far it
 *                            got
 *     --hang=SECONDS         of real time, after which a trial is endless (60)
 *     --format=text|json     json: an object a line for each trial that failed,
 *                            with test, seed, verdict, why, plan, shrunk_from,
 *                            repeat; and one at the end for each test, with
 *                            trials, failed, first, seconds, events, messages,
 *                            simulated_seconds, faults (by name: planned, bit)
 *     --history=FILE         of one seed, in EDN
 *     --trace=FILE           of one seed, or of the failure that is
 *                            reported, for distsys-trace(1)
 *
 * Returns the exit status: 0 all is well, 2 bad usage, 10 something was wrong
 * (ds_fail, check, not linearizable), 11 something did not end, 12 a process
 * died, 13 not deterministic, 14 undecided, 15 a hazard was allowed and bit
 * nowhere, in 64 trials or more; of several the least. */
int ds_test_main(int argc, char **argv, const ds_test *const *tests, size_t n);

#ifdef __cplusplus
}
#endif

#endif
