/* Replicas tell each other their entries, as they are. */
#include <stdlib.h>
#include <string.h>

#include "proto/crdt_rules.h"

static bool tell(ds_handle *h, const ds_group *g, const ds_entries *set)
{
    size_t n = ds_entries_sum_of(set, NULL, NULL).count;
    ds_entry *packet;

    if (n == 0)
        return true;
    packet = malloc(n * sizeof(*packet));
    if (packet == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        packet[i] = *ds_entries_at(set, i);
    ds_tell_others(h, g, packet, n * sizeof(*packet));
    free(packet);
    return true;
}

bool ds_crdt_tell(ds_handle *h, ds_crdt *c, const ds_group *g, bool all)
{
    ds_entries *delta = ds_crdt_delta(c);
    bool told = delta != NULL && tell(h, g, all ? c->state : delta);

    ds_entries_free(delta);
    return told;
}

bool ds_crdt_hear(ds_handle *h, ds_crdt *c, const ds_msg *m)
{
    size_t n = (size_t)m->size / sizeof(ds_entry);
    ds_entry e;

    if (m->data == NULL || m->size != (double)(n * sizeof(e))) {
        ds_fail(h,
                "ds_crdt_hear: the message (of %g bytes) has no entries, of "
                "%zu bytes each",
                m->size, sizeof(e));
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        memcpy(&e, (const char *)m->data + i * sizeof(e), sizeof(e));
        if (!ds_entries_put(c->state, &e, NULL))
            return false;
    }
    return true;
}
