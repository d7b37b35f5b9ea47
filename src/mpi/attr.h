/* Attributes: what a program keeps at its communicators and datatypes, under
 * keys of its own.
 *
 * The one idea: an object has a list of values, the newest first; a key says
 * what becomes of a value when its object is duplicated or freed. */
#ifndef DS_MPI_ATTR_H
#define DS_MPI_ATTR_H

#include "mpi/object.h"

typedef enum ds__copying {
    DS__COPY_NOT,
    DS__COPY_SAME,
    DS__COPY_OWN,
} ds__copying;

/* The functions of the program are in their own types.  A key that was freed
 * has its handle until its last value is gone, for the program may ask for that
 * or remove it. */
typedef struct ds__keyval ds__keyval;
struct ds__keyval {
    ds__object object;
    ds__kind of; /* DS__COMM, DS__TYPE or DS__WIN */
    bool freed;  /* by the program */
    ds__copying copying;
    void (*copy)(void);
    void (*remove)(void); /* or NULL */
    void *extra;

    /* Call those, with handles as their ABI has them.  Return what they do: 0,
     * or a number of the program's own. */
    int (*call_copy)(const ds__keyval *key, void *owner, void *value,
                     void **made, bool *copied);
    int (*call_remove)(const ds__keyval *key, void *owner, void *value);
};

/* Gives a key that is filled in a handle. */
void ds__keyval_add(ds__keyval *key);

/* Has the program have it no more; nothing if that was done before. */
void ds__keyval_free(ds__keyval *key);

typedef struct ds__attr {
    struct ds__attr *older;
    ds__keyval *key;
    void *value;
} ds__attr;

/* What a program notes at a datatype. */
typedef struct ds__notes {
    ds__attr *attrs;
    char *name; /* NULL: none */
} ds__notes;

/* Returns whether there is a value, and which. */
bool ds__attr_get(const ds__attr *list, const ds__keyval *key, void **value);

/* These return what a function of the program said: 0, or why it will not; then
 * the value that it was called for stays, and those that come after it. */
int ds__attr_set(ds__attr **list, void *owner, ds__keyval *key, void *value);
int ds__attr_remove(ds__attr **list, void *owner, const ds__keyval *key);

/* Removes all of them, the newest first. */
int ds__attrs_clear(ds__attr **list, void *owner);

/* Adds copies of an owner's to those of a new object.  If it fails, what has
 * been copied is there. */
int ds__attrs_copy(const ds__attr *list, void *owner, ds__attr **copies);

#endif
