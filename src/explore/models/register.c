/* A register: a value that is read, written, compared and set. */

#include "explore/models/models.h"

typedef struct register_state {
    int64_t value;
} register_state;

static bool step(void *state, const ds_call *call)
{
    register_state *r = state;

    switch (call->op) {
    case DS_READ:
        return ds__gave(call, r->value);
    case DS_WRITE:
        r->value = call->arg[0];
        return true;
    case DS_CAS:
        if (r->value != call->arg[0])
            return ds__gave(call, 0);
        r->value = call->arg[1];
        return ds__gave(call, 1);
    default:
        return false;
    }
}

static void init_nil(void *state, int64_t key)
{
    register_state *r = state;

    r->value = DS_NIL;
}

static const ds_model_op ops[] = {
    { "read", 0, true, false },
    { "write", 1, false, false },
    { "cas", 2, true, true },
    { NULL, 0, false, false },
};

const ds_model ds_register_model = {
    .name = "register",
    .size = sizeof(register_state),
    .init = ds__init_zero,
    .step = step,
    .ops = ops,
    .show = ds__show_state,
    .anonymous = true,
};

const ds_model ds_nil_register_model = {
    .name = "nil-register",
    .size = sizeof(register_state),
    .init = init_nil,
    .step = step,
    .ops = ops,
    .show = ds__show_state,
    .anonymous = true,
};
