/* What happens to messages, as the files of src/net see it. */
#ifndef DS_NET_FAULTS_H
#define DS_NET_FAULTS_H

#include <distsys/fault.h>

#include "net/gate.h"

/* Sees to it that every message is judged from now on; false: no memory,
 * recorded under call. */
bool ds__faults_watch(ds_loop *loop, const char *call);

/* Whether a link is cut for a message that is about to be sent. */
bool ds__faults_cut(const ds_net *net, const ds_msg *msg);

#endif
