/* Reads platforms; see the header. */

#include "bench/xml/platform.h"

#include <search.h>
#include <string.h>

/* ---- Names ----------------------------------------------------------------*/

/* In a tree of either kind. */
typedef struct named {
    const char *name;
    point *point;
    hop hop;
} named;

static int compare(const void *a, const void *b)
{
    return strcmp(((const named *)a)->name, ((const named *)b)->name);
}

static const named *find(void *const *names, const char *name)
{
    const named key = { .name = name };
    named *const *found = tfind(&key, names, compare);

    return found == NULL ? NULL : *found;
}

static void add_name(void **names, const xml_element *e, named new)
{
    named *kept = xml_alloc(1, sizeof(*kept));

    *kept = new;
    if (new.name[0] == '\0')
        xml_wrong(e, "<%s> has an empty name", e->name);
    if (find(names, new.name) != NULL)
        xml_wrong(e, "there is a '%.60s' already", new.name);
    tsearch(kept, names, compare);
}

/* ---- Points ---------------------------------------------------------------*/

static void put_point(zone *z, point *new)
{
    new->in = z;
    new->at = z->num_points;
    z->points = xml_room(z->points, z->num_points, sizeof(*z->points));
    z->points[z->num_points++] = new;
    if (z->routing != ROUTING_STAR)
        return;
    z->arms = xml_room(z->arms, new->at, sizeof(*z->arms));
}

point *platform_add_point(platform *p, zone *z, const xml_element *e,
                          point_kind kind, const char *name)
{
    point *new = xml_alloc(1, sizeof(*new));

    *new = (point){ .name = name, .kind = kind, .number = p->num_hosts };
    add_name(&p->names, e, (named){ .name = name, .point = new });
    put_point(z, new);
    if (kind != POINT_HOST)
        return new;
    p->hosts = xml_room(p->hosts, p->num_hosts, sizeof(*p->hosts));
    p->hosts[p->num_hosts++] = new;
    return new;
}

zone *platform_add_zone(platform *p, zone *in, const xml_element *e,
                        routing kind, const char *name)
{
    zone *z = xml_alloc(1, sizeof(*z));

    z->self = (point){ .name = name, .kind = POINT_ZONE, .zone = z };
    z->routing = kind;
    z->where = e;
    add_name(&p->names, e, (named){ .name = name, .point = &z->self });
    if (in == NULL)
        return z;
    in->has_zones = true;
    put_point(in, &z->self);
    return z;
}

point *platform_find_point(const platform *p, const xml_element *e,
                           const char *what, const char *name)
{
    const named *found = find(&p->names, name);

    if (found == NULL)
        xml_wrong(e, "%s is '%.60s', which there is not", what, name);
    return found->point;
}

/* ---- Links ----------------------------------------------------------------*/

static uint32_t put_link(platform *p, const xml_element *e, ds_link link)
{
    if (p->num_links >= UINT32_MAX / 2)
        xml_wrong(e, "there are too many links");
    p->links = xml_room(p->links, p->num_links, sizeof(*p->links));
    p->backs = xml_room(p->backs, p->num_links, sizeof(*p->backs));
    p->links[p->num_links] = link;
    p->backs[p->num_links] = (uint32_t)p->num_links;
    return (uint32_t)p->num_links++;
}

hop platform_add_link(platform *p, const xml_element *e, ds_link link)
{
    const uint32_t number = put_link(p, e, link);
    const hop both = { number, number };

    add_name(&p->cables, e, (named){ .name = link.name, .hop = both });
    return both;
}

hop platform_add_split(platform *p, const xml_element *e, ds_link link)
{
    const char *name = link.name;
    hop h;

    link.name = xml_format("%s_UP", name);
    h.link = put_link(p, e, link);
    link.name = xml_format("%s_DOWN", name);
    h.back = put_link(p, e, link);
    p->backs[h.link] = h.back;
    p->backs[h.back] = h.link;
    add_name(&p->cables, e, (named){ .name = name, .hop = h });
    add_name(&p->cables, e, (named){ .name = p->links[h.link].name, .hop = h });
    add_name(
        &p->cables, e,
        (named){ .name = p->links[h.back].name, .hop = { h.back, h.link } });
    return h;
}

hop platform_find_link(const platform *p, const xml_element *e,
                       const char *name)
{
    const named *found = find(&p->cables, name);

    if (found == NULL)
        xml_wrong(e, "no link is called '%.60s'", name);
    return found->hop;
}

static const char *const policies[] = { "SHARED",  "SPLITDUPLEX", "FULLDUPLEX",
                                        "FATPIPE", "WIFI",        "NONLINEAR",
                                        NULL };

static void read_link(platform *p, const xml_element *e)
{
    static const char *const files[] = { "state_file", "bandwidth_file",
                                         "latency_file" };
    const size_t policy = xml_choice(e, "sharing_policy", policies, 0);
    ds_link link = { .name = xml_need(e, "id"), .sharing = DS_SHARED };

    if (policy >= 4)
        xml_wrong(e, "link '%.60s' is %s; such links are not converted",
                  link.name, policies[policy]);
    for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
        if (*xml_get(e, files[i], "") != '\0')
            xml_wrong(e, "link '%.60s' has a %s; such links are not converted",
                      link.name, files[i]);
    link.rate = xml_rate(e, "bandwidth");
    link.latency = xml_seconds(e, "latency", "0");
    link.sharing = policy == 3 ? DS_FATPIPE : DS_SHARED;
    if (policy == 1 || policy == 2)
        platform_add_split(p, e, link);
    else
        platform_add_link(p, e, link);
}

/* ---- Stars by their parts -------------------------------------------------*/

static void set_arm(const platform *p, zone *z, const xml_element *e,
                    const hop *bone)
{
    const point *host = written_end(p, z, e, "id", false);
    const hop up = platform_find_link(p, e, xml_need(e, "up"));
    const hop down = platform_find_link(p, e, xml_need(e, "down"));
    const size_t n = bone == NULL ? 1 : 2;
    arm *a = &z->arms[host->at];

    if (a->is_linked)
        xml_wrong(e, "'%.60s' has a host_link already", host->name);
    a->is_linked = true;
    a->up = way_of((hop[]){ up, bone == NULL ? up : *bone }, n);
    a->down = way_of((hop[]){ bone == NULL ? down : *bone, down }, n);
}

/* Links come before what is made of them, wherever they are. */
static void read_parts(platform *p, zone *z, const xml_element *e)
{
    const hop *bone = NULL;
    hop kept;

    for (const xml_element *c = e->first; c != NULL; c = c->next) {
        if (!xml_is(c, "backbone"))
            continue;
        if (bone != NULL)
            xml_wrong(c, "zone '%.60s' has a backbone already", z->self.name);
        kept = platform_add_link(
            p, c,
            (ds_link){ .name = xml_need(c, "id"),
                       .rate = xml_rate(c, "bandwidth"),
                       .latency = xml_seconds(c, "latency", NULL) });
        bone = &kept;
    }
    for (const xml_element *c = e->first; c != NULL; c = c->next) {
        if (xml_is(c, "host_link"))
            set_arm(p, z, c, bone);
        if (xml_is(c, "cabinet"))
            cabinet_read(p, z, c, bone);
    }
}

/* ---- Zones ----------------------------------------------------------------*/

static bool is_one_of(const xml_element *e, const char *const *names)
{
    while (*names != NULL && !xml_is(e, *names))
        names++;
    return *names != NULL;
}

/* Says nothing about messages on their way. */
static bool is_beside(const xml_element *e)
{
    static const char *const names[] = { "prop",    "config", "actor",
                                         "process", "trace",  NULL };

    return is_one_of(e, names);
}

static void refuse_trace(const xml_element *e)
{
    static const char *const kinds[] = { "HOST_AVAIL", "SPEED",   "LINK_AVAIL",
                                         "BANDWIDTH",  "LATENCY", NULL };
    const size_t kind = xml_choice(e, "kind", kinds, 0);

    if (kind >= 2)
        xml_wrong(e, "a trace of %s; links that change are not converted",
                  kinds[kind]);
}

static void read_zone(platform *p, zone *in, const xml_element *e);

/* What makes points and links; routes come after all of them. */
static void read_piece(platform *p, zone *z, const xml_element *e)
{
    static const char *const later[] = { "route",           "zoneRoute",
                                         "ASroute",         "bypassRoute",
                                         "bypassZoneRoute", "bypassASroute",
                                         "host_link",       "backbone",
                                         "cabinet",         NULL };
    static const char *const never[] = { "peer",  "storage", "storage_type",
                                         "mount", "include", NULL };

    if (xml_is(e, "host"))
        platform_add_point(p, z, e, POINT_HOST, xml_need(e, "id"));
    else if (xml_is(e, "router"))
        platform_add_point(p, z, e, POINT_ROUTER, xml_need(e, "id"));
    else if (xml_is(e, "link"))
        read_link(p, e);
    else if (xml_is(e, "cluster"))
        cluster_read(p, z, e);
    else if (xml_is(e, "zone") || xml_is(e, "AS"))
        read_zone(p, z, e);
    else if (xml_is(e, "trace_connect"))
        refuse_trace(e);
    else if (is_one_of(e, never))
        xml_wrong(e, "<%s> is not converted", e->name);
    else if (!is_one_of(e, later) && !is_beside(e))
        xml_wrong(e, "unknown <%.40s> in zone '%.60s'", e->name, z->self.name);
}

static routing routing_of(const xml_element *e)
{
    static const char *const names[] = { "Full", "Floyd",   "Dijkstra",
                                         "Star", "Cluster", "DijkstraCache",
                                         "None", "Vivaldi", "Wifi",
                                         "WIFI", NULL };
    static const routing kinds[] = {
        ROUTING_FULL, ROUTING_FLOYD,    ROUTING_DIJKSTRA, ROUTING_STAR,
        ROUTING_STAR, ROUTING_DIJKSTRA, ROUTING_NONE,
    };

    xml_need(e, "routing");
    const size_t which = xml_choice(e, "routing", names, 0);
    if (which >= sizeof(kinds) / sizeof(*kinds))
        xml_wrong(e, "zone '%.60s' has %s routing, which is not converted",
                  xml_need(e, "id"), names[which]);
    return kinds[which];
}

static void fill_zone(platform *p, zone *z, const xml_element *e)
{
    static const char *const parts[] = { "host_link", "backbone", "cabinet",
                                         NULL };

    for (const xml_element *c = e->first; c != NULL; c = c->next) {
        if (z->routing != ROUTING_STAR && is_one_of(c, parts))
            xml_wrong(c, "<%s> in zone '%.60s'; only Cluster zones have such",
                      c->name, z->self.name);
        read_piece(p, z, c);
    }
    if (z->routing == ROUTING_STAR)
        read_parts(p, z, e);
    written_ways(p, z, e);
    zone_seal(p, z);
}

static void read_zone(platform *p, zone *in, const xml_element *e)
{
    fill_zone(p, platform_add_zone(p, in, e, routing_of(e), xml_need(e, "id")),
              e);
}

/* ---- The whole ------------------------------------------------------------*/

static void check_version(const xml_element *e)
{
    const char *version = xml_need(e, "version");

    if (strcmp(version, "4") != 0 && strcmp(version, "4.0") != 0 &&
        strcmp(version, "4.1") != 0)
        xml_wrong(e, "it is of version %.20s; allowed: 4, 4.1", version);
}

/* Names become words, and must stay different. */
static void clean_names(platform *p)
{
    for (size_t l = 0; l < p->num_links; l++) {
        char *name = xml_keep(p->links[l].name, strlen(p->links[l].name));
        for (char *c = name; *c != '\0'; c++)
            if ((unsigned char)*c <= ' ' || *c == '#')
                *c = '_';
        add_name(&p->words, p->root->where, (named){ .name = name });
        p->links[l].name = name;
    }
}

platform *platform_read(const xml_element *e)
{
    platform *p = xml_alloc(1, sizeof(*p));

    check_version(e);
    for (const xml_element *c = e->first; c != NULL; c = c->next) {
        if (is_beside(c))
            continue;
        if (xml_is(c, "trace_connect")) {
            refuse_trace(c);
            continue;
        }
        if (!xml_is(c, "zone") && !xml_is(c, "AS") && !xml_is(c, "cluster"))
            xml_wrong(c, "unknown <%.40s> in <platform>", c->name);
        if (p->root != NULL)
            xml_wrong(c, "there are two outermost zones");
        if (xml_is(c, "cluster")) {
            p->root = platform_add_zone(p, NULL, c, ROUTING_FULL, " ");
            cluster_read(p, p->root, c);
            zone_seal(p, p->root);
        } else {
            p->root =
                platform_add_zone(p, NULL, c, routing_of(c), xml_need(c, "id"));
            fill_zone(p, p->root, c);
        }
    }
    if (p->root == NULL)
        xml_wrong(e, "it has no zone");
    if (p->num_hosts == 0)
        xml_wrong(e, "it has no host");
    clean_names(p);
    return p;
}
