/* A replicated growable array.
 *
 * The one idea: an element's key has the stamp of the one it was put behind,
 * and its own.  So a text is a tree, in which what was put behind an element is
 * below it, the newest first, and to read it is to walk through that tree; this
 * is the same order (Attiya, Burckhardt, Gotsman, Morrison, Yang, Zawirski,
 * "Specification and Complexity of Collaborative Text Editing", PODC 2016). */
#include <assert.h>
#include <stdlib.h>

#include "proto/crdt_rules.h"

bool ds_rga_insert(ds_crdt *c, uint64_t object, const ds_key *after,
                   int64_t value, ds_key *key)
{
    const ds_entry e = {
        .key = { .object = object,
                 .element = after == NULL ? 0 : (int64_t)after->dot,
                 .dot = c->rules->stamp(c, ds__crdt_sum(c, object).dot, 0) },
        .value = value,
    };

    if (key != NULL)
        *key = e.key;
    return ds__crdt_put(c, &e);
}

bool ds_rga_delete(ds_crdt *c, const ds_key *key)
{
    const ds_entry *e = ds_entries_find(c->state, key);

    return e == NULL || ds__crdt_kill(c, e);
}

/* What is below an element, so that the newest is on top. */
static size_t push(const ds_crdt *c, uint64_t object, int64_t above,
                   const ds_entry **stack)
{
    size_t n = 0;

    for (const ds_entry *e = ds__crdt_first_of(c, object, above); e != NULL;
         e = ds__crdt_next_of(c, e))
        stack[n++] = e;
    return n;
}

ds_entry *ds_rga_read(const ds_crdt *c, uint64_t object, size_t *n)
{
    size_t most = ds__crdt_sum(c, object).count;
    ds_entry *read = malloc((most + 1) * sizeof(*read));
    const ds_entry **stack = malloc((most + 1) * sizeof(*stack));
    size_t depth;

    *n = 0;
    if (read == NULL || stack == NULL) {
        free(read);
        free(stack);
        return NULL;
    }
    for (depth = push(c, object, 0, stack); depth > 0;) {
        const ds_entry *e = stack[--depth];
        if (!ds__is_dead(e))
            read[(*n)++] = *e;
        depth += push(c, object, (int64_t)e->key.dot, stack + depth);
        assert(depth <= most && *n <= most);
    }
    free(stack);
    return read;
}
