/* The rules of the register that a mistake can be made in, so that a test can
 * put a wrong one in the place of a right one. */
#ifndef PROTO_QUORUM_RULES_H
#define PROTO_QUORUM_RULES_H

#include <distsys/quorum.h>

#include "proto/cell.h"

/* Which of two values is newer: the greater counter, or of two writers with the
 * same the greater identity. */
typedef struct ds__stamp {
    int64_t counter; /* 0: nobody has written */
    uint64_t writer;
} ds__stamp;

typedef struct ds__version {
    ds__stamp stamp;
    int64_t value;
} ds__version;

typedef struct ds__quorum_rules {
    /* How many replicas are asked what they have, and how many to store it: any
     * two such sets meet, Attiya et al., section 3; Gifford, SOSP 1979. */
    size_t (*readers)(const ds_quorum *q);
    size_t (*writers)(const ds_quorum *q);
    /* The counter of a write, after the greatest that was seen and the last of
     * its own. */
    int64_t (*next)(int64_t seen, int64_t own);
    /* A replica has a newer version, and will answer as soon as this returns.
     */
    bool (*keep)(ds_handle *h, ds__cell *cell, const ds__version *newer);
    /* Whether a read has to store again the newest of the versions that
     * replicas have answered with. */
    bool (*settles)(const ds_quorum *q, const ds__version *newest,
                    const ds_msg *answers, size_t n);
} ds__quorum_rules;

extern const ds__quorum_rules ds__quorum_right;

/* What the public functions do, by other rules. */
void ds__quorum_serve(ds_handle *h, const ds_quorum *q,
                      const ds__quorum_rules *rules);
bool ds__quorum_write(ds_handle *h, ds_quorum_client *c, int64_t value,
                      const ds__quorum_rules *rules);
bool ds__quorum_read(ds_handle *h, ds_quorum_client *c, int64_t *value,
                     const ds__quorum_rules *rules);

/* Of an answer. */
ds__version ds__quorum_version(const ds_msg *answer);

#endif
