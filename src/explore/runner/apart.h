/* One trial in a process of its own, forked for it: nothing that has run before
 * can have changed it, and nothing that it does can hurt its caller. */
#ifndef DS_EXPLORE_RUNNER_APART_H
#define DS_EXPLORE_RUNNER_APART_H

#include <sys/types.h>

#include "explore/runner/trace.h"
#include "explore/runner/trial.h"

#define DS__LAST_WORDS 400
#define DS__SAID_SIZE  4000
#define DS__PLAN_SIZE  ((size_t)1 << 20)

typedef struct ds__apart_config {
    uint64_t memory; /* not 0: it lies elsewhere, in another order, and is
                      * filled with what is unlikely to be there by accident;
                      * how, is drawn from this */
    bool shown;      /* what it prints is seen; else it is kept */
    bool traced;
    uint64_t before;     /* so many seeds run before it, in the same process */
    double hang;         /* seconds of real time until it is killed */
    const char *history; /* file for its history, or NULL */
} ds__apart_config;

/* What both processes see. */
typedef struct ds__apart_page {
    ds__result result;
    bool finished; /* the result is whole */
    char last_words[DS__LAST_WORDS];
    char history_error[200]; /* "": it was written */
    size_t plan_lines;
    bool plan_cut;            /* it did not fit */
    char plan[DS__PLAN_SIZE]; /* with a comment on lines that did nothing */
    ds__trace trace;          /* last: only there if it is wanted */
} ds__apart_page;

/* Invariants: pid is 0 if the process could not be made, or is gone; end is
 * readable when it has ended. */
typedef struct ds__apart {
    const ds_test *test;
    ds__trial_order order;
    ds__apart_config config;
    ds__apart_page *page;
    pid_t pid;
    int end;    /* -1: none */
    int output; /* a file of what it prints; -1: none */
    double began;
    char said[DS__SAID_SIZE]; /* the end of what it printed */
} ds__apart;

/* Begins; false: the system would not, as the result says.  The order and what
 * it points to are copied with the process. */
bool ds__apart_begin(ds__apart *a, const ds_test *test,
                     const ds__trial_order *order,
                     const ds__apart_config *config);

/* Waits for its end, and completes the result. */
void ds__apart_end(ds__apart *a);

/* Both; the result is a->page->result until ds__apart_free(). */
bool ds__apart_run(ds__apart *a, const ds_test *test,
                   const ds__trial_order *order,
                   const ds__apart_config *config);
void ds__apart_free(ds__apart *a);

/* Says how a process has ended, by what waitpid() stored, such as "killed by
 * signal 11 (Segmentation fault)". */
void ds__describe_end(int status, char *text, size_t size);

/* Makes the result of a trial that has ended its process, or would not end. */
void ds__blame_death(ds__result *result, const char *last_words, int status);
void ds__blame_hang(ds__result *result, double seconds);

#endif
