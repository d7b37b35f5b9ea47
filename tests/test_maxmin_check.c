/* The walk over max-min fairness's engine finds what is wrong with it: each
 * case spoils one thing. */

#include "harness.h"
#include "net/fluid/maxmin.h"
#include "walked.h"

enum { N = WALKED_PORTS };

static ds_maxmin_switch model;

static ds__maxmin *of(ds__fluid *engine)
{
    return (ds__maxmin *)engine;
}

static void twice_held(ds__fluid *engine)
{
    of(engine)->links[0].lanes[0].held ^= 1;
}

static void wrong_link(ds__fluid *engine)
{
    of(engine)->links[1].lanes[0].other ^= 1;
}

static void wrong_lane(ds__fluid *engine)
{
    of(engine)->links[1].pairs[0]->at[DS__SOURCE]++;
}

static void messages(ds__fluid *engine)
{
    of(engine)->links[N].messages++;
}

static void too_high(ds__fluid *engine)
{
    of(engine)->links[N].level *= 1.001;
}

static void not_full(ds__fluid *engine)
{
    of(engine)->links[N].level = INFINITY;
}

static void heap(ds__fluid *engine)
{
    of(engine)->links[N].heap.entries[0].node->at++;
}

static void key(ds__fluid *engine)
{
    of(engine)->links[N].heap.entries[0].key = 1e300;
}

static void future(ds__fluid *engine)
{
    of(engine)->links[2].seen = 1e9;
}

static void active(ds__fluid *engine)
{
    of(engine)->num_active++;
}

static void undecided(ds__fluid *engine)
{
    of(engine)->undecided[3] = true;
}

static void pairs(ds__fluid *engine)
{
    of(engine)->pairs.count--;
}

static void bucket(ds__fluid *engine)
{
    ds__pairs_find(&of(engine)->pairs, 0, 1)->src = 3;
}

static void order(ds__fluid *engine)
{
    ds__pairs_find(&of(engine)->pairs, 0, 0)->first->key = 1e300;
}

static void alone(ds__fluid *engine)
{
    ck_assert(of(engine)->alone[N]);
    of(engine)->links[N].held++;
}

static void ceiling(ds__fluid *engine)
{
    of(engine)->links[N].ceiling = 1;
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
    return harness_main("maxmin_check", add);
}
