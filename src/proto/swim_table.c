/* What a member of SWIM knows of all, and how that spreads.
 *
 * Of two reports of a member the one of the higher incarnation counts, and of
 * one incarnation the worse one; only the member itself raises it.  What is new
 * is told a few times more than it takes for all to have heard of it. */
#include "proto/swim_rules.h"

#include <assert.h>

/* ---- The rules ------------------------------------------------------------*/

/* SWIM 4.2, but that who is dead can come back. */
static bool newer_or_worse(const ds_report *news, const ds_report *old)
{
    return news->incarnation != old->incarnation
               ? news->incarnation > old->incarnation
               : news->health > old->health;
}

static bool refute_what_is_not_so(const ds_report *news)
{
    return news->health != DS_ALIVE;
}

static bool probe_the_dead(const ds_report *of)
{
    return true;
}

const ds__swim_rules ds__swim_right = { newer_or_worse, refute_what_is_not_so,
                                        probe_the_dead };

/* ---- Learning -------------------------------------------------------------*/

static void set(ds__table *t, size_t member, ds_report report, double now)
{
    if (report.health == DS_SUSPECT && t->of[member].health != DS_SUSPECT)
        t->about[member].since = now;
    t->of[member] = report;
    t->about[member].told = 0;
}

void ds__table_learn(ds__table *t, size_t member, ds_report news, double now)
{
    assert(member < t->n);
    if (!t->rules->overrides(&news, &t->of[member]))
        return;
    if (member == t->me && t->rules->refutes(&news))
        news = (ds_report){ news.incarnation + 1, DS_ALIVE };
    set(t, member, news, now);
}

void ds__table_bury(ds__table *t, double now, double grace)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->of[i].health == DS_SUSPECT && now > t->about[i].since + grace)
            set(t, i, (ds_report){ t->of[i].incarnation, DS_DEAD }, now);
}

void ds__table_hear(ds__table *t, const ds__gossip *g, double now)
{
    for (size_t i = 0; i < g->n; i++)
        ds__table_learn(t, g->news[i].member, g->news[i].report, now);
}

/* ---- Telling --------------------------------------------------------------*/

/* SWIM 4.1: 3 log n times is enough for all to hear of it, nearly always. */
static size_t often_enough(size_t n)
{
    size_t doublings = 1;

    while ((size_t)1 << doublings < n)
        doublings++;
    return 3 * doublings;
}

static bool is_in(const ds__gossip *g, size_t member)
{
    for (size_t i = 0; i < g->n; i++)
        if (g->news[i].member == member)
            return true;
    return false;
}

static void add(ds__table *t, ds__gossip *g, size_t member)
{
    assert(g->n < DS__NEWS);
    g->news[g->n++] = (ds__news){ member, t->of[member] };
    t->about[member].told++;
}

/* What was told least, of what has not been told often enough. */
static size_t freshest(const ds__table *t, const ds__gossip *g)
{
    size_t best = DS_NOBODY, least = often_enough(t->n);

    for (size_t i = 0; i < t->n; i++)
        if (t->about[i].told < least && !is_in(g, i)) {
            best = i;
            least = t->about[i].told;
        }
    return best;
}

ds__gossip ds__table_gossip(ds__table *t, size_t to)
{
    ds__gossip g = { .n = 0 };
    size_t next;

    assert(to != t->me && to < t->n);
    add(t, &g, t->me);
    if (t->of[to].health != DS_ALIVE)
        add(t, &g, to);
    while (g.n < DS__NEWS && (next = freshest(t, &g)) != DS_NOBODY)
        add(t, &g, next);
    return g;
}
