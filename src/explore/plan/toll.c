/* Who is hurt; see the header. */

#include "explore/plan/toll.h"

#include <stdlib.h>
#include <string.h>

#include "base/invariant.h"
#include "explore/plan/script.h"
#include "net/wires.h"

bool ds__toll_init(ds__toll *toll, size_t n, const ds_net *net,
                   ds_node *const *servers)
{
    *toll = (ds__toll){
        .n = n,
        .distrusted = calloc(n + 1, sizeof(bool)),
        .hurt = calloc(n + 1, sizeof(bool)),
        .cut = calloc(n + 1, (n + 1) * sizeof(bool)),
        .sides = calloc(n + 1, sizeof(uint32_t)),
        .net = net,
        .servers = servers,
    };
    return toll->distrusted != NULL && toll->hurt != NULL &&
           toll->cut != NULL && toll->sides != NULL;
}

void ds__toll_free(ds__toll *toll)
{
    free(toll->distrusted);
    free(toll->hurt);
    free(toll->cut);
    free(toll->sides);
}

void ds__toll_begin(ds__toll *toll)
{
    size_t n = toll->n;

    memcpy(toll->hurt, toll->distrusted, n * sizeof(*toll->hurt));
    memset(toll->cut, 0, n * n * sizeof(*toll->cut));
}

static bool is_end(uint32_t end, size_t node)
{
    return end == DS__PLAN_EVERY || end == node;
}

static void cut_link(const ds__toll *toll, uint32_t from, uint32_t to)
{
    for (size_t i = 0; i < toll->n; i++)
        for (size_t j = 0; j < toll->n; j++)
            if (i != j && is_end(from, i) && is_end(to, j))
                toll->cut[i * toll->n + j] = true;
}

static void part(const ds__toll *toll, const ds__plan_line *line)
{
    uint32_t *sides = toll->sides;
    size_t n = toll->n;

    memset(sides, 0, n * sizeof(*sides));
    for (size_t i = 0; i < line->num_members; i++)
        if (line->members[i].node < n)
            sides[line->members[i].node] = line->members[i].side + 1;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            if (i != j && (sides[i] == 0 || sides[i] != sides[j]))
                toll->cut[i * n + j] = true;
}

/* Returns whether the way from one server to another has a link of a name. */
static bool leads_over(const ds__toll *toll, size_t i, size_t j,
                       const char *name)
{
    size_t way[DS__MOST_WIRES];
    size_t n = ds__wires_between(toll->net, toll->servers[i], toll->servers[j],
                                 way, DS__MOST_WIRES);

    for (size_t k = 0; k < n && k < DS__MOST_WIRES; k++)
        if (ds__wire_is(toll->net, name, way[k]))
            return true;
    return false;
}

static void take_off(const ds__toll *toll, const char *name)
{
    for (size_t i = 0; toll->net != NULL && i < toll->n; i++)
        for (size_t j = 0; j < toll->n; j++)
            if (i != j && leads_over(toll, i, j, name))
                toll->cut[i * toll->n + j] = true;
}

void ds__toll_add(ds__toll *toll, const ds__plan_line *line)
{
    switch (line->kind) {
    case DS__PLAN_CRASH:
    case DS__PLAN_PAUSE:
        if (line->node < toll->n)
            toll->hurt[line->node] = true;
        return;
    case DS__PLAN_CUT:
        cut_link(toll, line->node, line->to);
        if (line->both)
            cut_link(toll, line->to, line->node);
        return;
    case DS__PLAN_PARTITION:
        part(toll, line);
        return;
    case DS__PLAN_OFF:
        take_off(toll, line->name);
        return;
    default:
        return;
    }
}

/* Tells whether those whom a server can talk to, and it, are less than half. */
static bool is_cut_off(const ds__toll *toll, size_t i)
{
    size_t together = 1;

    for (size_t j = 0; j < toll->n; j++)
        together += j != i && !toll->cut[i * toll->n + j] &&
                    !toll->cut[j * toll->n + i];
    return together * 2 < toll->n;
}

size_t ds__toll_count(ds__toll *toll)
{
    size_t count = 0;

    for (size_t i = 0; i < toll->n; i++) {
        toll->hurt[i] = toll->hurt[i] || is_cut_off(toll, i);
        count += toll->hurt[i];
    }
    assert(count <= toll->n);
    return count;
}

/* ---- Of a plan ------------------------------------------------------------*/

/* A slow disk is as good as any. */
static bool ruins_disk(const ds__plan_line *line)
{
    const ds__plan_word *word = &ds__plan_words[line->kind];

    for (size_t i = 0; line->kind == DS__PLAN_DISK && i < word->num_fields; i++)
        if (word->field[i].bound == DS__PLAN_PROBABILITY && line->value[i] > 0)
            return true;
    return line->kind == DS__PLAN_WIPE;
}

/* What is on, or has ruined something, when a line begins. */
static size_t count_at(ds__toll *toll, const ds_plan *plan, double time)
{
    ds__toll_begin(toll);
    for (size_t i = 0; i < plan->count; i++) {
        const ds__plan_line *line = &plan->lines[i];
        if (line->time > time)
            continue;
        if (ruins_disk(line) && line->node < toll->n)
            toll->hurt[line->node] = true;
        else if (line->until > time)
            ds__toll_add(toll, line);
    }
    return ds__toll_count(toll);
}

size_t ds__toll_most(const ds_plan *plan, size_t n, const ds_net *net,
                     ds_node *const *servers)
{
    ds__toll toll;
    size_t most = SIZE_MAX;

    if (ds__toll_init(&toll, n, net, servers)) {
        most = 0;
        for (size_t i = 0; i < plan->count; i++) {
            size_t count = count_at(&toll, plan, plan->lines[i].time);
            most = count > most ? count : most;
        }
    }
    ds__toll_free(&toll);
    return most;
}
