/* Info objects: words under words, in the order in which they came. */
#ifndef DS_MPI_INFO_H
#define DS_MPI_INFO_H

#include "mpi/object.h"

/* Characters of the longest key and value. */
enum { DS__INFO_KEY = 255, DS__INFO_VALUE = 1023 };

typedef struct ds__info_entry {
    char *key;
    char *value;
} ds__info_entry;

/* Invariant: no two entries have one key. */
typedef struct ds__info {
    ds__object object;
    size_t n;
    ds__info_entry *entries;
} ds__info;

/* Makes one without a handle. */
ds__info *ds__info_new(void);
void ds__info_free(ds__info *info); /* or NULL */

/* Returns a copy; NULL of NULL. */
ds__info *ds__info_copy(const ds__info *info);

void ds__info_set(ds__info *info, const char *key, const char *value);

/* Returns the value; NULL: there is none. */
const char *ds__info_get(const ds__info *info, const char *key);

/* Returns whether there was one. */
bool ds__info_remove(ds__info *info, const char *key);

#endif
