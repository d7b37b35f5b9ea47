/* The answers of a question: of one member, in the place of the question; of
 * several, in memory of their own, since how many depends on the group. */
#ifndef PROTO_ANSWERS_H
#define PROTO_ANSWERS_H

#include <distsys/group.h>

/* ds_ask(), and the answer takes the place of the packet, which is as large.
 * False: as there, and the packet is as it was, but for its number. */
bool ds__answer_ask(ds_handle *h, ds_asker *asker, size_t to, void *packet,
                    size_t size);

/* ds_ask_all(), and the answers; NULL: there were too few, or it is over, or
 * there is no memory, which fails the run. */
ds_msg *ds__answers_ask(ds_handle *h, ds_asker *asker, void *packet,
                        size_t size, size_t wanted);

/* Drops so many, as were wanted; NULL is allowed. */
void ds__answers_drop(ds_msg *answers, size_t wanted);

#endif
