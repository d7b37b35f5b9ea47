/* Can these calls be put in an order that the model allows?
 *
 * Wing and Gong's search with Lowe's memo (Lowe, Concurrency and Computation
 * 29(4), 2017): place a call that began before every unplaced one has ended,
 * let the model do it, and never go on twice from one configuration, which is
 * what has been placed and the state.
 *
 * Calls are spread over threads, each of which is in order by itself, so what
 * has been placed is one small number for each thread.  With k threads of m
 * calls there are at most (m + 1)^k such vectors.  Calls that never returned
 * would each be a thread of its own; those that are equal share one.
 *
 * A call that never returned may be left out, so it is placed only where it
 * makes a difference: it changes the state, and the call after it would have
 * done something else without it.  (Take an order with as few of them as
 * possible.  Without one that makes no difference it would still be an order,
 * with fewer.)  That drops pending reads, and writes that nobody saw. */
#ifndef DS_EXPLORE_SEARCH_H
#define DS_EXPLORE_SEARCH_H

#include "explore/history.h"

typedef enum ds__order {
    DS__REAL_TIME,     /* what ended before another began is before it */
    DS__PROGRAM_ORDER, /* only if one process did both */
} ds__order;

typedef enum ds__outcome {
    DS__ORDERED,
    DS__NOT_ORDERED,
    DS__OUT_OF_MEMORY,
    DS__MEMORY_LIMIT,
    DS__TIME_LIMIT,
    DS__INCONSISTENT, /* the model says different things about equal states */
} ds__outcome;

typedef struct ds__limits {
    size_t memory;   /* bytes of configurations */
    uint64_t steps;  /* of the model; 0: no limit */
    double deadline; /* on ds__real_time(); 0: none */
} ds__limits;

/* One question, about calls of one object in the order of their beginning.  A
 * call that has not returned may be left out, or placed before its last moment
 * if it has one. */
typedef struct ds__question {
    const ds_model *model;
    const ds__recorded *calls;
    size_t n;
    ds__order order;
    ds__limits limits;

    /* Whom a report is about: refused() is told each state in which it could
     * not be done. */
    size_t watched; /* SIZE_MAX: nobody */
    void (*refused)(void *arg, const void *state);
    void *arg;
} ds__question;

typedef struct ds__answer {
    ds__outcome outcome;
    uint64_t steps;
    size_t configurations;
    size_t odd;         /* the call about which the model is inconsistent */
    size_t stuck;       /* the call that ends first of those that had no place,
                         * where that was latest; SIZE_MAX: none */
    size_t stuck_after; /* likewise, with the watched one placed */
} ds__answer;

ds__answer ds__search(const ds__question *question);

double ds__real_time(void); /* seconds */

#endif
