/* Ranks that wait at one place, which is a call and the lines that lead to it,
 * are told together: a thousand of them are most often at two or three. */

#include "mpi/run/deadlock.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mpi/agree.h"
#include "mpi/call.h"
#include "mpi/run/site.h"

enum {
    SHOWN = 16,  /* places, ranks of a circle, and runs of ranks */
    WAITERS = 4, /* at one place that wait for something else each */
};

/* ---- Circles --------------------------------------------------------------*/

/* Whoever is in a collective waits for the first one that has not come. */
static void find_absent(ds__rank *r)
{
    char buf[8];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    const int absent = ds__agree_add_absent(&r->program, &text);
    if (absent >= 0)
        r->program.stuck.whom = absent;
}

/* Finds a circle of ranks, of which each waits for the next one alone; returns
 * a member of it, or NULL. */
static const ds__rank *find_circle(void)
{
    const ds__world *w = &ds__the_world;
    int *seen = ds__mpi_alloc((size_t)w->num_ranks, sizeof(*seen));
    const ds__rank *found = NULL;

    for (int i = 0; i < w->num_ranks && found == NULL; i++) {
        int at = i;
        while (at >= 0 && w->ranks[at].program.stuck.is && seen[at] == 0) {
            seen[at] = i + 1;
            at = w->ranks[at].program.stuck.whom;
        }
        if (at >= 0 && w->ranks[at].program.stuck.is && seen[at] == i + 1)
            found = &w->ranks[at];
    }
    free(seen);
    return found;
}

static void tell_circle(const ds__rank *first)
{
    const ds__rank *r = first;
    int n = 0;

    if (first == NULL)
        return;
    fprintf(stderr, "  in a circle: rank %d waits for", first->number);
    do {
        r = &ds__the_world.ranks[r->program.stuck.whom];
        fprintf(stderr, "%s rank %d", n > 0 ? ", which waits for" : "",
                r->number);
    } while (r != first && ++n < SHOWN);
    fprintf(stderr, r == first ? "\n" : ", and so on\n");
}

/* ---- Places ---------------------------------------------------------------*/

/* Who waits there, ascending. */
typedef struct place {
    const ds__rank **ranks;
    int n;
} place;

/* Two calls in one line are one place. */
static bool is_one_line(const ds__rank *a, const ds__rank *b, size_t frame)
{
    const unsigned char *at = a->program.stuck.frames[frame];
    const unsigned char *there = b->program.stuck.frames[frame];

    return at - a->image->base == there - b->image->base ||
           strcmp(ds__site_line(a, at), ds__site_line(b, there)) == 0;
}

static bool are_together(const ds__rank *a, const ds__rank *b)
{
    const ds__stuck *s = &a->program.stuck;

    if (strcmp(a->program.call, b->program.call) != 0 ||
        s->num_frames != b->program.stuck.num_frames)
        return false;
    for (size_t i = 0; i < s->num_frames; i++)
        if (!is_one_line(a, b, i))
            return false;
    return true;
}

/* What a rank waits for, in words, in as much room as a ds__stuck has. */
static void add_reason(const ds__rank *r, ds__text *text)
{
    const ds__stuck *s = &r->program.stuck;

    if (ds__agree_add_absent(&r->program, text) < 0)
        ds__text_add(text, "%s", s->waits);
    if (s->whom >= 0 && ds__the_world.ranks[s->whom].returned)
        ds__text_add(text, ", which has ended");
}

static bool have_one_reason(const place *p)
{
    char first[400];
    char other[400];
    ds__text text;

    assert(p->n > 0);
    ds__text_init(&text, first, sizeof(first));
    add_reason(p->ranks[0], &text);
    for (int i = 1; i < p->n; i++) {
        ds__text_init(&text, other, sizeof(other));
        add_reason(p->ranks[i], &text);
        if (strcmp(first, other) != 0)
            return false;
    }
    return true;
}

/* Numbers that follow each other, three or more, as 4-7. */
static void add_ranks(const place *p, ds__text *text)
{
    int runs = 0;

    ds__text_add(text, p->n == 1 ? "rank" : "ranks");
    for (int i = 0, end; i < p->n; i = end) {
        const int first = p->ranks[i]->number;
        for (end = i + 1; end < p->n; end++)
            if (p->ranks[end]->number != first + end - i)
                break;
        if (end - i == 2)
            end = i + 1;
        if (runs++ == SHOWN) {
            ds__text_add(text, " and %d more", p->n - i);
            return;
        }
        ds__text_add(text, i == 0 ? " %d" : ", %d", first);
        if (end - i > 1)
            ds__text_add(text, "-%d", first + end - i - 1);
    }
}

static void add_since(const place *p, ds__text *text)
{
    double first = p->ranks[0]->program.stuck.since;
    double last = first;

    for (int i = 1; i < p->n; i++) {
        const double since = p->ranks[i]->program.stuck.since;
        first = since < first ? since : first;
        last = since > last ? since : last;
    }
    ds__text_add(text, ", since %g s", first);
    if (last > first)
        ds__text_add(text, " to %g s", last);
}

static void add_reasons(const place *p, ds__text *text)
{
    for (int i = 0; i < p->n && i < WAITERS; i++) {
        ds__text_add(text, "%s rank %d ", i == 0 ? ":" : ";",
                     p->ranks[i]->number);
        add_reason(p->ranks[i], text);
    }
    if (p->n > WAITERS)
        ds__text_add(text, "; and so on");
}

static void tell_place(const place *p)
{
    const ds__rank *r = p->ranks[0];
    const ds__stuck *s = &r->program.stuck;
    const bool one = have_one_reason(p);
    char buf[4096];
    ds__text text;

    ds__text_init(&text, buf, sizeof(buf));
    ds__text_add(&text, "  ");
    add_ranks(p, &text);
    ds__text_add(&text, " in %s", r->program.call);
    if (one) {
        const size_t used = text.used;
        ds__text_add(&text, " ");
        add_reason(r, &text);
        if (text.used == used + 1)
            buf[--text.used] = '\0';
    }
    add_since(p, &text);
    if (!one)
        add_reasons(p, &text);
    if (s->num_frames > 0)
        ds__text_add(&text, "\n    at ");
    ds__mpi_add_lines(&text, r->image, s->frames, s->num_frames);
    fprintf(stderr, "%s\n", buf);
}

/* Moves all that are where the first one is to a place, and returns how many
 * there are of the others. */
static int take_place(const ds__rank **stuck, int n, place *p)
{
    int left = 0;

    p->n = 0;
    for (int i = 0; i < n; i++)
        if (i == 0 || are_together(p->ranks[0], stuck[i]))
            p->ranks[p->n++] = stuck[i];
        else
            stuck[left++] = stuck[i];
    assert(p->n + left == n);
    return left;
}

void ds__deadlock_tell(void)
{
    const ds__world *w = &ds__the_world;
    const ds__rank **stuck =
        ds__mpi_alloc((size_t)w->num_ranks, sizeof(ds__rank *));
    place p = { .ranks =
                    ds__mpi_alloc((size_t)w->num_ranks, sizeof(ds__rank *)) };
    int n = 0;

    for (int i = 0; i < w->num_ranks; i++) {
        if (w->ranks[i].program.stuck.is)
            stuck[n++] = &w->ranks[i];
        find_absent(&w->ranks[i]);
    }
    fprintf(stderr, "%s: deadlock: %d of %d ranks cannot go on\n", w->program,
            n, w->num_ranks);
    tell_circle(find_circle());
    for (int shown = 0; n > 0 && shown < SHOWN; shown++) {
        n = take_place(stuck, n, &p);
        tell_place(&p);
    }
    if (n > 0)
        fprintf(stderr, "  and %d more\n", n);
    free(stuck);
    free(p.ranks);
}
