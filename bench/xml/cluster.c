/* Clusters of platforms; see platform.h. */

#include "bench/xml/platform.h"

#include <stdlib.h>
#include <string.h>

/* No cluster has more hosts. */
enum { MOST_HOSTS = 1000000 };

typedef struct cluster {
    const xml_element *e;
    const char *id, *prefix, *suffix;
    long *radicals;
    size_t num_hosts;
    ds_link link;
    bool split;
} cluster;

/* ---- Numbers of hosts -----------------------------------------------------*/

static long read_radical(const xml_element *e, const char **at)
{
    char *rest;
    const long number =
        **at >= '0' && **at <= '9' ? strtol(*at, &rest, 10) : -1;

    if (number < 0 || number > MOST_HOSTS)
        xml_wrong(e,
                  "radical is '%.40s'; allowed: numbers from 0 to %d and "
                  "ranges, as in 0-7,9",
                  xml_need(e, "radical"), MOST_HOSTS);
    *at = rest;
    return number;
}

/* Reads what is like 0-7,9. */
static void read_radicals(cluster *c)
{
    const char *at = xml_need(c->e, "radical");

    for (;;) {
        const long first = read_radical(c->e, &at);
        long last = first;
        if (*at == '-') {
            at++;
            last = read_radical(c->e, &at);
        }
        for (long i = first; i <= last; i++) {
            c->radicals =
                xml_room(c->radicals, c->num_hosts, sizeof(*c->radicals));
            c->radicals[c->num_hosts++] = i;
            if (c->num_hosts > MOST_HOSTS)
                xml_wrong(c->e, "it has more than %d hosts", MOST_HOSTS);
        }
        if (*at == '\0')
            return;
        if (*at++ != ',')
            read_radical(c->e, &(const char *){ "" });
    }
}

static const char *host_name(const cluster *c, size_t i)
{
    return xml_format("%s%ld%s", c->prefix, c->radicals[i], c->suffix);
}

/* What a cluster and a cabinet have in common. */
static cluster read_common(const xml_element *e)
{
    cluster c = {
        .e = e,
        .id = xml_need(e, "id"),
        .prefix = xml_need(e, "prefix"),
        .suffix = xml_need(e, "suffix"),
        .link = { .rate = xml_rate(e, "bw"),
                  .latency = xml_seconds(e, "lat", NULL) },
    };

    read_radicals(&c);
    return c;
}

static bool has(const cluster *c, const char *attribute)
{
    return *xml_get(c->e, attribute, "") != '\0';
}

/* A link of one host, or of the whole. */
static hop own_link(platform *p, const cluster *c, const char *name,
                    const char *rate, const char *latency, ds_sharing sharing)
{
    return platform_add_link(
        p, c->e,
        (ds_link){ .name = name,
                   .rate = xml_rate(c->e, rate),
                   .latency = xml_seconds(c->e, latency, "0"),
                   .sharing = sharing });
}

static hop add_loop(platform *p, const cluster *c, size_t i)
{
    return own_link(p, c,
                    xml_format("%s_link_%ld_loopback", c->id, c->radicals[i]),
                    "loopback_bw", "loopback_lat", DS_FATPIPE);
}

/* ---- Plain ones -----------------------------------------------------------*/

/* The link of a host, as it is crossed on the way up. */
static hop host_link(platform *p, const cluster *c, size_t i)
{
    ds_link link = c->link;

    link.name = xml_format("%s_link_%ld", c->id, c->radicals[i]);
    return c->split ? platform_add_split(p, c->e, link)
                    : platform_add_link(p, c->e, link);
}

static void add_arm(platform *p, zone *z, const cluster *c, size_t i,
                    const hop *bone)
{
    const point *host =
        platform_add_point(p, z, c->e, POINT_HOST, host_name(c, i));
    hop up[3];
    size_t n = 0;

    if (has(c, "loopback_bw")) {
        const hop loop = add_loop(p, c, i);
        z->arms[host->at].loop = way_of(&loop, 1);
    }
    if (has(c, "limiter_link"))
        up[n++] = own_link(
            p, c, xml_format("%s_link_%ld_limiter", c->id, c->radicals[i]),
            "limiter_link", "", DS_SHARED);
    up[n++] = host_link(p, c, i);
    if (bone != NULL)
        up[n++] = *bone;
    arm *a = &z->arms[host->at];
    a->is_linked = true;
    a->up = way_of(up, n);
    a->down = way_back(&a->up);
}

static void read_flat(platform *p, zone *in, const cluster *c)
{
    static const char *const policies[] = { "SHARED", "FATPIPE", NULL };
    zone *z = platform_add_zone(p, in, c->e, ROUTING_STAR, c->id);
    hop bone;

    if (has(c, "bb_bw"))
        bone =
            own_link(p, c, xml_format("%s_backbone", c->id), "bb_bw", "bb_lat",
                     xml_choice(c->e, "bb_sharing_policy", policies, 0) == 1
                         ? DS_FATPIPE
                         : DS_SHARED);
    for (size_t i = 0; i < c->num_hosts; i++)
        add_arm(p, z, c, i, has(c, "bb_bw") ? &bone : NULL);
    const char *router = xml_get(c->e, "router_id", "");
    platform_add_point(p, z, c->e, POINT_ROUTER,
                       *router != '\0' ? router
                                       : xml_format("%s%s_router%s", c->prefix,
                                                    c->id, c->suffix));
}

void cabinet_read(platform *p, zone *z, const xml_element *e, const hop *bone)
{
    const cluster c = read_common(e);

    for (size_t i = 0; i < c.num_hosts; i++) {
        const point *host =
            platform_add_point(p, z, e, POINT_HOST, host_name(&c, i));
        ds_link link = c.link;
        link.name = xml_format("link_%s_UP", host->name);
        const hop up = platform_add_link(p, e, link);
        link.name = xml_format("link_%s_DOWN", host->name);
        const hop down = platform_add_link(p, e, link);
        const size_t n = bone == NULL ? 1 : 2;
        z->arms[host->at] = (arm){
            .is_linked = true,
            .up = way_of((hop[]){ up, bone == NULL ? up : *bone }, n),
            .down = way_of((hop[]){ bone == NULL ? down : *bone, down }, n),
        };
    }
}

/* ---- Tori, fat-trees, dragonflies -----------------------------------------*/

static const char *const shapes[] = { "FLAT", "TORUS", "FAT_TREE", "DRAGONFLY",
                                      NULL };

/* The library's own text for a shape. */
static const char *text_of(const cluster *c, size_t shape)
{
    static const char *const kinds[] = { "", "torus", "fattree", "dragonfly" };
    const char *parameters = xml_need(c->e, "topo_parameters");
    char *text = xml_format("%s:%s,rate=%.17g,latency=%.17g,sharing=%s",
                            kinds[shape], parameters, c->link.rate,
                            c->link.latency, c->split ? "full" : "half");

    if (strspn(parameters, "0123456789,;") != strlen(parameters))
        xml_wrong(c->e,
                  "topo_parameters is '%.60s'; allowed: numbers, commas "
                  "and semicolons",
                  parameters);
    for (char *at = text; shape == 1 && at < strstr(text, ",rate="); at++)
        if (*at == ',')
            *at = 'x';
    return text;
}

/* The zone has it even if it is wrong, so that nothing is lost at the end. */
static void make_cube(zone *z, const cluster *c, size_t shape)
{
    ds_topology *t = ds_topology_parse(text_of(c, shape));
    const char *wrong = t == NULL ? "out of memory" : ds_topology_error(t);

    z->cube = t;
    if (*wrong != '\0')
        xml_wrong(c->e, "cluster '%.60s': %s", c->id, wrong);
    if (ds_topology_num_hosts(t) != c->num_hosts)
        xml_wrong(c->e,
                  "cluster '%.60s' has %zu hosts, but its "
                  "topo_parameters are for %zu",
                  c->id, c->num_hosts, ds_topology_num_hosts(t));
}

/* The links of a cube, of which each direction that there is follows the other
 * one. */
static void add_cube_links(platform *p, zone *z, const cluster *c)
{
    const size_t n = ds_topology_num_links(z->cube);

    z->cube_base = p->num_links;
    for (size_t l = 0; l < n; l++) {
        ds_link link = *ds_topology_link(z->cube, l);
        link.name = xml_format("%s_%s", c->id, link.name);
        link.sharing = c->link.sharing;
        platform_add_link(p, c->e, link);
        if (c->split && l % 2 == 1) {
            p->backs[z->cube_base + l] = (uint32_t)(z->cube_base + l - 1);
            p->backs[z->cube_base + l - 1] = (uint32_t)(z->cube_base + l);
        }
    }
}

/* Hosts have limiters, and so have the switches, if it is no torus. */
static void add_limiters(platform *p, zone *z, const cluster *c, size_t shape,
                         size_t places)
{
    z->limiters = xml_alloc(places, sizeof(*z->limiters));
    for (size_t i = 0; i < (shape == 1 ? c->num_hosts : places); i++)
        z->limiters[i] =
            own_link(p, c, xml_format("%s_link_%zu_limiter", c->id, i),
                     "limiter_link", "", DS_SHARED)
                .link +
            1;
}

/* One more than the last switch that a link names. */
static size_t num_places(const ds_topology *t)
{
    size_t most = 0;

    for (size_t l = 0; l < ds_topology_num_links(t); l++)
        for (const char *c = ds_topology_link(t, l)->name; *c != '\0'; c++)
            if (*c == 's') {
                const size_t number = strtoul(c + 1, NULL, 10) + 1;
                most = number > most ? number : most;
            }
    return ds_topology_num_hosts(t) + most;
}

static void read_cube(platform *p, zone *in, const cluster *c, size_t shape)
{
    zone *z = platform_add_zone(p, in, c->e, ROUTING_CUBE, c->id);

    make_cube(z, c, shape);
    for (size_t i = 0; i < c->num_hosts; i++)
        platform_add_point(p, z, c->e, POINT_HOST, host_name(c, i));
    add_cube_links(p, z, c);
    if (has(c, "limiter_link"))
        add_limiters(p, z, c, shape, num_places(z->cube));
    if (!has(c, "loopback_bw"))
        return;
    z->loops = xml_alloc(c->num_hosts, sizeof(*z->loops));
    for (size_t i = 0; i < c->num_hosts; i++)
        z->loops[i] = add_loop(p, c, i).link + 1;
}

void cluster_read(platform *p, zone *in, const xml_element *e)
{
    static const char *const policies[] = { "SPLITDUPLEX", "FULLDUPLEX",
                                            "SHARED", "FATPIPE", NULL };
    const size_t shape = xml_choice(e, "topology", shapes, 0);
    const size_t policy = xml_choice(e, "sharing_policy", policies, 0);
    cluster c = read_common(e);

    c.split = policy <= 1;
    c.link.sharing = policy == 3 ? DS_FATPIPE : DS_SHARED;
    if (shape == 0)
        read_flat(p, in, &c);
    else
        read_cube(p, in, &c, shape);
}
