/* What the writer and the reader of EDN agree on. */
#ifndef DS_EXPLORE_EDN_H
#define DS_EXPLORE_EDN_H

#include <distsys/history.h>

/* Room for the name of an operation that the model has none for. */
#define DS__EDN_NAME 24

/* How an operation is written: as the model says; otherwise, in *spare, with
 * all numbers and a name such as op-7, written to name. */
const ds_model_op *ds__edn_op(const ds_model *model, int op, ds_model_op *spare,
                              char name[DS__EDN_NAME]);

#endif
