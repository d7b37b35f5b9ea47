/* htsim's .topo: a fat-tree of two or three tiers.
 *
 *     Nodes 16
 *     Tiers 2
 *     Podsize 16
 *     Tier 0
 *     Downlink_speed_Gbps 200         also Radix_Down, Radix_Up,
 *     Downlink_Latency_ns 1000        Switch_Latency_ns, Oversubscribed, Bundle
 *
 * It is an XGFT: a switch of a tier has Radix_Down / Bundle children and the
 * one below Radix_Up / Bundle parents.  The latency of a switch is that of the
 * links that lead to it, besides their own.  Sizes of queues mean nothing here.
 */

#include <string.h>
#include <strings.h>

#include "base/invariant.h"
#include "topology/fattree.h"
#include "topology/read/formats.h"
#include "topology/topology.h"

enum { TIERS = 3 };

enum key {
    SPEED,
    RADIX_DOWN,
    RADIX_UP,
    LINK_LATENCY,
    SWITCH_LATENCY,
    OVERSUBSCRIBED,
    BUNDLE,
    QUEUE_DOWN,
    QUEUE_UP,
    KEYS
};

static const struct {
    const char *name;
    double preset; /* less than 0: it must be said */
    bool whole;
} keys[KEYS] = {
    [SPEED] = { "Downlink_speed_Gbps", -1, false },
    [RADIX_DOWN] = { "Radix_Down", -1, true },
    [RADIX_UP] = { "Radix_Up", -1, true },
    [LINK_LATENCY] = { "Downlink_Latency_ns", -1, false },
    [SWITCH_LATENCY] = { "Switch_Latency_ns", 0, false },
    [OVERSUBSCRIBED] = { "Oversubscribed", 1, true },
    [BUNDLE] = { "Bundle", 1, true },
    [QUEUE_DOWN] = { "Queue_Down", 0, true },
    [QUEUE_UP] = { "Queue_Up", 0, true },
};

typedef struct tier {
    double values[KEYS];
    bool said[KEYS];
} tier;

/* Invariant: at <= num_tiers <= TIERS. */
typedef struct htsim {
    ds__lines *lines;
    size_t nodes, num_tiers, podsize; /* 0: not said */
    size_t at;                        /* tiers that have begun */
    tier tiers[TIERS];
} htsim;

/* ---- Lines ----------------------------------------------------------------*/

static bool read_head(htsim *h, const char *what, size_t min, size_t max,
                      size_t *count)
{
    if (*count > 0)
        return ds__lines_wrong(h->lines, "%s is said twice", what);
    return ds__lines_count(h->lines, 1, what, min, max, count);
}

static bool begin_tier(htsim *h)
{
    size_t number;

    if (h->num_tiers == 0)
        return ds__lines_wrong(h->lines, "'Tiers' comes before this");
    if (h->at == h->num_tiers)
        return ds__lines_wrong(h->lines, "there are %zu tiers, from 0",
                               h->num_tiers);
    return ds__lines_count(h->lines, 1, "the next tier", h->at, h->at,
                           &number) &&
           ++h->at;
}

static bool read_key(htsim *h)
{
    const char *name = h->lines->words[0];
    const char *text = h->lines->words[1];
    size_t key = 0;
    double value;

    while (key < KEYS && strcasecmp(name, keys[key].name) != 0)
        key++;
    if (key == KEYS)
        return ds__lines_wrong(h->lines,
                               "unknown '%.30s'; allowed: Nodes, Tiers, "
                               "Podsize, Tier, Downlink_speed_Gbps, "
                               "Downlink_Latency_ns, Switch_Latency_ns, "
                               "Radix_Down, Radix_Up, Oversubscribed, Bundle, "
                               "Queue_Down, Queue_Up",
                               name);
    if (h->at == 0)
        return ds__lines_wrong(h->lines, "'Tier 0' comes before this");
    tier *t = &h->tiers[h->at - 1];
    if (t->said[key])
        return ds__lines_wrong(h->lines, "%s is said twice", keys[key].name);
    const bool above = key != LINK_LATENCY && key != SWITCH_LATENCY;
    if (!ds__number_read(text, strlen(text), NULL, &value) ||
        (above && value <= 0) ||
        (keys[key].whole &&
         (value > DS__MOST_HOSTS || value != (double)(size_t)value)))
        return ds__lines_wrong(h->lines, "bad value '%.30s'; allowed: a %s%s",
                               text, keys[key].whole ? "whole " : "",
                               above ? "number above 0" : "number from 0 on");
    t->values[key] = value;
    t->said[key] = true;
    return true;
}

static bool read_line(htsim *h)
{
    if (!ds__lines_has(h->lines, 2, 2, "a word and its value"))
        return false;
    const char *name = h->lines->words[0];
    if (strcasecmp(name, "Nodes") == 0)
        return read_head(h, "Nodes", 1, DS__MOST_HOSTS, &h->nodes);
    if (strcasecmp(name, "Tiers") == 0)
        return read_head(h, "Tiers", 2, TIERS, &h->num_tiers);
    if (strcasecmp(name, "Podsize") == 0)
        return read_head(h, "Podsize", 1, DS__MOST_HOSTS, &h->podsize);
    return strcasecmp(name, "Tier") == 0 ? begin_tier(h) : read_key(h);
}

/* ---- What is missing, or does not fit -------------------------------------*/

static bool complete_tier(htsim *h, size_t i)
{
    tier *t = &h->tiers[i];

    for (size_t key = 0; key < KEYS; key++) {
        const bool top = key == RADIX_UP && i + 1 == h->num_tiers;

        if (t->said[key])
            continue;
        if (keys[key].preset < 0 && !top)
            return ds__lines_wrong_file(h->lines, "tier %zu has no %s", i,
                                        keys[key].name);
        t->values[key] = keys[key].preset;
    }
    return true;
}

static bool is_complete(htsim *h)
{
    if (h->nodes == 0 || h->num_tiers == 0)
        return ds__lines_wrong_file(h->lines, "it has no '%s'",
                                    h->nodes == 0 ? "Nodes" : "Tiers");
    if (h->at < h->num_tiers)
        return ds__lines_wrong_file(h->lines, "it has %zu of %zu tiers", h->at,
                                    h->num_tiers);
    for (size_t i = 0; i < h->num_tiers; i++)
        if (!complete_tier(h, i))
            return false;
    return true;
}

/* One value over another, if that is whole. */
static bool divide(const htsim *h, size_t i, enum key key, size_t divisor,
                   size_t *quotient)
{
    const size_t value = (size_t)h->tiers[i].values[key];

    *quotient = value / divisor;
    if (*quotient * divisor == value)
        return true;
    return ds__lines_wrong_file(h->lines,
                                "%s of tier %zu is %zu, which %zu does not "
                                "divide",
                                keys[key].name, i, value, divisor);
}

/* A tier's switches may have less above them than below only as is said. */
static bool is_subscribed(const htsim *h, size_t i)
{
    const double *values = h->tiers[i].values;
    const double wanted = values[OVERSUBSCRIBED];

    if (i + 1 == h->num_tiers ||
        (size_t)values[RADIX_DOWN] / (size_t)values[RADIX_UP] == wanted)
        return true;
    return ds__lines_wrong_file(
        h->lines,
        "tier %zu has Radix_Down %g and Radix_Up %g, but Oversubscribed %g", i,
        values[RADIX_DOWN], values[RADIX_UP], wanted);
}

static bool make_tree(const htsim *h, ds__fattree *tree)
{
    size_t hosts = 1;

    tree->levels = h->num_tiers;
    for (size_t i = 0; i < h->num_tiers; i++) {
        const double *values = h->tiers[i].values;

        tree->p[i] = (size_t)values[BUNDLE];
        tree->w[i] = 1;
        tree->links[i].rate = values[SPEED] * 1e9 / 8;
        tree->links[i].latency = values[LINK_LATENCY] / 1e9;
        if (!is_subscribed(h, i) ||
            !divide(h, i, RADIX_DOWN, tree->p[i], &tree->m[i]) ||
            (i > 0 && !divide(h, i - 1, RADIX_UP, tree->p[i], &tree->w[i])))
            return false;
        hosts = ds__times(hosts, tree->m[i]);
        if (i + 2 == h->num_tiers && h->num_tiers == 3 && h->podsize > 0 &&
            h->podsize != hosts)
            return ds__lines_wrong_file(
                h->lines,
                "Podsize is %zu, but a switch of tier 1 has %zu "
                "nodes below",
                h->podsize, hosts);
    }
    if (hosts == h->nodes)
        return true;
    return ds__lines_wrong_file(h->lines,
                                "Nodes is %zu, but there is room for %zu below "
                                "a switch of the highest tier",
                                h->nodes, hosts);
}

/* Adds the latencies of switches to those of the links that lead to them. */
static void delay(ds_topology *topology, const htsim *h,
                  const ds__fattree *tree)
{
    for (size_t i = 0; i < topology->num_arcs; i++) {
        const ds__arc *arc = &topology->arcs[i];
        size_t level = ds__fattree_level(tree, arc->to);

        if (level > 0)
            topology->links[arc->link].latency +=
                h->tiers[level - 1].values[SWITCH_LATENCY] / 1e9;
    }
}

bool ds__read_htsim(ds__source *source)
{
    htsim h = { .lines = &source->lines };
    ds__fattree tree = { 0 };

    while (ds__lines_next(h.lines))
        if (!read_line(&h))
            return false;
    assert(h.at <= TIERS);
    if (!is_complete(&h) || !make_tree(&h, &tree) ||
        !ds__fattree_build(source->topology, source->shape, &tree, false))
        return false;
    delay(source->topology, &h, &tree);
    return true;
}
