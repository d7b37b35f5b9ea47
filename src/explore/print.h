/* Calls as reports have them. */
#ifndef DS_EXPLORE_PRINT_H
#define DS_EXPLORE_PRINT_H

#include <distsys/history.h>

/* Writes a call as the model does, such as "cas(1, 2) = 1".  text has size
 * bytes, at least 1. */
void ds__print_call(const ds_model *model, const ds_call *call, char *text,
                    size_t size);

/* Finds what the model says about an operation; NULL: nothing. */
const ds_model_op *ds__find_op(const ds_model *model, int op);

#endif
