/* See links.h. */

#include "bench/trace/links.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "bench/common/args.h"

enum { MOST_HOPS = 4096 };

/* What a rate, a weight or a part can be, so that no product of them is beyond
 * what a double holds. */
static bool is_sane(double x)
{
    return x >= 1e-30 && x <= 1e30;
}

/* ---- What is told ---------------------------------------------------------*/

static size_t room_for(size_t max, uint64_t number)
{
    max = max == 0 ? 16 : max;
    while (max <= number)
        max *= 2;
    return max;
}

static trace_link *link_at(trace_links *l, uint32_t number, uint64_t most)
{
    if (number > most)
        return NULL;
    if (number >= l->max_links) {
        l->max_links = room_for(l->max_links, number);
        l->links = args_realloc(l->links, l->max_links, sizeof(*l->links));
    }
    for (; l->num_links <= number; l->num_links++)
        l->links[l->num_links] = (trace_link){ .rate = NAN, .first_rate = NAN };
    return &l->links[number];
}

static trace_way *way_at(trace_links *l, uint32_t number, uint64_t most)
{
    if (number == 0 || number > most)
        return NULL;
    if (number >= l->max_ways) {
        l->max_ways = room_for(l->max_ways, number);
        l->ways = args_realloc(l->ways, l->max_ways, sizeof(*l->ways));
    }
    for (; l->num_ways <= number; l->num_ways++)
        l->ways[l->num_ways] = (trace_way){ .latency = NAN };
    return &l->ways[number];
}

static void take_link(trace_link *link, const trace_record *t)
{
    link->rate = t->real;
    if (isnan(link->first_rate))
        link->first_rate = t->real;
    link->fat = (t->flag & DS__LINK_FAT) != 0;
    link->off = (t->flag & DS__LINK_OFF) != 0;
    if (t->text == NULL)
        return;
    free(link->name);
    link->name = args_alloc(strlen(t->text) + 1, 1);
    strcpy(link->name, t->text);
}

static void take_way(trace_way *way, const trace_record *t)
{
    free(way->hops);
    *way = (trace_way){
        .latency = t->real,
        .weight = 1,
        .factor = 1,
        .limit = INFINITY,
        .wanted = t->b,
    };
}

/* A way of which a link is told twice, or of more hops than any has, is
 * damaged: it never gets all that it wants. */
static void take_hop(trace_way *way, const trace_record *t)
{
    const uint32_t n = way->num_hops;

    if (n == way->wanted || n == MOST_HOPS)
        return;
    for (uint32_t i = 0; i < n; i++)
        if (way->hops[i].link == t->a)
            return;
    if ((n & (n - 1)) == 0)
        way->hops =
            args_realloc(way->hops, n == 0 ? 1 : 2 * n, sizeof(*way->hops));
    way->hops[way->num_hops++] = (trace_hop){
        .link = t->a,
        .times = t->b,
        .part = t->real,
    };
}

static void take_share(trace_way *way, const trace_record *t)
{
    switch (t->flag) {
    case DS__SHARE_WEIGHT:
        way->weight = t->real;
        break;
    case DS__SHARE_FACTOR:
        way->factor = t->real;
        break;
    case DS__SHARE_LIMIT:
        way->limit = t->real;
        break;
    default:
        break;
    }
}

void trace_links_take(trace_links *l, const trace_record *t, uint64_t most)
{
    trace_link *link;
    trace_way *way;

    switch (t->kind) {
    case DS__TELL_LINK:
        if ((link = link_at(l, t->a, most)) != NULL)
            take_link(link, t);
        break;
    case DS__TELL_WAY:
        if ((way = way_at(l, t->a, most)) != NULL)
            take_way(way, t);
        l->last = way == NULL ? 0 : t->a;
        break;
    case DS__TELL_HOP:
        if (l->last != 0)
            take_hop(&l->ways[l->last], t);
        break;
    default:
        if (t->a != 0 && t->a < l->num_ways)
            take_share(&l->ways[t->a], t);
        break;
    }
}

void trace_links_free(trace_links *l)
{
    for (size_t i = 0; i < l->num_links; i++)
        free(l->links[i].name);
    for (size_t i = 0; i < l->num_ways; i++)
        free(l->ways[i].hops);
    free(l->links);
    free(l->ways);
}

/* ---- Asking ---------------------------------------------------------------*/

const trace_link *trace_link_of(const trace_links *l, uint32_t link)
{
    return link < l->num_links && is_sane(l->links[link].rate) &&
                   is_sane(l->links[link].first_rate)
               ? &l->links[link]
               : NULL;
}

static bool is_sound(const trace_links *l, const trace_way *way)
{
    if (!is_sane(way->weight) || !is_sane(way->factor) ||
        !(is_sane(way->limit) || way->limit == INFINITY) ||
        way->num_hops != way->wanted || isnan(way->latency))
        return false;
    for (uint32_t i = 0; i < way->num_hops; i++)
        if (trace_link_of(l, way->hops[i].link) == NULL ||
            !is_sane(way->hops[i].part))
            return false;
    return way->num_hops > 0 || isfinite(way->limit);
}

const trace_way *trace_way_of(const trace_links *l, uint32_t way)
{
    return way != 0 && way < l->num_ways && is_sound(l, &l->ways[way])
               ? &l->ways[way]
               : NULL;
}

double trace_way_rate(const trace_links *l, uint32_t number)
{
    const trace_way *way = trace_way_of(l, number);
    double rate = way == NULL ? NAN : way->limit;

    for (uint32_t i = 0; way != NULL && i < way->num_hops; i++) {
        const double whole = l->links[way->hops[i].link].rate;
        rate = fmin(rate, whole / way->hops[i].part);
        /* It never gets more than what its links have had at its beginning. */
        if (way->hops[i].times > 0)
            rate = fmin(rate, whole);
    }
    return way == NULL ? NAN : rate * way->factor;
}
