/* A log that is only ever appended to. */

#include "explore/models/sequence.h"

static bool step(void *state, const ds_call *call)
{
    ds__sequence *s = state;
    int64_t at = call->arg[0];

    switch (call->op) {
    case DS_LOG_APPEND:
        ds__sequence_add(s, call->arg[0]);
        return ds__gave_or_nil(call, s->count - 1);
    case DS_LOG_READ:
        return ds__gave(call,
                        at >= 0 && at < s->count ? s->values[at] : DS_NIL);
    case DS_LOG_LENGTH:
        return ds__gave(call, s->count);
    default:
        return false;
    }
}

static size_t measure(const ds_call *const *calls, size_t n)
{
    return ds__sequence_size(calls, n, DS_LOG_APPEND);
}

static const ds_model_op ops[] = {
    { "append", 1, true, false },
    { "read", 1, true, false },
    { "length", 0, true, false },
    { NULL, 0, false, false },
};

const ds_model ds_log_model = {
    .name = "log",
    .size = DS__SEQUENCE_SIZE,
    .init = ds__init_zero,
    .step = step,
    .ops = ops,
    .measure = measure,
    .show = ds__sequence_show,
    .anonymous = true,
};
