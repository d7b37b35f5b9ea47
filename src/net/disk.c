/* Disks: what a machine still has after a crash; see <distsys/disk.h>.
 *
 * What lies on one, and what a crash leaves of it, is store.c's.  Here are the
 * calls, the time that they take, and what goes wrong besides crashes. */

#include <distsys/disk.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "base/rng.h"
#include "net/net.h"
#include "net/store.h"

typedef struct disk {
    ds__disk base;
    ds__store store;
    uint64_t draws;
} disk;

static disk *there(const ds_node *node)
{
    return (disk *)node->life.disk;
}

/* ---- Chance ---------------------------------------------------------------*/

static uint64_t draw_bits(ds_node *node)
{
    return ds__rng_bits(ds__loop_seed(node->loop), DS__RNG_DISK, node->number,
                        there(node)->draws++);
}

static uint64_t draw_below(void *node, uint64_t n)
{
    return ds__rng_below(draw_bits(node), n);
}

/* Nothing is drawn where nothing can happen. */
static bool happens(ds_node *node, double probability)
{
    return probability > 0 && ds__rng_uniform(draw_bits(node)) < probability;
}

static void crash_disk(ds_node *node)
{
    disk *d = there(node);
    const uint64_t before = d->base.lost;

    if (!ds__store_crash(&d->store, draw_below, node, &d->base.lost))
        ds__fail_memory(node->loop, "ds_node_crash");
    if (d->base.lost > before)
        ds__tell_machine(node, DS__FAULT_TORN, (double)(d->base.lost - before),
                         NULL);
}

/* ---- Making ---------------------------------------------------------------*/

static void free_disk(ds_node *node)
{
    ds__store_clear(&there(node)->store);
    free(there(node));
    node->life.disk = NULL;
}

static disk *disk_of(ds_node *node, const char *call)
{
    if (node->life.disk != NULL)
        return there(node);

    disk *made = calloc(1, sizeof(*made));
    if (made == NULL) {
        ds__fail_memory(node->loop, call);
        return NULL;
    }
    made->base = (ds__disk){ .crash = crash_disk, .free = free_disk };
    ds__store_init(&made->store);
    node->life.disk = &made->base;
    return made;
}

static bool check_field(const ds_node *node, const char *name, double value,
                        double most)
{
    return ds__check_field(node->loop, "ds_node_set_disk", name, value, most);
}

static void tell_config(const ds_node *node, const ds_disk_config *c)
{
    const ds__told_field fields[] = {
        { "write-rate", c->write_rate },
        { "read-rate", c->read_rate },
        { "sync-time", c->sync_time },
        { "lost-sync", c->lost_sync },
        { "rot", c->rot },
    };
    char buf[DS__TOLD_MAX];

    ds__tell_machine(node, DS__FAULT_DISK, 0,
                     ds__tell_fields(node->loop, fields,
                                     sizeof(fields) / sizeof(*fields), buf));
}

void ds_node_set_disk(ds_node *node, const ds_disk_config *config)
{
    static const ds_disk_config usual;
    const ds_disk_config *c = config == NULL ? &usual : config;

    if (node == NULL || !ds__may_build(node->loop, "ds_node_set_disk") ||
        !check_field(node, "write_rate", c->write_rate, INFINITY) ||
        !check_field(node, "read_rate", c->read_rate, INFINITY) ||
        !check_field(node, "sync_time", c->sync_time, INFINITY) ||
        !check_field(node, "lost_sync", c->lost_sync, 1) ||
        !check_field(node, "rot", c->rot, 1))
        return;
    disk *d = disk_of(node, "ds_node_set_disk");
    if (d == NULL)
        return;
    d->base.config = *c;
    tell_config(node, c);
}

void ds_node_wipe_disk(ds_node *node)
{
    if (node == NULL || !ds__may_build(node->loop, "ds_node_wipe_disk") ||
        node->life.disk == NULL)
        return;
    ds__store_clear(&there(node)->store);
    ds__tell_machine(node, DS__FAULT_DISK, 1, NULL);
}

/* ---- Calls ----------------------------------------------------------------*/

/* The node of a thread that may use its disk; NULL: it may not, or it is over
 * for it. */
static ds_node *enter(ds_handle *h, const char *name, const char *call)
{
    if (!ds__enter(h, call))
        return NULL;

    ds_node *node = ds__node_of(h);
    if (node == NULL)
        ds__fail(ds_handle_loop(h), DS_EMISUSE,
                 "%s: the thread is on no node; ds_node_spawn() puts it on one",
                 call);
    else if (name == NULL)
        ds__fail(node->loop, DS_EMISUSE, "%s: the name is NULL", call);
    else if (!ds__gone(h) && disk_of(node, call) != NULL)
        return node;
    return NULL;
}

static bool wait(ds_handle *h, disk *d, double seconds, const char *call)
{
    ds_event none;

    d->base.slowed++;
    return ds__poll(h, NULL, 0, seconds, &none, call);
}

/* Lets the time pass that so many bytes take; false: it is over for h. */
static bool take_time(ds_handle *h, disk *d, double bytes, double rate,
                      const char *call)
{
    return rate == 0 || bytes == 0 || wait(h, d, bytes / rate, call);
}

/* The change is there before its time has passed, so that a crash meanwhile may
 * leave a part of it. */
static bool change(ds_handle *h, ds__change_kind kind, const char *name,
                   const void *data, size_t size, const char *call)
{
    ds_node *node = enter(h, name, call);

    if (node == NULL)
        return false;
    disk *d = there(node);
    if (data == NULL && size > 0 && kind != DS__CHANGE_CUT) {
        ds__fail(node->loop, DS_EMISUSE, "%s: data is NULL, but size is %zu",
                 call, size);
        return false;
    }
    if (!ds__store_change(&d->store, kind, name, data, size)) {
        ds__fail_memory(node->loop, call);
        return false;
    }
    double bytes = kind == DS__CHANGE_CUT ? 0 : (double)size;
    return take_time(h, d, bytes, d->base.config.write_rate, call);
}

bool ds_disk_put(ds_handle *h, const char *name, const void *data, size_t size)
{
    return change(h, DS__CHANGE_PUT, name, data, size, "ds_disk_put");
}

bool ds_disk_append(ds_handle *h, const char *name, const void *data,
                    size_t size)
{
    return change(h, DS__CHANGE_APPEND, name, data, size, "ds_disk_append");
}

bool ds_disk_cut(ds_handle *h, const char *name, size_t size)
{
    return change(h, DS__CHANGE_CUT, name, NULL, size, "ds_disk_cut");
}

/* Leaves changes as they were, if there are any. */
static void lie(const ds_node *node, disk *d)
{
    if (d->store.first == NULL)
        return;
    d->base.lied++;
    ds__tell_machine(node, DS__FAULT_LIED, 0, NULL);
}

/* Only what was there when it began is safe afterwards. */
bool ds_disk_sync(ds_handle *h)
{
    ds_node *node = enter(h, "", "ds_disk_sync");

    if (node == NULL || !ds__life_count_sync(node))
        return false;
    disk *d = there(node);
    const ds_disk_config *config = &d->base.config;
    const uint64_t before = d->store.changes;
    if (config->sync_time > 0 && !wait(h, d, config->sync_time, "ds_disk_sync"))
        return false;
    if (happens(node, config->lost_sync)) {
        lie(node, d);
        return true;
    }
    if (ds__store_sync(&d->store, before))
        return true;
    ds__fail_memory(node->loop, "ds_disk_sync");
    return false;
}

/* Turns one bit of what was read. */
static void rot(ds_node *node, unsigned char *data, size_t size)
{
    uint64_t bit = draw_below(node, (uint64_t)size * 8);

    there(node)->base.rotted++;
    ds__tell_machine(node, DS__FAULT_ROT, (double)bit, NULL);
    data[bit / 8] ^= (unsigned char)(1u << bit % 8);
}

bool ds_disk_get(ds_handle *h, const char *name, size_t offset, void *data,
                 size_t size, size_t *got)
{
    ds_node *node = enter(h, name, "ds_disk_get");

    if (got != NULL)
        *got = 0;
    if (node == NULL)
        return false;
    disk *d = there(node);
    if (data == NULL && size > 0) {
        ds__fail(node->loop, DS_EMISUSE,
                 "ds_disk_get: data is NULL, but size is %zu", size);
        return false;
    }
    size_t n = ds__store_read(&d->store, name, offset, data, size);
    if (n > 0 && happens(node, d->base.config.rot))
        rot(node, data, n);
    if (got != NULL)
        *got = n;
    else if (size > n)
        memset((char *)data + n, 0, size - n);
    return take_time(h, d, (double)n, d->base.config.read_rate, "ds_disk_get");
}

size_t ds_disk_size(ds_handle *h, const char *name)
{
    ds_node *node = enter(h, name, "ds_disk_size");

    return node == NULL ? 0 : ds__store_size(&there(node)->store, name);
}
