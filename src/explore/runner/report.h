/* What a program of tests says. */
#ifndef DS_EXPLORE_RUNNER_REPORT_H
#define DS_EXPLORE_RUNNER_REPORT_H

#include "explore/runner/campaign.h"

void ds__report_tests(const ds__options *o); /* --list */

void ds__report_text(ds__campaign *c);
void ds__report_json(ds__campaign *c);

#endif
