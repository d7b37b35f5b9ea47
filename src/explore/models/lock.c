/* A lock that hands out fencing tokens, and the resource that looks at them.
 *
 * What a client was not told is not known here either: if an acquire never
 * returned, the token that holds the lock is any that has not been seen, until
 * somebody names it. */

#include "explore/models/models.h"

typedef struct lock_state {
    int64_t held;
    int64_t holder;  /* its token; 0: free; DS_NIL: not known */
    int64_t largest; /* handed out, as far as is known */
    int64_t used;    /* the largest used */
} lock_state;

static bool acquire(lock_state *l, const ds_call *call)
{
    if (l->held || (call->returned && call->result <= l->largest))
        return false;
    l->held = 1;
    l->holder = call->returned ? call->result : DS_NIL;
    if (call->returned)
        l->largest = call->result;
    return true;
}

static bool holds(const lock_state *l, int64_t token)
{
    if (!l->held)
        return false;
    return l->holder == DS_NIL ? token > l->largest : token == l->holder;
}

static bool release(lock_state *l, const ds_call *call)
{
    int64_t token = call->arg[0];

    if (!holds(l, token))
        return ds__gave(call, 0);
    if (token > l->largest)
        l->largest = token;
    l->held = 0;
    l->holder = 0;
    return ds__gave(call, 1);
}

static bool use(lock_state *l, const ds_call *call)
{
    int64_t token = call->arg[0];
    bool handed_out = token > 0 && (token <= l->largest || holds(l, token));

    if (!handed_out || token < l->used)
        return ds__gave(call, 0);
    if (token > l->largest) {
        l->largest = token;
        l->holder = token;
    }
    l->used = token;
    return ds__gave(call, 1);
}

static bool step(void *state, const ds_call *call)
{
    switch (call->op) {
    case DS_LOCK_ACQUIRE:
        return acquire(state, call);
    case DS_LOCK_RELEASE:
    case DS_LOCK_EXPIRE:
        return release(state, call);
    case DS_LOCK_USE:
        return use(state, call);
    default:
        return false;
    }
}

static void show(char *text, size_t size, const void *state)
{
    const lock_state *l = state;
    ds__text t;

    ds__text_init(&t, text, size);
    if (!l->held)
        ds__text_add(&t, "free");
    else if (l->holder == DS_NIL)
        ds__text_add(&t, "held");
    else
        ds__text_add(&t, "held by %lld", (long long)l->holder);
    if (l->used > 0)
        ds__text_add(&t, ", last used by %lld", (long long)l->used);
}

static const ds_model_op ops[] = {
    { "acquire", 0, true, false }, { "release", 1, true, true },
    { "expire", 1, true, true },   { "use", 1, true, true },
    { NULL, 0, false, false },
};

const ds_model ds_lock_model = {
    .name = "lock",
    .size = sizeof(lock_state),
    .init = ds__init_zero,
    .step = step,
    .ops = ops,
    .show = show,
    .anonymous = true,
};
