/* Dragonflies (Kim et al., ISCA 2008) as Cray builds them: groups of chassis of
 * routers.
 *
 * All routers of a chassis are joined by green cables, those of the same number
 * in the chassis of a group by black ones, and each two groups by a blue one.
 * If a chassis has a router for each group, as SimGrid demands, group i has its
 * cable to group j at router j of chassis 0.  Otherwise the cables of a group
 * are dealt to all its routers in order, as few to each as will do, which is
 * what Kim calls absolute.
 *
 * The least way goes to the blue cable, over it, and on: at most a green and a
 * black cable on either side.  Valiant's goes by a third group that is drawn,
 * which spreads any traffic evenly, over twice as many blue cables.  UGAL
 * (Singh, 2005) takes the better of the two for each message, by how many
 * messages go over them when it starts. */

#include <stdlib.h>

#include "base/invariant.h"
#include "base/rng.h"
#include "topology/build.h"
#include "topology/topology.h"

enum routing { MINIMAL, VALIANT, UGAL };

static const char *const routings[] = { "minimal", "valiant", "ugal", NULL };

typedef struct fly {
    size_t groups, chassis, routers; /* of the whole, a group, a chassis */
    size_t hosts;                    /* of a router */
    size_t blue_width, black_width, green_width;
} fly;

/* Invariant: cables are those of hosts, then green, black and blue ones. */
typedef struct fly_rule {
    ds__rule rule;
    fly fly;
    bool half;
    enum routing routing;
    uint64_t seed;
    size_t first_green, first_black, first_blue, end;
} fly_rule;

/* A router by its group, its chassis there, and its number there. */
typedef struct router {
    size_t g, c, b;
} router;

/* ---- Numbers --------------------------------------------------------------*/

/* How many pairs of n there are before those of i with higher ones. */
static size_t pairs_before(size_t n, size_t i)
{
    return i * (2 * n - i - 1) / 2;
}

/* The number of a pair of different ones of n. */
static size_t pair(size_t n, size_t i, size_t j)
{
    size_t low = i < j ? i : j;
    size_t high = i < j ? j : i;

    assert(low < high && high < n);
    return pairs_before(n, low) + high - low - 1;
}

static size_t pairs(size_t n)
{
    return n * (n - 1) / 2;
}

static size_t number_of(const fly *f, router r)
{
    return (r.g * f->chassis + r.c) * f->routers + r.b;
}

static router router_of(const fly *f, size_t host)
{
    const size_t n = host / f->hosts;

    return (router){ n / f->routers / f->chassis, n / f->routers % f->chassis,
                     n % f->routers };
}

/* The router of a group that has its cable to another one. */
static router gate_of(const fly *f, size_t g, size_t to)
{
    const size_t in_group = f->chassis * f->routers;
    const size_t cable = to < g ? to : to - 1;

    if (f->routers >= f->groups)
        return (router){ g, 0, to };
    const size_t at_each = (f->groups - 1 + in_group - 1) / in_group;
    const size_t r = cable / at_each;
    assert(r < in_group);
    return (router){ g, r / f->routers, r % f->routers };
}

static size_t green(const fly_rule *rule, router r, size_t to)
{
    const fly *f = &rule->fly;

    return rule->first_green + (r.g * f->chassis + r.c) * pairs(f->routers) +
           pair(f->routers, r.b, to);
}

static size_t black(const fly_rule *rule, router r, size_t to)
{
    const fly *f = &rule->fly;

    return rule->first_black + (r.g * f->routers + r.b) * pairs(f->chassis) +
           pair(f->chassis, r.c, to);
}

static size_t blue(const fly_rule *rule, size_t from, size_t to)
{
    return rule->first_blue + pair(rule->fly.groups, from, to);
}

/* ---- Ways -----------------------------------------------------------------*/

static void add(const fly_rule *rule, size_t cable, bool back, ds__trail *path)
{
    assert(cable < rule->end);
    ds__trail_add(path, ds__cable_link(rule->half, cable, back));
}

/* Within a group, green first. */
static void go_within(const fly_rule *rule, router *at, size_t c, size_t b,
                      ds__trail *path)
{
    if (at->b != b)
        add(rule, green(rule, *at, b), at->b > b, path);
    at->b = b;
    if (at->c != c)
        add(rule, black(rule, *at, c), at->c > c, path);
    at->c = c;
}

static void go_to_group(const fly_rule *rule, router *at, size_t g,
                        ds__trail *path)
{
    if (at->g == g)
        return;
    const router gate = gate_of(&rule->fly, at->g, g);
    go_within(rule, at, gate.c, gate.b, path);
    add(rule, blue(rule, at->g, g), at->g > g, path);
    *at = gate_of(&rule->fly, g, at->g);
}

static void go_minimally(const fly_rule *rule, router *at, router to,
                         ds__trail *path)
{
    go_to_group(rule, at, to.g, path);
    go_within(rule, at, to.c, to.b, path);
}

/* A number below n other than these, uniform, the same for the same message. */
static size_t draw(const fly_rule *rule, const ds__question *question, size_t n,
                   size_t one, size_t two)
{
    const uint64_t low = one < two ? one : two;
    const uint64_t high = one < two ? two : one;
    const uint64_t left = one == two ? n - 1 : n - 2;
    const uint64_t who = (uint64_t)question->from << 32 | question->to;
    uint64_t drawn = ds__rng_below(
        ds__rng_bits(rule->seed, DS__RNG_WAY, who, question->message), left);

    assert(left > 0);
    drawn += drawn >= low;
    drawn += low != high && drawn >= high;
    return (size_t)drawn;
}

/* By a third group if there is one; within a group, by another router. */
static void go_by_another(const fly_rule *rule, const ds__question *question,
                          router *at, router to, ds__trail *path)
{
    const fly *f = &rule->fly;

    if (at->g != to.g && f->groups > 2) {
        go_to_group(rule, at, draw(rule, question, f->groups, at->g, to.g),
                    path);
    } else if (at->g == to.g && number_of(f, *at) != number_of(f, to)) {
        size_t own = at->c * f->routers + at->b;
        size_t by = draw(rule, question, f->chassis * f->routers, own, own);

        go_within(rule, at, by / f->routers, by % f->routers, path);
    }
    go_minimally(rule, at, to, path);
}

static void go(const fly_rule *rule, const ds__question *question,
               bool minimally, ds__trail *path)
{
    router at = router_of(&rule->fly, question->from);
    const router to = router_of(&rule->fly, question->to);

    add(rule, question->from, false, path);
    if (minimally)
        go_minimally(rule, &at, to, path);
    else
        go_by_another(rule, question, &at, to, path);
    add(rule, question->to, true, path);
}

/* Of a host, five in each of three groups at most, two blue ones, and again of
 * a host. */
enum { LONGEST = 16 };

/* How long a way would take, as far as can be told where it leaves the other:
 * the messages that go there already, each over all the links of the way. */
static double burden(const ds_topology *topology, const ds__traffic *traffic,
                     size_t link, size_t length)
{
    return (double)traffic->flows(traffic, link) /
           ds_topology_link(topology, link)->rate * (double)length;
}

/* Whether the least way is no worse than the other. */
static bool is_no_worse(const ds_topology *topology, const ds__traffic *traffic,
                        const ds__trail *least, const ds__trail *other)
{
    size_t i = 0;

    while (i < least->n && i < other->n && least->links[i] == other->links[i])
        i++;
    if (traffic == NULL || i == least->n || i == other->n)
        return true;
    return burden(topology, traffic, least->links[i], least->n) <=
           burden(topology, traffic, other->links[i], other->n);
}

static ds__way fly_route(const ds__rule *self, const ds_topology *topology,
                         const ds__question *question, ds__trail *path)
{
    const fly_rule *rule = (const fly_rule *)self;
    size_t one[LONGEST], two[LONGEST];
    ds__trail least = { one, LONGEST, 0 };
    ds__trail other = { two, LONGEST, 0 };
    const ds__trail *taken = &least;

    go(rule, question, true, &least);
    go(rule, question, false, &other);
    assert(least.n <= LONGEST && other.n <= LONGEST);
    if (rule->routing == VALIANT ||
        (rule->routing == UGAL &&
         !is_no_worse(topology, question->traffic, &least, &other)))
        taken = &other;
    for (size_t i = 0; i < taken->n; i++)
        ds__trail_add(path, taken->links[i]);
    return DS__WAY_FOUND;
}

/* ---- Cables ---------------------------------------------------------------*/

static size_t place_of(const fly_rule *rule, size_t num_hosts, router r)
{
    return num_hosts + number_of(&rule->fly, r);
}

static ds_link widened(ds_link link, size_t width)
{
    link.rate *= (double)width;
    return link;
}

static bool lay_green(ds_topology *topology, const fly_rule *rule,
                      const ds__spec *spec)
{
    const fly *f = &rule->fly;
    const ds_link link = widened(spec->inner, f->green_width);
    const size_t n = topology->num_hosts;

    for (size_t i = 0; i < f->groups * f->chassis; i++)
        for (size_t j = 0; j < f->routers; j++)
            for (size_t k = j + 1; k < f->routers; k++)
                if (!ds__build_cable(topology, spec, n + i * f->routers + j,
                                     n + i * f->routers + k, link, 0))
                    return false;
    return true;
}

static bool lay_black(ds_topology *topology, const fly_rule *rule,
                      const ds__spec *spec)
{
    const fly *f = &rule->fly;
    const ds_link link = widened(spec->inner, f->black_width);
    const size_t n = topology->num_hosts;

    for (size_t g = 0; g < f->groups; g++)
        for (size_t b = 0; b < f->routers; b++)
            for (size_t j = 0; j < f->chassis; j++)
                for (size_t k = j + 1; k < f->chassis; k++)
                    if (!ds__build_cable(topology, spec,
                                         place_of(rule, n, (router){ g, j, b }),
                                         place_of(rule, n, (router){ g, k, b }),
                                         link, 0))
                        return false;
    return true;
}

static bool lay_blue(ds_topology *topology, const fly_rule *rule,
                     const ds__spec *spec)
{
    const fly *f = &rule->fly;
    const ds_link link = widened(spec->inner, f->blue_width);
    const size_t n = topology->num_hosts;

    for (size_t i = 0; i < f->groups; i++)
        for (size_t j = i + 1; j < f->groups; j++)
            if (!ds__build_cable(topology, spec,
                                 place_of(rule, n, gate_of(f, i, j)),
                                 place_of(rule, n, gate_of(f, j, i)), link, 0))
                return false;
    return true;
}

static bool lay_cables(ds_topology *topology, const fly_rule *rule,
                       const ds__spec *spec)
{
    const size_t n = topology->num_hosts;

    for (size_t i = 0; i < n; i++)
        if (!ds__build_cable(topology, spec, i, n + i / rule->fly.hosts,
                             spec->host, 0))
            return false;
    return lay_green(topology, rule, spec) && lay_black(topology, rule, spec) &&
           lay_blue(topology, rule, spec);
}

/* Stores where which cables begin; no count overflows, as none of those of a
 * shape is above its bound. */
static void count_cables(fly_rule *rule, size_t num_hosts)
{
    const fly *f = &rule->fly;

    rule->first_green = num_hosts;
    rule->first_black =
        rule->first_green + f->groups * f->chassis * pairs(f->routers);
    rule->first_blue =
        rule->first_black + f->groups * f->routers * pairs(f->chassis);
    rule->end = rule->first_blue + pairs(f->groups);
}

/* ---- Shapes ---------------------------------------------------------------*/

enum { MOST_OF_A_LEVEL = 4096 };

/* A number of something, and how many times as wide its cables are. */
static bool read_level(ds__cursor *shape, const char *what, size_t *n,
                       size_t *width)
{
    return ds__cursor_count(shape, what, 1, MOST_OF_A_LEVEL, n) &&
           ds__cursor_sign(shape, ',', "how wide their cables are") &&
           ds__cursor_count(shape, "how wide their cables are", 1,
                            DS__MOST_HOSTS, width) &&
           ds__cursor_sign(shape, ';', "what they are made of");
}

static bool read_fly(ds__cursor *shape, fly *f)
{
    return read_level(shape, "the number of groups", &f->groups,
                      &f->blue_width) &&
           read_level(shape, "the number of chassis of a group", &f->chassis,
                      &f->black_width) &&
           read_level(shape, "the number of routers of a chassis", &f->routers,
                      &f->green_width) &&
           ds__cursor_count(shape, "the number of hosts of a router", 1,
                            DS__MOST_HOSTS, &f->hosts) &&
           ds__cursor_end(shape, "the number of hosts of a router");
}

static bool build_fly(ds_topology *topology, ds__cursor *shape,
                      const ds__spec *spec)
{
    fly_rule *rule = calloc(1, sizeof(*rule));

    if (rule == NULL)
        return ds__topology_no_memory(topology, "ds_topology_parse");
    topology->rule = &rule->rule;
    rule->rule.route = fly_route;
    rule->half = spec->half;
    rule->seed = spec->seed;
    for (size_t i = 0; routings[i] != NULL; i++)
        if (spec->routing == routings[i])
            rule->routing = (enum routing)i;
    rule->rule.asks = rule->routing == UGAL;
    if (!read_fly(shape, &rule->fly))
        return false;
    const fly *f = &rule->fly;
    const size_t switches = f->groups * f->chassis * f->routers;
    const size_t hosts = ds__times(switches, f->hosts);
    count_cables(rule, hosts);
    return ds__build_places(topology, shape, hosts, switches,
                            hosts > rule->end ? SIZE_MAX : rule->end) &&
           lay_cables(topology, rule, spec);
}

const ds__kind ds__kind_dragonfly = {
    .name = "dragonfly",
    .shape = "9,1;4,1;2,1;2",
    .routings = routings,
    .has_inner = true,
    .build = build_fly,
};
