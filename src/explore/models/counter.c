/* A counter.  Sums wrap around, as those of int64_t do in most languages but
 * this one. */

#include "explore/models/models.h"

typedef struct counter_state {
    int64_t value;
} counter_state;

static bool step(void *state, const ds_call *call)
{
    counter_state *c = state;

    if (call->op == DS_COUNTER_READ)
        return ds__gave(call, c->value);
    if (call->op != DS_COUNTER_ADD && call->op != DS_COUNTER_ADD_AND_READ)
        return false;
    c->value = (int64_t)((uint64_t)c->value + (uint64_t)call->arg[0]);
    return call->op == DS_COUNTER_ADD || ds__gave(call, c->value);
}

static const ds_model_op ops[] = {
    { "read", 0, true, false },
    { "add", 1, false, false },
    { "add-and-read", 1, true, false },
    { NULL, 0, false, false },
};

const ds_model ds_counter_model = {
    .name = "counter",
    .size = sizeof(counter_state),
    .init = ds__init_zero,
    .step = step,
    .ops = ops,
    .show = ds__show_state,
    .anonymous = true,
};
