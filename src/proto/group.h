/* Groups: what is asked first, by servers, by members that join, and by whoever
 * names a member. */
#ifndef PROTO_GROUP_H
#define PROTO_GROUP_H

#include <distsys/group.h>

/* Stores which member the caller's machine is; false, and the run fails, by the
 * name of this call: it is none. */
bool ds__group_enter(ds_handle *h, const ds_group *g, const char *call,
                     size_t *me);

/* Whether the group has this member; false, and the run fails likewise. */
bool ds__group_has(ds_handle *h, const ds_group *g, const char *call,
                   size_t member);

#endif
