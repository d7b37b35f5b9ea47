/* See places.h. */

#include "bench/common/places.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- Sides ----------------------------------------------------------------*/

enum { MOST_SIDES = 64 };

/* Reads the shape of a text that begins with a kind of grid.  The text is known
 * to be right, and what comes after the shape begins with a comma. */
static size_t read_sides(const char *text, size_t sides[MOST_SIDES])
{
    static const char *const kinds[] = { "torus:", "mesh:", "ring:" };
    size_t n = 0;
    size_t cubes;

    if (sscanf(text, "hypercube:%zu", &cubes) == 1) {
        while (n < cubes && n < MOST_SIDES)
            sides[n++] = 2;
        return n;
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        size_t length = strlen(kinds[i]);
        if (strncmp(text, kinds[i], length) != 0)
            continue;
        char *at = (char *)text + length - 1;
        do
            sides[n++] = strtoul(at + 1, &at, 10);
        while (*at == 'x' && n < MOST_SIDES);
    }
    return n;
}

/* Finds out who is on which host; false: not one on each. */
static bool list_ranks(places *p, const fabric *f, size_t ranks)
{
    if (ranks != ds_topology_num_hosts(f->topology))
        return false;
    p->ranks = args_alloc(ranks, sizeof(*p->ranks));
    for (size_t host = 0; host < ranks; host++)
        p->ranks[host] = SIZE_MAX;
    for (size_t r = 0; r < ranks; r++) {
        if (p->ranks[f->hosts[r]] != SIZE_MAX)
            return false;
        p->ranks[f->hosts[r]] = r;
    }
    return true;
}

static void find_sides(places *p, const fabric *f, size_t ranks)
{
    size_t sides[MOST_SIDES];
    size_t n = read_sides(f->topology_text, sides);

    p->is_torus = n > 0;
    if (n == 0 || !list_ranks(p, f, ranks))
        return;
    p->sides = args_alloc(n, sizeof(*p->sides));
    memcpy(p->sides, sides, n * sizeof(*sides));
    p->shape.sides = p->sides;
    p->shape.num_sides = n;
    p->shape.ranks = p->ranks;
}

/* ---- Groups ---------------------------------------------------------------*/

/* How many hosts a group has, of which only the text of a dragonfly tells. */
static size_t group_of_text(const char *text)
{
    size_t chassis, routers, hosts;

    if (sscanf(text, "dragonfly:%*u,%*u;%zu,%*u;%zu,%*u;%zu", &chassis,
               &routers, &hosts) != 3)
        return 0;
    return chassis * routers * hosts;
}

/* The switch that a host is at; SIZE_MAX: it is at none, or that cannot be told
 * from links alone. */
static size_t leaf_of(const fabric *f, size_t host)
{
    const size_t hosts = ds_topology_num_hosts(f->topology);
    size_t link, ends[2];

    if (hosts < 2)
        return SIZE_MAX;
    size_t n =
        ds_topology_route(f->topology, host, (host + 1) % hosts, 0, &link, 1);
    if (n == 0 || n == SIZE_MAX ||
        ds_topology_ends(f->topology, link, &ends[0], &ends[1]) == 0)
        return SIZE_MAX;
    size_t other = ends[0] == host ? ends[1] : ends[0];
    return other < hosts ? SIZE_MAX : other;
}

/* Numbers what is alike in a list from 0, in the order in which it comes, and
 * returns how many there are. */
static size_t number_them(size_t *list, size_t n)
{
    size_t *seen = args_alloc(n, sizeof(*seen));
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        size_t k = 0;
        while (k < count && seen[k] != list[i])
            k++;
        if (k == count)
            seen[count++] = list[i];
        list[i] = k;
    }
    free(seen);
    return count;
}

static bool are_even(const size_t *groups, size_t n, size_t count)
{
    size_t *sizes = args_alloc(count, sizeof(*sizes));
    bool even = true;

    for (size_t i = 0; i < n; i++)
        sizes[groups[i]]++;
    for (size_t k = 0; k < count; k++)
        even &= sizes[k] == sizes[0];
    free(sizes);
    return even;
}

/* One group of all, or one for each, is none. */
static void find_groups(places *p, const fabric *f, size_t ranks)
{
    size_t group = group_of_text(f->topology_text);

    p->groups = args_alloc(ranks, sizeof(*p->groups));
    for (size_t r = 0; r < ranks; r++) {
        p->groups[r] =
            group > 0 ? f->hosts[r] / group : leaf_of(f, f->hosts[r]);
        if (p->groups[r] == SIZE_MAX)
            return;
    }
    size_t count = number_them(p->groups, ranks);
    p->is_uneven = !are_even(p->groups, ranks, count);
    if (count > 1 && count < ranks && !p->is_uneven)
        p->shape.groups = p->groups;
}

/* ---- Both -----------------------------------------------------------------*/

places places_of(const fabric *f, size_t ranks)
{
    places p = { .is_torus = false };

    if (!fabric_is_open(f))
        return p;
    find_sides(&p, f, ranks);
    find_groups(&p, f, ranks);
    return p;
}

void places_free(places *p)
{
    free(p->sides);
    free(p->ranks);
    free(p->groups);
}

static bool wants_groups(const ds_collective *how)
{
    return strcmp(how->name, ds_allreduce_hierarchical.name) == 0;
}

const ds_shape *places_for(const places *p, const ds_collective *how)
{
    bool is_known =
        wants_groups(how) ? p->shape.groups != NULL : p->shape.num_sides > 0;

    return (how->traits & DS_TRAIT_SHAPE) != 0 && is_known ? &p->shape : NULL;
}

const char *places_lack(const places *p, const ds_collective *how)
{
    if ((how->traits & DS_TRAIT_SHAPE) == 0)
        return NULL;
    if (wants_groups(how))
        return p->is_uneven && how->group == 0
                   ? "is not told of groups, which have not equally many of "
                     "them"
                   : NULL;
    return p->is_torus && p->shape.num_sides == 0
               ? "is not told of sides, for not each host has one of them"
               : NULL;
}
