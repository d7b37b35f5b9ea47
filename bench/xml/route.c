/* Ways from zone to zone; see platform.h. */

#include "bench/xml/platform.h"

/* Zones that go round in circles are no deeper than this. */
enum { MOST_DEEP = 200 };

typedef struct path {
    uint32_t *links;
    size_t n;
    size_t deep;
} path;

static size_t depth_of(const point *at)
{
    size_t depth = 0;

    for (const zone *z = at->in; z != NULL; z = z->self.in)
        depth++;
    return depth;
}

/* Goes up to the two points, in one zone, that two others are in or are. */
static void meet(const point **a, const point **b)
{
    while (depth_of(*a) > depth_of(*b))
        *a = &(*a)->in->self;
    while (depth_of(*b) > depth_of(*a))
        *b = &(*b)->in->self;
    while ((*a)->in != (*b)->in) {
        *a = &(*a)->in->self;
        *b = &(*b)->in->self;
    }
}

static void add_way(path *to_be, const way *w)
{
    for (size_t i = 0; i < w->n; i++) {
        to_be->links = xml_room(to_be->links, to_be->n, sizeof(*to_be->links));
        to_be->links[to_be->n++] = w->hops[i].link;
    }
}

/* The way between the zones that two points are in, or between these, from
 * where it leaves the first one to where it reaches the second one. */
static bool find_way(platform *p, const point *from, const point *to, way *w)
{
    const point *a = from;
    const point *b = to;

    meet(&a, &b);
    const way *bypass = bypass_find(a->in, from, to);
    if (bypass != NULL) {
        *w = *bypass;
        return true;
    }
    if (!zone_find_way(p, a->in, a, b, w))
        return false;
    if (a == from)
        w->enter = from;
    if (b == to)
        w->leave = to;
    return w->enter != NULL && w->leave != NULL;
}

/* Up to the beginning of the way, over it, and on from its end. */
static bool add_route(platform *p, path *to_be, const point *from,
                      const point *to)
{
    way w;

    if (++to_be->deep > MOST_DEEP || !find_way(p, from, to, &w))
        return false;
    if (w.enter != from && !add_route(p, to_be, from, w.enter))
        return false;
    add_way(to_be, &w);
    const bool is_there = w.leave == to || add_route(p, to_be, w.leave, to);
    to_be->deep--;
    return is_there;
}

bool route_find(platform *p, const point *from, const point *to,
                const uint32_t **links, size_t *n)
{
    path found = { .n = 0 };

    if (!add_route(p, &found, from, to))
        return false;
    *links = found.links;
    *n = found.n;
    return true;
}
