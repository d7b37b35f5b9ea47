/* Platforms of SimGrid, version 4: zones inside of zones, the hosts and routers
 * in them, and the links that lead from one of these to another.
 *
 *     platform.c  elements, and names
 *     written.c   ways, as they are written
 *     bypass.c    those that go before others
 *     zone.c      ways inside of one zone, by its kind of routing
 *     cluster.c   clusters, which make hosts, links and ways of their own
 *     route.c     ways from zone to zone
 *
 * A zone knows ways between its points: hosts, routers, and the zones in it,
 * which each way enters and leaves at a gateway. */
#ifndef BENCH_XML_PLATFORM_H
#define BENCH_XML_PLATFORM_H

#include <stdint.h>

#include <distsys/topology.h>

#include "bench/xml/tree.h"

typedef struct zone zone;

typedef enum point_kind { POINT_HOST, POINT_ROUTER, POINT_ZONE } point_kind;

typedef struct point {
    const char *name;
    point_kind kind;
    zone *in;      /* the zone it is in; NULL: it is the outermost one */
    size_t at;     /* its place there */
    size_t number; /* of a host, in the order of the file */
    zone *zone;    /* of a zone */
} point;

/* A link of a route: which one, and its other direction, or itself. */
typedef struct hop {
    uint32_t link;
    uint32_t back;
} hop;

/* A way in a zone; gateways are NULL unless its ends are zones. */
typedef struct way {
    size_t n;
    const hop *hops;
    const point *enter; /* where it leaves its first end */
    const point *leave; /* where it reaches its last one */
} way;

typedef struct edge {
    size_t from;
    size_t to;
    way way;
    const xml_element *where; /* NULL: a loopback that nobody wrote */
} edge;

typedef enum routing {
    ROUTING_FULL,
    ROUTING_FLOYD,
    ROUTING_DIJKSTRA,
    ROUTING_STAR,
    ROUTING_CUBE, /* a torus, a fat-tree, a dragonfly */
    ROUTING_NONE,
} routing;

/* Of a point of a star. */
typedef struct arm {
    bool is_linked;
    way up, down, loop; /* loop: n is 0 if there is none */
} arm;

struct zone {
    point self;
    routing routing;
    const xml_element *where;
    point **points;
    size_t num_points;
    bool has_zones;
    edge *edges; /* of FULL, FLOYD, DIJKSTRA */
    size_t num_edges;
    size_t *table;  /* of FULL: an edge + 1; of FLOYD: who is before; or NULL */
    size_t *orders; /* of DIJKSTRA: points in the order of their first edge */
    size_t num_orders;
    void *bypasses;
    arm *arms; /* of STAR, by point, with room for all */
    ds_topology *cube;
    size_t cube_base;   /* its first link among those of the platform */
    uint32_t *limiters; /* by place of the cube, + 1; 0 or NULL: none */
    uint32_t *loops;    /* likewise, by host */
};

typedef struct platform {
    ds_link *links;
    size_t num_links;
    uint32_t *backs; /* by link: its other direction, or itself */
    point **hosts;
    size_t num_hosts;
    zone *root;
    void *names;  /* of points, ... */
    void *cables; /* ... and of links */
    void *words;  /* names of links, as they are written */
    size_t num_bypasses;
    uint32_t loopback; /* of zones that have none, + 1; 0: not used yet */
} platform;

/* Reads <platform>; whatever is wrong with it ends the program. */
platform *platform_read(const xml_element *e);

/* ---- For its files --------------------------------------------------------*/

point *platform_add_point(platform *p, zone *z, const xml_element *e,
                          point_kind kind, const char *name);
zone *platform_add_zone(platform *p, zone *in, const xml_element *e,
                        routing kind, const char *name);

/* Finds a point by its name; what is how an error calls it. */
point *platform_find_point(const platform *p, const xml_element *e,
                           const char *what, const char *name);

/* Adds a link, or both directions of one. */
hop platform_add_link(platform *p, const xml_element *e, ds_link link);
hop platform_add_split(platform *p, const xml_element *e, ds_link link);
hop platform_find_link(const platform *p, const xml_element *e,
                       const char *name);

void cluster_read(platform *p, zone *z, const xml_element *e);
void cabinet_read(platform *p, zone *z, const xml_element *e, const hop *bone);

/* Reads all routes and bypasses of a zone, whose points and links are there. */
void written_ways(platform *p, zone *z, const xml_element *e);

/* Reads parts of one: the links; an end, which is a zone or else a host or a
 * router, and is right in this zone; a gateway of an end. */
way written_hops(const platform *p, const xml_element *e);
point *written_end(const platform *p, const zone *z, const xml_element *e,
                   const char *attribute, bool zones);
const point *written_gateway(const platform *p, const xml_element *e,
                             const char *attribute, const point *end);

/* Whether a point is in a zone, or in one that is. */
bool point_is_inside(const point *of, const zone *z);

void bypass_read(platform *p, zone *z, const xml_element *e, bool zones);

/* Finds the way that goes before others between two points, of which this is
 * the innermost zone that both are in; NULL: there is none. */
const way *bypass_find(const zone *z, const point *from, const point *to);

/* A way of the hops, and the same backwards. */
way way_of(const hop *hops, size_t n);
way way_back(const way *w);

void zone_add_edge(zone *z, size_t from, size_t to, way w,
                   const xml_element *where);

/* When everything has been read. */
void zone_seal(platform *p, zone *z);

/* Finds the way between two points of a zone; false: there is none. */
bool zone_find_way(platform *p, zone *z, const point *from, const point *to,
                   way *found);

/* The way from one host to another, as numbers of links, which are good until
 * the next is asked for; false: there is none. */
bool route_find(platform *p, const point *from, const point *to,
                const uint32_t **links, size_t *n);

#endif
