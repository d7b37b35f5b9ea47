/* Trials that are run twice: the second time in a fresh process, on threads,
 * and with another memory. */
#ifndef DS_EXPLORE_RUNNER_TWICE_H
#define DS_EXPLORE_RUNNER_TWICE_H

#include "explore/runner/apart.h"
#include "explore/runner/crew.h"

enum { DS__MOST_TWICE = 16 }; /* at a time */

/* Invariants: the first done of queue have been begun; each running one has its
 * place in the queue. */
typedef struct ds__twice {
    const ds__options *options;
    const ds_test *test;
    ds__news_list queue;
    size_t begun;
    ds__apart running[DS__MOST_TWICE];
    size_t places[DS__MOST_TWICE];
    size_t count;        /* of running */
    uint64_t same;       /* how many were the same again */
    ds__news_list other; /* those that were not, in no order */
    bool failed;         /* no memory, or no process */
} ds__twice;

void ds__twice_begin(ds__twice *t, const ds__options *options,
                     const ds_test *test);
void ds__twice_add(ds__twice *t, const ds__news_list *list);

/* Looks who has ended, and begins others, at most so many at a time; trials
 * after last do not matter.  False: nothing is left to be done. */
bool ds__twice_step(ds__twice *t, size_t most, uint64_t last);

/* Files that can be read when one has ended; returns how many. */
size_t ds__twice_files(const ds__twice *t, int files[DS__MOST_TWICE]);

void ds__twice_close(ds__twice *t); /* no more are begun */
void ds__twice_end(ds__twice *t);

#endif
