/* The engine of flows against plain progressive filling: random flows come and
 * go over random routes, and after each instant each of them gets what the
 * definition gives it; and it is through when it has got all its bytes. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "filling.h"
#include "harness.h"

enum { MOST_LINKS = 64, MOST_HOPS = 16, MOST_FLOWS = 160 };

/* What is unusual about some networks. */
typedef struct regime {
    const char *name;
    size_t links;
    size_t hops;     /* of a route, at most */
    size_t flows;    /* at a time, at most */
    size_t steps;    /* instants */
    size_t routes;   /* to choose from; 0: each flow has its own */
    double start;    /* seconds */
    double decades;  /* that capacities differ by */
    double weights;  /* decades that they differ by */
    double fat;      /* the part of links that is */
    double limited;  /* the part of flows that is */
    double back;     /* of what it takes, on a way back */
    double changes;  /* the part of instants that changes a capacity */
    bool alike;      /* sizes and capacities are drawn from very few */
    bool at_once;    /* as many as there may be begin together */
    unsigned sweeps; /* to begin with */
} regime;

static const regime regimes[] = {
    { "sparse", 40, 4, 12, 300, 0, .start = 1 },
    { "dense", 12, 3, 120, 300, 0, .start = 1 },
    { "dense, by sweeps", 12, 3, 120, 300, 0, .start = 1, .sweeps = 1000000 },
    { "wide, by sweeps", 60, 2, 150, 300, 0, .start = 1, .sweeps = 1000000 },
    { "long routes", 40, 6, 100, 200, 0, .start = 1 },
    { "longer routes than lanes list", 40, 16, 60, 100, 0, .start = 1 },
    { "longer routes than lanes list, by sweeps", 60, 16, 100, 100, 0,
      .start = 1, .decades = 2, .sweeps = 1000000 },
    { "few routes", 10, 3, 150, 400, 6, .start = 1 },
    { "one link", 1, 1, 60, 300, 0, .start = 1 },
    { "late", 20, 3, 60, 300, 0, .start = 1e6 },
    { "twelve decades", 20, 3, 60, 300, 0, .start = 1, .decades = 12 },
    { "twelve decades, by sweeps", 20, 3, 60, 300, 0, .start = 1, .decades = 12,
      .sweeps = 1000000 },
    { "twelve decades, late", 20, 3, 60, 300, 0, .start = 1e6, .decades = 12 },
    { "weights", 20, 3, 60, 300, 0, .start = 1, .weights = 3 },
    { "weights, by sweeps", 20, 3, 60, 300, 0, .start = 1, .weights = 3,
      .sweeps = 1000000 },
    { "limits", 20, 3, 60, 300, 0, .start = 1, .limited = 0.4 },
    { "fat pipes", 20, 4, 60, 300, 0, .start = 1, .fat = 0.4 },
    { "fat pipes, by sweeps", 20, 4, 60, 300, 0, .start = 1, .fat = 0.4,
      .sweeps = 1000000 },
    { "fat pipes and weights", 20, 4, 60, 300, 0, .start = 1, .fat = 0.4,
      .weights = 2 },
    { "fat pipes and weights, by sweeps", 20, 4, 60, 300, 0, .start = 1,
      .fat = 0.4, .weights = 2, .sweeps = 1000000 },
    { "ways back", 20, 4, 60, 300, 0, .start = 1, .back = 0.05 },
    { "changes", 20, 3, 60, 300, 0, .start = 1, .changes = 0.3 },
    { "changes, by sweeps", 20, 3, 60, 300, 0, .start = 1, .changes = 0.3,
      .sweeps = 1000000 },
    { "changes by decades", 20, 3, 60, 300, 0, .start = 1, .decades = 6,
      .changes = 0.3 },
    { "all there is", 30, 5, 100, 400, 20, .start = 1e3, .decades = 3,
      .weights = 2, .fat = 0.2, .limited = 0.2, .back = 0.05, .changes = 0.1 },
    { "alike", 20, 3, 60, 300, 0, .start = 1, .alike = true },
    { "alike, by sweeps", 20, 3, 60, 300, 0, .start = 1, .alike = true,
      .sweeps = 1000000 },
    { "bursts", 30, 3, 100, 300, 0, .start = 1, .at_once = true },
    { "mostly not full", 60, 6, 150, 300, 0, .start = 1, .decades = 1 },
    { "mostly not full, by sweeps", 60, 6, 150, 300, 0, .start = 1,
      .decades = 1, .sweeps = 1000000 },
    { "mostly not full, few routes, by sweeps", 60, 6, 150, 300, 30, .start = 1,
      .decades = 2, .sweeps = 1000000 },
    { "mostly not full, all there is, by sweeps", 60, 6, 150, 300, 60,
      .start = 1e3, .decades = 2, .weights = 2, .fat = 0.1, .limited = 0.2,
      .back = 0.05, .changes = 0.1, .sweeps = 1000000 },
};
enum { REGIMES = sizeof(regimes) / sizeof(*regimes) };

typedef struct carried {
    ds__flow flow; /* first */
    filling_flow wants;
    ds__hop hops[MOST_HOPS];
    ds__path *path;
    double left; /* bytes */
    bool is_open;
} carried;

typedef struct course {
    ds__hop hops[MOST_HOPS];
    size_t num_hops;
    double weight;
} course;

typedef struct world {
    const regime *regime;
    uint64_t seed;
    uint64_t draws;
    filling_link links[MOST_LINKS];
    course courses[MOST_FLOWS];
    carried flows[MOST_FLOWS];
    size_t num_open;
    ds__flows *engine;
    double now;
} world;

static double draw(world *w)
{
    return ds__rng_uniform(ds__rng_bits(w->seed, DS__RNG_NET, 3, w->draws++));
}

static size_t draw_below(world *w, size_t n)
{
    return (size_t)(draw(w) * (double)n);
}

static double draw_over(world *w, double decades)
{
    return w->regime->alike ? (double)(1 + draw_below(w, 2))
                            : (0.5 + draw(w)) * pow(10, decades * draw(w));
}

static void draw_course(world *w, course *c)
{
    const regime *r = w->regime;
    size_t most = r->hops < r->links ? r->hops : r->links;

    c->weight = r->weights > 0 ? draw_over(w, r->weights) : 1;
    c->num_hops = 1 + draw_below(w, most);
    for (size_t i = 0; i < c->num_hops; i++) {
        bool is_back = i > 0 && r->back > 0 && draw_below(w, 2) == 0;
        size_t k = 0;
        do {
            c->hops[i].link = (uint32_t)draw_below(w, r->links);
            for (k = 0; c->hops[k].link != c->hops[i].link;)
                k++;
        } while (k < i);
        c->hops[i].unit = c->weight * (is_back ? r->back : 1);
        c->hops[i].times = is_back ? 0 : 1;
    }
}

static world *world_new(const regime *r, uint64_t seed)
{
    world *w = calloc(1, sizeof(*w));
    double capacities[MOST_LINKS];
    bool is_fat[MOST_LINKS];

    ck_assert_ptr_nonnull(w);
    *w = (world){ .regime = r, .seed = seed, .now = r->start };
    for (size_t l = 0; l < r->links; l++) {
        w->links[l].capacity = capacities[l] = draw_over(w, r->decades);
        w->links[l].fat = is_fat[l] = draw(w) < r->fat;
    }
    for (size_t i = 0; i < r->routes; i++)
        draw_course(w, &w->courses[i]);
    w->engine = ds__flows_new(r->links, capacities, is_fat, true);
    ck_assert_ptr_nonnull(w->engine);
    w->engine->sweeps = r->sweeps;
    ck_assert_ptr_null(ds__flows_advance(w->engine, w->now));
    return w;
}

static void world_free(world *w)
{
    ds__flows_free(w->engine);
    free(w);
}

/* ---- Coming and going -----------------------------------------------------*/

static double least_rate(const world *w, const course *c)
{
    double least = INFINITY;

    for (size_t i = 0; i < c->num_hops; i++)
        if (c->hops[i].times > 0)
            least = fmin(least, w->links[c->hops[i].link].capacity);
    return least;
}

static void begin(world *w, carried *f)
{
    const regime *r = w->regime;
    size_t which = draw_below(w, r->routes > 0 ? r->routes : 1);
    course *c = &w->courses[which];

    if (r->routes == 0)
        draw_course(w, c);
    memcpy(f->hops, c->hops, sizeof(f->hops));
    double limit = draw(w) < r->limited ? draw_over(w, r->decades) : INFINITY;
    double least = least_rate(w, c);
    f->flow = (ds__flow){
        .msg.size = draw_over(w, 0),
        .number = w->draws,
        .src = (uint32_t)which,
    };
    f->left = f->flow.msg.size;
    f->wants = (filling_flow){ .hops = f->hops,
                               .num_hops = c->num_hops,
                               .weight = c->weight,
                               .limit = fmin(limit, least) };
    f->path = ds__path_use(w->engine, &(ds__course){
                                          .src = (uint32_t)which,
                                          .hops = c->hops,
                                          .num_hops = c->num_hops,
                                          .weight = c->weight,
                                          .factor = 1,
                                          .limit = limit,
                                          .least = NAN,
                                      });
    ck_assert_ptr_nonnull(f->path);
    f->path = ds__path_know_least(w->engine, f->path, least);
    ck_assert_ptr_nonnull(f->path);
    ck_assert(ds__flows_open(w->engine, &f->flow, f->path));
    ds__flows_begin(w->engine, &f->flow);
    f->is_open = true;
    w->num_open++;
}

static void begin_some(world *w)
{
    size_t most = w->regime->flows;

    if (w->regime->at_once && w->num_open > 0)
        return;
    for (size_t i = 0; i < most; i++)
        if (!w->flows[i].is_open && (w->regime->at_once || draw(w) < 0.1))
            begin(w, &w->flows[i]);
}

static void change_some(world *w)
{
    if (draw(w) >= w->regime->changes)
        return;
    size_t l = draw_below(w, w->regime->links);
    double capacity = draw_over(w, w->regime->decades);
    w->links[l].capacity = capacity;
    ck_assert(ds__flows_resize(w->engine, (uint32_t)l, capacity));
}

/* Lets time pass, and those go that are through: when they have all bytes. */
static void pass(world *w, double until)
{
    double span = until - w->now;

    for (size_t i = 0; i < MOST_FLOWS; i++)
        if (w->flows[i].is_open)
            w->flows[i].left -= w->flows[i].wants.rate * span;
    w->now = until;
    ds__flow *flow = ds__flows_advance(w->engine, until);
    for (; flow != NULL; flow = flow->next) {
        carried *f = (carried *)flow;
        double rounding = f->wants.rate * (until * 0x1p-45);
        ck_assert(fabs(f->left) <= 1e-9 * f->flow.msg.size + rounding);
        f->is_open = false;
        w->num_open--;
    }
}

/* ---- Rates ----------------------------------------------------------------*/

static void ck_rates(world *w, size_t step)
{
    filling_flow wants[MOST_FLOWS];
    carried *open[MOST_FLOWS];
    size_t n = 0;

    for (size_t i = 0; i < MOST_FLOWS; i++)
        if (w->flows[i].is_open) {
            open[n] = &w->flows[i];
            wants[n++] = w->flows[i].wants;
        }
    filling_rates(w->links, w->regime->links, wants, n);
    for (size_t i = 0; i < n; i++) {
        const ds__path *path = (ds__path *)open[i]->flow.pair;
        double got = w->engine->levels[ds__path_holder(path)] * path->weight;
        ck_assert_msg(fabs(got - wants[i].rate) <= 1e-9 * wants[i].rate,
                      "%s, seed %llu, instant %zu: %.17g instead of %.17g",
                      w->regime->name, (unsigned long long)w->seed, step, got,
                      wants[i].rate);
        open[i]->wants.rate = wants[i].rate;
    }
}

/* The next instant is when a flow is through, or some time before. */
static double draw_next(world *w)
{
    double next = ds__flows_next(w->engine);

    if (isinf(next))
        return w->now + 0.1;
    return draw_below(w, 3) == 0 ? w->now + (next - w->now) * draw(w) : next;
}

static void run(const regime *r, uint64_t seed)
{
    world *w = world_new(r, seed);
    ds__why why;

    for (size_t step = 0; step < r->steps; step++) {
        begin_some(w);
        change_some(w);
        ck_assert(ds__flows_settle(w->engine, &why));
        ds__flows_check(w->engine);
        ck_rates(w, step);
        pass(w, draw_next(w));
    }
    world_free(w);
}

START_TEST(every_flow_gets_what_the_definition_gives_it)
{
    const uint64_t seeds = harness_full() ? 20 : 2;

    for (uint64_t seed = 0; seed < seeds; seed++)
        run(&regimes[_i], 100 + seed);
}
END_TEST

/* Links and limits that differ by twelve decades, by waves and by sweeps as
 * they come: no digit that is lost at one instant may be missed later. */
START_TEST(a_hundred_thousand_instants_may_pass)
{
    regime r = { "for long",
                 20,
                 4,
                 60,
                 0,
                 0,
                 .start = 1,
                 .decades = 12,
                 .limited = 0.1,
                 .changes = 0.05 };

    r.steps = harness_full() ? 100000 : 1000;
    run(&r, 7);
}
END_TEST

/* ---- Many at once ---------------------------------------------------------*/

static ds__flow *open_flow(ds__flows *engine, const ds__hop *hops, size_t n,
                           uint32_t src, double size)
{
    ds__flow *flow = malloc(sizeof(*flow));
    ds__path *path = ds__path_use(engine, &(ds__course){
                                              .src = src,
                                              .hops = hops,
                                              .num_hops = n,
                                              .weight = 1,
                                              .factor = 1,
                                              .limit = INFINITY,
                                              .least = INFINITY,
                                          });

    ck_assert(flow != NULL && path != NULL);
    *flow = (ds__flow){ .msg.size = size, .src = src };
    ck_assert(ds__flows_open(engine, flow, path));
    ds__flows_begin(engine, flow);
    return flow;
}

static size_t free_all(ds__flow *list)
{
    size_t n = 0;

    for (; list != NULL; n++) {
        ds__flow *flow = list;
        list = flow->next;
        free(flow);
    }
    return n;
}

/* Runs to the end, and returns how many instants that took. */
static size_t run_dry(ds__flows *engine)
{
    size_t instants = 0;
    ds__why why;

    ck_assert(ds__flows_settle(engine, &why));
    for (; ds__flows_next(engine) < INFINITY; instants++) {
        ck_assert_uint_gt(
            free_all(ds__flows_advance(engine, ds__flows_next(engine))), 0);
        ck_assert(ds__flows_settle(engine, &why));
    }
    return instants;
}

enum { PORTS = 24 };

/* Everyone to everyone else, all alike, late in a run; by sweeps and not. */
START_TEST(what_ends_together_on_paper_is_one_instant)
{
    double capacities[2 * PORTS];

    for (size_t l = 0; l < 2 * PORTS; l++)
        capacities[l] = 1e9 / 3;
    ds__flows *engine = ds__flows_new(2 * PORTS, capacities, NULL, false);
    engine->sweeps = _i == 0 ? 0 : 1000;
    ds__flows_advance(engine, 1e6 / 7);
    for (uint32_t from = 0; from < PORTS; from++) {
        for (uint32_t k = 1; k < PORTS; k++) {
            uint32_t to = (from + k) % PORTS;
            const ds__hop hops[] = { { from, 0, 1, 1 },
                                     { PORTS + to, 0, 1, 1 } };
            open_flow(engine, hops, 2, from * PORTS + to, 1e6 / 11);
        }
    }
    ck_assert_uint_eq(run_dry(engine), 1);
    ds__flows_free(engine);
}
END_TEST

static double random_size(uint64_t *draws)
{
    return 1 + ds__rng_uniform(ds__rng_bits(5, DS__RNG_NET, 4, (*draws)++));
}

static int by_size(const void *a, const void *b)
{
    const double x = *(const double *)a;
    const double y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of n that share a link, and began together, the next is through when each has
 * got what it still has to get. */
static void ck_shared(ds__flows *engine, double *sizes, size_t n,
                      double capacity)
{
    double time = engine->now;
    double got = 0;
    ds__why why;

    qsort(sizes, n, sizeof(*sizes), by_size);
    ck_assert(ds__flows_settle(engine, &why));
    for (size_t i = 0; i < n;) {
        time += (sizes[i] - got) * (double)(n - i) / capacity;
        got = sizes[i];
        double next = ds__flows_next(engine);
        ck_assert(fabs(next - time) <= 1e-9 * time);
        size_t through = free_all(ds__flows_advance(engine, next));
        ck_assert_uint_gt(through, 0);
        i += through;
        if (through > 1)
            got = sizes[i - 1];
        ck_assert(ds__flows_settle(engine, &why));
    }
    ck_assert(isinf(ds__flows_next(engine)));
}

/* Pipe 0 is where all want to go, and each comes by one of its own. */
START_TEST(a_hundred_thousand_may_want_to_go_to_one)
{
    const size_t n = 100000;
    double *capacities = malloc((n + 1) * sizeof(*capacities));
    double *sizes = malloc(n * sizeof(*sizes));
    uint64_t draws = 0;

    for (size_t l = 0; l <= n; l++)
        capacities[l] = 100;
    ds__flows *engine = ds__flows_new(n + 1, capacities, NULL, false);
    ds__flows_advance(engine, 1000);
    for (uint32_t i = 0; i < n; i++) {
        const ds__hop hops[] = { { i + 1, 0, 1, 1 }, { 0, 0, 1, 1 } };
        sizes[i] = random_size(&draws);
        open_flow(engine, hops, 2, i, sizes[i]);
    }
    ck_shared(engine, sizes, n, 100);
    ds__flows_free(engine);
    free(capacities);
    free(sizes);
}
END_TEST

START_TEST(a_million_may_take_one_route)
{
    const size_t n = harness_full() ? 1000000 : 200000;
    const double capacities[] = { 300, 100, 200 };
    const ds__hop hops[] = { { 0, 0, 1, 1 }, { 1, 0, 1, 1 }, { 2, 0, 1, 1 } };
    double *sizes = malloc(n * sizeof(*sizes));
    uint64_t draws = 0;
    ds__flows *engine = ds__flows_new(3, capacities, NULL, false);

    ds__flows_advance(engine, 1000);
    for (size_t i = 0; i < n; i++) {
        sizes[i] = random_size(&draws);
        open_flow(engine, hops, 3, 0, sizes[i]);
    }
    ck_shared(engine, sizes, n, 100);
    ds__flows_free(engine);
    free(sizes);
}
END_TEST

static void add(TCase *tc)
{
    tcase_set_timeout(tc, harness_full() ? 600 : 60);
    tcase_add_loop_test(tc, every_flow_gets_what_the_definition_gives_it, 0,
                        REGIMES);
    tcase_add_test(tc, a_hundred_thousand_instants_may_pass);
    tcase_add_loop_test(tc, what_ends_together_on_paper_is_one_instant, 0, 2);
    tcase_add_test(tc, a_hundred_thousand_may_want_to_go_to_one);
    tcase_add_test(tc, a_million_may_take_one_route);
}

int main(void)
{
    return harness_main("flow", add);
}
