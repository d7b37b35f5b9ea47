/* Links that change by themselves: what a timetable says has come to pass is
 * done when anything is sent, arrives or is asked.
 *
 * So the network wakes up for it only while messages are on their way, and a
 * timetable that begins again and again keeps no run alive. */

#include <math.h>
#include <stdlib.h>

#include "net/routed.h"
#include "topology/timetable.h"
#include "topology/topology.h"

/* Invariants: it is in the heap under when the next entry comes, unless there
 * is none; next < table.count; off: it has taken the link off. */
struct ds__routed_profile {
    ds__heap_node node;
    ds__timetable table;
    size_t link;
    double begun;
    double round; /* how many rounds are over */
    size_t next;
    bool off;
};

typedef struct ds__routed_profile profile;

static profile *profile_of(ds__heap_node *node)
{
    return ds__container(node, profile, node);
}

static bool before(const ds__heap_node *a, const ds__heap_node *b)
{
    return profile_of((ds__heap_node *)a)->link <
           profile_of((ds__heap_node *)b)->link;
}

/* ---- What it says ---------------------------------------------------------*/

static void set_off(ds__routed *self, profile *p, bool off)
{
    if (p->off != off)
        ds__routed_set_off(self, p->link, off);
    p->off = off;
}

static void do_entry(ds__routed *self, profile *p)
{
    const ds__timed *timed = &p->table.entries[p->next];

    switch (timed->deed) {
    case DS__TIMED_RATE:
        ds__routed_set_rate(self, p->link, timed->value);
        return;
    case DS__TIMED_LATENCY:
        ds__routed_set_latency(self, p->link, timed->value);
        return;
    case DS__TIMED_OFF:
    case DS__TIMED_ON:
        set_off(self, p, timed->deed == DS__TIMED_OFF);
        return;
    }
}

/* ---- When -----------------------------------------------------------------*/

static double next_of(const profile *p)
{
    return p->begun +
           (p->round * p->table.period + p->table.entries[p->next].time);
}

/* Leaves out rounds of which one more says all that they say. */
static void skip_rounds(profile *p, double now)
{
    if (p->table.period == 0)
        return;
    double over = floor((now - p->begun) / p->table.period);
    if (over < p->round + 2)
        return;
    p->round = over - 1;
    p->next = 0;
}

/* Goes on to the next entry; false: there is none. */
static bool go_on(profile *p)
{
    if (++p->next < p->table.count)
        return true;
    p->next = 0;
    p->round++;
    return p->table.period > 0;
}

/* Does all whose time has come, and puts it where it belongs. */
static void wind(ds__routed *self, profile *p, double now)
{
    double next;

    skip_rounds(p, now);
    while (next = next_of(p), ds__is_now(now, next - now, next - p->begun)) {
        do_entry(self, p);
        if (!go_on(p))
            return;
    }
    ds__heap_push(&self->profile_heap, next, &p->node, before);
}

void ds__routed_catch_up(ds__routed *self)
{
    const double now = ds_net_now(&self->base);
    ds__heap *heap = &self->profile_heap;

    while (heap->count > 0) {
        profile *p = profile_of(heap->entries[0].node);
        const double next = heap->entries[0].key;
        if (!ds__is_now(now, next - now, next - p->begun))
            return;
        ds__heap_remove(heap, &p->node, before);
        wind(self, p, now);
    }
}

double ds__routed_next_change(const ds__routed *self)
{
    const ds__heap *heap = &self->profile_heap;

    return heap->count > 0 ? heap->entries[0].key : INFINITY;
}

/* ---- Giving one to a link -------------------------------------------------*/

static void drop(profile *p)
{
    if (p != NULL)
        ds__timetable_free(&p->table);
    free(p);
}

void ds__routed_free_profiles(ds__routed *self)
{
    for (size_t l = 0; self->profiles != NULL && l < self->num_links; l++)
        drop(self->profiles[l]);
    free(self->profiles);
    ds__heap_free(&self->profile_heap);
}

void ds__routed_forget_profile(ds__routed *self, size_t link)
{
    profile *p = self->profiles == NULL ? NULL : self->profiles[link];

    if (p == NULL)
        return;
    if (ds__heap_contains(&p->node))
        ds__heap_remove(&self->profile_heap, &p->node, before);
    set_off(self, p, false);
    drop(p);
    self->profiles[link] = NULL;
}

/* Makes room for another; false: no memory. */
static bool reserve(ds__routed *self)
{
    if (self->profiles == NULL)
        self->profiles = calloc(self->num_links + 1, sizeof(profile *));
    return self->profiles != NULL && ds__heap_reserve(&self->profile_heap, 1);
}

static bool no_memory(ds__routed *self, profile *p, const char *call)
{
    drop(p);
    ds_net_fail(&self->base, DS_ENOMEM, "%s: out of memory", call);
    return false;
}

bool ds__routed_give_profile(ds__routed *self, size_t link, const char *text,
                             const char *call)
{
    profile *p = calloc(1, sizeof(*p));
    char why[256];

    if (p == NULL || !reserve(self))
        return no_memory(self, p, call);
    if (!ds__timetable_read(&p->table, text, why, sizeof(why))) {
        ds_net_fail(&self->base, DS_EMISUSE, "%s: \"%.100s\", %s", call, text,
                    why);
        drop(p);
        return false;
    }
    ds__routed_forget_profile(self, link);
    p->link = link;
    p->begun = ds_net_now(&self->base);
    self->profiles[link] = p;
    wind(self, p, p->begun);
    return true;
}

bool ds__routed_give_profiles(ds__routed *self)
{
    const ds_topology *t = self->topology;

    for (size_t i = 0; i < t->num_profiles; i++)
        if (!ds__routed_give_profile(self, t->profiles[i].link,
                                     t->profiles[i].text, "ds_routed_net_new"))
            return false;
    return true;
}
