/* Ways as they are written: links between the points of a zone; see platform.h.
 */

#include "bench/xml/platform.h"

#include <string.h>

/* ---- Links ----------------------------------------------------------------*/

way way_of(const hop *hops, size_t n)
{
    hop *kept = xml_alloc(n + 1, sizeof(*kept));

    if (n > 0)
        memcpy(kept, hops, n * sizeof(*kept));
    return (way){ .n = n, .hops = kept };
}

way way_back(const way *w)
{
    hop *back = xml_alloc(w->n + 1, sizeof(*back));

    for (size_t i = 0; i < w->n; i++) {
        const hop h = w->hops[w->n - 1 - i];
        back[i] = (hop){ h.back, h.link };
    }
    return (way){ w->n, back, w->leave, w->enter };
}

static hop read_hop(const platform *p, const xml_element *e)
{
    static const char *const directions[] = { "NONE", "UP", "DOWN", NULL };
    const size_t direction = xml_choice(e, "direction", directions, 0);
    const char *name = xml_need(e, "id");
    const hop h = platform_find_link(p, e, name);
    const bool split = h.link != h.back;

    if (direction != 0 && !split)
        xml_wrong(e,
                  "link '%.60s' has no direction, since it is not "
                  "SPLITDUPLEX",
                  name);
    if (direction == 0 && split && strcmp(p->links[h.link].name, name) != 0)
        xml_wrong(e,
                  "link '%.60s' is SPLITDUPLEX; allowed: direction UP or "
                  "DOWN",
                  name);
    return direction == 2 ? (hop){ h.back, h.link } : h;
}

way written_hops(const platform *p, const xml_element *e)
{
    hop *hops = NULL;
    size_t n = 0;

    for (const xml_element *c = e->first; c != NULL; c = c->next) {
        if (!xml_is(c, "link_ctn"))
            xml_wrong(c, "<%.40s> inside of <%s>; allowed: link_ctn", c->name,
                      e->name);
        hops = xml_room(hops, n, sizeof(*hops));
        hops[n++] = read_hop(p, c);
    }
    return way_of(hops, n);
}

/* ---- Ends -----------------------------------------------------------------*/

point *written_end(const platform *p, const zone *z, const xml_element *e,
                   const char *attribute, bool zones)
{
    point *end = platform_find_point(p, e, attribute, xml_need(e, attribute));

    if (end->in != z)
        xml_wrong(e, "'%.60s' is not in zone '%.60s'", end->name, z->self.name);
    if (zones != (end->kind == POINT_ZONE))
        xml_wrong(e, "'%.60s' is %s zone; allowed: %s", end->name,
                  zones ? "no" : "a", zones ? "a zone" : "a host or a router");
    return end;
}

bool point_is_inside(const point *of, const zone *z)
{
    const zone *in = of->in;

    while (in != NULL && in != z)
        in = in->self.in;
    return in != NULL;
}

const point *written_gateway(const platform *p, const xml_element *e,
                             const char *attribute, const point *end)
{
    const point *gate =
        platform_find_point(p, e, attribute, xml_need(e, attribute));

    if (gate->kind == POINT_ZONE || !point_is_inside(gate, end->zone))
        xml_wrong(e,
                  "%s is '%.60s', which is no host and no router of zone "
                  "'%.60s'",
                  attribute, gate->name, end->name);
    return gate;
}

/* ---- Ways -----------------------------------------------------------------*/

static void add_way(zone *z, const xml_element *e, const point *from,
                    const point *to, way w)
{
    static const char *const yes_or_no[] = { "YES", "NO", "yes", "no", NULL };
    const size_t answer = xml_choice(e, "symmetrical", yes_or_no, 0);

    zone_add_edge(z, from->at, to->at, w, e);
    if (from != to && answer % 2 == 0)
        zone_add_edge(z, to->at, from->at, way_back(&w), e);
}

static void read_route(const platform *p, zone *z, const xml_element *e,
                       bool zones)
{
    const point *from = written_end(p, z, e, "src", zones);
    const point *to = written_end(p, z, e, "dst", zones);
    way w = written_hops(p, e);

    if (zones) {
        w.enter = written_gateway(p, e, "gw_src", from);
        w.leave = written_gateway(p, e, "gw_dst", to);
    }
    if (z->routing == ROUTING_STAR && from == to && !zones)
        z->arms[from->at].loop = w;
    else if (z->routing > ROUTING_DIJKSTRA)
        xml_wrong(e, "zone '%.60s' has no <%s>; Full, Floyd and Dijkstra have",
                  z->self.name, e->name);
    else
        add_way(z, e, from, to, w);
}

void written_ways(platform *p, zone *z, const xml_element *e)
{
    for (const xml_element *c = e->first; c != NULL; c = c->next) {
        if (xml_is(c, "route"))
            read_route(p, z, c, false);
        else if (xml_is(c, "zoneRoute") || xml_is(c, "ASroute"))
            read_route(p, z, c, true);
        else if (xml_is(c, "bypassRoute"))
            bypass_read(p, z, c, false);
        else if (xml_is(c, "bypassZoneRoute") || xml_is(c, "bypassASroute"))
            bypass_read(p, z, c, true);
    }
}
