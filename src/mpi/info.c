/* A list of words is searched from its beginning; there are few. */

#include "mpi/info.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

ds__info *ds__info_new(void)
{
    return ds__mpi_alloc(1, sizeof(ds__info));
}

static void free_entry(ds__info_entry *e)
{
    free(e->key);
    free(e->value);
}

void ds__info_free(ds__info *info)
{
    if (info == NULL)
        return;
    assert(info->object.handle == 0);
    for (size_t i = 0; i < info->n; i++)
        free_entry(&info->entries[i]);
    free(info->entries);
    free(info);
}

static ds__info_entry *find(const ds__info *info, const char *key)
{
    for (size_t i = 0; i < info->n; i++)
        if (strcmp(info->entries[i].key, key) == 0)
            return &info->entries[i];
    return NULL;
}

static char *copy_word(const char *word)
{
    const size_t size = strlen(word) + 1;

    return memcpy(ds__mpi_room(size), word, size);
}

void ds__info_set(ds__info *info, const char *key, const char *value)
{
    ds__info_entry *e = find(info, key);

    assert(strlen(key) <= DS__INFO_KEY && strlen(value) <= DS__INFO_VALUE);
    char *word = copy_word(value);
    if (e == NULL) {
        info->entries =
            ds__mpi_realloc(info->entries, info->n + 1, sizeof(*info->entries));
        e = &info->entries[info->n++];
        *e = (ds__info_entry){ .key = copy_word(key) };
    }
    free(e->value);
    e->value = word;
}

const char *ds__info_get(const ds__info *info, const char *key)
{
    const ds__info_entry *e = find(info, key);

    return e == NULL ? NULL : e->value;
}

bool ds__info_remove(ds__info *info, const char *key)
{
    ds__info_entry *e = find(info, key);

    if (e == NULL)
        return false;
    free_entry(e);
    info->n--;
    memmove(e, e + 1,
            (size_t)(info->entries + info->n - e) * sizeof(*info->entries));
    return true;
}

ds__info *ds__info_copy(const ds__info *info)
{
    ds__info *made;

    if (info == NULL)
        return NULL;
    made = ds__info_new();
    for (size_t i = 0; i < info->n; i++)
        ds__info_set(made, info->entries[i].key, info->entries[i].value);
    return made;
}
