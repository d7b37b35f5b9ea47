/* A queue and a stack: what is put in last comes out last, or first. */

#include "explore/models/sequence.h"

_Static_assert((int)DS_QUEUE_PUT == (int)DS_STACK_PUSH &&
                   (int)DS_QUEUE_TAKE == (int)DS_STACK_POP,
               "a queue and a stack share their steps");

static bool step(ds__sequence *s, const ds_call *call, int64_t exit)
{
    int64_t value = DS_NIL;

    if (call->op == DS_QUEUE_PUT) {
        ds__sequence_add(s, call->arg[0]);
        return true;
    }
    if (call->op != DS_QUEUE_TAKE)
        return false;
    if (s->count > 0) {
        value = s->values[exit];
        ds__sequence_drop(s, exit);
    }
    return ds__gave(call, value);
}

static bool step_queue(void *state, const ds_call *call)
{
    return step(state, call, 0);
}

static bool step_stack(void *state, const ds_call *call)
{
    ds__sequence *s = state;

    return step(s, call, s->count - 1);
}

static size_t measure(const ds_call *const *calls, size_t n)
{
    return ds__sequence_size(calls, n, DS_QUEUE_PUT);
}

static const ds_model_op queue_ops[] = {
    { "put", 1, false, false },
    { "take", 0, true, false },
    { NULL, 0, false, false },
};

const ds_model ds_queue_model = {
    .name = "queue",
    .size = DS__SEQUENCE_SIZE,
    .init = ds__init_zero,
    .step = step_queue,
    .ops = queue_ops,
    .measure = measure,
    .show = ds__sequence_show,
    .anonymous = true,
};

static const ds_model_op stack_ops[] = {
    { "push", 1, false, false },
    { "pop", 0, true, false },
    { NULL, 0, false, false },
};

const ds_model ds_stack_model = {
    .name = "stack",
    .size = DS__SEQUENCE_SIZE,
    .init = ds__init_zero,
    .step = step_stack,
    .ops = stack_ops,
    .measure = measure,
    .show = ds__sequence_show,
    .anonymous = true,
};
