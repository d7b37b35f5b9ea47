/* The rules of snapshots and of detecting termination that a mistake can be
 * made in, so that a test can put a wrong one in the place of a right one. */
#ifndef PROTO_SNAPSHOT_RULES_H
#define PROTO_SNAPSHOT_RULES_H

#include <distsys/snapshot.h>

typedef struct ds__snapshot_rules {
    /* Whether a packet is taken now, of a link from which some were taken. */
    bool (*in_turn)(uint64_t taken, uint64_t number);
    /* Whether a message was under way when the states were recorded: it comes
     * after the state of the receiver, and the sender's marker has come, or
     * not.  Chandy, Lamport, 3.2. */
    bool (*was_under_way)(bool marked);
} ds__snapshot_rules;

extern const ds__snapshot_rules ds__snapshot_right;

ds_snapshot_member *ds__snapshot_join(ds_handle *h, const ds_snapshot *s,
                                      const ds__snapshot_rules *rules);

/* Of the token that goes round, and of a member. */
typedef struct ds__tally {
    int64_t surplus; /* messages sent, less those received */
    bool black;      /* somebody was given work behind its back */
} ds__tally;

typedef struct ds__work_rules {
    /* A member is given work: EWD998, rules 0 and 3. */
    void (*count)(ds__tally *own);
    /* It has passed on the token: EWD998, rule 7. */
    void (*passed)(ds__tally *own);
    /* Whether a token that has come back tells the end: EWD998, what a probe
     * has to find to be successful. */
    bool (*tells_end)(const ds__tally *token);
    /* Whether an idle member gives its last signal, with so many messages that
     * it has no signal for yet: Dijkstra, Scholten, section 2. */
    bool (*signals)(uint64_t deficit);
    /* Whether work is answered when it comes, and not at last: who sent it is
     * no parent then. */
    bool (*answers_at_once)(bool engaged);
} ds__work_rules;

extern const ds__work_rules ds__work_right;

ds_worker *ds__work_join(ds_handle *h, const ds_work *w,
                         const ds__work_rules *rules);

#endif
