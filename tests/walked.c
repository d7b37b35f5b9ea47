/* Tests of the walks over engines; see the header. */

#include "walked.h"

#include <signal.h>
#include <stdio.h>

ds__flow walked_flows[WALKED_FLOWS];

static const walked *about;
static ds__fluid *fluid;

/* The first six flows come from three ports, the last three from one. */
static void set_up(void)
{
    const ds_switch_engine *engine = about->engine;
    ds__why why;

    fluid = engine->create(about->model, WALKED_PORTS);
    ck_assert_ptr_nonnull(fluid);
    engine->advance(fluid, 1e6);
    for (uint32_t i = 0; i < WALKED_FLOWS; i++) {
        ds__flow *flow = &walked_flows[i];
        *flow = (ds__flow){
            .msg.size = 10 + i,
            .number = i,
            .src = i < 6 ? i % 3 : 0,
            .dst = i >= 3 && i < 6 ? about->far_port : 0,
        };
        flow->is_open = engine->open(fluid, flow);
        ck_assert(flow->is_open);
        engine->begin(fluid, flow);
    }
    ck_assert(engine->settle(fluid, &why));
    engine->walk(fluid);
}

START_TEST(a_sound_engine_passes)
{
    const ds_switch_engine *engine = about->engine;
    size_t through = 0;
    ds__why why;

    set_up();
    while (engine->next(fluid) < INFINITY) {
        ds__flow *flow = engine->advance(fluid, engine->next(fluid));
        for (; flow != NULL; flow = flow->next)
            through++;
        ck_assert(engine->settle(fluid, &why));
        engine->walk(fluid);
    }
    ck_assert_uint_eq(through, WALKED_FLOWS);
    engine->destroy(fluid);
}
END_TEST

START_TEST(what_is_spoiled_is_found)
{
    set_up();
    fclose(stderr); /* what assert() says */
    about->spoils[_i].spoil(fluid);
    about->engine->walk(fluid);
    ck_abort_msg("%s was not found", about->spoils[_i].what);
}
END_TEST

void walked_add(TCase *tc, const walked *what)
{
    about = what;
    tcase_add_test(tc, a_sound_engine_passes);
    tcase_add_loop_test_raise_signal(tc, what_is_spoiled_is_found, SIGABRT, 0,
                                     what->num_spoils);
}
