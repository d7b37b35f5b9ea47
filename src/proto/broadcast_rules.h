/* The rules of broadcasts that a mistake can be made in, so that a test can put
 * a wrong one in the place of a right one. */
#ifndef PROTO_BROADCAST_RULES_H
#define PROTO_BROADCAST_RULES_H

#include "proto/broadcast_kept.h"

struct ds__broadcast_rules {
    /* A member of a reliable broadcast has heard a message for the first time:
     * it is about to deliver it.  Cachin et al., Algorithm 3.3. */
    void (*relay)(ds_handle *h, ds_broadcaster *me, ds__broadcast_message *m);
    /* Whether a message is sent again to who is not known to have it, on such a
     * network: Cachin et al., Algorithm 2.1, retransmit forever. */
    bool (*sends_again)(double again);
    /* A member is known to have it. */
    void (*note)(ds__broadcast_message *m, size_t who);
    /* Whether a packet that has come has not come before. */
    bool (*is_new)(const ds_broadcaster *me, const ds__broadcast_head *head);
    /* Whether a message is next, by the order of one lane, and by causes. */
    bool (*in_turn)(const ds_broadcaster *me, const ds__broadcast_message *m);
    bool (*has_causes)(const ds_broadcaster *me,
                       const ds__broadcast_message *m);
    /* Writes down what goes before the message that is about to be sent. */
    void (*note_causes)(const ds_broadcaster *me, uint64_t *vector);
};

extern const ds__broadcast_rules ds__broadcast_right;

ds_broadcaster *ds__broadcast_join(ds_handle *h, const ds_broadcast *b,
                                   const ds__broadcast_rules *rules);

#endif
