#ifndef DISTSYS_DISK_H
#define DISTSYS_DISK_H

#include <distsys/net.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a machine still has after a crash: records by name, each a row of bytes.
 *
 * Outside of crashes they do what one expects.  A change is seen by every later
 * read, but it is safe only when a sync that began after it has returned true.
 * A crash keeps, of the changes since then, what the seed chooses: all, none,
 * the first few, or any; and of the last one kept, if it wrote bytes, possibly
 * only a part, cut at a multiple of 512 bytes from its beginning.
 *
 * All calls are for threads of a node; any other is misuse.  They may take
 * virtual time (ds_disk_config); false means, as everywhere, that the machine
 * or the simulation is over, and nothing else. */
bool ds_disk_put(ds_handle *h, const char *name, const void *data, size_t size);
/* replaces the record, or makes it */
bool ds_disk_append(ds_handle *h, const char *name, const void *data,
                    size_t size);
bool ds_disk_cut(ds_handle *h, const char *name,
                 size_t size); /* keeps that
                                * many bytes of it; 0: removes it */
bool ds_disk_sync(ds_handle *h);

/* Reads up to size bytes from offset; *got is how many there were, 0 if there
 * is no such record.  got may be NULL, and then what is missing is zeros. */
bool ds_disk_get(ds_handle *h, const char *name, size_t offset, void *data,
                 size_t size, size_t *got);
size_t ds_disk_size(ds_handle *h, const char *name);

/* How long it takes, and what goes wrong besides crashes.  All 0: no time,
 * nothing. */
typedef struct ds_disk_config {
    double write_rate; /* bytes a second; 0: takes no time */
    double read_rate;
    double sync_time; /* seconds for each sync */
    double lost_sync; /* probability that a sync returns true and did nothing */
    double rot;       /* that a read finds one bit of a sector turned */
} ds_disk_config;

void ds_node_set_disk(ds_node *node, const ds_disk_config *config);
void ds_node_wipe_disk(ds_node *node); /* a new one, empty */

#ifdef __cplusplus
}
#endif

#endif
