/* Operations that are left out, as a command line says it: CLIENT:FIRST-LAST,
 * separated by commas.  A client is the number of its machine, MACHINE.THREAD
 * if it is not the first thread there, or tTHREAD if it is of no machine:
 *
 *     3:0-2,3:4-9,4.1:0,t7:5-6 */
#ifndef DS_EXPLORE_RUNNER_LEFT_OUT_H
#define DS_EXPLORE_RUNNER_LEFT_OUT_H

#include "base/text.h"
#include "explore/runner/trial.h"

/* No more than so many are read. */
#define DS__MOST_LEFT_OUT ((size_t)1 << 20)

void ds__left_out_print(const ds__operation *list, size_t n, ds__text *text);

/* Stores an array, for free(), and how many there are.  False: it is no such
 * text, or there is no memory. */
bool ds__left_out_parse(const char *text, ds__operation **list, size_t *n);

#endif
