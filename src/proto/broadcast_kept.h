/* What a member of a broadcast knows: messages that it has sent, or heard,
 * until nobody will ask for them again. */
#ifndef PROTO_BROADCAST_KEPT_H
#define PROTO_BROADCAST_KEPT_H

#include <distsys/broadcast.h>

/* A packet begins with this; the sender's vector comes next if the order is
 * causal, and then what is sent.
 *
 * Packets are numbered in lanes: one for each member, and in total order one
 * more, that of what the sequencer has numbered. */
typedef struct ds__broadcast_head {
    uint64_t instance;
    uint64_t number; /* in its lane, from 1 */
    uint64_t own;    /* of its sender's */
    uint32_t lane;
    uint32_t sender;
    uint32_t acknowledges; /* that packet: nothing follows */
    uint32_t filler;
} ds__broadcast_head;

/* A message that a member has sent, or heard and not forgotten yet. */
typedef struct ds__broadcast_message {
    struct ds__broadcast_message *next;
    size_t capacity; /* of packet, in bytes */
    size_t size;
    ds__broadcast_head head;
    bool heard;     /* and not only sent */
    bool delivered; /* never, if it is not for the members */
    size_t missing; /* how many are not known to have it and will be sent it
                     * again; 0: none is */
    double again;   /* when */
    bool *has;      /* for each member: is known to have it */
    unsigned char *packet;
} ds__broadcast_message;

typedef struct ds__broadcast_rules ds__broadcast_rules;

struct ds_broadcaster {
    const ds_broadcast *b;
    const ds__broadcast_rules *rules;
    size_t me;
    uint64_t sent;       /* numbers given to its own messages */
    uint64_t sequenced;  /* and by the sequencer */
    uint64_t *prefix;    /* of each lane: up to there all have been heard */
    uint64_t *delivered; /* of each lane: how many */
    ds__broadcast_message *first; /* in the order of hearing or sending */
    ds__broadcast_message *unused;
};

/* The message with that number in that lane; NULL: it is not kept. */
ds__broadcast_message *ds__broadcast_find(const ds_broadcaster *me,
                                          const ds__broadcast_head *p);

/* Keeps a message whose packet has so many bytes, as the last one; what comes
 * behind the head is the caller's to write.  NULL: no memory, or it is over. */
ds__broadcast_message *ds__broadcast_keep(ds_handle *h, ds_broadcaster *me,
                                          const ds__broadcast_head *p,
                                          size_t size);

/* Forgets those that nobody will ask for: a message that is owed to nobody, and
 * that is either only sent, or delivered and known by its number to have been.
 */
void ds__broadcast_forget(ds_broadcaster *me);

/* A member is known to have it. */
void ds__broadcast_note(ds__broadcast_message *m, size_t who);

/* The vector of a message, which is behind its head. */
const uint64_t *ds__broadcast_vector(const ds__broadcast_message *m);

#endif
