/* Groups: what every server and every member that joins asks first. */
#ifndef PROTO_GROUP_H
#define PROTO_GROUP_H

#include <distsys/group.h>

/* Stores which member the caller's machine is; false, and the run fails, by the
 * name of this call: it is none. */
bool ds__group_enter(ds_handle *h, const ds_group *g, const char *call,
                     size_t *me);

#endif
