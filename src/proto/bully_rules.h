/* The rules of bullies that a mistake can be made in, so that a test can put a
 * wrong one in the place of a right one. */
#ifndef PROTO_BULLY_RULES_H
#define PROTO_BULLY_RULES_H

#include <distsys/election.h>

typedef struct ds__bully_rules {
    /* In which epoch a member leads who knows of no higher one than this. */
    int64_t (*epoch_after)(const ds_bully *b, int64_t highest, size_t me);
    /* How long it waits for somebody above it who lives. */
    double (*waits)(const ds_bully *b);
    /* Whether it follows somebody who says that it leads. */
    bool (*follows)(const ds_leader *mine, size_t me, size_t other);
} ds__bully_rules;

extern const ds__bully_rules ds__bully_right;

void ds__bully_serve(ds_handle *h, ds_bully *b, const ds__bully_rules *rules);

#endif
