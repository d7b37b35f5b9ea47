/* The chart of a failure; see the header. */

#include "explore/runner/chart.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "explore/plan/plan.h"
#include "explore/runner/lab.h"

enum { MOST_EVENTS = 100000000, MOST_SECONDS = 60, WIDTH = 40 };

/* A step that is less high, of DS__CHART_DRAWS, may be none. */
enum { LEAST_STEP = 8 };

/* The step is looked for until it is so many ticks wide. */
static const double narrow = 0.005;

typedef struct drawer {
    ds__chart *chart;
    ds__lab lab;
    const ds__trial_order *order;
    ds_plan *plan; /* of the order, and a reseed, which comes last */
    bool enough;
} drawer;

/* ---- One point ------------------------------------------------------------*/

static bool fails(drawer *d, double time, uint64_t k)
{
    ds__plan_line *reseed = &d->plan->lines[d->plan->count - 1];
    ds__trial_order order = *d->order;
    ds__reply reply;
    double end;

    if (d->enough)
        return false;
    assert(reseed->kind == DS__PLAN_RESEED && time >= 0);
    reseed->time = time;
    reseed->number = k;
    order.plan = d->chart->generated ? NULL : d->plan;
    order.anew_at = time;
    order.anew = k;
    reply = ds__lab_ask(&d->lab, &order, INFINITY, &end);
    d->enough = reply == DS__ENOUGH;
    d->chart->runs += reply != DS__ENOUGH;
    return reply == DS__FAILS_ALIKE;
}

static ds__chart_point point_at(drawer *d, double time)
{
    ds__chart_point p = { .time = time };

    for (uint64_t k = 1; k <= DS__CHART_DRAWS; k++)
        p.fails += fails(d, time, k);
    return p;
}

/* ---- The step -------------------------------------------------------------*/

static unsigned height(const ds__chart_point *a, const ds__chart_point *b)
{
    return b->fails > a->fails ? b->fails - a->fails : 0;
}

static void find_step(ds__chart *c)
{
    size_t best = 0;

    for (size_t i = 0; i + 1 < DS__CHART_POINTS; i++)
        if (height(&c->points[i], &c->points[i + 1]) >
            height(&c->points[best], &c->points[best + 1]))
            best = i;
    assert(best + 1 < DS__CHART_POINTS);
    c->before = c->points[best];
    c->after = c->points[best + 1];
}

static void narrow_step(drawer *d, double width)
{
    ds__chart *c = d->chart;

    while (!d->enough && c->after.time - c->before.time > width) {
        ds__chart_point middle =
            point_at(d, c->before.time + (c->after.time - c->before.time) / 2);
        if (d->enough)
            return;
        if (height(&c->before, &middle) > height(&middle, &c->after))
            c->after = middle;
        else
            c->before = middle;
    }
}

static void draw(drawer *d, double end)
{
    for (size_t i = 0; i < DS__CHART_POINTS; i++)
        d->chart->points[i] =
            point_at(d, end * (double)i / (DS__CHART_POINTS - 1));
    find_step(d->chart);
    if (height(&d->chart->before, &d->chart->after) >= LEAST_STEP)
        narrow_step(d, narrow * d->lab.test->tick);
}

/* ---- All of it ------------------------------------------------------------*/

/* NULL: no memory. */
static ds_plan *with_reseed(const ds_plan *plan)
{
    const ds__plan_line reseed = { .until = INFINITY, .kind = DS__PLAN_RESEED };
    ds_plan *copy = ds__plan_pick(plan, NULL);

    if (copy != NULL && ds__plan_append(copy, &reseed))
        return copy;
    ds_plan_free(copy);
    return NULL;
}

static void finish(drawer *d, double hang)
{
    ds__chart *c = d->chart;

    c->whole = !d->enough;
    if (d->lab.broken)
        ds__format(c->why, sizeof(c->why), "%s", d->lab.why);
    else if (!c->whole)
        ds__format(c->why, sizeof(c->why),
                   d->lab.late ? "%d s of real time were over"
                               : "it takes more than %d events",
                   d->lab.late ? MOST_SECONDS : MOST_EVENTS);
    c->stepped = c->whole && height(&c->before, &c->after) >= LEAST_STEP;
    if (c->stepped && !ds__moment_tell(&c->told, d->lab.test, d->order,
                                       c->before.time, c->after.time, hang))
        ds__format(c->why, sizeof(c->why), "%s", strerror(errno));
}

bool ds__chart_draw(ds__chart *chart, const ds_test *test,
                    const ds__trial_order *order, const ds__result *failure,
                    bool generated, double hang)
{
    const ds__lab_config limits = { MOST_EVENTS, MOST_SECONDS, hang };
    drawer d = { .chart = chart, .order = order };

    *chart = (ds__chart){ .generated = generated };
    d.plan = with_reseed(order->plan);
    if (d.plan == NULL || !ds__lab_init(&d.lab, test, failure, &limits)) {
        ds_plan_free(d.plan);
        return false;
    }
    draw(&d, failure->time);
    ds__lab_free(&d.lab);
    finish(&d, hang);
    ds_plan_free(d.plan);
    return true;
}

/* ---- The text -------------------------------------------------------------*/

static int percent(unsigned fails)
{
    return (int)(100 * fails / DS__CHART_DRAWS);
}

static void write_point(const ds__chart_point *p, ds__text *text)
{
    static const char bar[] = "########################################";
    int length = (int)(p->fails * WIDTH / DS__CHART_DRAWS);

    assert(p->fails <= DS__CHART_DRAWS);
    ds__text_add(text, "\n    %10.4f  %3d %% |%.*s", p->time, percent(p->fails),
                 length, bar);
}

static void write_moment(const ds__chart *c, ds__text *text)
{
    const char *line = c->told.text;

    while (*line != '\0') {
        int length = (int)strcspn(line, "\n");
        ds__text_add(text, "\n    %.*s", length, line);
        line += length + (line[length] == '\n');
    }
    if (c->told.count == 0)
        ds__text_add(text,
                     "\n    nothing that can be shown: a number is drawn");
    if (c->told.count > DS__MOMENT_LINES)
        ds__text_add(text, "\n    and %zu things more",
                     c->told.count - DS__MOMENT_LINES);
}

void ds__chart_write(const ds__chart *c, ds__text *text)
{
    if (!c->whole) {
        ds__text_add(text, "\n  there is no chart: %s", c->why);
        return;
    }
    ds__text_add(text,
                 "\n  how likely it still is, if all is drawn anew%s from a "
                 "time on:",
                 c->generated ? ", faults too," : "");
    for (size_t i = 0; i < DS__CHART_POINTS; i++)
        write_point(&c->points[i], text);
    if (!c->stepped) {
        ds__text_add(text, "\n  no moment decides it");
        return;
    }
    ds__text_add(text,
                 "\n  likely from %.9g on (%d %% -> %d %%):", c->before.time,
                 percent(c->before.fails), percent(c->after.fails));
    write_moment(c, text);
}
