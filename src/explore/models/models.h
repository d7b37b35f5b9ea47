/* What the models share, private to src/explore/models. */
#ifndef DS_EXPLORE_MODELS_MODELS_H
#define DS_EXPLORE_MODELS_MODELS_H

#include <string.h>

#include <distsys/history.h>

#include "base/text.h"

/* Whether a call could have had this result: it has not returned, or had it. */
static inline bool ds__gave(const ds_call *call, int64_t result)
{
    return !call->returned || call->result == result;
}

/* The same where a client need not be told. */
static inline bool ds__gave_or_nil(const ds_call *call, int64_t result)
{
    return ds__gave(call, result) || call->result == DS_NIL;
}

/* Writes a value as reports have it. */
static inline void ds__show_value(char *text, size_t size, int64_t value)
{
    if (value == DS_NIL)
        ds__format(text, size, "nil");
    else
        ds__format(text, size, "%lld", (long long)value);
}

/* A state that is one value, as reports have it. */
static inline void ds__show_state(char *text, size_t size, const void *state)
{
    int64_t value;

    memcpy(&value, state, sizeof(value));
    ds__show_value(text, size, value);
}

static inline void ds__init_zero(void *state, int64_t key)
{
}

#endif
