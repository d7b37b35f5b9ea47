/* A state that is a sequence of values: those of a queue, a stack, a log. */
#ifndef DS_EXPLORE_MODELS_SEQUENCE_H
#define DS_EXPLORE_MODELS_SEQUENCE_H

#include <assert.h>

#include "explore/models/models.h"

/* Values beyond count are 0, so that equal sequences are equal bytes. */
typedef struct ds__sequence {
    int64_t count;
    int64_t values[];
} ds__sequence;

/* How large a state is by default, for who asks a model and not its measure. */
#define DS__SEQUENCE_SIZE (65 * sizeof(int64_t))

/* Measures a state that may grow by one with each call of operation op. */
static inline size_t ds__sequence_size(const ds_call *const *calls, size_t n,
                                       int op)
{
    size_t count = 1;

    for (size_t i = 0; i < n; i++)
        count += calls[i]->op == op;
    return count * sizeof(int64_t);
}

static inline void ds__sequence_add(ds__sequence *s, int64_t value)
{
    s->values[s->count++] = value;
}

/* Takes out the value at a place, which there must be. */
static inline void ds__sequence_drop(ds__sequence *s, int64_t at)
{
    int64_t behind = s->count - at - 1;

    assert(at >= 0 && at < s->count);
    memmove(&s->values[at], &s->values[at + 1],
            (size_t)behind * sizeof(int64_t));
    s->values[--s->count] = 0;
}

/* Shows the first few values. */
static inline void ds__sequence_show(char *text, size_t size, const void *state)
{
    const ds__sequence *s = state;
    ds__text t;

    ds__text_init(&t, text, size);
    ds__text_add(&t, "[");
    for (int64_t i = 0; i < s->count && i < 5; i++)
        ds__text_add(&t, "%s%lld", i > 0 ? " " : "", (long long)s->values[i]);
    ds__text_add(&t, s->count > 5 ? " ...]" : "]");
}

#endif
