/* Messages in partitions. */

#include "mpi/partition.h"

#include <assert.h>
#include <limits.h>
#include <string.h>

#include "base/table.h"
#include "mpi/call.h"

typedef struct way {
    ds__entry entry;
    int made;
} way;

/* Returns how many have been made before of those that go this way with this
 * tag, at this end. */
static int number_of(const ds__request *r)
{
    static ds__table table;
    const ds__comm *c = r->comm;
    const uint64_t here = (uint64_t)c->group->world[c->rank];
    const uint64_t there = (uint64_t)c->remote->world[r->peer];

    if (table.size == 0)
        ds__table_init(&table, sizeof(way));
    way *w = ds__table_put(
        &table,
        (ds__table_key){ (uint64_t)c->context << 32 | (uint32_t)r->tag,
                         r->is_send ? here << 32 | there : there << 32 | here,
                         r->is_send });
    if (w == NULL)
        ds__mpi_die(1, "there is no memory");
    return w->made++;
}

void ds__partition_make(ds__request *r, int n)
{
    assert(n >= 0 && !r->active && r->tag >= 0);
    r->persistent = true;
    r->parts = ds__mpi_alloc(1, sizeof(*r->parts) + (size_t)n * sizeof(bool));
    r->parts->n = n;
    /* No call of a collective has that number. */
    if (r->peer != DS__PROC_NULL)
        r->context = ds__comm_context(r->comm, UINT_MAX - 1, number_of(r));
}

void ds__partition_start(ds__request *r)
{
    ds__partitions *p = r->parts;

    assert(!r->active && p->left == 0);
    if (!r->is_send || p->n == 0) {
        ds__mpi_post(r);
        return;
    }
    memset(p->ready, 0, (size_t)p->n * sizeof(*p->ready));
    p->left = p->n;
    r->active = true;
    r->done = false;
}

void ds__partition_ready(ds__request *r, int i)
{
    ds__partitions *p = r->parts;

    assert(r->active && p->left > 0 && i < p->n && !p->ready[i]);
    p->ready[i] = true;
    if (--p->left > 0)
        return;
    r->active = false;
    ds__mpi_post(r);
}
