/* Calls as intervals, drawn in text. */
#ifndef DS_EXPLORE_DIAGRAM_H
#define DS_EXPLORE_DIAGRAM_H

#include "base/text.h"
#include "explore/history.h"

#define DS__COLUMNS 80

/* Draws n calls, a line each, the earliest first, in lines "\n  ..." of at most
 * DS__COLUMNS.  Beginnings and ends stand in the order in which they happened,
 * not at the scale of their seconds.  note stands below call marked. */
void ds__draw(ds__text *text, const ds_model *model, const ds__recorded *calls,
              size_t n, size_t marked, const char *note);

#endif
