/* The walk over max-min fairness's engine finds what is wrong with it: each
 * case spoils one thing. */

#include <signal.h>
#include <stdio.h>

#include "harness.h"
#include "net/fluid/maxmin.h"

enum { N = 4, FLOWS = 9 };

static ds_maxmin_switch model;
static ds__maxmin *engine;
static ds__flow flows[FLOWS];

static void twice_held(ds__maxmin *self)
{
    self->links[0].lanes[0].held ^= 1;
}

static void wrong_link(ds__maxmin *self)
{
    self->links[1].lanes[0].other ^= 1;
}

static void wrong_lane(ds__maxmin *self)
{
    self->links[1].pairs[0]->at[DS__SOURCE]++;
}

static void messages(ds__maxmin *self)
{
    self->links[N].messages++;
}

static void too_high(ds__maxmin *self)
{
    self->links[N].level *= 1.001;
}

static void not_full(ds__maxmin *self)
{
    self->links[N].level = INFINITY;
}

static void heap(ds__maxmin *self)
{
    self->links[N].heap.entries[0].node->at++;
}

static void key(ds__maxmin *self)
{
    self->links[N].heap.entries[0].key = 1e300;
}

static void future(ds__maxmin *self)
{
    self->links[2].seen = 1e9;
}

static void active(ds__maxmin *self)
{
    self->num_active++;
}

static void undecided(ds__maxmin *self)
{
    self->undecided[3] = true;
}

static void pairs(ds__maxmin *self)
{
    self->pairs.count--;
}

static void bucket(ds__maxmin *self)
{
    ds__pairs_find(&self->pairs, 0, 1)->src = 3;
}

static void order(ds__maxmin *self)
{
    ds__pairs_find(&self->pairs, 0, 0)->first->key = 1e300;
}

static void alone(ds__maxmin *self)
{
    ck_assert(self->alone[N]);
    self->links[N].held++;
}

static void ceiling(ds__maxmin *self)
{
    self->links[N].ceiling = 1;
}

static void tree(ds__maxmin *self)
{
    self->arrivals.keys[0] = 0;
}

static void arrival(ds__maxmin *self)
{
    ds__mintree_set(&self->arrivals, N, 1);
}

static const struct {
    const char *what;
    void (*spoil)(ds__maxmin *self);
} spoils[] = {
    { "a pair that is held twice, or by nobody", twice_held },
    { "a lane to another link", wrong_link },
    { "a pair that is not in its lane", wrong_lane },
    { "a message counted that is not there", messages },
    { "a level that is too high", too_high },
    { "a full link that is not", not_full },
    { "a node that is somewhere else in its heap", heap },
    { "a heap out of order", key },
    { "a clock in the future", future },
    { "a link counted that is idle", active },
    { "a link that was left undecided", undecided },
    { "a pair that is not counted", pairs },
    { "a pair in another bucket", bucket },
    { "a first flow that is not the first", order },
    { "a link alone that holds others", alone },
    { "a level above its ceiling", ceiling },
    { "a tree whose root is not the least", tree },
    { "an arrival that nobody has worked out", arrival },
};
enum { SPOILS = sizeof(spoils) / sizeof(*spoils) };

static void set_up(void)
{
    static const double recv[N] = { 10, 100, 100, 100 };

    model = ds_maxmin_switch_uniform(N, 100);
    model.recv_rates = recv;
    ds__why why;
    engine = (ds__maxmin *)ds__maxmin_engine.create(&model.base, N);
    ds__maxmin_engine.advance(&engine->base, 1e6);
    for (size_t i = 0; i < FLOWS; i++) {
        flows[i] = (ds__flow){
            .msg.size = (double)(10 + i),
            .number = i,
            .src = i < 6 ? (uint32_t)(i % 3) : 0,
            .dst = i >= 3 && i < 6,
        };
        flows[i].is_open = ds__maxmin_engine.open(&engine->base, &flows[i]);
        ck_assert(flows[i].is_open);
        ds__maxmin_engine.begin(&engine->base, &flows[i]);
    }
    ck_assert(ds__maxmin_engine.settle(&engine->base, &why));
    ds__maxmin_check(&engine->base);
}

START_TEST(a_sound_engine_passes)
{
    size_t through = 0;
    ds__why why;

    set_up();
    while (ds__maxmin_engine.next(&engine->base) < INFINITY) {
        double now = ds__maxmin_engine.next(&engine->base);
        ds__flow *flow = ds__maxmin_engine.advance(&engine->base, now);
        for (; flow != NULL; flow = flow->next)
            through++;
        ck_assert(ds__maxmin_engine.settle(&engine->base, &why));
        ds__maxmin_check(&engine->base);
    }
    ck_assert_uint_eq(through, FLOWS);
    ds__maxmin_engine.destroy(&engine->base);
}
END_TEST

START_TEST(what_is_spoiled_is_found)
{
    set_up();
    fclose(stderr); /* what assert() says */
    spoils[_i].spoil(engine);
    ds__maxmin_check(&engine->base);
    ck_abort_msg("%s was not found", spoils[_i].what);
}
END_TEST

static void add(TCase *tc)
{
    tcase_add_test(tc, a_sound_engine_passes);
    tcase_add_loop_test_raise_signal(tc, what_is_spoiled_is_found, SIGABRT, 0,
                                     SPOILS);
}

int main(void)
{
    return harness_main("maxmin_check", add);
}
