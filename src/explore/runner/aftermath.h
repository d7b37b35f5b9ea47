/* What is made of a failure when it has been found: what happened, the small
 * one that it becomes, its plan in a file, its chart. */
#ifndef DS_EXPLORE_RUNNER_AFTERMATH_H
#define DS_EXPLORE_RUNNER_AFTERMATH_H

#include "base/text.h"
#include "explore/runner/chart.h"
#include "explore/runner/options.h"
#include "explore/runner/small.h"

#define DS__FILE_SIZE 256

/* Invariant: file is "" unless the plan of the small one is written there. */
typedef struct ds__aftermath {
    ds__small small;
    ds__chart *chart; /* NULL: nobody wants it */
    char file[DS__FILE_SIZE];
    bool traced;   /* to the file of the options */
    char why[200]; /* what could not be done; "": nothing */
} ds__aftermath;

/* The test is whole.  NULL: there is nothing to be made of it, or no memory. */
ds__aftermath *ds__aftermath_make(const ds__options *o, const ds_test *test,
                                  uint64_t seed, const ds__result *failure);
void ds__aftermath_free(ds__aftermath *a); /* NULL is allowed */

/* Why it fails: of the small one, if there is one. */
const ds__result *ds__aftermath_result(const ds__aftermath *a,
                                       const ds__result *failure);

/* Adds what people are told, in lines that begin with two blanks. */
void ds__aftermath_write(const ds__aftermath *a, ds__text *text);

/* Adds the options that repeat it, each after a blank; a may be NULL. */
void ds__aftermath_options(const ds__aftermath *a, const ds__options *o,
                           ds__text *text);

#endif
