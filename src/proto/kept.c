/* Snapshots on the disk, and the logs behind them. */
#include "proto/kept.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char *name_of(char name[DS__KEPT_NAME], const char *what,
                           uint64_t generation)
{
    snprintf(name, DS__KEPT_NAME, "%s.%" PRIu64, what, generation);
    return name;
}

static bool remove_both(ds_handle *h, uint64_t generation)
{
    char name[DS__KEPT_NAME];

    return ds_disk_cut(h, name_of(name, "snapshot", generation), 0) &&
           ds_disk_cut(h, name_of(name, "log", generation), 0);
}

bool ds__kept_open(ds_handle *h, ds__kept *k, bool snapshots)
{
    k->generation = 0;
    if (snapshots && !ds__cell_open(h, &k->cell, "kept", &k->generation,
                                    sizeof(k->generation)))
        return false;
    name_of(k->log, "log", k->generation);
    return k->generation == 0 || remove_both(h, k->generation - 1);
}

bool ds__kept_read(ds_handle *h, const ds__kept *k, void **snapshot,
                   size_t *size)
{
    char name[DS__KEPT_NAME];

    *snapshot = NULL;
    if (k->generation == 0)
        return true;
    name_of(name, "snapshot", k->generation);
    *size = ds_disk_size(h, name);
    *snapshot = malloc(*size);
    if (*snapshot == NULL)
        ds_fail(h, "there is no memory for a snapshot of %zu bytes", *size);
    else if (ds_disk_get(h, name, 0, *snapshot, *size, NULL))
        return true;
    free(*snapshot);
    *snapshot = NULL;
    return false;
}

bool ds__kept_replace(ds_handle *h, ds__kept *k, const void *snapshot,
                      size_t size, const void *log, size_t length)
{
    char name[DS__KEPT_NAME];

    k->generation++;
    name_of(k->log, "log", k->generation);
    return ds_disk_put(h, name_of(name, "snapshot", k->generation), snapshot,
                       size) &&
           ds_disk_put(h, k->log, log, length) && ds_disk_sync(h) &&
           ds__cell_save(h, &k->cell, &k->generation) &&
           remove_both(h, k->generation - 1);
}
