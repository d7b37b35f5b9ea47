/* Why calls cannot be put in any order. */
#ifndef DS_EXPLORE_EXPLAIN_H
#define DS_EXPLORE_EXPLAIN_H

#include "base/text.h"
#include "explore/search.h"

void ds__explain(const ds__question *question, ds__text *why);

#endif
