/* Cells: records that a crash does not tear. */
#include "proto/cell.h"

#include <assert.h>
#include <string.h>

/* What one of the two records is, on the disk. */
typedef struct record {
    uint64_t number;
    unsigned char data[DS__CELL_MOST];
} record;

enum { NAME = 64 };

static size_t length(const ds__cell *c)
{
    return sizeof(uint64_t) + c->size;
}

static void name_of(const ds__cell *c, uint64_t number, char name[NAME])
{
    const size_t n = strlen(c->name);

    memcpy(name, c->name, n);
    memcpy(name + n, number % 2 == 0 ? ".0" : ".1", 3);
}

/* A record that is not whole has number 0, as if it were not there. */
static bool read_one(ds_handle *h, const ds__cell *c, int which, record *r)
{
    char name[NAME];
    size_t got;

    name_of(c, (uint64_t)which, name);
    if (!ds_disk_get(h, name, 0, r, length(c), &got))
        return false;
    if (got != length(c))
        r->number = 0;
    return true;
}

bool ds__cell_open(ds_handle *h, ds__cell *c, const char *name, void *data,
                   size_t size)
{
    record r[2];

    assert(size <= DS__CELL_MOST && strlen(name) < NAME - 2);
    *c = (ds__cell){ .name = name, .size = size };
    if (!read_one(h, c, 0, &r[0]) || !read_one(h, c, 1, &r[1]))
        return false;
    const record *newest = &r[r[1].number > r[0].number];
    c->writes = newest->number;
    memset(data, 0, size);
    if (c->writes > 0)
        memcpy(data, newest->data, size);
    return true;
}

bool ds__cell_write(ds_handle *h, ds__cell *c, const void *data)
{
    record r = { .number = ++c->writes };
    char name[NAME];

    memcpy(r.data, data, c->size);
    name_of(c, c->writes, name);
    return ds_disk_put(h, name, &r, length(c));
}

bool ds__cell_save(ds_handle *h, ds__cell *c, const void *data)
{
    return ds__cell_write(h, c, data) && ds_disk_sync(h);
}
