/* When did it become inevitable?  The chart of a failure: how probable it is,
 * if from a time on all that is random is drawn anew, and the faults as well if
 * they were; and what happens where that jumps. */
#ifndef DS_EXPLORE_RUNNER_CHART_H
#define DS_EXPLORE_RUNNER_CHART_H

#include "base/text.h"
#include "explore/runner/moment.h"

#define DS__CHART_POINTS 17
#define DS__CHART_DRAWS  40

/* How often it fails, of DS__CHART_DRAWS, if they begin at a time. */
typedef struct ds__chart_point {
    double time;
    unsigned fails;
} ds__chart_point;

/* Invariant: times rise from point to point, and from before to after, which
 * are around the largest step. */
typedef struct ds__chart {
    bool generated; /* faults are drawn anew, too */
    ds__chart_point points[DS__CHART_POINTS];
    ds__chart_point before;
    ds__chart_point after;
    ds__moment_told told; /* between the two */
    size_t runs;
    bool stepped; /* there is a moment between before and after that decides */
    bool whole; /* false: it was cut short, and only the plan of it is there, */
    char why[120]; /* ... for this reason */
} ds__chart;

/* Draws the chart of a failure that the order leads to, and which was over at a
 * time.  Its plan is the one that happened, which was generated or given.  The
 * test is whole.  False: no memory. */
bool ds__chart_draw(ds__chart *chart, const ds_test *test,
                    const ds__trial_order *order, const ds__result *failure,
                    bool generated, double hang);

/* Adds it, in lines that begin with two blanks. */
void ds__chart_write(const ds__chart *chart, ds__text *text);

#endif
