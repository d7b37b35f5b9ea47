/* The walk over the engine of flows finds what is wrong with it: each case
 * spoils one thing. */

#include "harness.h"
#include "net/flow/star.h"
#include "walked.h"

enum { N = WALKED_PORTS };

static ds_maxmin_switch model;

static ds__flows *of(ds__fluid *engine)
{
    return ((ds__star *)engine)->flows;
}

static ds__path *path_of(ds__fluid *engine, int flow)
{
    (void)engine;
    return (ds__path *)walked_flows[flow].pair;
}

static void holder(ds__fluid *engine)
{
    of(engine)->pipes[0].holders[0] ^= 1;
}

static void held(ds__fluid *engine)
{
    of(engine)->pipes[N].num_held--;
}

static void hold(ds__fluid *engine)
{
    path_of(engine, 0)->hold ^= 1;
}

static void place(ds__fluid *engine)
{
    path_of(engine, 1)->hops[1].at++;
}

static void wrong_link(ds__fluid *engine)
{
    path_of(engine, 1)->hops[0].link ^= 2;
}

static void listed(ds__fluid *engine)
{
    of(engine)->pipes[1].lanes[0].others[0] ^= 1;
}

static void unlisted(ds__fluid *engine)
{
    of(engine)->pipes[1].lanes[0].num_others--;
}

static void coef(ds__fluid *engine)
{
    of(engine)->pipes[N].coefs[0]++;
}

static void scaled(ds__fluid *engine)
{
    of(engine)->pipes[N].num_scaled++;
}

static void sum(ds__fluid *engine)
{
    of(engine)->pipes[N].held *= 1.001;
}

static void too_high(ds__fluid *engine)
{
    of(engine)->levels[N] *= 1.001;
}

static void not_full(ds__fluid *engine)
{
    of(engine)->levels[N] = INFINITY;
}

static void full(ds__fluid *engine)
{
    of(engine)->levels[1] = 1e6;
}

static void slack(ds__fluid *engine)
{
    of(engine)->slacks[1] = 1e6;
}

static void quiet(ds__fluid *engine)
{
    of(engine)->pipes[N].quiet = true;
    of(engine)->granted[N] = 0;
}

static void heap(ds__fluid *engine)
{
    of(engine)->pipes[N].heap.entries[0].node->at++;
}

static void key(ds__fluid *engine)
{
    of(engine)->pipes[N].heap.entries[0].key = 1e300;
}

static void first_end(ds__fluid *engine)
{
    of(engine)->pipes[N].first *= 1.001;
}

static void floor_of(ds__fluid *engine)
{
    of(engine)->floors[1] = -INFINITY;
}

static void future(ds__fluid *engine)
{
    of(engine)->pipes[2].seen = 1e9;
}

static void active(ds__fluid *engine)
{
    of(engine)->num_active++;
}

static void changed(ds__fluid *engine)
{
    ds__pipe_touch(of(engine), 3);
}

static void noted(ds__fluid *engine)
{
    of(engine)->pipes[2].noted = true;
}

static void dirty(ds__fluid *engine)
{
    ds__pipe_dirty(of(engine), 1);
}

static void order(ds__fluid *engine)
{
    ds__flows *self = of(engine);

    ds__flows_sort(self);
    self->order[0] = self->order[1];
}

static void paths(ds__fluid *engine)
{
    of(engine)->num_paths--;
}

static void users(ds__fluid *engine)
{
    path_of(engine, 2)->users = 0;
}

static void first(ds__fluid *engine)
{
    path_of(engine, 0)->base.first->key = 1e300;
}

static void round_to_come(ds__fluid *engine)
{
    path_of(engine, 0)->round = of(engine)->round + 1;
}

static void tree(ds__fluid *engine)
{
    of(engine)->arrivals.keys[0] = 0;
}

static void arrival(ds__fluid *engine)
{
    ds__mintree_set(&of(engine)->arrivals, N, 1);
}

static const walked_spoil spoils[] = {
    { "a lane that is held by another pipe", holder },
    { "a lane among the wrong ones", held },
    { "a path that another pipe holds", hold },
    { "a path that is not in its lane", place },
    { "a path through another link", wrong_link },
    { "a path that lists another link", listed },
    { "a path that lists too few links", unlisted },
    { "a message counted that is not there", coef },
    { "a lane counted as scaled", scaled },
    { "a sum of what is held", sum },
    { "a level that is too high", too_high },
    { "a full pipe that is not", not_full },
    { "a pipe that is full of nothing", full },
    { "more left than there is", slack },
    { "a quiet pipe above its grant", quiet },
    { "a node that is somewhere else in its heap", heap },
    { "a heap out of order", key },
    { "a first end that is not that of the heap", first_end },
    { "a pipe that a wave is not to look at", floor_of },
    { "a clock in the future", future },
    { "a pipe counted that is idle", active },
    { "a change that is not settled", changed },
    { "an arrival that is not looked for", noted },
    { "a pipe that nobody has looked at", dirty },
    { "an order with one pipe twice", order },
    { "a path that is not counted", paths },
    { "a path that nobody uses", users },
    { "a first flow that is not the first", first },
    { "a path decided in a round to come", round_to_come },
    { "a tree whose root is not the least", tree },
    { "an arrival that nobody has worked out", arrival },
};

static void add(TCase *tc)
{
    static const double recv[N] = { 10, 100, 100, 100 };
    static const walked what = {
        .engine = &ds__maxmin_engine,
        .model = &model.base,
        .far_port = 1,
        .spoils = spoils,
        .num_spoils = sizeof(spoils) / sizeof(*spoils),
    };

    model = ds_maxmin_switch_uniform(N, 100);
    model.recv_rates = recv;
    walked_add(tc, &what);
}

int main(void)
{
    return harness_main("flow_check", add);
}
