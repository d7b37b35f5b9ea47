/* Kinds of failures: the same verdict, by the same judge, for the same reason,
 * but for the numbers in it. */
#ifndef DS_EXPLORE_RUNNER_KIND_H
#define DS_EXPLORE_RUNNER_KIND_H

#include "explore/runner/trial.h"

#define DS__KIND_SIZE 240

/* Writes what failures of one kind have in common. */
void ds__kind_write(char kind[DS__KIND_SIZE], ds__fate fate, ds__judge judge,
                    const char *why);

bool ds__kind_same(const ds__result *a, const ds__result *b);

const char *ds__fate_name(ds__fate fate); /* such as "wrong" */

#endif
