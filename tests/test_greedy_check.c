/* The walk over greedy-drop's engine finds what is wrong with it: each case
 * spoils one thing.  The engine is compiled in, because nobody else may look
 * inside. */

#include <signal.h>
#include <stdio.h>

#include "harness.h"

#define open  open_flow /* those of unistd.h are others */
#define close close_flow
#include "net/fluid/greedy.c"

enum { N = 4, FLOWS = 9 };

static ds_greedy_switch model;
static greedy *engine;
static ds__flow flows[FLOWS];

static void never_heard(greedy *self)
{
    self->sources[0].slots[0].bound = self->sources[0].slots[0].end * 2;
}

static void wrong_slot(greedy *self)
{
    self->sources[1].slots[0].pair->slot++;
}

static void wrong_dest(greedy *self)
{
    self->sources[1].slots[0].dest = &self->dests[3];
}

static void share(greedy *self)
{
    self->sources[2].share *= 2;
}

static void sum(greedy *self)
{
    self->dests[1].shares.sum *= 1.001;
}

static void heap(greedy *self)
{
    self->dests[0].heap.entries[0].node->at++;
}

static void key(greedy *self)
{
    self->dests[0].heap.entries[0].key = 1e300;
}

static void future(greedy *self)
{
    self->dests[2].seen = 1e9;
}

static void count(greedy *self)
{
    self->dests[2].num_pairs++;
}

static void pairs(greedy *self)
{
    self->pairs.count--;
}

static void bucket(greedy *self)
{
    ds__pairs_find(&self->pairs, 0, 1)->src = 3;
}

static void order(greedy *self)
{
    ds__pairs_find(&self->pairs, 0, 0)->first->key = 1e300;
}

static void tree(greedy *self)
{
    self->arrivals.keys[0] = 0;
}

static void arrival(greedy *self)
{
    ds__mintree_set(&self->arrivals, 0, 1);
}

static const struct {
    const char *what;
    void (*spoil)(greedy *self);
} spoils[] = {
    { "a bound beyond its end", never_heard },
    { "a pair that is not in its slot", wrong_slot },
    { "a slot with another destination", wrong_dest },
    { "a share that is not a source's", share },
    { "a sum of other shares", sum },
    { "a node that is somewhere else in its heap", heap },
    { "a heap out of order", key },
    { "a clock in the future", future },
    { "a pair counted that is not there", count },
    { "a pair that is not counted", pairs },
    { "a pair in another bucket", bucket },
    { "a first flow that is not the first", order },
    { "a tree whose root is not the least", tree },
    { "an arrival that nobody has worked out", arrival },
};
enum { SPOILS = sizeof(spoils) / sizeof(*spoils) };

static void set_up(void)
{
    ds__why why;

    model = ds_greedy_switch_uniform(N, 100);
    engine = (greedy *)ds__greedy_engine.create(&model.base, N);
    ds__greedy_engine.advance(&engine->base, 1e6);
    for (size_t i = 0; i < FLOWS; i++) {
        flows[i] = (ds__flow){
            .msg.size = (double)(10 + i),
            .number = i,
            .src = i < 6 ? (uint32_t)(i % 3) : 0,
            .dst = i < 6 ? (uint32_t)(i / 3) : 0,
        };
        flows[i].is_open = open(&engine->base, &flows[i]);
        ck_assert(flows[i].is_open);
        begin(&engine->base, &flows[i]);
    }
    ck_assert(settle(&engine->base, &why));
    ds__greedy_check(&engine->base);
}

START_TEST(a_sound_engine_passes)
{
    size_t through = 0;
    ds__why why;

    set_up();
    while (next(&engine->base) < INFINITY) {
        double now = next(&engine->base);
        ds__flow *flow = advance(&engine->base, now);
        for (; flow != NULL; flow = flow->next)
            through++;
        ck_assert(settle(&engine->base, &why));
        ds__greedy_check(&engine->base);
    }
    ck_assert_uint_eq(through, FLOWS);
    destroy(&engine->base);
}
END_TEST

START_TEST(what_is_spoiled_is_found)
{
    set_up();
    fclose(stderr); /* what assert() says */
    spoils[_i].spoil(engine);
    ds__greedy_check(&engine->base);
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
    return harness_main("greedy_check", add);
}
