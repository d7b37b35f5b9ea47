/* A lock that one process holds at a time. */

#include "explore/models/models.h"

typedef struct mutex_state {
    uint64_t held;
    uint64_t holder; /* 0 while it is free */
} mutex_state;

static bool step(void *state, const ds_call *call)
{
    mutex_state *m = state;

    switch (call->op) {
    case DS_ACQUIRE:
        if (m->held)
            return false;
        *m = (mutex_state){ 1, call->process };
        return true;
    case DS_RELEASE:
        if (!m->held || m->holder != call->process)
            return false;
        *m = (mutex_state){ 0, 0 };
        return true;
    default:
        return false;
    }
}

static void show(char *text, size_t size, const void *state)
{
    const mutex_state *m = state;

    if (m->held)
        ds__format(text, size, "held by process %llu",
                   (unsigned long long)m->holder);
    else
        ds__format(text, size, "free");
}

static const ds_model_op ops[] = {
    { "acquire", 0, false, false },
    { "release", 0, false, false },
    { NULL, 0, false, false },
};

const ds_model ds_mutex_model = {
    .name = "mutex",
    .size = sizeof(mutex_state),
    .init = ds__init_zero,
    .step = step,
    .ops = ops,
    .show = show,
};
