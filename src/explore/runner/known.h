/* Which marks a program has, reached or not: ds_sometimes() leaves the name in
 * a section of the file that it is compiled into. */
#ifndef DS_EXPLORE_RUNNER_KNOWN_H
#define DS_EXPLORE_RUNNER_KNOWN_H

#include "explore/runner/marks.h"

#define DS__MARK_SECTION "ds_marks"

/* Adds the marks of the program and of the libraries that it has loaded, each
 * with no trial; those of a file that cannot be read are not known.  False: no
 * memory. */
bool ds__marks_know(ds__marks *marks);

#endif
