/* What a program of tests says.
 *
 * A report for people is a paragraph for each test, whose first line says how
 * it went.  Nothing in it depends on the number of workers, but the line about
 * speed. */
#ifndef DS_EXPLORE_RUNNER_REPORT_H
#define DS_EXPLORE_RUNNER_REPORT_H

#include "explore/runner/campaign.h"

void ds__report_tests(const ds__options *o); /* --list */

/* For people: all of it. */
void ds__report_text(ds__campaign *c);

/* What no trial of any test has reached. */
void ds__report_unreached(ds__marks *marks);

/* For programs: a line for each failure as it is told, and one in the end. */
void ds__report_json_failure(ds__campaign *c, const ds__news_failure *news,
                             const ds__finding *finding);
void ds__report_json(const ds__campaign *c);

/* Writes the line that repeats a trial, of which that was found, or NULL.  The
 * room is enough for all but the longest lists of what is left out. */
#define DS__REPEAT_SIZE 16384
void ds__report_repeat(const ds__campaign *c, uint64_t seed,
                       const ds__finding *finding, char text[DS__REPEAT_SIZE]);

/* How many clean trials in a row mean with 95 % that a fault is gone which was
 * in failed of trials. */
uint64_t ds__clean_trials(uint64_t failed, uint64_t trials);

#endif
