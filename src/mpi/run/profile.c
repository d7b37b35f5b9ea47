/* See profile.h.  Places are found in tables by their addresses, and told in
 * the order of time, lines and names, so that nothing depends on addresses. */

#include "mpi/run/profile.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "mpi/near.h"
#include "mpi/run/site.h"

/* Invariant: bit r of seen says whether rank r has been there. */
typedef struct ds__site {
    ds__profile_site is;
    unsigned char *seen;
} ds__site;

typedef struct site_entry {
    ds__entry entry; /* call, place, whether it is aside */
    ds__site *site;
} site_entry;

typedef struct collective_entry {
    ds__entry entry; /* site, bytes, members */
    ds__profile_collective *is;
} collective_entry;

/* A collective that some members have come to.  It is kept until all are done,
 * and then used again. */
typedef struct ds__instance {
    ds__profile_collective *of;
    int come;
    int gone;
    double first;
    double last;
} ds__instance;

typedef struct instance_entry {
    ds__entry entry; /* context, number of the call */
    ds__instance *is;
} instance_entry;

static ds__profile_config how;
static ds__table sites = { .size = sizeof(site_entry) };
static ds__table collectives = { .size = sizeof(collective_entry) };
static ds__table instances = { .size = sizeof(instance_entry) };

void ds__profile_begin(const ds__profile_config *config)
{
    how = *config;
    assert(how.idle != NULL);
}

static double now(const ds__rank *me)
{
    return ds_now(me->now->h);
}

/* ---- Places ---------------------------------------------------------------*/

static ds__site *make_site(const ds__rank *me, bool aside)
{
    ds__site *s = ds__mpi_alloc(1, sizeof(*s));

    s->is.call = me->now->call;
    s->is.line = ds__site_line(me, me->now->site);
    s->is.aside = aside;
    s->is.min = INFINITY;
    s->seen = ds__mpi_alloc((size_t)ds__the_world.num_ranks / 8 + 1, 1);
    return s;
}

static ds__site *find_site(const ds__rank *me, ds__profiled *p)
{
    const ds__thread *t = me->now;
    const bool aside = t != &me->program;

    if (p->site != NULL)
        return p->site;
    const uint64_t place =
        t->site == NULL
            ? 0
            : (uint64_t)((const unsigned char *)t->site - me->image->base);
    site_entry *e = ds__table_put(
        &sites, (ds__table_key){ (uintptr_t)t->call, place, aside });
    assert(e != NULL);
    if (e->site == NULL)
        e->site = make_site(me, aside);
    p->site = e->site;
    return p->site;
}

static void note_rank(ds__site *s, int rank)
{
    const unsigned char bit = (unsigned char)(1u << (rank % 8));

    s->is.ranks += (s->seen[rank / 8] & bit) == 0;
    s->seen[rank / 8] |= bit;
}

/* ---- Collectives ----------------------------------------------------------*/

static double piece_bytes(const ds__pieces *p, int i)
{
    return p->type == NULL && p->types == NULL
               ? 0
               : (double)ds__piece_count(p, i) *
                     (double)ds__piece_type(p, i)->size;
}

/* The pieces that say most of the size of a collective. */
static const ds__pieces *telling(const ds__work *w)
{
    return w->out.type == NULL && w->out.types == NULL ? &w->in : &w->out;
}

/* How many of these pieces lie where the most are: one, if all members have the
 * same, or one of each member. */
static int num_pieces(const ds__work *w)
{
    if (w->run == ds__work_near)
        return ds__near_count(w->comm, telling(w) == &w->out);
    return w->run == ds__work_gather || w->run == ds__work_scatter ||
                   w->run == ds__work_allgather ||
                   w->run == ds__work_alltoall ||
                   w->run == ds__work_reduce_scatter
               ? ds__comm_size(w->comm)
               : 1;
}

static ds__profile_collective describe(const ds__rank *me, const ds__work *w)
{
    const ds__pieces *p = telling(w);
    const int n = num_pieces(w);
    ds__profile_collective c = {
        .call = me->now->call,
        .line = ds__site_line(me, me->now->site),
        .run = w->run,
        .even = p->counts.items == NULL,
        .members = ds__comm_size(w->comm),
    };

    if (c.even) {
        c.count = p->count;
        c.bytes = piece_bytes(p, 0);
        c.full = c.bytes * n;
        return c;
    }
    for (int i = 0; i < n; i++) {
        c.count += ds__piece_count(p, i);
        c.full += piece_bytes(p, i);
    }
    c.bytes = n > 0 ? c.full / n : 0;
    return c;
}

static ds__profile_collective *find_collective(ds__rank *me, ds__site *s,
                                               const ds__work *w)
{
    const ds__profile_collective c = describe(me, w);
    collective_entry *e = ds__table_put(
        &collectives, (ds__table_key){ (uintptr_t)s, (uint64_t)c.full,
                                       (uint64_t)c.members * 2 + c.even });

    assert(e != NULL);
    if (e->is == NULL) {
        e->is = ds__mpi_alloc(1, sizeof(*e->is));
        *e->is = c;
    }
    return e->is;
}

static ds__instance *find_instance(const ds__work *w)
{
    instance_entry *e =
        ds__table_put(&instances, (ds__table_key){ (uint64_t)w->comm->context,
                                                   w->comm->calls, 0 });

    assert(e != NULL);
    if (e->is == NULL)
        e->is = ds__mpi_alloc(1, sizeof(*e->is));
    return e->is;
}

/* The first member says what it is.  Those between two groups are none of
 * src/coll/. */
void ds__profile_collective_begins(ds__rank *me, ds__profiled *p,
                                   const ds__work *w)
{
    ds__site *s = find_site(me, p);
    ds__instance *i;

    if (ds__comm_is_inter(w->comm))
        return;
    i = find_instance(w);

    if (i->of != NULL && i->gone == i->of->members)
        *i = (ds__instance){ 0 }; /* of a communicator that is gone */
    if (i->come == 0) {
        i->of = find_collective(me, s, w);
        i->first = now(me);
    }
    if (i->come == i->of->members)
        return; /* members do not agree */
    i->come++;
    i->last = now(me);
    p->instance = i;
}

static void leave(ds__rank *me, ds__instance *i)
{
    ds__profile_collective *c = i->of;

    assert(i->gone < i->come && i->come <= c->members);
    assert(i->first <= i->last);
    if (++i->gone < c->members)
        return;
    c->times++;
    c->skew += i->last - i->first;
    c->seconds += now(me) - i->last;
}

/* ---- Calls ----------------------------------------------------------------*/

void ds__profile_end(ds__rank *me, ds__profiled *p)
{
    ds__site *s = find_site(me, p);
    const double seconds = now(me) - me->now->since;

    assert(seconds >= 0);
    s->is.calls++;
    s->is.seconds += seconds;
    s->is.min = fmin(s->is.min, seconds);
    s->is.max = fmax(s->is.max, seconds);
    note_rank(s, me->number);
    if (p->instance != NULL) {
        p->instance->of->facts = ds__turn_tell(me->now);
        leave(me, p->instance);
    }
    *p = (ds__profiled){ 0 };
}

void ds__profile_post(ds__rank *me, ds__profiled *p, const ds__request *r)
{
    if (r->is_send && r->peer != DS__PROC_NULL)
        find_site(me, p)->is.bytes += (double)r->count * (double)r->type->size;
}

/* ---- Waits ----------------------------------------------------------------*/

static double clamp(double x, double most)
{
    return x < 0 ? 0 : fmin(x, most);
}

/* What its way took beyond that of an idle network; less than a billionth is
 * nothing but rounding. */
static double sharing(const ds__request *r)
{
    const int peer = r->is_send ? r->peer : r->status.source;
    const int other = r->comm->remote->world[peer];
    const int from = r->is_send ? r->owner->number : other;
    const int to = r->is_send ? other : r->owner->number;
    const double bytes = r->is_send ? (double)r->count * (double)r->type->size
                                    : (double)r->status.bytes;
    const double took = r->times.done - r->times.began;
    const double more = took - how.idle(how.arg, from, to, bytes);

    return more > took * 1e-9 ? more : 0;
}

static void add_message_wait(ds__site *s, double since, double seconds,
                             const ds__request *r)
{
    const double late = clamp(r->times.other - since, seconds);
    const double way = seconds - late;
    const double shared = way > 0 ? clamp(sharing(r), way) : 0;

    assert(late >= 0 && way >= 0);
    s->is.waits[r->is_send ? DS__WAIT_RECEIVER : DS__WAIT_SENDER] += late;
    s->is.waits[DS__WAIT_NETWORK] += way - shared;
    s->is.waits[DS__WAIT_SHARING] += shared;
}

void ds__profile_wait(ds__rank *me, ds__profiled *p, double since,
                      const ds__request *r)
{
    ds__site *s = find_site(me, p);
    const double seconds = now(me) - since;

    assert(seconds > 0);
    if (r != NULL && r->helper == NULL && !r->status.cancelled)
        add_message_wait(s, since, seconds, r);
}

/* ---- What came out --------------------------------------------------------*/

static int order(double x, double y, const char *a, const char *b)
{
    return x > y ? -1 : x < y ? 1 : strcmp(a, b);
}

static int compare_sites(const void *a, const void *b)
{
    const ds__profile_site *x = a;
    const ds__profile_site *y = b;
    const int by_line = order(x->seconds, y->seconds, x->line, y->line);

    return by_line != 0                    ? by_line
           : strcmp(x->call, y->call) != 0 ? strcmp(x->call, y->call)
                                           : x->aside - y->aside;
}

ds__profile_site *ds__profile_sites(size_t *n)
{
    ds__profile_site *all = ds__mpi_alloc(sites.count, sizeof(*all));
    const site_entry *e;

    *n = 0;
    for (size_t i = 0; (e = ds__table_next(&sites, &i)) != NULL; i++)
        all[(*n)++] = e->site->is;
    assert(*n == sites.count);
    qsort(all, *n, sizeof(*all), compare_sites);
    return all;
}

static int compare_collectives(const void *a, const void *b)
{
    const ds__profile_collective *x = a;
    const ds__profile_collective *y = b;
    const int by_line = order(x->seconds, y->seconds, x->line, y->line);

    return by_line != 0         ? by_line
           : x->full != y->full ? (x->full > y->full ? -1 : 1)
                                : x->members - y->members;
}

ds__profile_collective *ds__profile_collectives(size_t *n)
{
    ds__profile_collective *all =
        ds__mpi_alloc(collectives.count, sizeof(*all));
    const collective_entry *e;

    *n = 0;
    for (size_t i = 0; (e = ds__table_next(&collectives, &i)) != NULL; i++)
        all[(*n)++] = *e->is;
    assert(*n == collectives.count);
    qsort(all, *n, sizeof(*all), compare_collectives);
    return all;
}
