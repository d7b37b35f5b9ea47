/* Small random histories; see the header.
 *
 * Each call has its effect when it begins or when it ends, on an object that is
 * simulated by the model, and gets the result that the model accepts.  Then
 * some results are replaced by others. */

#include "random_history.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

enum { processes = 3, most_keys = 3, most_parts = 3, most_bytes = 2048 };

typedef struct client {
    bool busy;
    bool done; /* its call has had its effect */
    size_t number;
    ds_call call;
} client;

typedef struct world {
    const ds_model *model;
    ds_history *history;
    uint64_t random;
    _Alignas(16) unsigned char state[most_keys][most_parts][most_bytes];
    client clients[processes];
    double now;
} world;

uint64_t random_below(uint64_t *state, uint64_t n)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    return ds__rng_below(ds__mix(*state), n);
}

static uint64_t below(world *w, uint64_t n)
{
    return random_below(&w->random, n);
}

static unsigned char *state_of(world *w, const ds_call *call)
{
    const int64_t part = w->model->part == NULL ? 0 : w->model->part(call);

    ck_assert(part >= 0 && part < most_parts);
    return w->state[call->key][part];
}

/* Does the call, and finds out with what result.  A call that cannot be done,
 * such as acquiring a lock that is held, has none. */
static bool do_call(world *w, ds_call *call)
{
    unsigned char *state = state_of(w, call);
    unsigned char before[most_bytes];
    static const int64_t odd[] = { DS_NIL };

    memcpy(before, state, most_bytes);
    call->returned = true;
    for (int64_t r = -1; r < 60; r++) {
        call->result = r < 0 ? odd[0] : r;
        if (w->model->step(state, call))
            return true;
        memcpy(state, before, most_bytes);
    }
    return false;
}

static int64_t random_arg(world *w)
{
    if (w->model == &ds_bank_model && below(w, 2) == 0)
        return DS_BANK_PAIR(below(w, 2), below(w, 2));
    return (int64_t)below(w, 3);
}

static void begin(world *w, client *c, uint64_t process, int64_t keys)
{
    int ops = 0;

    while (w->model->ops[ops].name != NULL)
        ops++;
    c->call = (ds_call){
        .process = process,
        .op = 1 + (int)below(w, (uint64_t)ops),
        .key = (int64_t)below(w, (uint64_t)keys),
        .arg = { random_arg(w), random_arg(w) },
    };
    c->busy = true;
    c->number = ds_history_begin(w->history, w->now, process, c->call.op,
                                 c->call.key, c->call.arg[0], c->call.arg[1]);
    c->done = below(w, 2) == 0 && do_call(w, &c->call);
}

static void end(world *w, client *c)
{
    c->busy = false;
    if (below(w, 8) == 0)
        return; /* nobody knows */
    if (!c->done && below(w, 8) == 0) {
        ds_history_forget(w->history, c->number);
        return;
    }
    if (!c->done && !do_call(w, &c->call) && below(w, 4) > 0)
        return;
    if (below(w, 10) == 0)
        c->call.result = (int64_t)below(w, 3);
    ds_history_end(w->history, w->now, c->number, c->call.result);
}

ds_history *random_history(const ds_model *model, uint64_t seed, size_t n,
                           int64_t keys)
{
    world w = { .model = model,
                .history = ds_history_new(),
                .random = ds__mix(seed),
                .now = 1e3 };

    ck_assert(keys <= most_keys);
    for (int64_t key = 0; key < keys; key++)
        for (int part = 0; part < most_parts; part++)
            model->init(w.state[key][part], key);
    while (ds_history_size(w.history) < n || below(&w, 4) > 0) {
        const uint64_t process = below(&w, processes);
        client *c = &w.clients[process];
        w.now += 0.25;
        if (c->busy)
            end(&w, c);
        else if (ds_history_size(w.history) < n)
            begin(&w, c, process, keys);
    }
    return w.history;
}
