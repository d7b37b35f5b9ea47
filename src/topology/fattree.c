/* Fat-trees, as XGFT(h; m; w; p) (Oehring et al., IPPS 1995, with the parallel
 * cables of Zahavi, 2010), and D-mod-k routing.
 *
 * A node of level l has a digit for each level i; it counts to w_i if i <= l
 * and to m_i above, and the first is the fastest in its number.  Nodes next to
 * each other differ in the digit of the upper one's level only.  Upwards the
 * destination decides which parent and which cable, so that all that goes to
 * one host comes down over one way; downwards there is one child to go to, and
 * the source decides about the cable. */

#include "topology/fattree.h"

#include <stdlib.h>

#include "base/invariant.h"
#include "topology/topology.h"

/* Invariants: below[l] = m_1 ... m_l, and above[l] = w_1 ... w_l;
 * first_cable[l] is the first between the levels l and l + 1, where they are in
 * the order of child, parent and cable. */
typedef struct tree_rule {
    ds__rule rule;
    ds__fattree tree;
    bool half;
    size_t below[DS__MOST_LEVELS + 1];
    size_t above[DS__MOST_LEVELS + 1];
    size_t first_cable[DS__MOST_LEVELS + 1];
    size_t first_place[DS__MOST_LEVELS + 1]; /* of the nodes of a level */
} tree_rule;

/* ---- Nodes ----------------------------------------------------------------*/

/* The node above this one of level l whose digit l + 1 is this. */
static size_t parent_of(const tree_rule *rule, size_t l, size_t node,
                        size_t digit)
{
    const size_t low = node % rule->above[l];
    const size_t high = node / rule->above[l] / rule->tree.m[l];

    return low + rule->above[l] * (digit + rule->tree.w[l] * high);
}

/* The node of level l below this one of level l + 1 with such a digit. */
static size_t child_of(const tree_rule *rule, size_t l, size_t node,
                       size_t digit)
{
    const size_t low = node % rule->above[l];
    const size_t high = node / rule->above[l] / rule->tree.w[l];

    return low + rule->above[l] * (digit + rule->tree.m[l] * high);
}

/* Which of its parents a node of level l + 1 is. */
static size_t parent_digit(const tree_rule *rule, size_t l, size_t node)
{
    return node / rule->above[l] % rule->tree.w[l];
}

static bool is_above(const tree_rule *rule, size_t l, size_t node, size_t host)
{
    return node / rule->above[l] == host / rule->below[l];
}

/* ---- Ways -----------------------------------------------------------------*/

static void add_cable(const tree_rule *rule, size_t l, size_t child,
                      size_t digit, size_t copy, bool back, ds__trail *path)
{
    const size_t cable = rule->first_cable[l] +
                         (child * rule->tree.w[l] + digit) * rule->tree.p[l] +
                         copy;

    assert(cable < rule->first_cable[l + 1]);
    ds__trail_add(path, ds__cable_link(rule->half, cable, back));
}

static ds__way tree_route(const ds__rule *self, const ds_topology *topology,
                          const ds__question *question, ds__trail *path)
{
    const tree_rule *rule = (const tree_rule *)self;
    const ds__fattree *t = &rule->tree;
    const size_t to = question->to;
    size_t node = question->from;
    size_t l = 0;

    for (; !is_above(rule, l, node, to); l++) {
        size_t k = to / rule->above[l] % (t->w[l] * t->p[l]);

        assert(l < t->levels);
        add_cable(rule, l, node, k % t->w[l], k / t->w[l], false, path);
        node = parent_of(rule, l, node, k % t->w[l]);
    }
    while (l-- > 0) {
        size_t child = child_of(rule, l, node, to / rule->below[l] % t->m[l]);

        add_cable(rule, l, child, parent_digit(rule, l, node),
                  question->from % t->p[l], true, path);
        node = child;
    }
    assert(node == to && to < topology->num_hosts);
    return DS__WAY_FOUND;
}

/* ---- Cables ---------------------------------------------------------------*/

/* How many nodes a level has. */
static size_t count_nodes(const tree_rule *rule, size_t l)
{
    size_t n = rule->above[l];

    for (size_t i = l; i < rule->tree.levels; i++)
        n = ds__times(n, rule->tree.m[i]);
    return n;
}

/* Whether it is small enough for all that is counted here to fit. */
static bool count_all(tree_rule *rule)
{
    const ds__fattree *t = &rule->tree;
    size_t places = 0;

    rule->below[0] = rule->above[0] = 1;
    for (size_t l = 0; l <= t->levels; l++) {
        size_t nodes = count_nodes(rule, l);

        rule->first_place[l] = places;
        if (nodes > DS__MOST_CABLES)
            return false;
        places += nodes;
        if (l == t->levels)
            break;
        size_t cables = ds__times(ds__times(nodes, t->w[l]), t->p[l]);
        if (cables > DS__MOST_CABLES)
            return false;
        rule->first_cable[l + 1] = rule->first_cable[l] + cables;
        rule->below[l + 1] = ds__times(rule->below[l], t->m[l]);
        rule->above[l + 1] = ds__times(rule->above[l], t->w[l]);
    }
    return true;
}

static bool lay_cables(ds_topology *topology, const tree_rule *rule, size_t l)
{
    const ds__spec spec = { .half = rule->half };
    const size_t nodes = count_nodes(rule, l);

    for (size_t child = 0; child < nodes; child++)
        for (size_t digit = 0; digit < rule->tree.w[l]; digit++)
            for (size_t copy = 0; copy < rule->tree.p[l]; copy++)
                if (!ds__build_cable(topology, &spec,
                                     rule->first_place[l] + child,
                                     rule->first_place[l + 1] +
                                         parent_of(rule, l, child, digit),
                                     rule->tree.links[l], copy))
                    return false;
    assert(topology->num_links ==
           (rule->half ? 1 : 2) * rule->first_cable[l + 1]);
    return true;
}

static bool build(ds_topology *topology, const ds__cursor *shape,
                  tree_rule *rule)
{
    const size_t levels = rule->tree.levels;

    if (!count_all(rule))
        return ds__cursor_wrong(shape, shape->text,
                                "too large; allowed: %d cables at a level",
                                DS__MOST_CABLES);
    const size_t hosts = rule->below[levels];
    if (!ds__build_places(topology, shape, hosts,
                          rule->first_place[levels] + rule->above[levels] -
                              hosts,
                          rule->first_cable[levels]))
        return false;
    for (size_t l = 0; l < levels; l++)
        if (!lay_cables(topology, rule, l))
            return false;
    return true;
}

bool ds__fattree_build(ds_topology *topology, const ds__cursor *shape,
                       const ds__fattree *tree, bool half)
{
    tree_rule *rule = calloc(1, sizeof(*rule));

    if (rule == NULL)
        return ds__topology_no_memory(topology, "ds_topology_parse");
    rule->rule.route = tree_route;
    rule->half = half;
    rule->tree = *tree;
    topology->rule = &rule->rule;
    return build(topology, shape, rule);
}

size_t ds__fattree_level(const ds__fattree *tree, size_t place)
{
    for (size_t l = 0;; l++) {
        size_t nodes = 1;

        assert(l <= tree->levels);
        for (size_t i = 0; i < tree->levels; i++)
            nodes *= i < l ? tree->w[i] : tree->m[i];
        if (place < nodes)
            return l;
        place -= nodes;
    }
}

/* ---- Shapes ---------------------------------------------------------------*/

static bool read_row(ds__cursor *shape, const char *what, size_t levels,
                     size_t *row)
{
    if (!ds__cursor_sign(shape, ';', what))
        return false;
    for (size_t i = 0; i < levels; i++)
        if ((i > 0 && !ds__cursor_sign(shape, ',', what)) ||
            !ds__cursor_count(shape, what, 1, DS__MOST_HOSTS, &row[i]))
            return false;
    return true;
}

static bool read_tree(ds__cursor *shape, ds__fattree *t)
{
    return ds__cursor_count(shape, "the number of levels", 1, DS__MOST_LEVELS,
                            &t->levels) &&
           read_row(shape, "the children of a level", t->levels, t->m) &&
           read_row(shape, "the parents of a level", t->levels, t->w) &&
           read_row(shape, "the parallel cables of a level", t->levels, t->p) &&
           ds__cursor_end(shape, "the last of the parallel cables");
}

static bool build_tree(ds_topology *topology, ds__cursor *shape,
                       const ds__spec *spec)
{
    ds__fattree tree = { 0 };

    if (!read_tree(shape, &tree))
        return false;
    for (size_t l = 0; l < tree.levels; l++)
        tree.links[l] = l == 0 ? spec->host : spec->inner;
    return ds__fattree_build(topology, shape, &tree, spec->half);
}

static const char *const routings[] = { "d-mod-k", NULL };

const ds__kind ds__kind_fattree = {
    .name = "fattree",
    .shape = "2;4,4;1,2;1,2",
    .routings = routings,
    .has_inner = true,
    .build = build_tree,
};
