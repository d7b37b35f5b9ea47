/* Values under keys, and the functions that they go through. */

#include "mpi/attr.h"

#include <assert.h>
#include <stdlib.h>

void ds__keyval_add(ds__keyval *key)
{
    assert(key->of == DS__COMM || key->of == DS__TYPE || key->of == DS__WIN);
    assert(key->copying != DS__COPY_OWN || key->copy != NULL);
    ds__object_add(key, DS__KEYVAL);
}

static void release(ds__keyval *key)
{
    if (!ds__object_drop(key))
        return;
    assert(key->freed);
    ds__object_remove(key);
    free(key);
}

void ds__keyval_free(ds__keyval *key)
{
    assert(key->object.handle != 0);
    if (key->freed)
        return;
    key->freed = true;
    release(key);
}

/* Returns where the list has the value of a key, or where it ends. */
static ds__attr **place_of(ds__attr **list, const ds__keyval *key)
{
    while (*list != NULL && (*list)->key != key)
        list = &(*list)->older;
    return list;
}

bool ds__attr_get(const ds__attr *list, const ds__keyval *key, void **value)
{
    while (list != NULL && list->key != key)
        list = list->older;
    if (list != NULL)
        *value = list->value;
    return list != NULL;
}

static ds__attr *new_attr(ds__keyval *key, void *value, ds__attr *older)
{
    ds__attr *a = ds__mpi_alloc(1, sizeof(*a));

    *a = (ds__attr){
        .older = older,
        .key = ds__object_hold(key),
        .value = value,
    };
    return a;
}

/* While the program's function runs, the value is there; it may have changed
 * the list when it returns. */
int ds__attr_remove(ds__attr **list, void *owner, const ds__keyval *key)
{
    const ds__attr *there = *place_of(list, key);

    assert(there != NULL);
    if (key->remove != NULL) {
        const int code = key->call_remove(key, owner, there->value);
        if (code != 0)
            return code;
    }
    ds__attr **place = place_of(list, key);
    ds__attr *gone = *place;
    if (gone != NULL) {
        *place = gone->older;
        release(gone->key);
        free(gone);
    }
    return 0;
}

/* A value that is replaced is removed as if the program had asked for it. */
int ds__attr_set(ds__attr **list, void *owner, ds__keyval *key, void *value)
{
    if (*place_of(list, key) != NULL) {
        const int code = ds__attr_remove(list, owner, key);
        if (code != 0)
            return code;
    }
    *list = new_attr(key, value, *list);
    return 0;
}

int ds__attrs_clear(ds__attr **list, void *owner)
{
    int code = 0;

    while (code == 0 && *list != NULL)
        code = ds__attr_remove(list, owner, (*list)->key);
    return code;
}

int ds__attrs_copy(const ds__attr *list, void *owner, ds__attr **copies)
{
    ds__attr **last = copies;

    assert(*copies == NULL);
    for (; list != NULL; list = list->older) {
        void *made = list->value;
        bool copied = list->key->copying != DS__COPY_NOT;
        if (list->key->copying == DS__COPY_OWN) {
            const int code = list->key->call_copy(list->key, owner, list->value,
                                                  &made, &copied);
            if (code != 0)
                return code;
        }
        if (copied) {
            *last = new_attr(list->key, made, NULL);
            last = &(*last)->older;
        }
    }
    return 0;
}
