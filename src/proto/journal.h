/* Journals: what state each of many things is in, such as transactions, on the
 * disk of a machine and in its memory.
 *
 * On the disk it is a row of entries, the newest state of each thing last.  An
 * entry is never written over, and so short that a crash leaves all of it or
 * nothing (<distsys/disk.h>: what is torn is cut at 512 bytes). */
#ifndef PROTO_JOURNAL_H
#define PROTO_JOURNAL_H

#include <distsys/disk.h>

typedef struct ds__state {
    uint64_t key;
    int64_t state; /* never 0, which is that of what is not there */
} ds__state;

typedef struct ds__journal {
    const char *name;
    ds__state *entries; /* n of them, in the order of the first writing; each
                         * key is there once; they die with the machine */
    size_t n, room;
} ds__journal;

/* Reads what is on the disk.  False, here and below: it is over, or there is no
 * memory, which fails the run. */
bool ds__journal_open(ds_handle *h, ds__journal *l, const char *name);

int64_t ds__journal_state(const ds__journal *l, uint64_t key);

/* Changes a state in memory; or also on the disk, and waits until it survives.
 */
bool ds__journal_put(ds_handle *h, ds__journal *l, uint64_t key, int64_t state);
bool ds__journal_log(ds_handle *h, ds__journal *l, uint64_t key, int64_t state);

#endif
