/* What a trial is inside, for the files of src/explore/runner that make one. */
#ifndef DS_EXPLORE_RUNNER_INSIDE_H
#define DS_EXPLORE_RUNNER_INSIDE_H

#include <stdarg.h>

#include "explore/plan/generate.h"
#include "explore/runner/trial.h"

/* One who has asked for operations, see next.c. */
typedef struct ds__client {
    uint64_t machine; /* as in ds__operation */
    uint64_t thread;
    size_t next; /* of its operations */
    struct ds__client *other;
} ds__client;

typedef struct ds__grant ds__grant;

/* Invariants: the loop's trial is this one; clients are no two the same.  What
 * was granted, and the clients, go with it. */
struct ds_trial {
    ds_test test; /* whole */
    const ds__trial_order *order;
    ds__result *result;
    ds_loop *loop;
    ds_history *history; /* NULL: nobody has asked for it */
    ds__grant *grants;
    ds__client *clients;
    uint64_t draws;
    void *user; /* the test's own */

    /* Who may be hurt. */
    bool exposed;
    ds_net *net;
    ds_node **nodes; /* the servers first */
    size_t num_servers;
    size_t num_nodes;
    ds__generator *generator; /* of its faults; NULL: there are none, or those
                               * of a plan */
};

/* Memory that goes with the trial, zeroed; NULL: none. */
void *ds__trial_grant(ds_trial *t, size_t size);

/* After it has been built: has things go wrong, and mended at last. */
void ds__trial_endanger(ds_trial *t);

/* Whether a plan was given that hurts more than the test says it survives. */
bool ds__trial_is_beyond(const ds_trial *t);

/* Ends the process, which has no memory left for something that cannot be
 * refused; call is who wanted it. */
_Noreturn void ds__trial_starve(const ds_trial *t, const char *call,
                                size_t size);

void ds__trial_free_grants(ds_trial *t);

/* Notes why the trial has failed, the first time. */
void ds__trial_vblame(ds_trial *t, ds__fate fate, ds__judge judge,
                      const char *format, va_list args);
void ds__trial_blame(ds_trial *t, ds__fate fate, ds__judge judge,
                     const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
