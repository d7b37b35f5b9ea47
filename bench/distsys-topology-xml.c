/* distsys-topology-xml: topologies that others keep in XML, in the library's
 * own format. */

#include <stdio.h>
#include <stdlib.h>

#include "bench/common/args.h"
#include "bench/xml/nccl.h"
#include "bench/xml/out.h"
#include "bench/xml/platform.h"
#include "bench/xml/tree.h"

#define PROGRAM "distsys-topology-xml"

typedef struct options {
    bool hosts;
} options;

static const args_option table[] = {
    {
        .name = "hosts",
        .type = ARGS_FLAG,
        .at = offsetof(options, hosts),
        .help = "Only list the hosts, with their numbers",
    },
};

static const args_program program = {
    PROGRAM,
    "Writes a platform of SimGrid, or what NCCL has written to its "
    "NCCL_TOPO_DUMP_FILE, as a topology for file:PATH.\v"
    "FILE may be - for standard input.  See distsys-topologies(7).",
};

/* ---- Platforms ------------------------------------------------------------*/

static void put_names(const platform *p)
{
    for (size_t i = 0; i < p->num_hosts; i++)
        out_called(stdout, 'h', i, p->hosts[i]->name);
}

static void put_links(const platform *p)
{
    for (size_t l = 0; l < p->num_links; l++) {
        printf("link %s", p->links[l].name);
        out_rate(stdout, p->links[l].rate, p->links[l].latency, false,
                 p->links[l].sharing == DS_FATPIPE);
    }
}

/* Returns whether there is one; one without links takes no time. */
static bool put_route(platform *p, size_t from, size_t to)
{
    void *mark = xml_mark();
    const uint32_t *links;
    size_t n = 0;
    const bool found = route_find(p, p->hosts[from], p->hosts[to], &links, &n);

    if (found && n > 0) {
        printf("route h%zu h%zu", from, to);
        for (size_t i = 0; i < n; i++)
            printf(" %s", p->links[links[i]].name);
        printf("\n");
    }
    xml_release(mark);
    return found && (n > 0 || from == to);
}

static void put_routes(platform *p)
{
    size_t missing = 0;

    for (size_t i = 0; i < p->num_hosts; i++)
        for (size_t j = 0; j < p->num_hosts; j++)
            missing += !put_route(p, i, j) && i != j;
    if (missing > 0)
        args_warn("%zu of %zu pairs of hosts have no way", missing,
                  p->num_hosts * (p->num_hosts - 1));
}

/* ---- Plain clusters -------------------------------------------------------*/

/* Whether a host of a star has one link, up and down. */
static bool is_plain(const platform *p, const arm *a)
{
    return a->up.n == 1 && a->down.n == 1 && a->loop.n == 0 &&
           p->backs[a->up.hops[0].link] == a->down.hops[0].link;
}

/* Returns the only zone if it is a switch and nothing else, which needs no
 * routes; NULL: it is not. */
static const zone *plain_star(const platform *p)
{
    const zone *z = p->root;

    if (p->num_bypasses > 0)
        return NULL;
    while (z->num_points == 1 && z->points[0]->kind == POINT_ZONE)
        z = z->points[0]->zone;
    if (z->routing != ROUTING_STAR)
        return NULL;
    for (size_t i = 0; i < z->num_points; i++)
        if (z->points[i]->kind == POINT_ZONE ||
            (z->points[i]->kind == POINT_HOST && !is_plain(p, &z->arms[i])))
            return NULL;
    return z;
}

static void put_cables(const platform *p, const zone *z)
{
    for (size_t i = 0; i < p->num_hosts; i++) {
        const hop h = z->arms[p->hosts[i]->at].up.hops[0];
        const ds_link *link = &p->links[h.link];
        printf("cable h%zu s0", i);
        out_rate(stdout, link->rate, link->latency, h.link == h.back,
                 link->sharing == DS_FATPIPE);
    }
    for (size_t i = 0; i < p->num_hosts; i++) {
        const hop h = z->arms[p->hosts[i]->at].up.hops[0];
        printf("route h%zu h%zu h%zu-s0", i, i, i);
        if (h.link != h.back)
            printf(" s0-h%zu", i);
        printf("\n");
    }
}

/* ---- Either ---------------------------------------------------------------*/

/* Ways of each pair are written, so this is where a file becomes too large. */
enum { MOST_HOSTS = 5000 };

static void convert_platform(const xml_element *e, const char *path,
                             const options *o)
{
    platform *p = platform_read(e);
    const zone *star = plain_star(p);

    if (o->hosts) {
        put_names(p);
        return;
    }
    if (star == NULL && p->num_hosts > MOST_HOSTS)
        xml_wrong(e,
                  "it has %zu hosts; allowed: up to %d, if it is not one plain "
                  "cluster",
                  p->num_hosts, MOST_HOSTS);
    out_begin(stdout, path, p->num_hosts, star == NULL ? 0 : 1);
    put_names(p);
    if (star != NULL) {
        put_cables(p, star);
        return;
    }
    put_links(p);
    put_routes(p);
}

static void convert(const char *path, const options *o)
{
    const xml_element *e = xml_read(path);

    if (xml_is(e, "platform"))
        convert_platform(e, path, o);
    else if (xml_is(e, "system"))
        nccl_convert(e, path, stdout);
    else
        xml_wrong(e,
                  "it begins with <%.40s>; allowed: <platform> of SimGrid, "
                  "<system> of NCCL",
                  e->name);
}

int main(int argc, char **argv)
{
    options o = { 0 };
    const char *path = NULL;
    const args_option *const rows[] = { &table[0] };
    const args_table tables[] = { { NULL, rows, 1, &o } };
    args_operands operands = { .shown = "FILE", .values = &path, .most = 1 };
    failure why = args_parse_with(&program, tables, 1, &operands, argc, argv);

    if (why.status == 0 && operands.n != 1)
        why = failure_new(BAD_USAGE, "no FILE is given; allowed: one");
    if (why.status != 0)
        return args_end(why);
    convert(path, &o);
    return 0;
}
