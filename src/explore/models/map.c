/* A map.  No call is about two of its keys, so each is judged by itself: a
 * state is what is stored there. */

#include "explore/models/models.h"

typedef struct map_state {
    int64_t value;
} map_state;

static void init(void *state, int64_t key)
{
    map_state *m = state;

    m->value = DS_NIL;
}

static bool step(void *state, const ds_call *call)
{
    map_state *m = state;

    switch (call->op) {
    case DS_MAP_GET:
        return ds__gave(call, m->value);
    case DS_MAP_PUT:
        m->value = call->arg[1];
        return true;
    case DS_MAP_REMOVE:
        m->value = DS_NIL;
        return true;
    default:
        return false;
    }
}

static int64_t part(const ds_call *call)
{
    return call->arg[0];
}

static const ds_model_op ops[] = {
    { "get", 1, true, false },
    { "put", 2, false, false },
    { "remove", 1, false, false },
    { NULL, 0, false, false },
};

const ds_model ds_map_model = {
    .name = "map",
    .size = sizeof(map_state),
    .init = init,
    .step = step,
    .ops = ops,
    .part = part,
    .show = ds__show_state,
    .anonymous = true,
};
