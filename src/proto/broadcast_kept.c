/* Messages that a member of a broadcast keeps.
 *
 * They are in a list, in the order in which they came: it is short, since what
 * is delivered and owed to nobody goes.  Its memory is used again. */
#include "proto/broadcast_kept.h"

#include <assert.h>
#include <string.h>

#include <distsys/fault.h>

typedef ds__broadcast_head head;
typedef ds__broadcast_message message;

const uint64_t *ds__broadcast_vector(const message *m)
{
    return (const uint64_t *)(const void *)(m->packet + sizeof(head));
}

message *ds__broadcast_find(const ds_broadcaster *me, const head *p)
{
    message *m = me->first;

    while (m != NULL &&
           (m->head.lane != p->lane || m->head.number != p->number))
        m = m->next;
    return m;
}

/* Memory for a packet of that size, used or new; NULL: there is none. */
static message *make(ds_handle *h, ds_broadcaster *me, size_t size)
{
    for (message **at = &me->unused; *at != NULL; at = &(*at)->next)
        if ((*at)->capacity >= size) {
            message *m = *at;
            *at = m->next;
            return m;
        }
    message *m = ds_alloc(h, sizeof(*m) + size + me->b->group.n);
    if (m == NULL)
        return NULL;
    m->capacity = size;
    m->packet = (unsigned char *)(m + 1);
    m->has = (bool *)(m->packet + size);
    return m;
}

message *ds__broadcast_keep(ds_handle *h, ds_broadcaster *me, const head *p,
                            size_t size)
{
    message *m = make(h, me, size);
    message **last = &me->first;

    assert(size >= sizeof(*p));
    if (m == NULL)
        return NULL;
    while (*last != NULL)
        last = &(*last)->next;
    *last = m;
    m->next = NULL;
    m->size = size;
    m->head = *p;
    m->heard = m->delivered = false;
    m->missing = 0;
    memset(m->has, 0, me->b->group.n * sizeof(*m->has));
    memcpy(m->packet, p, sizeof(*p));
    return m;
}

static bool is_done(const ds_broadcaster *me, const message *m)
{
    return m->missing == 0 &&
           (!m->heard ||
            (m->delivered && m->head.number <= me->prefix[m->head.lane]));
}

void ds__broadcast_forget(ds_broadcaster *me)
{
    for (message **at = &me->first; *at != NULL;) {
        message *m = *at;
        if (!is_done(me, m)) {
            at = &m->next;
            continue;
        }
        *at = m->next;
        m->next = me->unused;
        me->unused = m;
    }
}

void ds__broadcast_note(message *m, size_t who)
{
    if (!m->has[who] && m->missing > 0)
        m->missing--;
    m->has[who] = true;
}
