/* The walk over the engine of any model finds what is wrong with it. */

#include "harness.h"
#include "walked.h"

static ds_greedy_switch model;

static void source(ds__fluid *engine)
{
    walked_flows[4].src = WALKED_PORTS;
}

static void idle_way(ds__fluid *engine)
{
    walked_flows[4].dst = 3;
}

static void too_much(ds__fluid *engine)
{
    walked_flows[5].key = walked_flows[5].msg.size * 1.001;
}

static void torn(ds__fluid *engine)
{
    walked_flows[6].next = NULL;
}

/* Opens a flow, which changes the rates, after they were shared. */
static void not_settled(ds__fluid *engine)
{
    static ds__flow late = { .msg.size = 1 };

    engine->engine->open(engine, &late);
}

static const walked_spoil spoils[] = {
    { "a flow from a port that is not there", source },
    { "a flow where none is counted", idle_way },
    { "more bytes to go than it has", too_much },
    { "a list that ends too early", torn },
    { "rates of before", not_settled },
};

static void add(TCase *tc)
{
    static const walked what = {
        .engine = &ds__dense_engine,
        .model = &model.base,
        .far_port = 1,
        .spoils = spoils,
        .num_spoils = sizeof(spoils) / sizeof(*spoils),
    };

    model = ds_greedy_switch_uniform(WALKED_PORTS, 100);
    walked_add(tc, &what);
}

int main(void)
{
    return harness_main("dense_check", add);
}
