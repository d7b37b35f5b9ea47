/* Progressive filling; see the header. */

#include "filling.h"

#include <math.h>

/* A fat pipe that is full holds all that is in it, and not only one that has
 * its limit there. */
#define TIE (1 + 1e-12)

typedef struct filling {
    const filling_link *links;
    size_t num_links;
    filling_flow *flows;
    size_t num_flows;
} filling;

static double unit_on(const filling_flow *flow, size_t link)
{
    for (size_t i = 0; i < flow->num_hops; i++)
        if (flow->hops[i].link == link)
            return flow->hops[i].unit;
    return 0;
}

/* Returns the level at which a link is full; INFINITY: never. */
static double full_at(const filling *f, size_t link)
{
    double left = f->links[link].capacity;
    double units = 0;
    double greed = 0;

    for (size_t i = 0; i < f->num_flows; i++) {
        const filling_flow *flow = &f->flows[i];
        double unit = unit_on(flow, link);
        if (flow->decided) {
            left -= unit * flow->rate / flow->weight;
            continue;
        }
        units += unit;
        greed = fmax(greed, unit);
    }
    if (units == 0)
        return INFINITY;
    return f->links[link].fat ? f->links[link].capacity / greed
                              : fmax(left, 0) / units;
}

static void decide(filling_flow *flow, double level)
{
    flow->rate = level * flow->weight;
    flow->decided = true;
}

static void decide_on(const filling *f, size_t link, double level)
{
    for (size_t i = 0; i < f->num_flows; i++)
        if (!f->flows[i].decided && unit_on(&f->flows[i], link) > 0)
            decide(&f->flows[i], level);
}

/* Returns the flow that is limited at the least level; NULL: none. */
static filling_flow *most_limited(const filling *f)
{
    filling_flow *least = NULL;

    for (size_t i = 0; i < f->num_flows; i++) {
        filling_flow *flow = &f->flows[i];
        if (!flow->decided && isfinite(flow->limit) &&
            (least == NULL ||
             flow->limit / flow->weight < least->limit / least->weight))
            least = flow;
    }
    return least;
}

static bool fill_one(const filling *f)
{
    filling_flow *limited = most_limited(f);
    double least =
        limited == NULL ? INFINITY : limited->limit / limited->weight;
    size_t link = f->num_links;

    for (size_t l = 0; l < f->num_links; l++) {
        double level = full_at(f, l);
        if (level < least || (link == f->num_links && level <= least * TIE)) {
            least = level;
            link = l;
        }
    }
    if (isinf(least))
        return false;
    if (link < f->num_links)
        decide_on(f, link, least);
    else
        decide(limited, least);
    return true;
}

void filling_rates(const filling_link *links, size_t num_links,
                   filling_flow *flows, size_t num_flows)
{
    const filling f = { links, num_links, flows, num_flows };

    for (size_t i = 0; i < num_flows; i++)
        flows[i].decided = false;
    while (fill_one(&f))
        continue;
}
