/* See loads.h. */

#include "bench/trace/loads_of.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"

/* ---- What there is --------------------------------------------------------*/

static bool begins_with(const char *text, const char *with)
{
    return text != NULL && strncmp(text, with, strlen(with)) == 0;
}

static void take_ports(trace_carriers *c, const trace_model *m)
{
    c->all = args_alloc(2 * m->num_nodes, sizeof(*c->all));
    for (uint32_t node = 1; node < m->num_nodes; node++)
        for (int in = 0; in < 2; in++)
            c->all[c->n++] = (trace_carrier){
                .node = node,
                .in = in == 1,
                .rate = in == 1 ? m->nodes[node].recv_rate
                                : m->nodes[node].send_rate,
            };
}

static void take_links(trace_carriers *c, const trace_links *l)
{
    c->all = args_alloc(l->num_links + 1, sizeof(*c->all));
    for (uint32_t i = 0; i < l->num_links; i++)
        if (trace_link_of(l, i) != NULL)
            c->all[c->n++] = (trace_carrier){
                .link = &l->links[i],
                .number = i,
                .rate = l->links[i].first_rate,
            };
}

/* Of several networks it is the first that can be worked out. */
bool trace_carriers_find(trace_carriers *c, const trace_model *m,
                         char why[TRACE_WHY])
{
    *why = '\0';
    *c = (trace_carriers){ .n = 0 };
    for (uint32_t i = 0; i < m->num_nets && c->all == NULL; i++) {
        const char *model = m->nets[i].model;
        c->net = i;
        c->are_links = begins_with(model, "maxmin over routes");
        if (c->are_links)
            take_links(c, &m->nets[i].links);
        else if (begins_with(model, "greedy") || begins_with(model, "maxmin"))
            take_ports(c, m);
    }
    if (c->all == NULL)
        return false;
    if (m->forgotten == 0 && m->damaged == 0)
        return true;
    snprintf(why, TRACE_WHY, "what was under way is not known");
    trace_carriers_free(c);
    return false;
}

void trace_carriers_free(trace_carriers *c)
{
    free(c->all);
    c->all = NULL;
}

const char *trace_carrier_name(const trace_view *v, const trace_carrier *c,
                               char *buf, size_t size)
{
    if (c->node != 0)
        return trace_view_node(v, c->node, buf, size);
    if (c->link->name == NULL)
        snprintf(buf, size, "link %lu", (unsigned long)c->number);
    else
        snprintf(buf, size, "%s #%lu", c->link->name, (unsigned long)c->number);
    return buf;
}

bool trace_loads_each(const trace_model *m, const trace_carriers *c,
                      trace_loads_fn *fn, void *arg)
{
    return c->are_links ? trace_links_each(m, c, fn, arg)
                        : trace_ports_each(m, c, fn, arg);
}

/* ---- Sums -----------------------------------------------------------------*/

static void add(void *arg, double from, double to, const trace_load *loads)
{
    const trace_uses *u = arg;

    for (size_t i = 0; i < u->carriers.n; i++) {
        trace_use *use = &u->use[i];
        if (loads[i].share == 0)
            continue;
        use->bytes += loads[i].bytes * (to - from);
        use->peak = fmax(use->peak, loads[i].share);
        if (loads[i].share >= 1 - 1e-6)
            use->full += to - from;
    }
}

bool trace_uses_find(trace_uses *u, const trace_model *m)
{
    *u = (trace_uses){ .use = NULL };
    if (!trace_carriers_find(&u->carriers, m, u->why))
        return false;
    u->use = args_alloc(u->carriers.n + 1, sizeof(*u->use));
    memset(u->use, 0, (u->carriers.n + 1) * sizeof(*u->use));
    if (trace_loads_each(m, &u->carriers, add, u))
        return true;
    snprintf(u->why, TRACE_WHY, "there is too much to work out");
    trace_uses_free(u);
    return false;
}

void trace_uses_free(trace_uses *u)
{
    trace_carriers_free(&u->carriers);
    free(u->use);
    u->use = NULL;
}
