/* Ways that go before those that are found: from one point of a zone to
 * another, or between two zones anywhere in it; see platform.h.
 *
 * SimGrid looks for one in the innermost zone that both ends are in.  If they
 * are its own points, it is theirs.  Otherwise it is that of two zones which
 * the ends are in, the pair whose outer one is nearest to its end, and of
 * several the one whose inner one is. */

#include "bench/xml/platform.h"

#include <search.h>

typedef struct bypass {
    const point *from;
    const point *to;
    way way;
} bypass;

static int compare(const void *a, const void *b)
{
    const bypass *x = a;
    const bypass *y = b;

    if (x->from != y->from)
        return (uintptr_t)x->from < (uintptr_t)y->from ? -1 : 1;
    return ((uintptr_t)x->to > (uintptr_t)y->to) -
           ((uintptr_t)x->to < (uintptr_t)y->to);
}

static const way *find(const zone *z, const point *from, const point *to)
{
    const bypass key = { .from = from, .to = to };
    bypass *const *found = tfind(&key, &z->bypasses, compare);

    return found == NULL ? NULL : &(*found)->way;
}

/* ---- Reading --------------------------------------------------------------*/

/* Returns a zone that is in this one, or deeper: no message between others asks
 * this one. */
static const point *zone_inside(const platform *p, const zone *z,
                                const xml_element *e, const char *attribute)
{
    const point *end =
        platform_find_point(p, e, attribute, xml_need(e, attribute));

    if (end->kind != POINT_ZONE)
        xml_wrong(e, "'%.60s' is no zone; allowed: a zone", end->name);
    if (!point_is_inside(end, z))
        xml_wrong(e, "'%.60s' is not inside of zone '%.60s'", end->name,
                  z->self.name);
    return end;
}

void bypass_read(platform *p, zone *z, const xml_element *e, bool zones)
{
    bypass *new = xml_alloc(1, sizeof(*new));

    if (*xml_get(e, "symmetrical", "") != '\0')
        xml_wrong(e, "<%s> has a symmetrical; it leads one way", e->name);
    if (zones) {
        new->from = zone_inside(p, z, e, "src");
        new->to = zone_inside(p, z, e, "dst");
    } else {
        new->from = written_end(p, z, e, "src", false);
        new->to = written_end(p, z, e, "dst", false);
    }
    new->way = written_hops(p, e);
    if (new->way.n == 0)
        xml_wrong(e, "<%s> has no <link_ctn>", e->name);
    new->way.enter =
        zones ? written_gateway(p, e, "gw_src", new->from) : new->from;
    new->way.leave = zones ? written_gateway(p, e, "gw_dst", new->to) : new->to;
    if (find(z, new->from, new->to) != NULL)
        xml_wrong(e, "there is a bypass from '%.60s' to '%.60s' already",
                  new->from->name, new->to->name);
    tsearch(new, &z->bypasses, compare);
    p->num_bypasses++;
}

/* ---- Finding --------------------------------------------------------------*/

/* The zones that a point is in, the innermost first. */
typedef struct zones {
    const point *of;
    size_t n;
} zones;

static zones zones_of(const point *of)
{
    zones in = { .of = of };

    for (const zone *z = of->in; z != NULL; z = z->self.in)
        in.n++;
    return in;
}

static const zone *zone_at(const zones *in, size_t i)
{
    const zone *z = in->of->in;

    while (i-- > 0)
        z = z->self.in;
    return z;
}

static const way *find_at(const zone *z, const zones *a, size_t i,
                          const zones *b, size_t k)
{
    if (i >= a->n || k >= b->n)
        return NULL;
    return find(z, &zone_at(a, i)->self, &zone_at(b, k)->self);
}

static const way *find_between(const zone *z, zones a, zones b)
{
    const size_t n = a.n > b.n ? a.n : b.n;
    const way *w = NULL;

    for (size_t far = 0; far < n && w == NULL; far++) {
        for (size_t near = 0; near < far && w == NULL; near++) {
            w = find_at(z, &a, near, &b, far);
            if (w == NULL)
                w = find_at(z, &a, far, &b, near);
        }
        if (w == NULL)
            w = find_at(z, &a, far, &b, far);
    }
    return w;
}

const way *bypass_find(const zone *z, const point *from, const point *to)
{
    zones a = zones_of(from);
    zones b = zones_of(to);

    if (z->bypasses == NULL)
        return NULL;
    if (from->in == z && to->in == z)
        return find(z, from, to);
    while (a.n > 1 && b.n > 1 && zone_at(&a, a.n - 1) == zone_at(&b, b.n - 1)) {
        a.n--;
        b.n--;
    }
    return find_between(z, a, b);
}
