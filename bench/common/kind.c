/* See kind.h. */

#include "bench/common/kind.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

const char *const kind_names[KINDS] = {
    [KIND_HOST_UP] = "from hosts",
    [KIND_HOST_DOWN] = "to hosts",
    [KIND_HOST] = "of hosts",
    [KIND_DIRECT] = "between hosts",
    [KIND_UP] = "up",
    [KIND_DOWN] = "down",
    [KIND_TIER] = "up and down",
    [KIND_LOCAL] = "local",
    [KIND_GLOBAL] = "global",
    [KIND_ALONE] = "alone",
    [KIND_THERE] = "bisection, there",
    [KIND_BACK] = "bisection, back",
};

static size_t count_places(const ds_topology *topology)
{
    size_t n = ds_topology_num_hosts(topology);
    size_t from, to;

    for (size_t i = 0; i < ds_topology_num_links(topology); i++) {
        if (ds_topology_ends(topology, i, &from, &to) == 0)
            continue;
        n = from >= n ? from + 1 : n;
        n = to >= n ? to + 1 : n;
    }
    return n;
}

/* Brings places at this depth and the next one nearer; false: there was none.
 */
static bool go_deeper(atlas *a, size_t depth)
{
    bool found = false;
    size_t ends[2];

    for (size_t i = 0; i < ds_topology_num_links(a->topology); i++) {
        if (ds_topology_ends(a->topology, i, &ends[0], &ends[1]) == 0)
            continue;
        for (int k = 0; k < 2; k++)
            if (a->depths[ends[k]] == depth &&
                a->depths[ends[1 - k]] > depth + 1) {
                a->depths[ends[1 - k]] = depth + 1;
                found = true;
            }
    }
    return found;
}

/* Only the text tells the groups of a dragonfly. */
static size_t group_of_text(const char *text)
{
    size_t chassis, routers;

    if (sscanf(text, "dragonfly:%*u,%*u;%zu,%*u;%zu", &chassis, &routers) != 2)
        return 0;
    return chassis * routers;
}

atlas atlas_new(const fabric *f)
{
    atlas a = {
        .topology = f->topology,
        .num_hosts = ds_topology_num_hosts(f->topology),
        .num_places = count_places(f->topology),
        .group = group_of_text(f->topology_text),
    };

    a.depths = args_alloc(a.num_places, sizeof(*a.depths));
    for (size_t i = 0; i < a.num_places; i++)
        a.depths[i] = i < a.num_hosts ? 0 : SIZE_MAX;
    for (size_t depth = 0; go_deeper(&a, depth);)
        depth++;
    return a;
}

/* The kind of a link between switches as far from hosts as each other. */
static kind kind_across(const atlas *a, size_t from, size_t to)
{
    if (a->group == 0)
        return KIND_LOCAL;
    return (from - a->num_hosts) / a->group == (to - a->num_hosts) / a->group
               ? KIND_LOCAL
               : KIND_GLOBAL;
}

kind kind_of(const atlas *a, size_t link)
{
    size_t from, to;
    const size_t ways = ds_topology_ends(a->topology, link, &from, &to);

    if (ways == 0)
        return KIND_ALONE;
    if (from < a->num_hosts && to < a->num_hosts)
        return KIND_DIRECT;
    if (from < a->num_hosts || to < a->num_hosts) {
        if (ways == 2)
            return KIND_HOST;
        return from < a->num_hosts ? KIND_HOST_UP : KIND_HOST_DOWN;
    }
    if (a->depths[from] == a->depths[to])
        return kind_across(a, from, to);
    if (ways == 2)
        return KIND_TIER;
    return a->depths[from] < a->depths[to] ? KIND_UP : KIND_DOWN;
}

void atlas_free(atlas *a)
{
    free(a->depths);
}
