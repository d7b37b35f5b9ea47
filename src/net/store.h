/* What lies on a disk: records by name, and which changes of them are safe.
 *
 * There are two images.  `now` is what a read finds; `safe` is what is left if
 * a crash keeps nothing else.  Changes go into `now` at once and onto a list;
 * a sync applies those on the list to `safe`, in their order.  A crash applies
 * some of them, makes `now` equal to `safe`, and forgets the rest.
 *
 * Knows no loop and no time. */
#ifndef DS_NET_STORE_H
#define DS_NET_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ds__change_kind {
    DS__CHANGE_PUT,
    DS__CHANGE_APPEND,
    DS__CHANGE_CUT, /* to a size */
} ds__change_kind;

typedef struct ds__stored ds__stored; /* a record */
typedef struct ds__change ds__change;

typedef struct ds__image {
    ds__stored *records;
} ds__image;

/* Invariant: `now` is what comes of applying all changes, in their order, to
 * `safe`. */
typedef struct ds__store {
    ds__image now;
    ds__image safe;
    ds__change *first; /* that is not safe, the oldest first */
    ds__change **end;
    uint64_t changes; /* made so far */
} ds__store;

void ds__store_init(ds__store *store);
void ds__store_clear(ds__store *store); /* an empty disk */

/* Makes a change; false: no memory, and nothing has changed.  data is copied;
 * a cut has none. */
bool ds__store_change(ds__store *store, ds__change_kind kind, const char *name,
                      const void *data, size_t size);

/* Makes the changes before the number `before` safe, as counted by
 * store->changes; false: no memory, and those that were made safe are. */
bool ds__store_sync(ds__store *store, uint64_t before);

/* Crashes.  draw(arg, n) gives a number below n > 0, uniformly.  Adds to *lost
 * how many changes are not kept, or not whole.  False: no memory. */
bool ds__store_crash(ds__store *store, uint64_t (*draw)(void *arg, uint64_t n),
                     void *arg, uint64_t *lost);

size_t ds__store_size(const ds__store *store, const char *name);

/* Copies up to size bytes from offset, and returns how many there were. */
size_t ds__store_read(const ds__store *store, const char *name, size_t offset,
                      void *data, size_t size);

/* Asserts the invariants. */
void ds__store_check(const ds__store *store);

#endif
