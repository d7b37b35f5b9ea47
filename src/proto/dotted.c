/* Dotted version vectors: the values of a key that were written without
 * knowledge of each other.
 *
 * The one idea: each write has a dot, which is a replica and the number of the
 * write there.  Of each replica it is enough to know how many of its writes are
 * known, and the values of the last few, which nobody has replaced: those
 * before were. */
#include <distsys/clocks.h>

#include <assert.h>
#include <stdlib.h>

/* Writes 1 to known have been heard of; the newest first, value[i] is that of
 * write known - i, for i < n, and all others have been replaced: n <= known. */
typedef struct column {
    uint64_t known;
    size_t n;
    int64_t *value;
} column;

struct ds_dotted {
    size_t n;
    column columns[];
};

ds_dotted *ds_dotted_new(size_t n)
{
    ds_dotted *values = calloc(1, sizeof(*values) + n * sizeof(column));

    if (values != NULL)
        values->n = n;
    return values;
}

void ds_dotted_free(ds_dotted *values)
{
    for (size_t i = 0; values != NULL && i < values->n; i++)
        free(values->columns[i].value);
    free(values);
}

/* Makes it the first n of those values. */
static bool set(column *c, uint64_t known, const int64_t *value, size_t n)
{
    int64_t *copy = NULL;

    assert(n <= known);
    if (n > 0) {
        copy = malloc(n * sizeof(*copy));
        if (copy == NULL)
            return false;
        for (size_t i = 0; i < n; i++)
            copy[i] = value[i];
    }
    free(c->value);
    *c = (column){ known, n, copy };
    return true;
}

ds_dotted *ds_dotted_copy(const ds_dotted *values)
{
    ds_dotted *copy = ds_dotted_new(values->n);

    for (size_t i = 0; copy != NULL && i < values->n; i++) {
        const column *c = &values->columns[i];
        if (!set(&copy->columns[i], c->known, c->value, c->n)) {
            ds_dotted_free(copy);
            return NULL;
        }
    }
    return copy;
}

/* How many of the newest values are not among the first so many writes. */
static size_t beyond(const column *c, uint64_t writes)
{
    uint64_t news = c->known > writes ? c->known - writes : 0;

    return news < c->n ? (size_t)news : c->n;
}

static void discard(column *c, uint64_t writes)
{
    c->n = beyond(c, writes);
    if (c->known < writes)
        c->known = writes;
}

bool ds_dotted_write(ds_dotted *values, size_t replica, const uint64_t *context,
                     int64_t value)
{
    assert(replica < values->n);
    column *c = &values->columns[replica];
    int64_t *more = realloc(c->value, (c->n + 1) * sizeof(*more));

    if (more == NULL)
        return false;
    c->value = more;
    for (size_t i = 0; i < values->n; i++)
        discard(&values->columns[i], context[i]);
    for (size_t i = c->n; i > 0; i--)
        more[i] = more[i - 1];
    more[0] = value;
    c->known++;
    c->n++;
    return true;
}

/* Of who knows more what is new to the other, and what both have. */
static bool merge(column *mine, const column *theirs)
{
    const column *more = mine->known >= theirs->known ? mine : theirs;
    const column *less = more == mine ? theirs : mine;
    uint64_t oldest = less->known - less->n;

    return set(mine, more->known, more->value, beyond(more, oldest));
}

bool ds_dotted_merge(ds_dotted *values, const ds_dotted *other)
{
    assert(values->n == other->n);
    for (size_t i = 0; i < values->n; i++)
        if (!merge(&values->columns[i], &other->columns[i]))
            return false;
    return true;
}

size_t ds_dotted_read(const ds_dotted *values, int64_t *read, size_t most,
                      uint64_t *context)
{
    size_t n = 0;

    for (size_t i = 0; i < values->n; i++) {
        const column *c = &values->columns[i];
        for (size_t k = 0; k < c->n; k++, n++)
            if (n < most)
                read[n] = c->value[k];
        if (context != NULL)
            context[i] = c->known;
    }
    return n;
}
