/* A set.  No call is about two elements, so each is judged by itself: a state
 * is whether it is there. */

#include "explore/models/models.h"

typedef struct set_state {
    int64_t there;
} set_state;

static bool step(void *state, const ds_call *call)
{
    set_state *s = state;
    int64_t was = s->there;

    switch (call->op) {
    case DS_SET_ADD:
        s->there = 1;
        return ds__gave_or_nil(call, !was);
    case DS_SET_REMOVE:
        s->there = 0;
        return ds__gave_or_nil(call, was);
    case DS_SET_HAS:
        return ds__gave(call, was);
    default:
        return false;
    }
}

static int64_t part(const ds_call *call)
{
    return call->arg[0];
}

static void show(char *text, size_t size, const void *state)
{
    const set_state *s = state;

    ds__format(text, size, "%s", s->there ? "there" : "not there");
}

static const ds_model_op ops[] = {
    { "add", 1, true, false },
    { "remove", 1, true, false },
    { "has", 1, true, false },
    { NULL, 0, false, false },
};

const ds_model ds_set_model = {
    .name = "set",
    .size = sizeof(set_state),
    .init = ds__init_zero,
    .step = step,
    .ops = ops,
    .part = part,
    .show = show,
    .anonymous = true,
};
